"""The same networks in SpikingJelly 2.0. What is converted is said at each test; docs/python/peers.md has a table.

SpikingJelly takes Euler steps: a membrane keeps 1 - 1 / tau, ours exp(-dt / tau_m). It compares with >=, as we do.
"""

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
pytest.importorskip("spikingjelly", reason="SpikingJelly is not installed: pip install spikingjelly")

import mapping  # noqa: E402
import numpy as np  # noqa: E402
import reference as ref  # noqa: E402
from mapping import DT, HIDDEN, Peer, compare, readout, tau_of  # noqa: E402
from reference import Layer  # noqa: E402
from spikingjelly.activation_based import functional, layer, neuron, surrogate  # noqa: E402

TAU, TAU_OUT, THRESHOLD = 12.0, 9.0, 0.8

# Their surrogates have a fixed area, ours a fixed height.
SURROGATES = [
    (surrogate.ATan(alpha=2.0), ("arctangent", 2 / (np.pi * 2.0), 2.0 / 2)),
    (surrogate.Sigmoid(alpha=4.0), ("sigmoid", 1 / 4.0, 4.0 / 4)),
    (surrogate.PiecewiseQuadratic(alpha=1.25), ("triangle", 1 / 1.25, 1.25)),
    (surrogate.SoftSign(alpha=2.5), ("fast_sigmoid", 1 / 2.5, 2.5 / 2)),
    (surrogate.SuperSpike(alpha=0.9), ("fast_sigmoid", 1.0, 0.9)),
]
IDS = ["ATan", "Sigmoid", "PiecewiseQuadratic", "SoftSign", "SuperSpike"]


def kept(tau):
    """The share that a membrane keeps in one of their steps."""
    return 1 - 1 / tau


READOUT = readout(tau_of(kept(TAU_OUT)))


def stepper(hidden, weight="hidden1.weight"):
    """Their LIFNode with a threshold out of reach is a leaky integrator."""
    out = neuron.LIFNode(TAU_OUT, decay_input=False, v_threshold=1e9, v_reset=None, step_mode="s")

    def run(x, w):
        functional.reset_net(hidden)
        functional.reset_net(out)
        spikes, outputs = [], []
        for t in range(x.shape[1]):
            s = hidden(x[:, t] @ w[weight]) if weight else hidden(x[:, t])
            out(s @ w["readout.weight"])
            spikes.append(s)
            outputs.append(out.v)
        return torch.stack(spikes, 1), torch.stack(outputs, 1)

    return run


@pytest.mark.parametrize("theirs, ours", SURROGATES, ids=IDS)
@pytest.mark.parametrize("v_reset", [None, 0.0])
@pytest.mark.parametrize("detach", [True, False])
@pytest.mark.parametrize("decay_input", [True, False])
def test_lif(theirs, ours, v_reset, detach, decay_input):
    """LIFNode is our LIF with tau_m = -dt / log(1 - 1 / tau); with decay_input our weights are theirs over tau.
    v_reset=None subtracts the threshold, a number is our reset to_value."""
    hidden = neuron.LIFNode(TAU, decay_input, THRESHOLD, v_reset, theirs, detach)
    reset = "subtract" if v_reset is None else "to_value"
    values = {"tau_m": tau_of(kept(TAU)), "v_th": THRESHOLD}
    peer = Peer([Layer("LIF", HIDDEN, reset, detach, False, ours, values), READOUT], stepper(hidden),
                scale={"hidden1.weight": 1 / TAU if decay_input else 1.0})
    compare(peer, "spikingjelly LIFNode")


def test_rest_is_v_reset():
    """Their membrane rests at v_reset, ours at 0: v_th and v_reset are counted from there."""
    hidden = neuron.LIFNode(TAU, True, THRESHOLD - 0.5, -0.5, SURROGATES[0][0], False)
    values = {"tau_m": tau_of(kept(TAU)), "v_th": THRESHOLD}
    peer = Peer([Layer("LIF", HIDDEN, "to_value", False, False, SURROGATES[0][1], values), READOUT], stepper(hidden),
                scale={"hidden1.weight": 1 / TAU})
    compare(peer, "spikingjelly LIFNode")


def test_integrate_and_fire():
    """IFNode is our IF; nothing is converted."""
    hidden = neuron.IFNode(THRESHOLD, None, SURROGATES[0][0], False)
    peer = Peer([Layer("IF", HIDDEN, "subtract", False, False, SURROGATES[0][1], {"v_th": THRESHOLD}), READOUT],
                stepper(hidden))
    compare(peer, "spikingjelly IFNode", amplitude=2.5)


def test_parametric_lif():
    """ParametricLIFNode learns w, with 1 / tau = sigmoid(w): tau_m = -dt / log(1 - sigmoid(w))."""
    hidden = neuron.ParametricLIFNode(TAU, False, THRESHOLD, None, SURROGATES[0][0], True).double()
    values = {"tau_m": tau_of(kept(TAU)), "v_th": THRESHOLD}
    peer = Peer([Layer("LIF", HIDDEN, "subtract", True, False, SURROGATES[0][1], values), READOUT], stepper(hidden))
    own, _ = compare(peer, "spikingjelly ParametricLIFNode")
    w = hidden.w.detach().clone().requires_grad_()
    (-DT / torch.log(1 - torch.sigmoid(w))).backward()
    assert hidden.w.grad.abs() > 0
    mapping.keep("spikingjelly ParametricLIFNode",
                 {"w": ref.relative(own["hidden1.tau_m"].double().sum() * w.grad, hidden.w.grad)}, 2e-5)


def test_recurrent_container():
    """LinearRecurrentContainer puts the spikes of the step before beside the input of one Linear: its weight is ours
    of the input above ours of the recurrent connection, transposed."""
    node = neuron.LIFNode(TAU, False, THRESHOLD, None, SURROGATES[1][0], True)
    hidden = layer.LinearRecurrentContainer(node, in_features=mapping.INPUTS, out_features=HIDDEN, bias=False).double()
    values = {"tau_m": tau_of(kept(TAU)), "v_th": THRESHOLD}
    inner = stepper(hidden, weight="")

    def run(x, w):
        joined = torch.cat([w["hidden1.weight"], w["hidden1.recurrent.weight"]]).T

        class Joined(torch.nn.Module):
            def forward(self, both):
                return both @ joined.T

        hidden.rc = Joined()
        return inner(x, w)

    peer = Peer([Layer("LIF", HIDDEN, "subtract", True, True, SURROGATES[1][1], values), READOUT], run)
    compare(peer, "spikingjelly LinearRecurrentContainer")
