"""Pictures of spikes, membranes, weights and training, by Matplotlib.

Every function draws into `ax` where it is given, and into a figure of its own otherwise, and returns the axes it drew
into. Matplotlib is needed when a function is called, not before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .analysis import Comparison
from .errors import InvalidValueError
from .network import Network
from .results import Evaluation, History, Recording

__all__ = ["comparison", "confusion", "delays", "history", "raster", "traces", "weights"]

#: Eight colours that stay apart under every common colour blindness (Okabe & Ito 2008), the dark ones first.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#999933")
MARKERS = "osD^vP*X"  # beside the colour, so that a line is known in grey too
INPUT = "input"  # what the network's input is called among the layers


def raster(recording: Recording, layers: Iterable[str] | None = None, ax: Any = None) -> Any:
    """Who spiked when: a dot for each spike, in a band for each layer, the first at the bottom.

    Bands are equally high, whatever the number of neurons, which stands beside the layer's name.

    Args:
        recording: one of `Network.record`.
        layers: names, "input" for what went in; default: the input and all spiking layers.

    Returns:
        The axes.

    Raises:
        InvalidValueError: a name that is no spiking layer.
    """
    known = {INPUT: recording.inputs, **recording.spikes}
    sizes = {INPUT: recording.channels, **recording.sizes}
    shown = list(known if layers is None else layers)
    for name in shown:
        _require(name, known, "raster", "layers")
    ax = _axes(ax, (7.0, 1.0 + 1.1 * len(shown)))
    for band, name in enumerate(shown):
        steps, neurons = (np.asarray(a, float) for a in known[name])
        # A band is 1 high, of which a tenth keeps it from its neighbour.
        heights = band + 0.05 + 0.9 * (neurons + 0.5) / sizes[name]
        ax.scatter(steps * recording.dt, heights, s=_dot_area(sizes[name]), color=_colour(band), marker="o",
                   linewidths=0, label=name, rasterized=len(steps) > 20000)
    for edge in range(1, len(shown)):
        ax.axhline(edge, color="0.85", linewidth=0.8, zorder=0)
    ax.set(ylim=(0, max(len(shown), 1)), xlim=_time_limits(recording), xlabel="time [ms]", ylabel="layer (neurons)")
    ax.set_yticks(np.arange(len(shown)) + 0.5, [f"{name} ({sizes[name]})" for name in shown])
    ax.tick_params(axis="y", length=0)
    return ax


def traces(recording: Recording, layer: str, state: str | None = None, neurons: Sequence[int] | int = 5,
           ax: Any = None) -> Any:
    """A state variable of some neurons over time, with their spikes marked above it.

    Args:
        recording: one of `Network.record`.
        layer: its name.
        state: name of the variable; default: the membrane "v" where there is one, else the first.
        neurons: which ones, or how many of the first.

    Returns:
        The axes.

    Raises:
        InvalidValueError: a layer, variable or neuron that is not there.
    """
    _require(layer, recording.states, "traces", "layer")
    variables = recording.states[layer]
    state = state or ("v" if "v" in variables else next(iter(variables)))
    _require(state, variables, "traces", "state")
    values = np.asarray(variables[state])
    picked = list(range(min(neurons, values.shape[1]))) if isinstance(neurons, (int, np.integer)) else list(neurons)
    for n in picked:
        if not 0 <= n < values.shape[1]:
            raise InvalidValueError(f"traces: neurons = {n}; accepted: below {values.shape[1]}, the neurons of {layer}")
    ax = _axes(ax, (7.0, 3.0))
    time = np.arange(len(values)) * recording.dt
    top, gap = _above(values[:, picked])
    for k, n in enumerate(picked):
        ax.plot(time, values[:, n], color=_colour(k), linestyle="-" if k < len(COLOURS) else "--",
                linewidth=1.2, label=f"neuron {n}")
        if layer in recording.spikes:
            steps, who = recording.spikes[layer]
            at = np.asarray(steps)[np.asarray(who) == n] * recording.dt
            ax.plot(at, np.full(len(at), top + gap * (k + 1)), linestyle="none", marker="|", markersize=7,
                    markeredgewidth=1.5, color=_colour(k), label="_spikes")
    spikes = ", spikes above" if layer in recording.spikes else ""
    ax.set(xlabel="time [ms]", ylabel=f"{state} of {layer}{spikes}", xlim=_time_limits(recording))
    _legend(ax, len(picked))
    return ax


def weights(net: Network, name: str | None = None, ax: Any = None) -> Any:
    """A parameter as an image, where it comes from downwards and where it goes to rightwards, and its histogram below.

    Args:
        net: the network.
        name: of the parameter, as in `Network.parameters`; default: the first weight. One that is not a matrix, such as
            time constants, has a histogram only.
        ax: for the image alone.

    Returns:
        The axes of the image, or of the histogram if there is no image.

    Raises:
        InvalidValueError: a name that is no parameter.
    """
    parameters = net.parameters
    name = name or next((n for n, p in parameters.items() if p.ndim == 2), next(iter(parameters)))
    _require(name, parameters, "weights", "name")
    value, unit = np.asarray(parameters[name]), net.parameter_infos[name]["unit"]
    label = f"{name} [{unit}]" if unit else name
    if value.ndim != 2:
        return _histogram(_axes(ax, (5.0, 3.0)), value.ravel(), label)
    below = None
    if ax is None:
        ax, below = _pyplot().subplots(2, 1, figsize=(6.0, 6.5), layout="constrained",
                                       gridspec_kw={"height_ratios": (3, 1)})[1]
    limit = _robust_limit(value)
    image = ax.imshow(_by_neurons(net, name, value), cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto", interpolation="nearest")
    ax.set(xlabel="to neuron", ylabel="from neuron" if "recurrent" in name else "from channel or neuron")
    ax.figure.colorbar(image, ax=ax, extend=_extend(value, limit), label=label)
    if below is not None:
        _histogram(below, value.ravel(), label)
    return _plain(ax)


def _by_neurons(net: Network, name: str, value: Any) -> Any:
    """[from neuron, to neuron], of a connection that keeps its synapses in another order; NaN where there is none."""
    owner = name.rpartition(".")[0]
    kinds = {c["name"]: c for c in net.connections}
    if owner not in kinds or kinds[owner]["kind"] == "dense" or value.shape != net.parameters[f"{owner}.weight"].shape:
        return value
    sizes = {"input": net.inputs, **{layer["name"]: layer["size"] for layer in net.layers}}
    synapses = net.synapses(owner)
    matrix = np.full((sizes[kinds[owner]["source"]], sizes[kinds[owner]["target"]]), np.nan)
    matrix[synapses["sources"], synapses["targets"]] = value.ravel()[synapses["weights"]]
    return matrix


def delays(net: Network, before: Network | None = None, name: str | None = None, ax: Any = None) -> Any:
    """Histogram of the delays of a connection, a bar for each step.

    Args:
        net: the network.
        before: the same network as it was, such as a copy from before training; its delays are an outline.
        name: of the parameter, such as "hidden1.delay"; default: the first one.

    Returns:
        The axes.

    Raises:
        InvalidValueError: the network has no delays, or none of that name.
    """
    known = [n for n in net.parameters if n.endswith(".delay")]
    if not known:
        raise InvalidValueError("delays: net has no delays; accepted: a network with delay=Delay(...) in some layer")
    name = name or known[0]
    _require(name, known, "delays", "name")
    edges = np.arange(net.parameter_infos[name]["high"] + 2) - 0.5
    ax = _axes(ax, (5.0, 3.0))
    ax.hist(np.ravel(net.parameters[name]), bins=edges, color=_colour(0), label="now")
    if before is not None:
        ax.hist(np.ravel(before.parameters[name]), bins=edges, histtype="step", color=_colour(1), label="before")
    _legend(ax, 0 if before is None else 2)
    ax.set(xlabel=f"{name} [steps]", ylabel="count", xlim=(edges[0], edges[-1]))
    return ax


def comparison(comparison: Comparison, ax: Any = None) -> Any:
    """Cosine of each rule's gradient with that of full backpropagation through time, over the length of the samples.

    Args:
        comparison: of `compare_gradients`.

    Returns:
        The axes.
    """
    ax = _axes(ax, (6.0, 3.6))
    for k, rule in enumerate(comparison["rules"]):
        points = [(m["steps"], m["cosine"]) for m in comparison["matches"]
                  if m["rule"] == rule and m["parameter"] == "all" and m["cosine"] is not None]
        ax.plot(*zip(*points, strict=True) if points else ([], []), color=_colour(k), marker=MARKERS[k % len(MARKERS)],
                markersize=5, label=rule)
    ax.axhline(1.0, color="0.6", linewidth=0.8, linestyle=":", zorder=0)
    ax.set(xlabel="length of the samples [steps]", ylabel="cosine with full BPTT")
    ax.set_ylim(min(0.0, ax.get_ylim()[0]), 1.05)
    ax.set_xscale("log", base=2)  # each length is half the next
    ax.set_xticks(comparison["lengths"], [str(n) for n in comparison["lengths"]])
    _legend(ax, len(comparison["rules"]), beside=True)
    return ax


def history(history: History) -> Any:
    """Loss and, where there is one, accuracy of every epoch; a dotted line at the epoch that was kept.

    Args:
        history: of `Network.fit`.

    Returns:
        The figure.
    """
    kinds = [k for k in ("loss", "accuracy") if k == "loss" or any(_finite(history, f"{p}_{k}") for p in PARTS)]
    figure = _pyplot().figure(figsize=(4.2 * len(kinds), 3.2), layout="constrained")
    for at, kind in enumerate(kinds):
        ax = _plain(figure.add_subplot(1, len(kinds), at + 1))
        for k, part in enumerate(PARTS):
            points = _finite(history, f"{part}_{kind}")
            if points:
                ax.plot(*zip(*points, strict=True), color=_colour(k), marker=MARKERS[k], markersize=4, label=part)
        if _finite(history, f"validation_{kind}"):
            ax.axvline(history.best_epoch, color="0.6", linewidth=0.8, linestyle=":", label="_best")
        ax.set(xlabel="epoch", ylabel=kind)
        _whole_ticks(ax)
        _legend(ax, len(ax.get_lines()))
    return figure


def confusion(evaluation: Evaluation, class_names: Sequence[str] | None = None, ax: Any = None) -> Any:
    """What was taken for what: true classes downwards, predicted rightwards; colours are shares of the true class.

    Args:
        evaluation: of `Network.evaluate`, with a loss that knows classes.
        class_names: default: their numbers.

    Returns:
        The axes.

    Raises:
        InvalidValueError: there are no classes, or more or fewer than names.
    """
    counts = np.asarray(evaluation.confusion)
    classes = len(counts)
    if not counts.size:
        raise InvalidValueError("confusion: the evaluation has no classes; accepted: one of labelled samples or steps")
    names = [str(k) for k in range(classes)] if class_names is None else [str(n) for n in class_names]
    if len(names) != classes:
        raise InvalidValueError(f"confusion: class_names has {len(names)} names; accepted: {classes}, one a class")
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = max(4.0, 1.8 + 0.5 * classes)
    ax = _axes(ax, (side + 0.8, side))
    image = ax.imshow(shares, cmap="cividis", vmin=0.0, vmax=1.0)
    ax.figure.colorbar(image, ax=ax, shrink=0.8, label="share of the true class")
    slanted = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if max(map(len, names)) > 3 else {}
    ax.set_xticks(range(classes), names, **slanted)
    ax.set_yticks(range(classes), names)
    ax.set(xlabel="predicted class", ylabel="true class")
    if classes <= 20:  # beyond that numbers run into each other
        for (true, predicted), n in np.ndenumerate(counts):
            ax.text(predicted, true, str(int(n)), ha="center", va="center", fontsize=8,
                    color="black" if shares[true, predicted] > 0.6 else "white")
    return ax


PARTS = ("train", "validation")


def _pyplot() -> Any:
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise ImportError("backspike.plot needs Matplotlib: pip install matplotlib") from None
    return plt


def _axes(ax: Any, size: tuple[float, float]) -> Any:
    return _plain(_pyplot().subplots(figsize=size, layout="constrained")[1] if ax is None else ax)


def _plain(ax: Any) -> Any:
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def _colour(k: int) -> str:
    return COLOURS[k % len(COLOURS)]


def _require(name: str, known: Any, operation: str, argument: str) -> None:
    if name not in known:
        raise InvalidValueError(f"{operation}: {argument} = {name!r}; accepted: {', '.join(known)}")


def _dot_area(neurons: int) -> float:
    """Points squared: a dot as high as its neuron's share of the band, within what is visible and what is neat."""
    return float(np.clip(150.0 / neurons, 1.8, 4.0)) ** 2


