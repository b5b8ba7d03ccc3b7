"""One batch through every learning rule."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from . import _core
from ._arrays import whole
from .network import Network
from .results import Gradient


def gradient(net: Network, inputs: Any, targets: Any = None, *, rule: Any = None, objective: Any = None) -> Gradient:
    """The gradient of the mean loss over the samples, under any learning rule; see `Network.gradient`."""
    return net.gradient(inputs, targets, rule=rule, objective=objective)


class Comparison(dict[str, Any]):
    """How far each rule's gradient is from that of full backpropagation through time, for several lengths."""

    def __init__(self, facts: dict[str, Any], text: str, html: str) -> None:
        super().__init__(facts)
        self.text, self.html = text, html

    def __repr__(self) -> str:
        return self.text

    def save(self, path: str) -> None:
        """Writes the page with charts, which opens offline; whole or not at all."""
        _core.write_text(str(path), self.html)


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
