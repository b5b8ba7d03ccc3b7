"""Networks: built, looked at, run, copied, saved."""

from __future__ import annotations

import copy
import gc
import pickle
import re
from pathlib import Path

import numpy as np
import pytest
from conftest import CHANNELS, CLASSES, STEPS, pulses, small_network

import backspike as bs


def test_every_cell_of_the_library_is_a_class_with_its_own_signature() -> None:
    import inspect

    from backspike._settings import CELLS
    from backspike.layers import CELL_CLASSES

    assert {"LIF", "CubaLIF", "ALIF", "AdLIF", "AdEx", "LeakyIntegrator"} <= set(bs.__all__)
    for name, made in CELL_CLASSES.items():
        fields = [p["name"] for p in CELLS[name]["parameters"]]
        assert set(fields) <= set(inspect.signature(made).parameters)
        assert all(f"{field}:" in made.__doc__ for field in fields)
        net = bs.Network([made(6), bs.LeakyIntegrator(2)], inputs=5)
        assert net.layers[0]["cell"] == name
        assert net.forward(np.ones((1, 4, 5), np.float32)).shape == (1, 4, 2)


def test_settings_reach_the_network() -> None:
    net = bs.Network([bs.LIF(8, tau_m=bs.Parameter(12.0, distribution="normal", spread=2.0, per="neuron"), v_th=0.5,
                             learn=["tau_m", "v_th"], per="neuron", reset="to_value", name="first",
                             surrogate=bs.Surrogate("triangle", width=0.3)),
                      bs.Dense(8, 2, bias=True), bs.LeakyIntegrator(2, tau_m=30.0)], inputs=3, dt=0.5)
    info = net.parameter_infos["first.tau_m"]
    assert info["learnable"] and info["shape"] == (8,) and info["unit"] == "ms"
    assert np.ptp(net.parameters["first.tau_m"]) > 0.5
    assert np.allclose(net.parameters["first.v_th"], 0.5)
    assert "readout.bias" in net.parameters and net.dt == 0.5
    assert net.layers[0]["surrogate"] == "triangle" and net.layers[0]["reset"] == "to_value"
    assert 'kind = "triangle"' in net.toml()


def test_delays_reach_the_network() -> None:
    width = bs.DelayWidth(from_=3.0, to=0.25, schedule="linear")
    net = bs.Network([bs.Dense(3, 8, delay=bs.Delay(9, per="source", init="constant", value=4, width=width)),
                      bs.LIF(8, recurrent=True, recurrent_delay=bs.Delay(5, kernel="linear")),
                      bs.Dense(8, 2, delay={"max": 7, "learn": False}), bs.LeakyIntegrator(2)])
    infos, values = net.parameter_infos, net.parameters
    assert infos["hidden1.delay"]["shape"] == (3,) and infos["hidden1.delay"]["high"] == 9
    assert infos["hidden1.recurrent.delay"]["shape"] == (8, 8)
    assert infos["readout.delay"]["shape"] == (8, 2) and not infos["readout.delay"]["learnable"]
    assert (values["hidden1.delay"] == 4).all() and values["readout.delay"].max() > 1
    assert 'schedule = "linear"' in net.toml() and "from = 3" in net.toml()
    with pytest.raises(bs.ConfigError, match="did you mean max"):
        bs.Network([bs.Dense(3, 8, delay=bs.Delay(mx=9)), bs.LIF(8)])
    assert repr(bs.Dense(3, 8, delay=9)) == "Dense(3, 8, delay=9)"


def test_a_spike_arrives_after_its_delay() -> None:
    net = bs.Network([bs.Dense(2, 2, delay=bs.Delay(9, kernel="linear")), bs.LeakyIntegrator(2, tau_m=1.0)])
    net.parameters["readout.weight"][...] = [[1, 1], [0, 0]]
    net.parameters["readout.delay"][...] = [[0, 6], [3, 3]]
    spike = np.zeros((1, 12, 2), np.float32)
    spike[0, 2, 0] = 1
    assert net.forward(spike)[0].argmax(0).tolist() == [2, 8]


