"""Networks that are graphs: built, run, looked at, copied and saved."""

from __future__ import annotations

import copy
import pickle
from xml.etree import ElementTree

import numpy as np
import pytest

import backspike as bs

CHANNELS, STEPS = 6, 40


def spikes(seed: int = 1) -> np.ndarray:
    return (np.random.default_rng(seed).random((3, STEPS, CHANNELS)) < 0.3).astype(np.float32)


def graph(**rest: object) -> bs.Network:
    """Two populations side by side, one inhibits the other, and a readout that sees both and the input."""
    fast = bs.LIF(8, name="fast", tau_m=10.0)
    slow = bs.LIF(5, name="slow", tau_m=40.0, inputs="input")
    back = bs.Connection(slow, fast, "sparse", sources=np.array([0, 1, 4]), targets=[7, 7, 2], base_delay=2,
                         sign="inhibitory")
    return bs.Network([fast, slow, bs.LeakyIntegrator(2, inputs=[fast, slow, "input"])], inputs=CHANNELS, seed=3,
                      connections=[back], **rest)


def test_settings_reach_the_network() -> None:
    net = graph()
    found = [(c["name"], c["source"], c["target"], c["kind"], c["base_delay"]) for c in net.connections]
    assert found == [("fast", "input", "fast", "dense", 0), ("slow", "input", "slow", "dense", 0),
                     ("readout.fast", "fast", "readout", "dense", 0), ("readout.slow", "slow", "readout", "dense", 0),
                     ("readout.input", "input", "readout", "dense", 0), ("fast.slow", "slow", "fast", "sparse", 2)]
    assert 'from = ["fast", "slow", "input"]' in net.toml() and "sources = [0, 1, 4]" in net.toml()
    assert net.parameters["fast.slow.weight"].shape == (1, 3) and (net.parameters["fast.slow.weight"] <= 0).all()
    assert net.parameter_infos["fast.slow.weight"]["high"] == 0
    with pytest.raises(TypeError, match="given when it is made"):
        net.connections[0]["name"] = "other"


def step_by_step(net: bs.Network, x: np.ndarray) -> np.ndarray:
    """The recurrence written again, for one sample."""
    p = {name: np.array(value, np.float64) for name, value in net.parameters.items()}
    inhibition = np.zeros((5, 8))
    inhibition[[0, 1, 4], [7, 7, 2]] = p["fast.slow.weight"].ravel()[np.argsort([0, 1, 4])]
    v, y, fired, outputs = {"fast": np.zeros(8), "slow": np.zeros(5)}, np.zeros(2), [], []
    for t, row in enumerate(x):
        current = {"fast": row @ p["fast.weight"], "slow": row @ p["slow.weight"]}
        if t >= 2:
            current["fast"] = current["fast"] + fired[t - 2] @ inhibition
        s = {}
        for name in ("fast", "slow"):
            v[name] = np.exp(-1 / p[f"{name}.tau_m"]) * v[name] + current[name]
            s[name] = (v[name] >= p[f"{name}.v_th"]).astype(float)
            v[name] = v[name] - s[name] * p[f"{name}.v_th"]
        fired.append(s["slow"])
        y = np.exp(-1 / p["readout.tau_m"]) * y + (s["fast"] @ p["readout.fast.weight"] +
                                                   s["slow"] @ p["readout.slow.weight"] + row @ p["readout.input.weight"])
        outputs.append(y)
    return np.array(outputs)


def test_the_graph_runs_as_its_equations_say() -> None:
    net, x = graph(), spikes()
    net.parameters["fast.slow.weight"][...] = [[-0.7, -0.4, -0.9]]
    outputs = net.forward(x)
    for sample in range(3):
        assert np.allclose(outputs[sample], step_by_step(net, x[sample]), atol=1e-4)
    without = net.copy()
    without.parameters["fast.slow.weight"][...] = 0
    assert not np.allclose(without.forward(x), outputs), "the loop has an effect"


def test_training_changes_every_connection() -> None:
    net, labels = graph(), np.array([0, 1, 0])
    before = net.state_dict()
    net.fit(spikes(), labels, epochs=2, batch=3, learning_rate=0.01)
    for connection in net.connections:
        name = f"{connection['name']}.weight"
        assert not np.array_equal(net.parameters[name], before[name]), name
    assert (net.parameters["fast.slow.weight"] <= 0).all()


def test_parts_of_the_input_have_names() -> None:
    left = bs.LIF(5, name="left_eye", inputs="left")
    right = bs.LIF(5, name="right_eye", inputs="right")
    net = bs.Network([left, right, bs.LeakyIntegrator(2, inputs=[left, right, "left"])], inputs={"left": 2, "right": 4})
    assert net.inputs == CHANNELS
    assert [c["source"] for c in net.connections] == ["left", "right", "left_eye", "right_eye", "left"]
    x, before = spikes(), net.copy()
    changed = x.copy()
    changed[:, :, 2:] = 0
    net.parameters["right_eye.weight"][...] = 0
    assert np.array_equal(net.forward(x), net.forward(changed)), "nothing else hears the right part"
    assert not np.array_equal(before.forward(x), before.forward(changed))
    assert pickle.loads(pickle.dumps(net)).toml() == net.toml()
    with pytest.raises(bs.ShapeError, match="channels"):
        net.forward(x[:, :, :5])
    with pytest.raises(bs.ConfigError, match="accepted: a number of channels, a shape, or one number for each name"):
        bs.Network([bs.LIF(2), bs.LeakyIntegrator(2)], inputs={})


