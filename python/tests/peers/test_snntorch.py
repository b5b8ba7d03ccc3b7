"""The same networks in snnTorch 1.0. What is converted, and why, is said at each test; docs/python/peers.md has a table.

snnTorch compares with >, the library with >=: samples that come that close to a threshold are dropped.
"""

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
snn = pytest.importorskip("snntorch", reason="snnTorch is not installed: pip install snntorch")

import mapping  # noqa: E402
import numpy as np  # noqa: E402
import reference as ref  # noqa: E402
from mapping import DT, HIDDEN, Peer, compare, readout, tau_of  # noqa: E402
from reference import Layer  # noqa: E402

from snntorch import surrogate  # noqa: E402

BETA, BETA_OUT, THRESHOLD = 0.92, 0.88, 0.9

# Theirs and ours: slope k is a width of 1 / k; atan and sigmoid have their area, not their height, fixed.
SURROGATES = [
    (surrogate.fast_sigmoid(slope=3.0), ("fast_sigmoid", 1 / 3.0, 1.0)),
    (surrogate.atan(alpha=2.0), ("arctangent", 2 / (np.pi * 2.0), 2.0 / 2)),
    (surrogate.sigmoid(slope=5.0), ("sigmoid", 1 / 5.0, 5.0 / 4)),
]


def stepper(hidden, out, hidden_step):
    """Runs two layers of theirs; hidden_step(current) -> spikes."""
    def run(x, w):
        spikes, outputs = [], []
        mem = torch.zeros(len(x), w["readout.weight"].shape[1], dtype=x.dtype)
        for t in range(x.shape[1]):
            s = hidden_step(hidden, x[:, t] @ w["hidden1.weight"], w).to(x.dtype)
            _, mem = out(s @ w["readout.weight"], mem)
            spikes.append(s)
            outputs.append(mem)
        return torch.stack(spikes, 1), torch.stack(outputs, 1)

    return run


def tensor(x):
    return torch.tensor(x, dtype=torch.float64)


def leaky(spike_grad, reset, delay, **rest):
    return snn.Leaky(tensor(BETA), threshold=tensor(THRESHOLD), spike_grad=spike_grad, reset_mechanism=reset,
                     reset_delay=delay, init_hidden=True, **rest)


def integrator():
    return snn.Leaky(tensor(BETA_OUT), reset_mechanism="none")


def lif(surrogate_of, reset, detach, strength=1.0, recurrent=False):
    return Layer("LIF", HIDDEN, reset, detach, recurrent, surrogate_of,
                 {"tau_m": tau_of(BETA), "v_th": THRESHOLD, "reset_strength": strength})


def plain(hidden, current, _):
    return hidden(current)


@pytest.mark.parametrize("theirs, ours", SURROGATES, ids=[s[1][0] for s in SURROGATES])
@pytest.mark.parametrize("reset", ["subtract", "zero", "none"])
def test_leaky_resets_one_step_later(theirs, ours, reset):
    """Their default: the reset comes in the next step, detached. They subtract the threshold from the membrane that
    has decayed, we from the one that has not: our reset_strength is 1 / beta. A reset to zero commutes with the
    decay, so that nothing is converted."""
    own = {"subtract": "subtract", "zero": "to_value", "none": "none"}[reset]
    strength = 1 / BETA if reset == "subtract" else 1.0
    peer = Peer([lif(ours, own, True, strength), readout(tau_of(BETA_OUT))],
                stepper(leaky(theirs, reset, True), integrator(), plain))
    compare(peer, "snntorch Leaky, reset_delay=True")


@pytest.mark.parametrize("theirs, ours", SURROGATES, ids=[s[1][0] for s in SURROGATES])
@pytest.mark.parametrize("reset", ["subtract", "zero"])
def test_leaky_resets_at_once(theirs, ours, reset):
    """reset_delay=False is our order, and the gradient flows through the reset: detach_reset=False. Where one step
    brings a membrane over twice the threshold, their subtraction differs; the input here is too weak for that."""
    def step(layer, current, _):
        spikes = layer(current)
        assert (layer.mem < THRESHOLD).all()
        return spikes

    own = {"subtract": "subtract", "zero": "to_value"}[reset]
    peer = Peer([lif(ours, own, False), readout(tau_of(BETA_OUT))],
                stepper(leaky(theirs, reset, False), integrator(), step))
    compare(peer, "snntorch Leaky, reset_delay=False", rate=0.6, amplitude=0.3)


