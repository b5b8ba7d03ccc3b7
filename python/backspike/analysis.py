"""One batch through every learning rule, and how far its gradients can be trusted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import _core
from ._arrays import whole
from .errors import InvalidValueError
from .network import Network
from .results import Gradient


def gradient(net: Network, inputs: Any, targets: Any = None, *, rule: Any = None, objective: Any = None) -> Gradient:
    """The gradient of the mean loss over the samples, under any learning rule; see `Network.gradient`."""
    return net.gradient(inputs, targets, rule=rule, objective=objective)


class Page(dict[str, Any]):
    """Figures that know how to show themselves: as a table, and as a page with charts."""

    def __init__(self, facts: dict[str, Any], text: str, html: str) -> None:
        super().__init__(facts)
        self.text, self.html = text, html

    def __repr__(self) -> str:
        return self.text

    def save(self, path: str) -> None:
        """Writes the page with charts, which opens offline; whole or not at all."""
        _core.write_text(str(path), self.html)


class Comparison(Page):
    """How far each rule's gradient is from that of full backpropagation through time, for several lengths."""


class Mismatch(Page):
    """How well a gradient predicts what the hard network does; keys as in the JSON of `backspike mismatch`."""


def compare_gradients(net: Network, inputs: Any, targets: Any = None, *, objective: Any = None, rule: Any = None,
                      samples: int = 16, progress: Any = None) -> Comparison:
    """The same batch through every rule that takes the network: cosine, sign agreement and norm ratio to full BPTT.

    Args:
        inputs, targets: `Data`, or what `Data` takes.
        objective, rule: as for `Network.fit`; the keys of `rule` (windows, feedback) hold for the rules that have them.
        samples: how many of them, spread evenly.
        progress: called with what is being done, how much of how much.

    Raises:
        InvalidValueError: the network is silent or has no gradient.
    """
    data = net._labelled(inputs, targets)
    settings = net._settings(objective=net._objective(objective, data), rule=rule)
    samples = whole(samples, "samples", 1, operation="compare_gradients")
    picked = np.array(_core.spread_evenly(len(data), samples), np.uint32)
    facts, text, html = _core.compare_gradients(net._core, settings, data._core, picked, progress)
    return Comparison(json.loads(facts), text, html)


def mismatch(net: Network, inputs: Any, targets: Any = None, *, of: str = "input",
             sizes: Sequence[float] = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1),
             widths: Sequence[float] = (0.5, 1.0, 2.0), samples: int = 64, seed: int = 1, objective: Any = None,
             progress: Any = None) -> Mismatch:
    """Moves samples along their gradient and at random, and holds the change of the loss that the surrogate's gradient
    predicts against the one that comes: correlation, share of equal signs, ratio, share in which no spike changed.

    Args:
        inputs, targets: `Data`, or what `Data` takes.
        of: "input": every value is moved by the size; "parameters": every learned number by the size times the root
            mean square of its group.
        sizes: of the perturbation.
        widths: of the surrogate, over those of the network.
        samples: how many of them, spread evenly.
        seed: of the random directions.
        objective: as for `Network.fit`.
        progress: called with what is being done, how much of how much.

    Raises:
        InvalidValueError: the network is silent or has no gradient; a size or width that is not above 0.
    """
    if of not in ("input", "parameters"):
        raise InvalidValueError(f"mismatch: of: {of!r}; accepted: input, parameters")
    data = net._labelled(inputs, targets)
    settings = net._settings(objective=net._objective(objective, data))
    samples = whole(samples, "samples", 1, operation="mismatch")
    picked = np.array(_core.spread_evenly(len(data), samples), np.uint32)
    facts, text, html = _core.mismatch(net._core, settings, data._core, picked, of, [float(s) for s in sizes],
                                       [float(w) for w in widths], whole(seed, "seed", 0, operation="mismatch"),
                                       progress)
    return Mismatch(json.loads(facts), text, html)
