"""Plots: what they show, counted in the artists, without a screen."""

import subprocess
import sys

import numpy as np
import pytest

import backspike as bs

matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed")
matplotlib.use("Agg")
plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is not installed")


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    for number in plt.get_fignums():
        plt.figure(number).canvas.draw()  # what cannot be laid out fails here
    plt.close("all")


@pytest.fixture(scope="module")
def data():
    """Class k fires in its own third of the channels."""
    rng, labels = np.random.default_rng(1), np.arange(60) % 3
    rates = np.where(np.arange(12)[None, :] // 4 == labels[:, None], 0.5, 0.05)
    return bs.Data((rng.random((60, 40, 12)) < rates[:, None]).astype(np.float32), labels, dt=2.0)


@pytest.fixture(scope="module")
def trained(data):
    net = bs.Network([bs.Dense(12, 20), bs.LIF(20, learn="tau_m", per="neuron"), bs.Dense(20, 3),
                      bs.LeakyIntegrator(3)], dt=2.0, threads=1)
    return net, net.fit(data, validation=0.25, epochs=3, batch=15, learning_rate=1e-2)


@pytest.fixture(scope="module")
def recording(trained, data):
    return trained[0].record(data[:1])[0]


def test_raster_has_a_dot_for_every_spike(recording):
    ax = bs.plot.raster(recording)
    dots = {c.get_label(): c.get_offsets() for c in ax.collections}
    steps, neurons = (np.asarray(a) for a in recording.spikes["hidden1"])
    assert len(dots["input"]) == len(recording.inputs[0]) > 0
    assert len(dots["hidden1"]) == len(steps) > 0
    np.testing.assert_allclose(dots["hidden1"][:, 0], steps * 2.0)
    np.testing.assert_allclose(dots["hidden1"][:, 1], 1 + 0.05 + 0.9 * (neurons + 0.5) / 20)
    assert ax.get_xlabel() == "time [ms]"
    assert [t.get_text() for t in ax.get_yticklabels()] == ["input (12)", "hidden1 (20)"]


def test_raster_of_picked_layers_into_given_axes(recording):
    _, ax = plt.subplots()
    assert bs.plot.raster(recording, layers=["hidden1"], ax=ax) is ax
    assert [c.get_label() for c in ax.collections] == ["hidden1"]
    with pytest.raises(bs.InvalidValueError, match="layers = 'readout'.*input, hidden1"):
        bs.plot.raster(recording, layers=["readout"])


def test_traces_are_the_states_with_the_spikes_of_their_neurons(recording):
    steps, who = (np.asarray(a) for a in recording.spikes["hidden1"])
    busiest = int(np.bincount(who).argmax())
    ax = bs.plot.traces(recording, "hidden1", neurons=[busiest])
    trace, marks = ax.get_lines()
    np.testing.assert_allclose(trace.get_ydata(), recording.states["hidden1"]["v"][:, busiest])
    np.testing.assert_allclose(trace.get_xdata(), np.arange(40) * 2.0)
    assert marks.get_xdata().tolist() == (steps[who == busiest] * 2.0).tolist() != []
    assert (marks.get_ydata() > trace.get_ydata().max()).all()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time [ms]", "v of hidden1, spikes above")


def test_traces_of_a_readout(recording):
    ax = bs.plot.traces(recording, "readout", neurons=99)
    assert len(ax.get_lines()) == 3
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["neuron 0", "neuron 1", "neuron 2"]
    np.testing.assert_allclose(ax.get_lines()[1].get_ydata(), recording.outputs[:, 1], rtol=1e-6)


def test_traces_name_what_is_not_there(recording):
    for keys, text in (({"layer": "hidden2"}, "layer = 'hidden2'"), ({"layer": "hidden1", "state": "w"}, "state = 'w'"),
                       ({"layer": "hidden1", "neurons": [3, 20]}, "neurons = 20")):
        with pytest.raises(bs.InvalidValueError, match=text):
            bs.plot.traces(recording, **keys)


def test_weights_are_an_image_and_a_histogram(trained):
    net, _ = trained
    ax = bs.plot.weights(net)
    np.testing.assert_array_equal(ax.get_images()[0].get_array(), net.parameters["hidden1.weight"])
    low, high = ax.get_images()[0].get_clim()
    assert low == -high < 0
    histogram = next(other for other in ax.figure.axes if other.get_ylabel() == "count")
    assert sum(p.get_height() for p in histogram.patches) == 12 * 20
    assert ax.get_xlabel() == "to neuron"


def test_time_constants_are_a_histogram_with_their_unit(trained):
    ax = bs.plot.weights(trained[0], "hidden1.tau_m")
    assert ax.get_xlabel() == "hidden1.tau_m [ms]"
    assert sum(p.get_height() for p in ax.patches) == 20
    with pytest.raises(bs.InvalidValueError, match="name = 'hidden1.tau'"):
        bs.plot.weights(trained[0], "hidden1.tau")


def test_weights_that_are_all_zero(trained):
    net = trained[0].copy()
    net.parameters["hidden1.weight"][...] = 0
    assert bs.plot.weights(net).get_images()[0].get_clim() == (-1.0, 1.0)


def test_delays_are_a_histogram_with_what_they_were(trained):
    net = bs.Network([bs.Dense(6, 5, delay=9), bs.LeakyIntegrator(5)])
    old = net.copy()
    net.parameters["readout.delay"][...] = 3.4
    ax = bs.plot.delays(net, before=old)
    heights = [p.get_height() for p in ax.patches if hasattr(p, "get_height")]
    assert heights[3] == 30 == sum(heights) and len(heights) == 10
    assert ax.get_xlabel() == "readout.delay [steps]"
    with pytest.raises(bs.InvalidValueError, match="name = 'hidden1.delay'; accepted: readout.delay"):
        bs.plot.delays(net, name="hidden1.delay")
    with pytest.raises(bs.InvalidValueError, match="net has no delays"):
        bs.plot.delays(trained[0])


def test_history_has_every_epoch(trained):
    _, history = trained
    loss, accuracy = bs.plot.history(history).axes
    lines = {line.get_label(): line.get_ydata() for line in loss.get_lines()}
    np.testing.assert_allclose(lines["train"], history["train_loss"])
    np.testing.assert_allclose(lines["validation"], history["validation_loss"])
    assert (loss.get_xlabel(), loss.get_ylabel(), accuracy.get_ylabel()) == ("epoch", "loss", "accuracy")
    assert [t.get_text() for t in accuracy.get_legend().get_texts()] == ["train", "validation"]


def test_history_without_validation_or_accuracy():
    values = np.random.default_rng(2).normal(size=(8, 10, 1))
    net = bs.Network([bs.LeakyIntegrator(1)], inputs=2, threads=1)
    history = net.fit(np.ones((8, 10, 2)), values, epochs=2)
    axes = bs.plot.history(history).axes
    assert [ax.get_ylabel() for ax in axes] == ["loss"]
    assert [t.get_text() for t in axes[0].get_legend().get_texts()] == ["train"]


def test_confusion_shows_counts_and_shares(trained, data):
    evaluation = trained[0].evaluate(data)
    ax = bs.plot.confusion(evaluation, ["low", "middle", "high"])
    counts = np.asarray(evaluation.confusion)
    assert [int(t.get_text()) for t in ax.texts] == counts.ravel().tolist()
    np.testing.assert_allclose(ax.get_images()[0].get_array(), counts / counts.sum(axis=1, keepdims=True))
    assert [t.get_text() for t in ax.get_yticklabels()] == ["low", "middle", "high"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted class", "true class")
    with pytest.raises(bs.InvalidValueError, match="class_names has 2 names"):
        bs.plot.confusion(evaluation, ["low", "high"])


def test_comparison_has_a_line_for_every_rule(trained, data):
    compared = bs.compare_gradients(trained[0], data, samples=6)
    ax = bs.plot.comparison(compared)
    lines = {line.get_label(): line for line in ax.get_lines() if not line.get_label().startswith("_")}
    assert list(lines) == compared["rules"]
    wanted = [m["cosine"] for m in compared["matches"] if m["rule"] == "eprop symmetric" and m["parameter"] == "all"]
    assert wanted[-1] is not None
    np.testing.assert_allclose(lines["eprop symmetric"].get_ydata(), [c for c in wanted if c is not None])
    assert ax.get_ylabel() == "cosine with full BPTT"


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_importing_the_package_does_not_import_matplotlib():
    assert run("import sys, backspike; sys.exit('matplotlib' in sys.modules)").returncode == 0


def test_without_matplotlib_the_error_says_what_to_install():
    blocked = run("import sys; sys.modules['matplotlib'] = None\nimport backspike as bs\n"
                  "bs.plot.history(bs.History([{'epoch': 1, 'train_loss': 0.5}], 1))")
    assert blocked.stderr.strip().endswith("ImportError: backspike.plot needs Matplotlib: pip install matplotlib")