def test_learned_beta_and_threshold():
    """beta = exp(-dt / tau_m), and our reset_strength is 1 / beta, so that dL/dbeta has two parts."""
    hidden = leaky(SURROGATES[0][0], "subtract", True, learn_beta=True, learn_threshold=True)
    peer = Peer([lif(SURROGATES[0][1], "subtract", True, 1 / BETA), readout(tau_of(BETA_OUT))],
                stepper(hidden, integrator(), plain))
    own, _ = compare(peer, "snntorch Leaky, learned beta and threshold")
    tau = tau_of(BETA)
    by_tau, by_strength = own["hidden1.tau_m"].double().sum(), own["hidden1.reset_strength"].double().sum()
    errors = {"beta": ref.relative(by_tau * tau ** 2 / (BETA * DT) - by_strength / BETA ** 2, hidden.beta.grad),
              "threshold": ref.relative(own["hidden1.v_th"].double().sum(), hidden.threshold.grad)}
    assert hidden.beta.grad.abs() > 0 and hidden.threshold.grad.abs() > 0
    mapping.keep("snntorch Leaky, learned beta and threshold", errors, 2e-5)


@pytest.mark.parametrize("reset", ["subtract", "none"])
def test_synaptic(reset):
    """Their current moves the membrane in the step that it arrives, ours from the next step on: our trace is one step
    later. They add the whole current to the membrane, we the charge that it delivers in a step: our weights are theirs
    over the gain g of docs/discretisation.md. (Reset "zero" drops the input of that step too, and has no counterpart.)
    """
    alpha = 0.8
    tau_m, tau_syn = tau_of(BETA), tau_of(alpha)
    x = DT / tau_m - DT / tau_syn
    gain = DT / tau_syn * BETA * np.expm1(x) / x
    hidden = snn.Synaptic(tensor(alpha), tensor(BETA), threshold=tensor(THRESHOLD), spike_grad=SURROGATES[0][0],
                          reset_mechanism=reset, init_hidden=True)
    strength = 1 / BETA if reset == "subtract" else 1.0
    ours = Layer("CubaLIF", HIDDEN, reset, True, False, SURROGATES[0][1],
                 {"tau_m": tau_m, "tau_syn": tau_syn, "v_th": THRESHOLD, "reset_strength": strength})
    peer = Peer([ours, readout(tau_of(BETA_OUT))], stepper(hidden, integrator(), plain),
                scale={"hidden1.weight": 1 / gain}, lag=1)
    compare(peer, "snntorch Synaptic")


@pytest.mark.parametrize("reset", ["subtract", "none"])
def test_rleaky(reset):
    """Recurrent spikes arrive one step later in both. Their recurrent connection is a Linear, ours [from, to]: the
    weights are transposed. (Reset "zero" of RLeaky drops the input of that step too, and has no counterpart.)"""
    hidden = snn.RLeaky(tensor(BETA), linear_features=HIDDEN, threshold=tensor(THRESHOLD),
                        spike_grad=SURROGATES[1][0], reset_mechanism=reset, init_hidden=True)

    class Recurrent(torch.nn.Module):
        """Their Linear over our weights, in double precision."""

        def forward(self, spikes):
            return spikes.double() @ self.weight

    hidden.recurrent = Recurrent()

    def step(layer, current, w):
        layer.recurrent.weight = w["hidden1.recurrent.weight"]
        return layer(current)

    strength = 1 / BETA if reset == "subtract" else 1.0
    peer = Peer([lif(SURROGATES[1][1], reset, True, strength, recurrent=True), readout(tau_of(BETA_OUT))],
                stepper(hidden, integrator(), step))
    compare(peer, "snntorch RLeaky")