def test_a_stream_that_only_infers_runs_any_network() -> None:
    net = bs.Network([bs.LIF(8, recurrent=True), bs.Dense(8, 2, delay=bs.Delay(9)), bs.LeakyIntegrator(2)], inputs=3)
    x = (np.random.default_rng(1).random((1, 60, 3)) < 0.4).astype(np.float32)
    with pytest.raises(bs.InvalidValueError, match="readout"):
        bs.OnlineLearner(net)
    stream = bs.OnlineLearner(net, learns=False)
    outputs = np.array([np.array(stream.infer(row)) for row in x[0]])
    assert np.array_equal(outputs, net.forward(x)[0]) and np.ptp(outputs) > 0
    with pytest.raises(bs.InvalidValueError, match="learns"):
        stream.step(x[0, 0])


def test_losses_on_the_number_of_spikes_reach_the_network(xy: tuple[np.ndarray, np.ndarray]) -> None:
    def trained(activity: object, **objective: object) -> tuple[bs.Network, float]:
        net = bs.Network([bs.LIF(24, activity=activity), bs.LeakyIntegrator(4)], inputs=CHANNELS, seed=3)
        return net, net.fit(*xy, epochs=1, objective=bs.Objective(**objective))["train_loss"][0]

    net, priced = trained(bs.Activity(l1=0.5, upper=20.0, upper_weight=0.1))
    assert "l1 = 0.5" in net.toml()
    _, free = trained(None)
    _, budgeted = trained({}, synaptic_operations=bs.SynapticOperations(budget=1.0, weight=1.0))
    assert priced > free + 0.1 and budgeted > free + 0.1


def test_parameters_are_views_of_the_network(net: bs.Network, xy: tuple[np.ndarray, np.ndarray]) -> None:
    before = net.forward(xy[0])
    kept = np.array(before)
    weight = net.parameters["hidden1.weight"]
    assert weight.shape == (CHANNELS, 24)
    weight *= 2.0
    assert not np.array_equal(net.forward(xy[0]), kept)
    assert np.array_equal(before, kept), "an output belongs to its own run"
    del net
    gc.collect()
    assert np.isfinite(weight).all(), "a view keeps the network's memory alive"


def test_outputs_go_out_by_dlpack_without_a_copy(net: bs.Network, xy: tuple[np.ndarray, np.ndarray]) -> None:
    outputs = net.forward(xy[0])
    shared = np.from_dlpack(outputs)
    assert np.shares_memory(shared, outputs) and np.array_equal(shared, net.forward(xy[0]))
    weight = np.from_dlpack(net.parameters["readout.weight"])
    assert np.shares_memory(weight, net.parameters["readout.weight"])


def test_forward_of_ragged_samples_equals_each_alone(net: bs.Network) -> None:
    x, _ = pulses(3)
    ragged = [x[0], x[1, :7], x[2, :1]]
    outputs = net.forward(ragged)
    assert [o.shape for o in outputs] == [(STEPS, CLASSES), (7, CLASSES), (1, CLASSES)]
    for sample, output in zip(ragged, outputs, strict=True):
        assert np.array_equal(net.forward(sample[None])[0], output)
    assert np.array_equal(net(x), net.forward(x))


def test_recording_follows_the_equation(net: bs.Network) -> None:
    x, _ = pulses(2)
    record = net.record(x)[1]
    v = record.states["hidden1"]["v"]
    steps, neurons = record.spikes["hidden1"]
    assert v.shape == (STEPS, 24) and len(steps) > 20
    spikes = np.zeros((STEPS, 24), np.float32)
    spikes[steps, neurons] = 1
    p = net.parameters
    decay = np.exp(-net.dt / p["hidden1.tau_m"])
    membrane = np.zeros(24)
    for t in range(STEPS):
        current = x[1, t] @ p["hidden1.weight"]
        current += spikes[t - 1] @ p["hidden1.recurrent.weight"] if t else 0.0
        membrane = decay * membrane + current
        assert np.array_equal(membrane >= p["hidden1.v_th"], spikes[t] > 0)
        membrane -= spikes[t] * p["hidden1.v_th"] * p["hidden1.reset_strength"]
        assert np.allclose(membrane, v[t], atol=1e-4)
    assert np.array_equal(record.outputs, net.forward(x)[1])


