"""The library against its own discretisation contract, written by hand in PyTorch (reference.py) in double precision.

Samples in which some membrane comes within 1e-5 of its threshold are dropped, as single precision may decide otherwise.
What is left has exactly the same spikes, and gradients within 1e-5 of the largest entry of each.
"""

import itertools

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")

import reference as ref  # noqa: E402
from backspike.torch import Module  # noqa: E402
from conftest import GROUPS  # noqa: E402
from reference import Layer  # noqa: E402

TOLERANCE = 1e-5
SURROGATES = [("fast_sigmoid", 0.4, 0.8), ("triangle", 0.9, 0.5), ("arctangent", 0.3, 1.2)]


def check_forward(layers, net, x, trace):
    spiking = [k for k, layer in enumerate(layers) if layer.cell != "LeakyIntegrator"]
    for b, recording in enumerate(net.record(x)):
        for q, k in enumerate(spiking):
            dense = np.zeros(trace.spikes[q].shape[1:])
            dense[recording.spikes[ref.names_of(layers)[k]]] = 1
            assert np.array_equal(dense, trace.spikes[q][b].detach().numpy()), f"spikes of layer {k}, sample {b}"
        for name, states in zip(ref.names_of(layers), trace.states, strict=True):
            for state, values in states.items():
                assert ref.relative(recording.states[name][state], values[b]) < TOLERANCE, f"{name}.{state}"


def check_alive(layers, trace, parameters):
    """Two silent networks would agree on anything."""
    for layer, s in zip([la for la in layers if la.cell != "LeakyIntegrator"], trace.spikes, strict=True):
        assert s.sum() > 4 * len(s), f"{layer} is silent"
        assert s.mean() < 0.9, f"{layer} never stops"
    for name, p in parameters.items():
        if not unused(layers, name):
            assert p.grad is not None and p.grad.abs().max() > 0, name


def unused(layers, name):
    """Parameters that the layer's reset does not look at."""
    layer = layers[ref.names_of(layers).index(name.split(".")[0])]
    return (name.endswith("v_reset") and layer.reset != "to_value"
            or name.endswith("reset_strength") and layer.reset != "subtract")


def compare(layers, x, net, group):
    """Everything, for one network; keeps the group's largest error of a gradient for the report."""
    x = ref.clear_samples(layers, net, x)
    parameters, x64 = ref.leaves(net, torch.float64), x.double().requires_grad_()
    trace = ref.run(layers, parameters, x64, net.dt)
    (trace.outputs * ref.weights_like(trace.outputs)).sum().backward()
    check_alive(layers, trace, parameters)
    check_forward(layers, net, x, trace)
    module, x32 = Module(net), x.clone().requires_grad_()
    y = module(x32)
    assert ref.relative(y, trace.outputs) < TOLERANCE
    (y * ref.weights_like(y)).sum().backward()
    errors = {"input": ref.relative(x32.grad, x64.grad)}
    for name, p in module.named_parameters():
        if unused(layers, name):
            assert not p.grad.any() and (parameters[name].grad is None or not parameters[name].grad.any()), name
        else:
            errors[name] = ref.relative(p.grad, parameters[name].grad)
    worst = max(errors, key=errors.get)
    GROUPS[group] = max(GROUPS.get(group, 0.0), errors[worst])
    assert errors[worst] < TOLERANCE, f"gradient of {worst}: {errors[worst]:.2g}"
    assert len(errors) > len(net.parameter_names) - 3


@pytest.mark.parametrize("cell", ["IF", "LIF", "CubaLIF", "ALIF"])
@pytest.mark.parametrize("reset, detach, recurrent, surrogate", list(itertools.product(
    ["subtract", "to_value", "none"], [True, False], [False, True], SURROGATES)))
