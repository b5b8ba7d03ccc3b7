"""Networks with several outputs: targets by name, training, figures and predictions by output."""

import pickle

import backspike as bs
import numpy as np
import pytest


def volleys(samples=120, seed=0):
    """Three classes by which channels fire first, whether it is the first class, and how far time has come."""
    rng = np.random.default_rng(seed)
    labels = np.arange(samples) % 3
    x = np.zeros((samples, 20, 6), np.float32)
    for s, label in enumerate(labels):
        for channel in range(6):
            turn = (channel // 2 - label) % 3
            x[s, 3 + 5 * turn + rng.integers(2), channel] = 1
    time = np.broadcast_to(np.linspace(0, 1, 20, dtype=np.float32)[None, :, None], (samples, 20, 1))
    return x, labels, (labels == 0).astype(int), time


def two_heads(**keys):
    body = bs.CubaLIF(30, name="body")
    which, first = bs.LeakyIntegrator(3, name="which"), bs.LeakyIntegrator(2, name="first", inputs=body)
    return bs.Network([body, which, first], inputs=6, seed=3,
                      outputs=[bs.Output(which), bs.Output(first, loss="cross_entropy", weight=0.5, **keys)])


def test_classes_from_classes_need_no_second_labels():
    x, labels, first, _ = volleys()
    net = two_heads(classes_from=[1, 0, 0], class_names=["no", "yes"])
    assert net.output_names == ["which", "first"] and net.outputs == 5
    history = net.fit(x, labels, epochs=15, batch=20, learning_rate=0.01, validation=0.2, progress=False)
    assert history[-1]["train_outputs"]["first"]["accuracy"] > 0.8
    assert {"which", "first"} == set(history[-1]["validation_outputs"])
    told = net.evaluate(x, labels)
    assert told.outputs["which"]["accuracy"] == told.accuracy > 0.6
    assert told.outputs["first"]["accuracy"] == pytest.approx((told.outputs["first"]["labels"] == first).mean())
    assert sum(o["loss"] for o in told.outputs.values()) == pytest.approx(told.loss, rel=1e-5)
    predicted = net.predict(x)
    np.testing.assert_array_equal(predicted["which"], told.labels)
    np.testing.assert_array_equal(predicted["first"], told.outputs["first"]["labels"])


def test_targets_by_name_of_any_kind():
    x, labels, _, time = volleys()
    body = bs.CubaLIF(30, name="body")
    clock = bs.LeakyIntegrator(1, name="clock", inputs=[body], tau_m=5.0)
    net = bs.Network([body, bs.LeakyIntegrator(3, name="which"), clock], inputs=6,
                     outputs={"which": "which", "now": bs.Output("clock", target="time", loss="mean_squared")})
    data = bs.Data(x, {"class": labels, "time": time})
    assert data.target_names == ["class", "time"]
    before = net.evaluate(data).outputs["now"]["loss"]
    net.fit(data, epochs=10, batch=20, learning_rate=0.01, progress=False)
    after = net.evaluate(data)
    assert after.outputs["now"]["loss"] < 0.7 * before
    assert after.outputs["which"]["accuracy"] > 0.5
    part = pickle.loads(pickle.dumps(data[::2]))
    assert part.target_names == ["class", "time"]
    assert np.isfinite(net.evaluate(part).outputs["now"]["loss"])


def test_forward_has_one_output_beside_the_other():
    x = volleys(4)[0]
    net = two_heads(classes_from=[1, 0, 0])
    y = net.forward(x)
    parts = net.split(y)
    assert y.shape == (4, 20, 5)
    np.testing.assert_array_equal(parts["which"], y[..., :3])
    np.testing.assert_array_equal(parts["first"], y[..., 3:])


def test_the_objective_of_one_output():
    x, labels, *_ = volleys(30)
    net = two_heads(classes_from=[1, 0, 0])
    whole = net.gradient(x, labels)
    without = net.gradient(x, labels, objective={"first": {"weight": 0.0}})
    assert np.abs(whole["first.weight"]).max() > 0
    assert np.abs(without["first.weight"]).max() == 0
    assert np.abs(without["which.weight"]).max() > 0


def test_copies_and_files_keep_the_outputs(tmp_path):
    x, labels, *_ = volleys(30)
    net = two_heads(classes_from=[1, 0, 0])
    net.fit(x, labels, epochs=1, progress=False)
    net.save(tmp_path / "net.h5")
    for other in (net.copy(), pickle.loads(pickle.dumps(net)), bs.load(tmp_path / "net.h5")):
        assert other.output_names == ["which", "first"]
        assert other.evaluate(x, labels).outputs["first"]["loss"] == net.evaluate(x, labels).outputs["first"]["loss"]


def test_a_loss_of_ones_own_sees_all_outputs():
    x, *_ = volleys(30)
    net = two_heads(classes_from=[1, 0, 0])

    def loss(outputs, samples):
        assert outputs.shape[-1] == 5
        return float((outputs**2).mean()), 2 * outputs / outputs.size

    history = net.fit(x, loss=loss, epochs=3, learning_rate=0.01, progress=False)
    assert history[-1]["train_loss"] < history[0]["train_loss"]


def test_streams_learn_from_targets_of_each_output():
    x, labels, *_ = volleys(6)
    net = two_heads(classes_from=[1, 0, 0], readout="mean")
    learner = bs.OnlineLearner(net, objective="step_cross_entropy", learning_rate=0.05)
    losses = []
    for _ in range(40):
        for row in x[0]:
            learner.step_outputs(row, {"which": 1, "first": 0})
            losses.append(learner.loss)
        learner.reset_state()
    assert np.mean(losses[-20:]) < np.mean(losses[:20])
    with pytest.raises(bs.InvalidValueError, match="which, first"):
        learner.step_outputs(x[0, 0], {"last": 1})


def test_what_does_not_fit_is_refused_by_name():
    x, labels, *_ = volleys(30)
    with pytest.raises(bs.InvalidValueError, match="classes_from = 2 numbers"):
        two_heads(classes_from=[1, 0]).fit(x, labels, progress=False)
    with pytest.raises(bs.InvalidValueError, match="target = side"):
        two_heads(target="side").fit(x, labels, progress=False)
    with pytest.raises(bs.ConfigError, match="body, which"):
        bs.Network([bs.LIF(3, name="body"), bs.LeakyIntegrator(2, name="which")], inputs=4, outputs=["other"])
    with pytest.raises(bs.InvalidValueError, match="a name and targets"):
        bs.Data(x, {"": labels})


def test_the_membrane_of_a_spiking_readout():
    x, labels, *_ = volleys()
    out = bs.LIF(3, name="out")
    reads = bs.Output(out, read="membrane")
    assert "read='membrane'" in repr(reads)
    net = bs.Network([bs.CubaLIF(30), out], inputs=6, seed=3, outputs=[reads, bs.Output(out, name="spikes", weight=0)])
    net.parameters["out.weight"][...] *= 3
    parts = net.split(net(x))
    assert set(np.unique(parts["spikes"])) == {0, 1}
    assert len(np.unique(parts["out"])) > 100
    net.fit(x, labels, epochs=15, batch=20, learning_rate=0.01, progress=False)
    assert net.evaluate(x, labels).accuracy > 0.6
    with pytest.raises(bs.ConfigError, match="the loss van_rossum is of spikes"):
        bs.Network([bs.LIF(3)], inputs=6, outputs=[bs.Output("readout", read="membrane", loss="van_rossum")])
    with pytest.raises(bs.ConfigError, match="the value of leaky_integrator is what it would read"):
        bs.Network([bs.LeakyIntegrator(3)], inputs=6, outputs=[bs.Output("readout", read="membrane")])
