"""The same networks in norse 1.1. What is converted, and why, is said at each test; docs/python/peers.md has a table.

Norse takes Euler steps: a membrane keeps 1 - dt * tau_mem_inv, ours exp(-dt / tau_m); and its input is scaled by
dt * tau_mem_inv. Its surrogate "super" ignores alpha: it has a width of 1. It compares with >, the library with >=.
"""

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
pytest.importorskip("norse", reason="norse is not installed: pip install norse")

import norse.torch as norse  # noqa: E402
import numpy as np  # noqa: E402
from mapping import DT, HIDDEN, Peer, compare, readout, tau_of  # noqa: E402
from norse.torch.functional.lif import LIFParameters  # noqa: E402
from norse.torch.functional.lif_box import LIFBoxParameters  # noqa: E402
from norse.torch.functional.leaky_integrator_box import LIBoxParameters  # noqa: E402
from norse.torch.functional.lsnn import LSNNParameters  # noqa: E402
from norse.torch.functional.reset import reset_subtract, reset_value  # noqa: E402
from norse.torch.module.leaky_integrator_box import LIBoxCell  # noqa: E402
from reference import Layer  # noqa: E402

# In their unit, seconds, with steps of 1 ms.
SECONDS = DT * 1e-3
MEM_INV, OUT_INV, SYN_INV, THRESHOLD = 80.0, 60.0, 250.0, 0.8
SURROGATES = [("super", 100.0, ("fast_sigmoid", 1.0, 1.0)), ("triangle", 0.6, ("triangle", 1.0, 0.6))]


def tensor(x):
    return torch.tensor(x, dtype=torch.float64)


def kept(inverse):
    """The share that a state keeps in one of their steps."""
    return 1 - SECONDS * inverse


def stepper(hidden):
    out = LIBoxCell(LIBoxParameters(tau_mem_inv=tensor(OUT_INV), v_leak=tensor(0.0)), dt=SECONDS)

    def run(x, w):
        spikes, outputs, state, memory = [], [], None, None
        for t in range(x.shape[1]):
            s, state = hidden(x[:, t] @ w["hidden1.weight"], state)
            y, memory = out(s @ w["readout.weight"], memory)
            spikes.append(s)
            outputs.append(y)
        return torch.stack(spikes, 1), torch.stack(outputs, 1)

    return run


READOUT = readout(tau_of(kept(OUT_INV)))
READOUT_SCALE = SECONDS * OUT_INV


@pytest.mark.parametrize("method, alpha, ours", SURROGATES, ids=[s[0] for s in SURROGATES])
@pytest.mark.parametrize("reset, v_reset", [("subtract", 0.0), ("to_value", 0.0), ("to_value", -0.3)])
def test_lif_box(method, alpha, ours, reset, v_reset):
    """LIFBoxCell is our LIF with tau_m = -dt / log(1 - dt * tau_mem_inv) and weights times dt * tau_mem_inv; the
    gradient flows through the reset."""
    p = LIFBoxParameters(tensor(MEM_INV), tensor(0.0), tensor(THRESHOLD), tensor(v_reset), method, alpha,
                         reset_subtract if reset == "subtract" else reset_value)
    hidden = norse.LIFBoxCell(p, dt=SECONDS)
    values = {"tau_m": tau_of(kept(MEM_INV)), "v_th": THRESHOLD, "v_reset": v_reset}
    peer = Peer([Layer("LIF", HIDDEN, reset, False, False, ours, values), READOUT], stepper(hidden),
                scale={"hidden1.weight": SECONDS * MEM_INV, "readout.weight": READOUT_SCALE})
    compare(peer, "norse LIFBoxCell")


@pytest.mark.parametrize("method, alpha, ours", SURROGATES, ids=[s[0] for s in SURROGATES])
def test_lif(method, alpha, ours):
    """LIFCell is our CubaLIF one step earlier: their current moves the membrane in the step that it arrives. They add
    dt * tau_mem_inv of the current to the membrane, we the gain g of docs/discretisation.md."""
    p = LIFParameters(tensor(SYN_INV), tensor(MEM_INV), tensor(0.0), tensor(THRESHOLD), tensor(0.0), method, alpha)
    tau_m, tau_syn = tau_of(kept(MEM_INV)), tau_of(kept(SYN_INV))
    x = DT / tau_m - DT / tau_syn
    gain = DT / tau_syn * np.exp(-DT / tau_m) * np.expm1(x) / x
    values = {"tau_m": tau_m, "tau_syn": tau_syn, "v_th": THRESHOLD}
    peer = Peer([Layer("CubaLIF", HIDDEN, "to_value", False, False, ours, values), READOUT],
                stepper(norse.LIFCell(p, dt=SECONDS)), lag=1,
                scale={"hidden1.weight": SECONDS * MEM_INV / gain, "readout.weight": READOUT_SCALE})
    compare(peer, "norse LIFCell")


@pytest.mark.parametrize("method, alpha, ours", SURROGATES, ids=[s[0] for s in SURROGATES])
def test_lsnn(method, alpha, ours):
    """LSNNCell with a synapse that forgets in one step (tau_syn_inv = 1 / dt) is our ALIF one step later. Their
    threshold decays before it is compared, and a spike adds beta to it: our beta is theirs, decayed once."""
    adapt_inv, beta = 50.0, 0.4
    p = LSNNParameters(tensor(1 / SECONDS), tensor(MEM_INV), tensor(adapt_inv), tensor(0.0), tensor(THRESHOLD),
                       tensor(0.0), tensor(beta), method, alpha)
    values = {"tau_m": tau_of(kept(MEM_INV)), "tau_a": tau_of(kept(adapt_inv)), "beta": beta * kept(adapt_inv),
              "v_th": THRESHOLD}
    peer = Peer([Layer("ALIF", HIDDEN, "to_value", False, False, ours, values), READOUT],
                stepper(norse.LSNNCell(p, dt=SECONDS)), lag=-1,
                scale={"hidden1.weight": SECONDS * MEM_INV, "readout.weight": READOUT_SCALE})
    compare(peer, "norse LSNNCell")
