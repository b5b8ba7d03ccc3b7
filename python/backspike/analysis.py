"""One batch through every learning rule, and how far its gradients can be trusted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import _core
from ._arrays import floats, whole
from ._settings import Encoder
from .data import Data
from .errors import InvalidValueError, ShapeError
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


class Deployment(Page):
    """A network on many devices; keys as in the JSON of `backspike deploy`."""


class Sensitivity(Page):
    """What mismatch costs; keys as in the JSON of `backspike sensitivity`."""


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


class Attack(Page):
    """What an attack does to a network; keys as in the JSON of `backspike attack --json`.

    Attributes:
        changed: the samples after the attack with the largest budget: an array of values [samples, rows, columns] where
            an encoder read such, else `Data`.
    """

    changed: Any = None


def attack(net: Network, inputs: Any, targets: Any = None, *, attack: str = "pgd",
           budget: float | Sequence[float] = 0.1, norm: str = "linf", encoder: Any = None, steps: int = 40,
           restarts: int = 1, step_size: float = 0.0, width: float = 1.0, encoder_width: float = 0.05, draws: int = 1,
           queries: int = 1000, target: int | None = None, checklist: bool = False, seed: int = 1, objective: Any = None,
           progress: Any = None) -> Attack:
    """Changes every sample within a budget so that the hard network tells a wrong class; success is measured on it, of
    the samples that it told right before.

    Args:
        inputs, targets: `Data`, or what `Data` takes; with `encoder` an array of values in [0, 1]
            [samples, rows, columns], and one label for each.
        attack: a name of `attack_names()`.
        budget: largest size of a sample's change in `norm`; several: a sweep.
        norm: linf, l2 or l1 of attacks on values; attacks on spikes count them.
        encoder: `Encoder`, a dictionary or a kind: what makes the network's input of the values, and what gradients go
            back through.
        steps, restarts, step_size: of an iterated attack; the first step over the budget, 0: the attack's own.
        width: of the surrogate in the attack, over that of the network.
        encoder_width: of the surrogate of the encoder's threshold, in units of a value.
        draws: of a random encoder for each gradient.
        queries: runs of the network for a sample, of attacks without gradients.
        target: the class to be told; otherwise any wrong one.
        checklist: also checks whether the figures can be believed; takes some further runs.
        seed: of what the attack draws.
        objective: as for `Network.fit`.
        progress: called with what is being done, how much of how much.

    Raises:
        InvalidValueError: a budget or setting out of range, values outside [0, 1], an attack that cannot take the samples.
    """
    settings = {"attack": attack, "norm": norm, "steps": steps, "restarts": restarts, "step_size": float(step_size),
                "width": float(width), "encoder_width": float(encoder_width), "draws": draws, "queries": queries,
                "seed": seed, "target": target}
    for key, known in (("attack", _core.attack_names()), ("norm", ["linf", "l2", "l1", "l0"])):
        if settings[key] not in known:
            raise InvalidValueError(f"attack: {key}: {settings[key]!r}; accepted: {', '.join(known)}")
    for key in ("steps", "restarts", "draws", "queries"):
        settings[key] = whole(settings[key], key, 1, 2**31, operation="attack")
    settings["seed"] = whole(seed, "seed", 0, operation="attack")
    values = None
    changes: dict[str, Any] = {}
    if encoder is not None:
        changes["data"] = {f"encoder.{key}": value for key, value in Encoder.of(encoder).items()}
        values = np.ascontiguousarray(floats(inputs, "inputs", operation="attack"), np.float32)
        if values.ndim != 3:
            raise ShapeError(f"attack: inputs: shape {list(values.shape)}; accepted: [samples, rows, columns] with an "
                             "encoder")
        inputs = Data.wrap(_core.encode_values(net._settings(**changes), values))
    data = net._labelled(inputs, targets)
    experiment = net._settings(objective=net._objective(objective, data), **changes)
    budgets = [float(b) for b in np.atleast_1d(np.asarray(budget, float))]
    facts, text, html, changed, moved = _core.attack(net._core, experiment, data._core, values, settings, budgets,
                                                     checklist, progress)
    found = Attack(json.loads(facts), text, html)
    found.changed = Data.wrap(changed) if moved is None else moved
    return found


def attack_names() -> list[str]:
    """The attacks that there are; `backspike attack --help` says what each does."""
    return list(_core.attack_names())


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


def deploy(net: Network, inputs: Any, targets: Any = None, *, hardware: Any = 0.2, devices: int = 100, seed: int = 1,
           bar: float = 0.0, objective: Any = None, progress: Any = None) -> Deployment:
    """Runs the network on many simulated devices of a chip: mean, deviation and worst of their accuracies, the share of
    them that is good enough, and how they fire.

    Args:
        inputs, targets: `Data`, or what `Data` takes.
        hardware: a `Hardware`, or its `mismatch`: 0.2 is a standard deviation of all weights, as a share of each.
        devices: how many; each is drawn for the seed and its number.
        bar: accuracy of a good device; 0: a hundredth below that without mismatch.
        objective: as for `Network.fit`.
        progress: called with what is being done, how much of how much.

    Raises:
        InvalidValueError: a device that changes nothing, a pattern that matches no parameter, a sigma that makes a
            parameter negative.
    """
    data = net._labelled(inputs, targets)
    settings = net._settings(objective=net._objective(objective, data), hardware=hardware)
    facts, text, html = _core.deploy(net._core, settings, data._core, whole(devices, "devices", 1, operation="deploy"),
                                     whole(seed, "seed", 0, operation="deploy"), float(bar), progress)
    return Deployment(json.loads(facts), text, html)


def sensitivity(net: Network, inputs: Any, targets: Any = None, *, match: str = "*",
                sigmas: Sequence[float] = (0.01, 0.03, 0.1, 0.2, 0.3), probes: int = 16, probe_sigma: float = 0.05,
                devices: int = 20, seed: int = 1, objective: Any = None, progress: Any = None) -> Sensitivity:
    """Predicts by second derivatives how mismatch of parameters changes the loss, and runs devices beside it. What each
    parameter and neuron adds says what to calibrate.

    Args:
        inputs, targets: `Data`, or what `Data` takes.
        match: which parameters are off, each by a share of its size: a pattern such as "*.weight".
        sigmas: standard deviations of that share.
        probes, probe_sigma: random directions in which gradients are compared, and how far they go.
        devices: drawn and run for each sigma.
        objective: as for `Network.fit`.
        progress: called with what is being done, how much of how much.

    Raises:
        InvalidValueError: the network is silent or has no gradient; a sigma that makes a parameter negative.
    """
    data = net._labelled(inputs, targets)
    settings = net._settings(objective=net._objective(objective, data))
    counts = [whole(value, name, 2, operation="sensitivity") for name, value in (("probes", probes), ("devices", devices))]
    facts, text, html = _core.sensitivity(net._core, settings, data._core, match, [float(s) for s in sigmas], counts[0],
                                          float(probe_sigma), counts[1], whole(seed, "seed", 0, operation="sensitivity"),
                                          progress)
    return Sensitivity(json.loads(facts), text, html)