def test_copies_are_independent_and_equal(net: bs.Network, xy: tuple[np.ndarray, np.ndarray]) -> None:
    net.fit(*xy, epochs=1)
    expected = net.forward(xy[0])
    for twin in (net.copy(), copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert np.array_equal(twin.forward(xy[0]), expected)
        twin.parameters["hidden1.weight"][...] = 0
        assert np.array_equal(net.forward(xy[0]), expected)


def test_state_dict_round_trip_and_all_or_nothing(net: bs.Network) -> None:
    state = net.state_dict()
    other = small_network(seed=9)
    assert not np.array_equal(other.parameters["hidden1.weight"], state["hidden1.weight"])
    other.load_state_dict(state)
    assert all(np.array_equal(other.parameters[k], state[k]) for k in state)
    before = other.digest()
    bad = {**state, "hidden1.tau_m": np.float32(-1.0).reshape(1), "hidden1.weight": state["hidden1.weight"] * 0}
    with pytest.raises(bs.InvalidValueError, match=r"hidden1\.tau_m\[0\] = -1 ms \(accepted: 0.01 to 1e\+06 ms\)"):
        other.load_state_dict(bad)
    with pytest.raises(bs.ShapeError, match="hidden1.weight"):
        other.load_state_dict({**state, "hidden1.weight": np.zeros((3, 3))})
    with pytest.raises(bs.InvalidValueError, match="'extra' is unknown"):
        other.load_state_dict({**state, "extra": np.zeros(1)})
    del state["readout.weight"]
    with pytest.raises(bs.InvalidValueError, match="'readout.weight' is missing"):
        other.load_state_dict(state)
    assert other.digest() == before


def write_tau(net: bs.Network, value: float) -> None:
    net.parameters["hidden1.tau_m"][...] = value


@pytest.mark.parametrize("call", [
    lambda net, x, y, path: net.forward(x), lambda net, x, y, path: net.record(x),
    lambda net, x, y, path: net.evaluate(x, y), lambda net, x, y, path: net.predict(x),
    lambda net, x, y, path: net.fit(x, y, epochs=1), lambda net, x, y, path: net.gradient(x, y),
    lambda net, x, y, path: net.gradient(bs.Data(x, y.repeat(STEPS).reshape(-1, STEPS)), rule="eprop",
                                         objective="step_cross_entropy"),
    lambda net, x, y, path: net.gradient(x, y, rule="rtrl"), lambda net, x, y, path: net.initialise(x),
    lambda net, x, y, path: bs.compare_gradients(net, x, y), lambda net, x, y, path: net.save(path),
    lambda net, x, y, path: bs.OnlineLearner(net), lambda net, x, y, path: bs.OnlineLearner(net, learns=False),
    lambda net, x, y, path: net.fit(x, y, epochs=1, loss=lambda o, s: (0.0, o * 0)),
    lambda net, x, y, path: bs.Network.load_state_dict(small_network(), net.state_dict()),
], ids=["forward", "record", "evaluate", "predict", "fit", "gradient", "eprop", "rtrl", "initialise", "compare", "save",
        "stream", "inferring stream", "own loss", "state"])
def test_parameters_outside_their_range_are_refused_by_name(net: bs.Network, call: object, tmp_path: object) -> None:
    x, y = pulses(6)
    path = f"{tmp_path}/net.h5"
    for value in (-5.0, 0.0, 2e6):
        write_tau(net, value)
        with pytest.raises(bs.InvalidValueError, match=re.escape(
                f"hidden1.tau_m[0] = {value:g} ms (accepted: 0.01 to 1e+06 ms)")):
            call(net, x, y, path)  # type: ignore[operator]
    write_tau(net, float("nan"))
    with pytest.raises(bs.NumericError, match=r"hidden1\.tau_m"):
        call(net, x, y, path)  # type: ignore[operator]
    write_tau(net, 20.0)
    call(net, x, y, path)  # type: ignore[operator]


def test_save_and_load(net: bs.Network, xy: tuple[np.ndarray, np.ndarray], tmp_path: object) -> None:
    path = f"{tmp_path}/net.h5"
    net.fit(*xy, epochs=1)
    net.save(path)
    back = bs.load(path)
    assert np.array_equal(back.forward(xy[0]), net.forward(xy[0]))
    assert back.toml() == net.toml()
    with open(path, "r+b") as file:
        file.truncate(100)
    with pytest.raises(bs.FormatError):
        bs.load(path)
    with pytest.raises(bs.FileError):
        bs.load(f"{tmp_path}/absent.h5")


def test_html_shows_layers(net: bs.Network) -> None:
    page = net._repr_html_()
    assert "hidden1" in page and "<b>weight [40, 24]</b>" in page and page.count("<tr>") == 3


@pytest.mark.parametrize(("make", "error", "text"), [
    (lambda: bs.Network([]), bs.ConfigError, "inputs"),
    (lambda: bs.Network([], inputs=3), bs.ConfigError, "no layer"),
    (lambda: bs.Network([bs.LIF(4)]), bs.ConfigError, "inputs"),
    (lambda: bs.Network([bs.Dense(3, 4)]), bs.ConfigError, "a cell after it"),
    (lambda: bs.Network([bs.Dense(3, 4), bs.LIF(5)]), bs.ConfigError, "its Dense goes to 4"),
    (lambda: bs.Network([bs.Dense(3, 4), bs.Dense(4, 4)]), bs.ConfigError, "another Dense"),
    (lambda: bs.Network([bs.LIF(4), bs.Dense(5, 2), bs.LIF(2)], inputs=3), bs.ConfigError, "takes 5 inputs"),
    (lambda: bs.Network([bs.LIF(4, tau_n=3.0)], inputs=3), bs.ConfigError, "did you mean tau_m"),
    (lambda: bs.Network([bs.LIF(4, tau_m=-3.0)], inputs=3), bs.ConfigError, "0.01 to 1e6 ms"),
    (lambda: bs.Network([bs.LIF(4, tau_m=float("nan"))], inputs=3), bs.ConfigError, "tau_m"),
    (lambda: bs.Network([bs.LIF(4, surrogate="triangel")], inputs=3), bs.ConfigError, "triangle"),
    (lambda: bs.Network([bs.LIF(4, activity=bs.Activity(l1=-1.0))], inputs=3), bs.ConfigError, "0 or more"),
    (lambda: bs.Network([bs.LIF(4, activity={"upper": 5.0})], inputs=3), bs.ConfigError, "upper_weight"),
    (lambda: bs.Network([bs.LIF(4, learn="tau")], inputs=3), bs.ConfigError, "accepted: tau_m"),
    (lambda: bs.Network([bs.LIF(0), bs.LeakyIntegrator(2)], inputs=3), bs.Error, "size|neurons"),
    (lambda: bs.Network([bs.LIF(4)], inputs=0), bs.Error, "inputs"),
    (lambda: bs.LIF(4.7), bs.InvalidValueError, "LIF: size = 4.7"),
    (lambda: bs.LIF(True), bs.InvalidValueError, "size = True"),
    (lambda: bs.LIF("4"), bs.InvalidValueError, "size = '4'"),
    (lambda: bs.Dense(3, -4), bs.InvalidValueError, "size = -4"),
    (lambda: bs.Dense(2.5, 4), bs.InvalidValueError, "inputs = 2.5"),
    (lambda: bs.Dense(2**40, 4), bs.InvalidValueError, "inputs = 1099511627776"),
    (lambda: bs.Network([bs.LIF(4)], inputs=3.5), bs.InvalidValueError, "inputs = 3.5"),
    (lambda: bs.Network([bs.LIF(4)], inputs=3, threads=-1), bs.InvalidValueError, "threads = -1"),
    (lambda: bs.Network([bs.LIF(4)], inputs=3, threads=1.5), bs.InvalidValueError, "threads = 1.5"),
    (lambda: bs.Network([bs.LIF(4)], inputs=3, seed=1.5), bs.ConfigError, "seed"),
    (lambda: bs.Network([bs.LIF(4)], inputs=3, dt="1"), bs.Error, "dt"),
    (lambda: bs.Network([bs.LIF(3, tau_m=[10.0, 20.0])], inputs=3), bs.ShapeError, r"hidden1|readout.tau_m.*\[2\]"),
    (lambda: bs.Network([bs.LIF(2, tau_m=[10.0, -3.0])], inputs=3), bs.ConfigError, "tau_m.*-3"),
    (lambda: bs.Network([bs.LIF(2, tau_m=[10.0, np.nan])], inputs=3), bs.ConfigError, "tau_m"),
    (lambda: bs.Network([bs.LIF(2, tau_m=[[10.0, 20.0]])], inputs=3), bs.ShapeError, "tau_m"),
    (lambda: bs.Network([bs.LIF(2, tau_m=[10.0, 20.0], per="layer", learn="tau_m")], inputs=3), bs.ConfigError, "per"),
    (lambda: bs.Network([bs.LIF(4)], inputs=3, dt=0.0), bs.Error, "dt"),
    (lambda: bs.Network([bs.LIF(4)], inputs=3, dt=float("nan")), bs.Error, "dt"),
    (lambda: bs.Network(["lif"], inputs=3), TypeError, "accepted: Dense"),
    (lambda: bs.Network([bs.LIF(4, tau_m="slow")], inputs=3), bs.ConfigError, "slow"),
    (lambda: bs.Network([bs.LIF(4, name="a"), bs.LIF(4, name="a")], inputs=3), bs.Error, "a"),
])
def test_what_makes_no_network_is_refused(make: object, error: type, text: str) -> None:
    with pytest.raises(error, match=text):
        make()  # type: ignore[operator]


@pytest.mark.parametrize(("inputs", "error", "text"), [
    (np.zeros((2, 5, 7), np.float32), bs.ShapeError, "channels"),
    (np.zeros((2, 5), np.float32), bs.ShapeError, "samples, steps, channels"),
    (np.zeros((0, 5, CHANNELS), np.float32), bs.InvalidValueError, "no sample"),
    (np.full((1, 2, CHANNELS), np.nan), bs.InvalidValueError, "nan"),
    (np.full((1, 2, CHANNELS), 1e300), bs.InvalidValueError, r"inputs\[0, 0, 0\] = 1e\+300"),
    (np.full((1, 2, CHANNELS), "a"), bs.InvalidValueError, "inputs = ndarray of <U1"),
    (None, bs.Error, "None"),
])
def test_what_cannot_be_run_is_refused(net: bs.Network, inputs: object, error: type, text: str) -> None:
    with pytest.raises(error, match=text):
        net.forward(inputs)


def test_numbers_that_explode_name_the_layer(net: bs.Network, xy: tuple[np.ndarray, np.ndarray]) -> None:
    net.parameters["hidden1.weight"][3, 4] = np.nan
    with pytest.raises(bs.NumericError, match=r"hidden1\.weight"):
        net.forward(xy[0])


@pytest.mark.parametrize("given", [[10.0, 20.0, 30.0], np.array([10.0, 20.0, 30.0]), np.array([10, 20, 30]),
                                   bs.Parameter([10.0, 20.0, 30.0], learn=True),
                                   {"values": [10.0, 20.0, 30.0], "per": "neuron"}],
                         ids=["list", "array", "integers", "Parameter", "dictionary"])
def test_a_value_for_each_neuron(given: object, tmp_path: Path) -> None:
    net = bs.Network([bs.LIF(3, tau_m=given), bs.LeakyIntegrator(2)], inputs=4, threads=1)
    wanted = [10.0, 20.0, 30.0]
    assert net.parameters["hidden1.tau_m"].tolist() == wanted
    net.save(str(tmp_path / "net"))
    for again in (bs.load(str(tmp_path / "net")), net.copy()):
        assert again.parameters["hidden1.tau_m"].tolist() == wanted
        again.initialise(bs.Data(np.ones((2, 5, 4))))
        assert again.parameters["hidden1.tau_m"].tolist() == wanted, "as the experiment says"
    assert "values = [10.0, 20.0, 30.0]" in net.toml()


def test_a_value_for_each_channel() -> None:
    tau = bs.Parameter([10.0, 20.0], per="channel")
    net = bs.Network([bs.LIF(6, tau_m=tau, channels=2), bs.LeakyIntegrator(2)], inputs=4, threads=1)
    assert net.parameters["hidden1.tau_m"].tolist() == [10.0, 20.0]


def test_values_of_neurons_act_on_their_own_neuron() -> None:
    """Each neuron of a layer does what a network of it alone would do."""
    x = np.random.default_rng(1).random((1, 40, 1)).astype(np.float32)
    taus = [5.0, 20.0, 80.0]
    net = bs.Network([bs.LeakyIntegrator(3, tau_m=taus)], inputs=1, threads=1)
    net.parameters["readout.weight"][...] = 1.0
    for k, tau in enumerate(taus):
        alone = bs.Network([bs.LeakyIntegrator(1, tau_m=tau)], inputs=1, threads=1)
        alone.parameters["readout.weight"][...] = 1.0
        np.testing.assert_array_equal(net(x)[0, :, k], alone(x)[0, :, 0])
    assert np.ptp(net(x)[0, -1]) > 0.1