def test_synapses_say_which_weight_is_whose() -> None:
    net = bs.Network([bs.LeakyIntegrator(4, inputs=[])], inputs=CHANNELS,
                     connections=[bs.Connection("input", "readout", "sparse", density=0.4, seed=7)])
    found = net.synapses("readout.input")
    weight = net.parameters["readout.input.weight"]
    assert weight.size == len(found["sources"]) and 0 < weight.size < 4 * CHANNELS
    weight[...] = np.arange(1, weight.size + 1)
    matrix = np.zeros((CHANNELS, 4))
    matrix[found["sources"], found["targets"]] = weight.ravel()[found["weights"]]
    once = np.zeros((CHANNELS, 1, CHANNELS), np.float32)
    once[np.arange(CHANNELS), 0, np.arange(CHANNELS)] = 1  # one spike of one channel in each sample
    assert np.allclose(net.forward(once)[:, 0], matrix)
    with pytest.raises(bs.InvalidValueError, match=r"name = 'other'.*readout.input"):
        net.synapses("other")


def test_copies_and_files_keep_the_graph(tmp_path: object) -> None:
    net, x = graph(), spikes()
    net.save(f"{tmp_path}/net.h5")
    for twin in (net.copy(), copy.deepcopy(net), pickle.loads(pickle.dumps(net)), bs.load(f"{tmp_path}/net.h5")):
        assert twin.toml() == net.toml() and twin.connections == net.connections
        assert np.array_equal(twin.forward(x), net.forward(x))


def test_printed_it_says_who_receives_from_whom() -> None:
    net = graph()
    assert str(net).splitlines()[1:] == [
        "  fast: 8 x lif, fast_sigmoid, reset subtract",
        "    from input: dense [6, 8]",
        "    from slow: sparse [5, 8], 3 synapses (0.375 a neuron), inhibitory, after 2 steps",
        "  slow: 5 x lif, fast_sigmoid, reset subtract",
        "    from input: dense [6, 5]",
        "  readout: 2 x leaky_integrator",
        "    from fast: dense [8, 2]",
        "    from slow: dense [5, 2]",
        "    from input: dense [6, 2])"]
    assert len(repr(net).splitlines()) == 4
    assert repr(bs.Connection("a", bs.LIF(3), "sparse", density=0.5)) == "Connection('a', 'LIF', 'sparse', density=0.5)"
    assert repr(bs.LIF(3, inputs=["a", "b"])) == "LIF(3, inputs=['a', 'b'])"


def test_a_notebook_draws_it() -> None:
    net = graph()
    page = net._repr_html_()
    picture = ElementTree.fromstring(page[page.index("<svg"):page.index("</svg>") + len("</svg>")])
    texts = {element.text for element in picture.iter("text")}
    assert {"input", "fast", "slow", "readout", "8 \u00d7 lif", "dense", "sparse, inhibitory, 2 steps"} <= texts
    assert len(list(picture.iter("rect"))) == 4 and "fast, slow, input" in page


def test_a_loss_of_ones_own_sees_stuck_outputs_behind_any_kind() -> None:
    net = bs.Network([bs.LIF(5, v_th=0.1), bs.LeakyIntegrator(3, inputs=[])], inputs=CHANNELS, connections=[
        bs.Connection("hidden1", "readout", "sparse", sources=[0, 1], targets=[0, 2])])
    with pytest.warns(bs.HealthWarning, match="dead_outputs|output") as said:
        net.fit(bs.Data(spikes()), loss=lambda y, s: (float(((y - 1) ** 2).mean()), 2 * (y - 1) / y.size), epochs=1)
    assert any("1" in str(w.message) for w in said)


def test_weights_are_drawn_by_neuron() -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed").use("Agg")
    image = bs.plot.weights(graph(), "fast.slow.weight").images[0].get_array()
    assert image.shape == (5, 8) and np.isfinite(image.filled(np.nan)).sum() == 3


