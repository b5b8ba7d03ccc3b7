"""Data, networks and results can be pickled, copied and sent to processes that start anew."""

import copy
import multiprocessing
import pathlib
import pickle
import tempfile

import numpy as np
import pytest
from conftest import pulses, small_network

import backspike as bs


def every_kind():
    x, labels = pulses(6)
    rng = np.random.default_rng(1)
    graded = x * rng.normal(size=x.shape)
    return {
        "labels": bs.Data(x, labels, dt=0.1, classes=["a", "b", "c", "d"], name="pulses"),
        "graded, with values to follow": bs.Data(graded, rng.normal(size=(6, 30, 2)), weights=np.ones((6, 30))),
        "labels of steps": bs.Data(x, rng.integers(-1, 4, (6, 30)), classes=4),
        "ragged": bs.Data([x[0], x[1][:3], x[2][:0]]),
        "merged": bs.Data.from_triplets([0, 0], [1, 1], [2, 2], duplicates="count"),
        "planted": bs.datasets.psp_readout(train_samples=2, validation_samples=1, test_samples=1)[0],
        "a series": bs.datasets.mackey_glass()[2],
        "none": bs.Data(x)[:0],
        "an experiment's": of_an_experiment(),
    }


def of_an_experiment():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "e.toml"
        path.write_text('[data]\nsource = "spike_timing"\n[data.timing]\nsteps = 30\nchannels = 6\ntrain_samples = 8\n'
                        'validation_samples = 2\ntest_samples = 2\nlead = 5\n[[network.layer]]\n'
                        'cell = "leaky_integrator"\n')
        return bs.Experiment(str(path)).load_data()[0]


KINDS = ["labels", "graded, with values to follow", "labels of steps", "ragged", "merged", "planted", "a series",
         "none", "an experiment's"]


def state(data):
    return data._core.__getstate__()


def assert_same(a, b):
    for name, value in state(a).items():
        other = state(b)[name]
        if isinstance(value, np.ndarray):
            assert value.dtype == other.dtype, name
            np.testing.assert_array_equal(value, other, name)
        else:
            assert value == other, name


@pytest.mark.parametrize("kind", KINDS)
def test_data_comes_back_whole(kind):
    data = every_kind()[kind]
    for made in (pickle.loads(pickle.dumps(data)), copy.deepcopy(data), copy.copy(data)):
        assert made is not data and isinstance(made, bs.Data)
        assert_same(made, data)
        assert repr(made) == repr(data)


def test_the_kinds_have_what_they_are_named_for():
    kinds = every_kind()
    assert kinds["an experiment's"]._origin is not None
    assert state(kinds["planted"])["planted"] and state(kinds["a series"])["continuations"]
    assert kinds["merged"].merged_events == 1 and len(state(kinds["merged"])["event_values"]) == 1


def test_a_copy_trains_as_the_original_does():
    x, labels = pulses(24)
    data = bs.Data(x, labels)
    nets = [small_network(threads=1) for _ in range(2)]
    for net, given in zip(nets, (data, pickle.loads(pickle.dumps(data))), strict=True):
        net.fit(given, epochs=1, batch=8, progress=False)
    assert nets[0].digest() == nets[1].digest()


def test_a_damaged_state_is_refused():
    whole = state(every_kind()["labels"])
    whole["row_offsets"] = whole["row_offsets"][:-1].copy()
    with pytest.raises(bs.InvalidValueError):
        bs._core.Data.__new__(bs._core.Data).__setstate__(whole)


def test_results_and_settings_come_back():
    x, labels = pulses(24)
    net = small_network()
    history = net.fit(x, labels, epochs=2, batch=8, progress=False)
    again = pickle.loads(pickle.dumps(history))
    assert again["train_loss"] == history["train_loss"] and again.best_epoch == history.best_epoch
    evaluation = net.evaluate(x, labels)
    assert pickle.loads(pickle.dumps(evaluation)).accuracy == evaluation.accuracy
    recording = net.record(x[:1])[0]
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(recording)).outputs, recording.outputs)
    for made in (bs.LIF(3, tau_m=12.0), bs.Dense(2, 3, bias=True), bs.Rule("eprop"), bs.Parameter(3.0)):
        assert repr(pickle.loads(pickle.dumps(made))) == repr(made)
        assert repr(copy.deepcopy(made)) == repr(made)


def test_an_experiment_comes_back(tmp_path):
    (tmp_path / "e.toml").write_text('seed = 7\n[[network.layer]]\ncell = "leaky_integrator"\n')
    experiment = bs.Experiment(str(tmp_path / "e.toml"))
    assert pickle.loads(pickle.dumps(experiment)).toml() == experiment.toml()


def trained_loss(net, data):
    return net.fit(data, epochs=1, batch=8, progress=False)["train_loss"]


def test_spawned_workers_take_networks_and_data():
    x, labels = pulses(24)
    data, net = bs.Data(x, labels), small_network(threads=1)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        there = pool.apply(trained_loss, (net, data))
    assert there == trained_loss(net, data)