def _time_limits(recording: Recording) -> tuple[float, float]:
    last = max(len(recording.outputs) - 1, 1) * recording.dt
    return -0.01 * last, 1.01 * last


def _above(values: Any) -> tuple[float, float]:
    """Where the first row of spikes goes, and the distance of rows."""
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    return high, 0.06 * max(high - low, 1e-6)


def _robust_limit(value: Any) -> float:
    """The colours' end: a few large weights shall not turn all others grey."""
    return float(np.quantile(np.abs(value), 0.995)) or 1.0


def _extend(value: Any, limit: float) -> str:
    return "both" if np.abs(value).max(initial=0.0) > limit else "neither"


def _histogram(ax: Any, values: Any, label: str) -> Any:
    ax.hist(values, bins=min(60, max(10, int(np.sqrt(len(values))))), color=_colour(0))
    ax.set(xlabel=label, ylabel="count")
    return _plain(ax)


def _finite(history: History, key: str) -> list[tuple[int, float]]:
    """Epochs and values; what was not measured is missing or NaN."""
    return [(e["epoch"], e[key]) for e in history if np.isfinite(e.get(key, np.nan))]


def _whole_ticks(ax: Any) -> None:
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(integer=True))


def _legend(ax: Any, entries: int, beside: bool = False) -> None:
    place = {"loc": "center left", "bbox_to_anchor": (1.0, 0.5)} if beside or entries > 4 else {"loc": "best"}
    if entries:
        ax.legend(frameon=False, fontsize=9, **place)