@pytest.mark.parametrize(("make", "error", "text"), [
    (lambda: bs.Network([bs.LIF(4), bs.LIF(2, inputs="hiden1")], inputs=3), bs.ConfigError, "did you mean hidden1"),
    (lambda: bs.Network([bs.LIF(4), bs.LIF(2, inputs=bs.LIF(4))], inputs=3), bs.ConfigError, "none of the network's"),
    (lambda: bs.Network([bs.LIF(4), bs.LIF(2, inputs=[4])], inputs=3), TypeError, "inputs is 4; accepted: a layer"),
    (lambda: bs.Network([bs.LIF(4), bs.Dense(4, 2), bs.LIF(2, inputs="input")], inputs=3), bs.ConfigError,
     "inputs and a Dense before it"),
    (lambda: bs.Network([bs.LIF(4)], inputs=3, connections=["input"]), TypeError, "connection 0 is 'input'"),
    (lambda: joined("a", "readout"), bs.ConfigError, "or input"),
    (lambda: joined("readout", "readout", base_delay=0), bs.ConfigError, "readout -> readout, in which no spike"),
    (lambda: joined("input", "readout", "spars"), bs.ConfigError, "did you mean sparse"),
    (lambda: joined("input", "readout", "sparse", densty=1), bs.ConfigError, "did you mean density"),
    (lambda: joined("input", "readout", "sparse", sources=[3], targets=[0]), bs.InvalidValueError, "3 to 0"),
    (lambda: joined("input", "readout", "sparse", sources=[0.5], targets=[0]), bs.ConfigError, "a list of integers"),
    (lambda: joined("input", "readout", delay=bs.Delay(mx=3)), bs.ConfigError, "did you mean max"),
])
def test_what_is_refused(make: object, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        make()  # type: ignore[operator]


def joined(source: object, target: object, kind: str = "dense", **keys: object) -> bs.Network:
    return bs.Network([bs.LIF(4)], inputs=3, connections=[bs.Connection(source, target, kind, **keys)])


def test_settings_of_kinds_are_documented() -> None:
    import inspect

    fields = inspect.signature(bs.Connection).parameters
    assert {"density", "seed", "autapses", "base_delay", "sign", "delay"} <= set(fields)
    assert "probability that a pair of neurons is joined" in (bs.Connection.__doc__ or "")
    assert joined("readout", "readout", "sparse", density=1.0, autapses=False).connections[1]["text"].count("12 synapses")


def released(spikes_in: np.ndarray, use: float, tau_d: float, tau_f: float) -> np.ndarray:
    """What each spike of [steps, neurons] carries (Tsodyks, Pawelzik & Markram 1998), written again."""
    u, x, out = np.zeros(spikes_in.shape[1]), np.ones(spikes_in.shape[1]), []
    for z in spikes_in:
        u, x = u * np.exp(-1 / tau_f), 1 - (1 - x) * np.exp(-1 / tau_d)
        u = np.where(z > 0, u + use * (1 - u), u)
        out.append(z * u * x)
        x = x - z * u * x
    return np.array(out)


def test_short_term_plasticity_stands_between_a_source_and_its_weights() -> None:
    path = bs.Connection("input", "readout", name="path",
                         short_term_plasticity=bs.ShortTermPlasticity(0.3, tau_d=50.0, tau_f=30.0, learn=True))
    net = bs.Network([bs.LeakyIntegrator(2, name="readout", tau_m=10.0, inputs=[])], inputs=CHANNELS, connections=[path])
    assert [layer["name"] for layer in net.layers] == ["path.plasticity", "readout"]
    assert [(c["name"], c["source"], c["target"]) for c in net.connections] == [
        ("path.plasticity", "input", "path.plasticity"), ("path", "path.plasticity", "readout")]
    x = spikes()
    y, expected = np.zeros(2), []
    for sent in released(x[0].astype(float), 0.3, 50.0, 30.0):
        y = np.exp(-1 / 10) * y + sent @ net.parameters["path.weight"]
        expected.append(y)
    assert np.allclose(net.forward(x)[0], expected, atol=1e-5)
    before = net.state_dict()
    net.fit(x, np.array([0, 1, 0]), epochs=2, batch=3, learning_rate=0.01)
    changed = {name for name, value in net.parameters.items() if not np.array_equal(value, before[name])}
    assert changed == {"path.plasticity.U", "path.plasticity.tau_d", "path.plasticity.tau_f", "path.weight"}
    again = pickle.loads(pickle.dumps(net))
    assert np.array_equal(again.forward(x), net.forward(x))
    with pytest.raises(bs.Error, match="U"):
        bs.Network([bs.LeakyIntegrator(2, name="readout", inputs=[])], inputs=3,
                   connections=[bs.Connection("input", "readout", short_term_plasticity={"U": 2.0})])


def test_a_refractory_period_keeps_spikes_apart() -> None:
    net = bs.Network([bs.LIF(20, name="hidden", refractory=3.0), bs.LeakyIntegrator(2)], inputs=CHANNELS)
    net.parameters["hidden.weight"][...] = 2.0
    steps, neurons = net.record(np.ones((1, STEPS, CHANNELS), np.float32))[0].spikes["hidden"]
    apart = [np.diff(np.sort(steps[neurons == n])) for n in range(20)]
    assert all((gaps == 4).all() and len(gaps) > 5 for gaps in apart)
    assert net.layers[0]["refractory"] == 3.0 and net.layers[0]["states"] == ["refractory", "v"]
    assert "refractory 3 ms" in str(net)
    with pytest.raises(bs.Error, match="refractory"):
        bs.Network([bs.LIF(4, refractory=0.1), bs.LeakyIntegrator(2)], inputs=3)