def test_cell(cell, reset, detach, recurrent, surrogate):
    values = ({} if cell == "IF" else {"tau_m": 12.0}) | ({"tau_syn": 4.0} if cell == "CubaLIF" else {})
    values |= {"tau_a": 30.0, "beta": 0.3} if cell == "ALIF" else {}
    layers = [Layer(cell, 10, reset, detach, recurrent, surrogate, values), Layer("LeakyIntegrator", 3)]
    net = ref.build(layers, 8, 1.0, seed=3)
    compare(layers, ref.input_of(12, 30, 8, seed=1), net, f"{cell}, reset {reset}")


@pytest.mark.parametrize("cell", ["LIF", "CubaLIF", "ALIF"])
@pytest.mark.parametrize("kind", ["sigmoid", "gaussian"])
def test_other_surrogates(cell, kind):
    layers = [Layer(cell, 10, surrogate=(kind, 0.3, 0.7)), Layer("LeakyIntegrator", 3)]
    compare(layers, ref.input_of(12, 30, 8, seed=2), ref.build(layers, 8, 1.0, seed=4), "other surrogates")


@pytest.mark.parametrize("dt", [0.5, 2.0])
@pytest.mark.parametrize("graded", [False, True])
def test_two_hidden_layers(dt, graded):
    layers = [Layer("CubaLIF", 9, "to_value", False, True), Layer("ALIF", 11, "subtract", False, True, SURROGATES[2]),
              Layer("LeakyIntegrator", 3)]
    net = ref.build(layers, 8, dt, seed=5, bias=not graded)
    compare(layers, ref.input_of(24, 60 if dt < 1 else 25, 8, seed=3, graded=graded), net, "two hidden layers")


def test_spiking_readout():
    layers = [Layer("LIF", 9, recurrent=True), Layer("LIF", 4)]
    compare(layers, ref.input_of(16, 30, 8, seed=4), ref.build(layers, 8, 1.0, seed=6), "spiking readout")


def test_leaky_integrator_alone():
    layers = [Layer("LeakyIntegrator", 5)]
    compare(layers, ref.input_of(4, 30, 8, seed=5, graded=True), ref.build(layers, 8, 1.0, seed=7), "leaky integrator")


def test_error_is_that_of_single_precision():
    """PyTorch in single precision is as far from double precision as the library is, give or take a factor of 10."""
    layers = [Layer("ALIF", 10, "subtract", False, True), Layer("LeakyIntegrator", 3)]
    net = ref.build(layers, 8, 1.0, seed=3)
    x = ref.clear_samples(layers, net, ref.input_of(12, 30, 8, seed=1))
    grads = {}
    for dtype in (torch.float64, torch.float32):
        p = ref.leaves(net, dtype)
        y = ref.run(layers, p, x.to(dtype), net.dt).outputs
        (y * ref.weights_like(y)).sum().backward()
        grads[dtype] = {n: t.grad for n, t in p.items() if t.grad is not None}
    module = Module(net)
    y = module(x)
    (y * ref.weights_like(y)).sum().backward()
    own = dict(module.named_parameters())
    names = [n for n in own if not unused(layers, n)]
    theirs = max(ref.relative(grads[torch.float32][n], grads[torch.float64][n]) for n in names)
    ours = max(ref.relative(own[n].grad, grads[torch.float64][n]) for n in names)
    assert 0 < ours < 10 * theirs


def test_the_comparison_can_fail():
    """A threshold that is a thousandth higher is noticed."""
    layers = [Layer("LIF", 10), Layer("LeakyIntegrator", 3)]
    net = ref.build(layers, 8, 1.0, seed=3)
    x = ref.clear_samples(layers, net, ref.input_of(12, 30, 8, seed=1))
    parameters = ref.leaves(net, torch.float64)
    with torch.no_grad():
        parameters["hidden1.tau_m"] *= 1.001
    trace = ref.run(layers, parameters, x.double(), net.dt)
    with pytest.raises(AssertionError):
        check_forward(layers, net, x, trace)


