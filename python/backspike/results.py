"""What a network gives back: recordings, evaluations, gradients, the history of a training."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from .health import Notice


@dataclass
class Recording:
    """All that one sample did."""

    dt: float  #: [ms]
    inputs: tuple[Any, Any]  #: steps and channels, one entry an event
    channels: int
    spikes: dict[str, tuple[Any, Any]]  #: by layer: steps and neurons, one entry a spike
    states: dict[str, dict[str, Any]]  #: by layer and state variable: [steps, neurons], after each step
    outputs: Any  #: [steps, outputs]
    sizes: dict[str, int]  #: neurons of each layer


@dataclass
class Evaluation:
    """What `Network.evaluate` measured."""

    samples: int
    loss: float  #: mean over the samples
    accuracy: float  #: share of the samples, or of the labelled steps; NaN in a regression
    spikes_per_sample: float  #: of all hidden layers together
    labels: Any  #: [samples] predicted labels, as `Network.predict` gives them; -1 where the loss knows none
    scores: Any  #: [samples, outputs]
    confusion: Any  #: [classes, classes] samples or steps, the true class first
    spikes: list[Any]  #: for each layer [neurons]: spike counts
    #: Of each output by its name, where there are several: loss (its part), accuracy, labels, scores, confusion; what
    #: stands above is the loss of all, and of the first output.
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class Gradient:
    """A gradient under some rule, and what the samples gave on the way."""

    parameters: dict[str, Any]  #: by name
    loss: float
    accuracy: float
    spikes_per_sample: float
    rule: str = ""  #: as it ran: e-prop's form, the distance of checkpoints

    def __getitem__(self, name: str) -> Any:
        return self.parameters[name]


class History(list[dict[str, Any]]):
    """One dictionary an epoch: losses, accuracies, spikes, learning rate, gradient norm, health of the layers. What was
    not measured has no key: accuracies of a regression, anything about validation without samples held out.

    Attributes:
        best_epoch: the epoch whose parameters were best on the validation samples.
        rule: how the gradients were taken, e-prop's form and the distance of checkpoints included.
        warnings: what went wrong, a `backspike.health.Notice` (epoch, kind, subject, text) each.
    """

    def __init__(self, epochs: list[dict[str, Any]], best_epoch: int, rule: str = "",
                 warnings: Iterable[Notice] = ()) -> None:
        super().__init__(epochs)
        self.best_epoch = best_epoch
        self.rule = rule
        self.warnings = list(warnings)

    def __getitem__(self, key: Any) -> Any:
        """An epoch by its index from 0, or all epochs' values of a key by its name."""
        if not isinstance(key, str):
            return super().__getitem__(key)
        if any(key not in e for e in self):
            raise KeyError(f"{key!r} was not measured; there are: {', '.join(self[0])}")
        return [e[key] for e in self]

    def __repr__(self) -> str:
        last = self[-1] if len(self) else {}
        names = ("train_loss", "validation_loss", "validation_accuracy")
        shown = ", ".join(f"{k} {last[k]:.4g}" for k in names if k in last)
        count = len(self.warnings)
        warned = f"; {count} warning{'s' if count > 1 else ''}" if count else ""
        return f"History({len(self)} epochs{': ' if shown else ''}{shown}{warned})"

    def _repr_html_(self) -> str:
        from .training.display import history_html

        return history_html(self)


def tell_all(*listeners: Callable[[dict[str, Any]], Any] | None) -> Callable[[dict[str, Any]], None]:
    def tell(record: dict[str, Any]) -> None:
        for listener in listeners:
            if listener is not None:
                listener(record)

    return tell
