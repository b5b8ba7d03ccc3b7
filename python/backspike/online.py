"""Learning on a stream, one step at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from . import _core
from ._arrays import as_array, number, whole
from ._settings import Objective, Optimiser, Rule
from .errors import InvalidValueError
from .network import Network


class OnlineLearner:
    """e-prop on a live stream: one step of input and target a call, constant work and memory, no end.

    It learns on a copy of the network's parameters; `write_back` gives them to the network. One thread at a time.

    Args:
        net: the network; its parameters are where learning starts.
        objective: a loss that knows an error in every step: "mean_squared" (default), "mean_absolute", "huber", "poisson" or
                "step_cross_entropy".
        rule: keys of e-prop: feedback, feedback_decay, target_rate, rate_coefficient.
        optimiser: an `Optimiser`, its name, or a dictionary; default: "sgd", here without momentum unless it is given.
                Weight decay, clipping and groups act as in `Network.fit`; a schedule and a warm-up are refused, since
                a stream has no end.
        learning_rate: of a step's loss (not a mean over steps); short for the optimiser's key. Default: 1e-3.
        update_every: steps between updates of the parameters; 0: at the end of a trial only.
        learns: False: `infer` only, for any network, without the memory of traces.
        not_finite: of a NaN, an infinity or a number above 1e18 in an input or in values to follow. "refuse": an error
                that names channel and step, and the learner goes on as before the call. "skip": that channel gives
                nothing in this step, a step with such a target has none, and `skipped` counts the numbers.

    Raises:
        InvalidValueError: a loss without an error in every step, a learning rate that is not above 0, a schedule, a
            parameter out of its range, a connection that e-prop has no trace for.
    """

    def __init__(self, net: Network, *, objective: Any = "mean_squared", rule: Any = None, optimiser: Any = "sgd",
                 learning_rate: float | None = None, update_every: int = 1, learns: bool = True,
                 not_finite: str = "refuse") -> None:
        if not_finite not in ("refuse", "skip"):
            raise InvalidValueError.of("OnlineLearner", "not_finite", repr(not_finite), "'refuse' or 'skip'")
        rule = {"kind": "eprop", "form": "auto"} | Rule.of(rule)  # not the form of a training before
        moves: dict[str, Any] = {"kind": "sgd", "momentum": 0.0} | Optimiser.of(optimiser)
        rate = moves.pop("learning_rate", 1e-3)
        wanted = Objective.of(objective)
        if "synaptic_operations" not in wanted:  # nor the budget or the class weights of a training before
            wanted["synaptic_operations.weight"] = 0.0
        wanted.setdefault("class_weights", [])
        settings = net._settings(objective=wanted, rule=rule, optimiser=moves, other_optimiser=True)
        self._net = net
        rate = number(rate if learning_rate is None else learning_rate, "learning_rate", "OnlineLearner")
        self._core = _core.Stream(net._core, settings, float(rate),
                                  whole(update_every, "update_every", operation="OnlineLearner"), learns,
                                  not_finite == "skip")
        # No Python between the caller and the library: the methods below only say what these do.
        self.__dict__.update(step=self._core.step, infer=self._core.infer)

    def step(self, input: Any, label: int = -1, values: Any = None) -> Any:  # noqa: A002
        """Runs one step, learns from it and updates the parameters if it is time.

        Args:
            input: float32 [inputs]; other rows of numbers are converted on the way.
            label: the class of this step (step_cross_entropy); -1: none.
            values: float32 [outputs] to follow (in a regression); None: no target in this step.

        Returns:
            The readout before the update, [outputs]: the same memory in every call.
        """
        raise NotImplementedError

    def step_outputs(self, input: Any, targets: Mapping[str, Any]) -> Any:  # noqa: A002
        """As `step`, of a network with several outputs: a label or values for each by its name; one that is left out
        has no target in this step.

        Raises:
            InvalidValueError: a name that is no output's.
        """
        names = self._net.output_names
        for name in targets:
            if name not in names:
                raise InvalidValueError.of("OnlineLearner", "target", repr(name), ", ".join(names))
        given = [targets.get(name, -1) for name in names]
        return self._core.step_outputs(input, [(int(t), None) if np.ndim(t) == 0 else (-1, t) for t in given])

    def infer(self, input: Any) -> Any:  # noqa: A002
        """Runs one step without learning; the traces stand still. Before learning again, reset_state()."""
        raise NotImplementedError

    def end_trial(self) -> None:
        """Applies what was gathered since the last update, then reset_state()."""
        self._core.end_trial()

    def reset_state(self) -> None:
        """Neurons at rest, traces empty; what was learned stays."""
        self._core.reset_state()

    @property
    def loss(self) -> float:
        """Of the last step that had a target."""
        return self._core.loss

    @property
    def steps(self) -> int:
        """Steps learned from, over all trials."""
        return self._core.steps

    @property
    def updates(self) -> int:
        """Updates of the parameters so far."""
        return self._core.updates

    @property
    def skipped(self) -> int:
        """Numbers of inputs and targets that were skipped so far; not part of `state_dict`."""
        return self._core.skipped

    def state_dict(self) -> dict[str, Any]:
        """The whole state: a learner of the same network and settings that loads it goes on with the same bits."""
        return {name: np.array(value) for name, value in self._core.save()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes on from `state`.

        Raises:
            InvalidValueError, ShapeError: the state is another learner's; nothing is changed then.
        """
        self._core.restore([(name, np.ascontiguousarray(as_array(value, name, "load_state_dict"), np.float32))
                            for name, value in state.items()])

    def write_back(self) -> Network:
        """Gives what was learned to the network, and returns it."""
        self._core.write_back()
        return self._net
