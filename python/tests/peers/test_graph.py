"""Graphs of the library against the same graphs written by hand in PyTorch (graph_reference.py) in double precision.

As in test_reference.py: samples near a threshold are dropped, spikes are equal one by one, and gradients of every
parameter and of the input within 1e-5 of the largest entry of each.
"""

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")

import graph_reference as graphs  # noqa: E402
import reference as ref  # noqa: E402
from backspike.torch import Module  # noqa: E402
from graph_reference import Graph, Link  # noqa: E402
from reference import GROUPS, Layer  # noqa: E402

TOLERANCE = 1e-5
INPUTS, STEPS = 8, 30
WIDE = ("arctangent", 0.3, 1.2)


def some_pairs(sources, targets, density, seed):
    """Who is joined to whom, source by source."""
    return np.nonzero(np.random.default_rng(seed).random((sources, targets)) < density)


def skip():
    """input -> a -> b -> out, and a -> out."""
    layers = {"a": Layer("LIF", 10, "to_value", False), "b": Layer("CubaLIF", 9), "out": Layer("LeakyIntegrator", 3)}
    return Graph(layers, [Link("a", "input", "a"), Link("b", "a", "b"), Link("out.b", "b", "out"),
                          Link("out.a", "a", "out")], extra={"out": {"inputs": ["b", "a"], "bias": True}})


def loop():
    """a and b excite or inhibit each other, with a step on the way back."""
    layers = {"a": Layer("ALIF", 10, values={"beta": 0.3}), "b": Layer("LIF", 9, "subtract", False, surrogate=WIDE),
              "out": Layer("LeakyIntegrator", 3)}
    return Graph(layers, [Link("a", "input", "a"), Link("b", "a", "b"), Link("out", "b", "out"),
                          Link("back", "b", "a", delay=1, keys={})])


def analog():
    """A population that filters what a sends before b sees it."""
    layers = {"a": Layer("LIF", 10), "psp": Layer("DoubleExponential", 7, values={"tau_rise": 3.0, "tau_decay": 9.0}),
              "b": Layer("LIF", 9, "to_value", surrogate=WIDE), "out": Layer("LeakyIntegrator", 3)}
    return Graph(layers, [Link("a", "input", "a"), Link("psp", "a", "psp"), Link("b", "psp", "b"),
                          Link("out", "b", "out")])


def sparse():
    """30 % of the synapses from a to b and of those that skip a, two steps late."""
    layers = {"a": Layer("LIF", 10), "b": Layer("CubaLIF", 12, "none"), "out": Layer("LeakyIntegrator", 3)}
    return Graph(layers, [Link("a", "input", "a"),
                          Link("thin", "a", "b", pairs=some_pairs(10, 12, 0.3, 1), keys={}),
                          Link("late", "input", "b", delay=2, pairs=some_pairs(INPUTS, 12, 0.3, 2), keys={}),
                          Link("out", "b", "out")], extra={"b": {"inputs": [], "bias": True}})


def parallel():
    """Two ways from a to b; what takes three steps more only excites."""
    layers = {"a": Layer("LIF", 10), "b": Layer("ALIF", 9, "subtract", False, values={"beta": 0.2}),
              "out": Layer("LeakyIntegrator", 3)}
    return Graph(layers, [Link("a", "input", "a"), Link("b", "a", "b"), Link("out", "b", "out"),
                          Link("more", "a", "b", delay=3, keys={"sign": "excitatory"})])


def heads():
    """Two outputs: what a and b tell one readout, and the spikes of a, which b hears, too."""
    layers = {"a": Layer("LIF", 10, "to_value", False), "b": Layer("CubaLIF", 9), "out": Layer("LeakyIntegrator", 3)}
    return Graph(layers, [Link("a", "input", "a"), Link("b", "a", "b"), Link("out.b", "b", "out"),
                          Link("out.a", "a", "out")], extra={"out": {"inputs": ["b", "a"]}}, outputs=["out", "a"])


CASES = {"skip": skip, "loop": loop, "analog": analog, "sparse": sparse, "parallel": parallel, "heads": heads}


def samples_of(graph, net, least=4):
    """Input in which no membrane comes near its threshold."""
    x = ref.input_of(24, STEPS, INPUTS, seed=1)
    with torch.no_grad():
        margin = graphs.run(graph, ref.leaves(net, torch.float64), x.double()).margin
    kept = x[margin > 1e-5]
    assert len(kept) >= least, f"only {len(kept)} samples keep clear of the threshold"
    return kept


def spiking(graph):
    return [name for name, layer in graph.layers.items() if layer.cell not in graphs.ANALOG]


def check_spikes(graph, net, x, trace):
    """Equal one by one; no layer is silent, and none fires all the time."""
    for name in spiking(graph):
        theirs = trace.sent[name].detach()
        assert theirs.sum() > 4 * len(x) and theirs.mean() < 0.9, name
        own = torch.zeros_like(theirs)
        for b, recording in enumerate(net.record(x)):
            steps, neurons = recording.spikes[name]
            own[b, steps.astype(int), neurons.astype(int)] = 1
        assert torch.equal(own, theirs), name


def unused(graph, name):
    """Parameters that the layer's reset does not look at."""
    layer = graph.layers.get(name.split(".")[0])
    return layer is not None and (name.endswith("v_reset") and layer.reset != "to_value"
                                  or name.endswith("reset_strength") and layer.reset != "subtract")


def errors_of(graph, net, x):
    """How far outputs and gradients are from PyTorch's, by name."""
    parameters, x64 = ref.leaves(net, torch.float64), x.double().requires_grad_()
    trace = graphs.run(graph, parameters, x64)
    outputs = torch.cat([trace.sent[name] for name in graph.outputs or ["out"]], -1)
    (outputs * ref.weights_like(outputs)).sum().backward()
    check_spikes(graph, net, x, trace)
    module, x32 = Module(net), x.clone().requires_grad_()
    y = module(x32)
    (y * ref.weights_like(y)).sum().backward()
    errors = {"outputs": ref.relative(y, outputs), "input": ref.relative(x32.grad, x64.grad)}
    for name, p in module.named_parameters():
        if not unused(graph, name):
            assert parameters[name].grad.abs().max() > 0, name
            errors[name] = ref.relative(p.grad, parameters[name].grad)
    return errors


@pytest.mark.parametrize("seed", [3, 4])
@pytest.mark.parametrize("case", CASES)
def test_graph(case, seed):
    graph = CASES[case]()
    net = graph.network(seed)
    errors = errors_of(graph, net, samples_of(graph, net))
    assert {f"{link.name}.weight" for link in graph.links} <= errors.keys()
    worst = max(errors, key=errors.get)
    GROUPS[f"graph: {case}"] = max(GROUPS.get(f"graph: {case}", 0.0), errors[worst])
    assert errors[worst] < TOLERANCE, f"{worst}: {errors[worst]:.2g}"


def test_excitatory_weights_are():
    weights = parallel().network(3).parameters["more.weight"]
    assert (weights > 0).all()


@pytest.mark.parametrize("case", ["loop", "sparse", "parallel"])
def test_the_comparison_can_fail(case):
    """A connection that takes a step longer is noticed."""
    graph = CASES[case]()
    net = graph.network(3)
    x = samples_of(graph, net)
    late = [dataclasses.replace(link, delay=link.delay + 1) if link.delay > 0 else link for link in graph.links]
    with pytest.raises(AssertionError):
        check_spikes(graph, net, x, graphs.run(dataclasses.replace(graph, links=late), ref.leaves(net, torch.float64),
                                               x.double()))
