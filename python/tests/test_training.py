"""fit, evaluate, gradient, comparison, stream: the numbers, the refusals, interruption and threads."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest
from conftest import CHANNELS, CLASSES, STEPS, pulses, small_network

import backspike as bs


def softmax_loss(labels: np.ndarray):  # type: ignore[no-untyped-def]
    """Cross-entropy on the mean over time, by hand."""

    def loss(outputs: np.ndarray, samples: np.ndarray) -> tuple[float, np.ndarray]:
        z = outputs.mean(axis=1)
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        at = (np.arange(len(samples)), labels[samples])
        value = -np.log(p[at]).mean()
        p[at] -= 1
        return value, np.repeat(p[:, None] / (len(samples) * outputs.shape[1]), outputs.shape[1], axis=1)

    return loss


def test_fit_learns_and_keeps_the_best(net: bs.Network) -> None:
    x, y = pulses(200)
    seen: list[int] = []
    history = net.fit(x, y, epochs=6, batch=20, learning_rate=2e-2, validation=0.25,
                      on_epoch=lambda record: seen.append(record["epoch"]))
    assert seen == [1, 2, 3, 4, 5, 6] == history["epoch"]
    assert max(history["validation_accuracy"]) > 0.9
    assert history["validation_accuracy"][history.best_epoch - 1] == max(history["validation_accuracy"])
    test = net.evaluate(*pulses(100, seed=5))
    assert test.accuracy > 0.9 and test.confusion.sum() == 100
    assert np.array_equal(net.predict(pulses(100, seed=5)[0]), test.labels)
    assert test.scores.shape == (100, CLASSES) and np.allclose(test.scores.sum(axis=1), 1, atol=1e-5)
    assert test.spikes[0].shape == (24,) and test.spikes[0].sum() == pytest.approx(test.spikes_per_sample * 100)


def test_the_same_seed_gives_the_same_bits_at_any_number_of_threads() -> None:
    digests = set()
    for threads in (1, 2, 3):
        net = small_network(threads=threads)
        net.fit(*pulses(60), epochs=2, batch=16)
        digests.add(net.digest())
    assert len(digests) == 1


def test_weights_that_were_written_are_not_drawn_anew(xy: tuple[np.ndarray, np.ndarray]) -> None:
    drawn, written = small_network(), small_network()
    written.parameters["readout.weight"][0, 0] += 1.0
    marked = written.parameters["hidden1.weight"].copy()
    for net in (drawn, written):
        net.fit(*xy, epochs=1, learning_rate=1e-9)
    assert np.allclose(written.parameters["hidden1.weight"], marked, atol=1e-6)
    assert not np.allclose(drawn.parameters["hidden1.weight"], marked, atol=1e-3)


def test_other_parameters_that_were_written_stay_and_weights_follow_the_data(
        xy: tuple[np.ndarray, np.ndarray]) -> None:
    def delayed() -> bs.Network:
        return bs.Network([bs.Dense(CHANNELS, 24, delay=bs.Delay(9, learn=False)), bs.LIF(24, per="neuron"),
                           bs.Dense(24, CLASSES, bias=True), bs.LeakyIntegrator(CLASSES)])

    net, blind = delayed(), delayed()
    net.parameters["hidden1.tau_m"][...] = 7.0
    net.parameters["hidden1.delay"][...] = 3.0
    net.parameters["hidden1.delay_width"][...] = 0.5
    width = net.parameters["hidden1.delay_width"].copy()
    net.fit(*xy, epochs=1, learning_rate=1e-9, optimiser=bs.Optimiser())
    assert (net.parameters["hidden1.tau_m"] == 7.0).all() and (net.parameters["hidden1.delay"] == 3.0).all()
    assert not np.allclose(net.parameters["hidden1.weight"], blind.parameters["hidden1.weight"], atol=1e-3)
    # initialise() promises weights, and draws those that fit() has drawn.
    again = delayed()
    again.parameters["hidden1.tau_m"][...] = 7.0
    again.parameters["hidden1.delay"][...] = 3.0
    again.parameters["readout.bias"][...] = 5.0
    again.parameters["hidden1.delay_width"][...] = width
    again.initialise(bs.Data(*xy))
    assert (again.parameters["hidden1.tau_m"] == 7.0).all() and (again.parameters["hidden1.delay"] == 3.0).all()
    assert (again.parameters["readout.bias"] == 0.0).all()
    assert np.allclose(again.parameters["readout.weight"], net.parameters["readout.weight"], rtol=0.5, atol=0.2)
    biased = delayed()
    biased.parameters["readout.bias"][...] = 0.25  # of the kind that initialise() draws: then fit() draws nothing
    biased.fit(*xy, epochs=1, learning_rate=1e-9)
    assert np.allclose(biased.parameters["readout.bias"], 0.25)
    assert np.allclose(biased.parameters["hidden1.weight"], blind.parameters["hidden1.weight"], atol=1e-6)


def test_every_rule_gives_a_gradient(net: bs.Network, xy: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = xy[0][:8], xy[1][:8]
    full = net.gradient(x, y, objective="step_cross_entropy")
    flat = np.concatenate([full[k].ravel() for k in net.parameter_names])
    assert np.linalg.norm(flat) > 1e-3
    for rule, least in (("checkpointed_bptt", 1.0), ("truncated_bptt", 0.5), ("rtrl", 0.999999), ("eprop", 0.5)):
        other = net.gradient(x, y, objective="step_cross_entropy", rule=bs.Rule(rule))
        vector = np.concatenate([other[k].ravel() for k in net.parameter_names])
        cosine = vector @ flat / np.linalg.norm(vector) / np.linalg.norm(flat)
        assert cosine > least - 1e-6, rule
    assert np.array_equal(bs.gradient(net, x, y, objective="step_cross_entropy")["hidden1.weight"],
                          full["hidden1.weight"])


def test_the_gradient_is_that_of_a_loss_in_python(net: bs.Network, xy: tuple[np.ndarray, np.ndarray]) -> None:
    from backspike import _core

    x, y = xy
    own = net.gradient(x, y, objective=bs.Objective("cross_entropy", readout="mean"))
    run = _core.Unrolled(net._core)
    outputs = run.forward(net.data(x)._core, None, True).reshape(len(x), STEPS, CLASSES)
    value, error = softmax_loss(y)(outputs, np.arange(len(x)))
    gradient, _ = run.backward(np.ascontiguousarray(error.reshape(-1, CLASSES), np.float32), False)
    assert value == pytest.approx(own.loss, rel=1e-5)
    for name, g in zip(net.parameter_names, gradient, strict=True):
        assert np.allclose(g, own[name], atol=1e-5 * max(np.abs(own[name]).max(), 1e-6)), name


def test_a_loss_in_python_trains(net: bs.Network) -> None:
    x, y = pulses(200)
    history = net.fit(x, y, loss=softmax_loss(y), epochs=4, batch=20, learning_rate=5e-3)
    assert history["train_loss"][-1] < 0.5 * history["train_loss"][0]
    assert net.evaluate(x, y).accuracy > 0.9


def test_dropout_and_noise_are_drawn_in_training_alone(xy: tuple[np.ndarray, np.ndarray]) -> None:
    def trained(loss: object = None, **keys: object) -> tuple[bs.Network, np.ndarray]:
        net = bs.Network([bs.Dense(CHANNELS, 24), bs.LIF(24, **keys), bs.Dense(24, CLASSES),
                          bs.LeakyIntegrator(CLASSES)])
        given = {} if loss is None else {"loss": loss}
        net.fit(*xy, epochs=2, batch=20, **given)  # type: ignore[arg-type]
        return net, net.parameters["hidden1.weight"].copy()

    for loss in (None, softmax_loss(xy[1])):
        plain = trained(loss)
        drawn, again = (trained(loss, dropout=0.3, noise=0.1) for _ in range(2))
        assert np.array_equal(drawn[1], again[1])
        assert not np.array_equal(drawn[1], plain[1])
        plain[0].load_state_dict(drawn[0].state_dict())
        assert np.array_equal(plain[0].forward(xy[0]), drawn[0].forward(xy[0]))


def test_a_loss_in_python_has_no_validation(net: bs.Network, xy: tuple[np.ndarray, np.ndarray]) -> None:
    with pytest.raises(bs.InvalidValueError, match="on_epoch"):
        net.fit(*xy, loss=softmax_loss(xy[1]), validation=0.2)


def test_memory_is_known_before_training(net: bs.Network, xy: tuple[np.ndarray, np.ndarray]) -> None:
    whole = net.forecast_memory(xy[0], batch=32)
    assert whole["total"] == sum(v for k, v in whole.items() if k != "total") > whole["parameters"] > 0
    pieces = net.forecast_memory(xy[0], batch=32, rule=bs.Rule("checkpointed_bptt", memory="fixed", every=5))
    assert pieces["checkpoints"] > whole["checkpoints"] and pieces["workers"] < whole["workers"]


def test_the_memory_of_targets_and_of_their_loss_is_known(net: bs.Network, xy: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = xy
    without, labelled = net.forecast_memory(x, batch=32), net.forecast_memory(x, y, batch=32)
    assert labelled["data"] == without["data"] + 4 * len(x)  # a label takes four bytes
    trains = np.zeros((*x.shape[:2], net.outputs), np.float32)
    trains[:, 0] = 1.0
    distance = net.forecast_memory(x, trains, batch=32, objective="van_rossum")
    assert distance["data"] >= without["data"] + trains.nbytes
    in_flight = min(32, len(x))
    assert distance["samples_in_flight"] == without["samples_in_flight"] + trains[:in_flight].nbytes


@pytest.mark.parametrize(("loss", "error", "text"), [
    (lambda o, s: 1.0, bs.InvalidValueError, r"tuple \(value, gradient"),
    (lambda o, s: (1.0, o[:, :3]), bs.ShapeError, "gradient that the loss returned"),
    (lambda o, s: (float("nan"), o), bs.NumericError, "nan"),
    (lambda o, s: (1.0, o * np.nan), bs.NumericError, "not finite"),
    (lambda o, s: 1 / 0, ZeroDivisionError, "zero"),
])
def test_a_bad_loss_is_refused(net: bs.Network, xy: tuple[np.ndarray, np.ndarray], loss: object, error: type,
                               text: str) -> None:
    before = net.copy().fit(*xy, epochs=1)  # the network is of use afterwards
    with pytest.raises(error, match=text):
        net.fit(*xy, loss=loss, epochs=1)
    assert len(before) == len(net.fit(*xy, epochs=1))


def test_regression_and_labels_of_steps(net: bs.Network) -> None:
    x, y = pulses(40)
    targets = np.random.default_rng(1).normal(size=(40, STEPS, CLASSES)).astype(np.float32)
    history = net.fit(bs.Data(x, targets), epochs=3, batch=8, learning_rate=1e-2)
    assert history["train_loss"][-1] < history["train_loss"][0]
    assert not {"train_accuracy", "validation_loss", "validation_accuracy"} & set(history[0])
    with pytest.raises(KeyError, match="'train_accuracy' was not measured; there are: epoch, train_loss"):
        history["train_accuracy"]
    held_out = net.fit(bs.Data(x, targets), epochs=1, validation=0.25)
    assert "validation_loss" in held_out[0] and "validation_accuracy" not in held_out[0]
    assert "nan" not in repr(held_out) and "validation_loss" in repr(held_out)
    steps = np.repeat(y[:, None], STEPS, axis=1).astype(np.int32)
    steps[:, :5] = -1
    assert net.evaluate(bs.Data(x, steps, classes=CLASSES)).confusion.sum() == 40 * (STEPS - 5)


def test_spike_trains_are_learned_under_a_sum_of_losses() -> None:
    rng = np.random.default_rng(3)
    x = (rng.random((1, 60, 40)) < 0.1).astype(np.float32)
    y = np.zeros((1, 60, 2), np.float32)
    y[0, [20, 45], 0] = y[0, 30, 1] = 1
    net = bs.Network([bs.Dense(40, 30), bs.LIF(30, tau_m=10.0), bs.Dense(30, 2), bs.LIF(2, tau_m=10.0)])
    aim = bs.Objective("soft_alignment", kernel_width=2.0, term=[bs.Objective("jitter", weight=0.1, tau=1.0)])
    before = net.evaluate(x, y, objective=aim).loss
    net.fit(x, y, epochs=300, batch=1, learning_rate=1e-2, objective=aim)
    assert net.evaluate(x, y, objective=aim).loss < 0.6 * before
    assert net(x).sum() > 0
    with pytest.raises(bs.InvalidValueError, match="none that counts"):
        net.gradient(x, np.zeros_like(y), objective=aim)


@pytest.mark.parametrize(("keys", "error", "text"), [
    ({"epochs": 0}, bs.ConfigError, "epochs"),
    ({"batch": 0}, bs.ConfigError, "batch"),
    ({"rule": "bttp"}, bs.ConfigError, "bptt"),
    ({"rule": bs.Rule("truncated_bptt", window=2, stride=9)}, bs.ConfigError, "stride"),
    ({"optimiser": {"learning_rat": 1.0}}, bs.ConfigError, "learning_rate"),
    ({"optimiser": bs.Rule("bptt")}, TypeError, "Optimiser"),
    ({"objective": "mean_squared"}, bs.InvalidValueError, "target"),
    ({"validation": 1.5}, bs.InvalidValueError, "validation"),
    ({"learning_rate": -1.0}, bs.ConfigError, "learning_rate"),
])
def test_settings_that_make_no_sense_are_refused(net: bs.Network, xy: tuple[np.ndarray, np.ndarray],
                                                 keys: dict, error: type, text: str) -> None:  # type: ignore[type-arg]
    before = net.digest()
    with pytest.raises(error, match=text):
        net.fit(*xy, **keys)
    assert len(net.fit(*xy, epochs=1)) == 1 and net.digest() != before


def test_data_without_what_the_loss_needs(net: bs.Network, xy: tuple[np.ndarray, np.ndarray]) -> None:
    with pytest.raises(bs.InvalidValueError, match="label"):
        net.fit(xy[0], epochs=1)
    with pytest.raises(bs.Error, match="label|class"):
        net.fit(xy[0], np.arange(len(xy[1])), epochs=1)
    with pytest.raises(bs.InvalidValueError, match="0 samples"):
        net.fit(xy[0][:0], xy[1][:0], epochs=1)


def test_comparison_of_rules(net: bs.Network, xy: tuple[np.ndarray, np.ndarray], tmp_path: object) -> None:
    comparison = bs.compare_gradients(net, *xy, objective="step_cross_entropy", samples=4)
    assert "checkpointed_bptt" in repr(comparison)
    exact = [m["cosine"] for m in comparison["matches"] if m["rule"] == "rtrl" and m["parameter"] == "all"]
    assert exact and min(exact) > 0.99999
    comparison.save(f"{tmp_path}/page.html")
    assert "<html" in open(f"{tmp_path}/page.html").read(2000)
    with pytest.raises(bs.FileError, match="nowhere/page.html"):
        comparison.save(f"{tmp_path}/nowhere/page.html")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    net.parameters["hidden1.weight"][...] = 0
    net.parameters["hidden1.recurrent.weight"][...] = 0
    with pytest.raises(bs.InvalidValueError, match="silent"):
        bs.compare_gradients(net, *xy)


def test_mismatch(net: bs.Network, xy: tuple[np.ndarray, np.ndarray], tmp_path: object) -> None:
    found = bs.mismatch(net, *xy, sizes=[1e-7, 0.3], widths=[1.0], samples=4)
    tiny, large = (next(p for p in found["points"] if p["direction"] == "gradient" and p["size"] == s)
                   for s in (1e-7, 0.3))
    assert tiny["unchanged"] == 1 and large["unchanged"] < 1
    assert "unchanged" in repr(found)
    found.save(f"{tmp_path}/page.html")
    assert "<html" in open(f"{tmp_path}/page.html").read(2000)
    moved = bs.mismatch(net, *xy, of="parameters", sizes=[0.01], samples=2)
    assert {p["width"] for p in moved["points"]} == {0.5, 1.0, 2.0}
    with pytest.raises(bs.InvalidValueError, match="sizes"):
        bs.mismatch(net, *xy, sizes=[0.0])
    with pytest.raises(bs.InvalidValueError, match="input, parameters"):
        bs.mismatch(net, *xy, of="weights")


def test_deploy(net: bs.Network, xy: tuple[np.ndarray, np.ndarray], tmp_path: object) -> None:
    found = bs.deploy(net, *xy, hardware=0.3, devices=5)
    assert found["mean"] == pytest.approx(np.mean([d["accuracy"] for d in found["devices"]]))
    assert len({d["loss"] for d in found["devices"]}) == 5
    assert found["devices"] == bs.deploy(net, *xy, hardware=bs.Hardware(0.3), devices=5)["devices"]
    found.save(f"{tmp_path}/page.html")
    more = bs.deploy(net, *xy, hardware=bs.Hardware({"*.tau_m": 0.1}, silent_neurons=0.5), devices=2)
    assert more["device"]["silent_neurons"] == 0.5
    assert more["devices"][0]["rates"][0] < found["ideal"]["rates"][0]
    with pytest.raises(bs.InvalidValueError, match="hidden1.tau_m"):
        bs.deploy(net, *xy, hardware={"*.tau_n": 0.1})
    with pytest.raises(bs.InvalidValueError, match="negative"):
        bs.deploy(net, *xy, hardware={"*.tau_m": 0.5})


def test_sensitivity(net: bs.Network, xy: tuple[np.ndarray, np.ndarray], tmp_path: object) -> None:
    found = bs.sensitivity(net, *xy, sigmas=[0.01, 0.1], devices=4, probes=4)
    assert [p["sigma"] for p in found["points"]] == [0.01, 0.1]
    assert found["points"][1]["predicted_mean"] == pytest.approx(100 * found["points"][0]["predicted_mean"])
    assert sum(p["curvature"] for p in found["parameters"]) == pytest.approx(found["curvature"])
    found.save(f"{tmp_path}/page.html")
    with pytest.raises(bs.InvalidValueError, match="negative"):
        bs.sensitivity(net, *xy, match="*.tau_m", sigmas=[0.6])


def test_training_for_chips_holds_on_them() -> None:
    objective = bs.Objective("cross_entropy", label_smoothing=0.1)
    found = []
    for training_noise in (False, True):
        net = small_network()
        net.fit(*pulses(60), epochs=15, batch=20, learning_rate=0.02, objective=objective,
                hardware=bs.Hardware(0.7, training_noise=training_noise))
        found.append(bs.deploy(net, *pulses(60, seed=9), hardware=0.7, devices=30, objective=objective))
    plain, noisy = found
    assert plain["ideal"]["accuracy"] > 0.9
    assert noisy["mean"] > plain["mean"] + 0.03
    assert noisy["worst"] > plain["worst"]


def test_stream_learns_goes_on_from_its_state_and_writes_back(net: bs.Network) -> None:
    x = pulses(1)[0][0]
    target = np.array([0.3, -0.2, 0.1, 0.5], np.float32)
    learner, again = (bs.OnlineLearner(net, learning_rate=1e-3) for _ in range(2))
    losses = []
    for k in range(600):
        y = learner.step(x[k % STEPS], values=target)
        losses.append(learner.loss)
        if k == 300:
            again.load_state_dict(learner.state_dict())
        elif k > 300:
            assert np.array_equal(again.step(x[k % STEPS], values=target), y), "the same bits"
    assert np.mean(losses[-30:]) < 0.3 * np.mean(losses[:30])
    assert (learner.steps, learner.updates) == (600, 600)
    before = net.digest()
    assert learner.write_back() is net and net.digest() != before


@pytest.mark.parametrize(("call", "error", "text"), [
    (lambda s, x: s.step(x[:3]), bs.ShapeError, "input"),
    (lambda s, x: s.step(np.array(["a"] * len(x))), bs.InvalidValueError, "input"),
    (lambda s, x: s.step(x, values=x[:2]), bs.ShapeError, "target|values"),
    (lambda s, x: s.step(None), bs.InvalidValueError, "input"),
    (lambda s, x: s.step(x[None]), bs.ShapeError, "input"),
    (lambda s, x: s.step(np.where(np.arange(len(x)) == 3, np.nan, x)), bs.InvalidValueError,
     "input channel 3 in step 0 = nan"),
    (lambda s, x: s.infer(np.where(np.arange(len(x)) == 3, 1e30, x)), bs.InvalidValueError, "input channel 3"),
    (lambda s, x: s.step(x, values=[0, np.inf, 0, 0]), bs.InvalidValueError, "target value 1 in step 0 = inf"),
    (lambda s, x: s.load_state_dict({}), bs.Error, "restore"),
])
def test_stream_refuses(net: bs.Network, call: object, error: type, text: str) -> None:
    learner = bs.OnlineLearner(net)
    with pytest.raises(error, match=text):
        call(learner, pulses(1)[0][0][0])  # type: ignore[operator]
    with pytest.raises(bs.InvalidValueError, match="learning_rate|learning rate"):
        bs.OnlineLearner(net, learning_rate=0.0)
    with pytest.raises(bs.InvalidValueError, match="cross_entropy"):
        bs.OnlineLearner(net, objective="cross_entropy")
    with pytest.raises(bs.InvalidValueError, match="schedule = cosine.*constant"):
        bs.OnlineLearner(net, optimiser=bs.Optimiser("adam", schedule="cosine"))
    with pytest.raises(bs.InvalidValueError, match="warmup = 0.2.*0: a stream has no end"):
        bs.OnlineLearner(net, optimiser={"warmup": 0.2})
    with pytest.raises(bs.ConfigError, match="hidden7.*hidden1.weight"):
        bs.OnlineLearner(net, optimiser={"group": [{"match": "hidden7.*", "frozen": True}]})
    net.fit(*pulses(20), epochs=1, optimiser=bs.Optimiser("adamw", schedule="one_cycle", weight_decay=0.1))
    bs.OnlineLearner(net).step(pulses(1)[0][0][0])  # has nothing of the optimiser of that training


def test_a_stream_has_nothing_of_a_training_that_it_cannot_have(net: bs.Network) -> None:
    budget = bs.Objective(synaptic_operations=bs.SynapticOperations(budget=1e3, weight=1.0))
    net.fit(*pulses(20), epochs=1, rule=bs.Rule("eprop", form="backward"), objective=budget)
    assert 'form = "backward"' in net.toml()
    assert bs.OnlineLearner(net).step(pulses(1)[0][0][0], values=np.ones(4, np.float32)).shape == (4,)
    with pytest.raises(bs.InvalidValueError, match="rule.form = backward"):
        bs.OnlineLearner(net, rule=bs.Rule("eprop", form="backward"))
    with pytest.raises(bs.InvalidValueError, match="synaptic_operations.weight"):
        bs.OnlineLearner(net, objective=bs.Objective("mean_squared", **budget.keys))


def test_what_the_optimiser_of_a_stream_is_told_counts(net: bs.Network) -> None:
    x, target = pulses(1)[0][0], np.array([0.3, -0.2, 0.1, 0.5], np.float32)

    def learned(**options: object) -> bytes:
        learner = bs.OnlineLearner(net, **options)
        for row in x:
            learner.step(row, values=target)
        return learner.write_back().digest()

    start = net.state_dict()
    ends = []
    for options in (dict(learning_rate=1e-2), dict(optimiser=bs.Optimiser("sgd", learning_rate=1e-2)),
                    dict(optimiser=bs.Optimiser("sgd", momentum=0.9), learning_rate=1e-2),
                    dict(optimiser={"weight_decay": 0.1}, learning_rate=1e-2),
                    dict(optimiser={"clip_norm": 1e-3}, learning_rate=1e-2),
                    dict(optimiser={"group": [{"match": "readout.*", "frozen": True}]}, learning_rate=1e-2),
                    dict(optimiser="adam"), dict(optimiser=bs.Optimiser("adamw", weight_decay=0.1))):
        ends.append(learned(**options))
        net.load_state_dict(start)
    assert ends[0] == ends[1], "the rate may stand in either place"
    assert len(set(ends)) == len(ends) - 1


@pytest.mark.parametrize("given", [
    lambda x: x.astype(np.float64),
    lambda x: np.stack([x, x], 1)[:, 1],
    lambda x: np.frombuffer(b"\0" + x.tobytes(), np.uint8)[1:].view(np.float32),
    lambda x: x.view(np.recarray),
    lambda x: x.astype(np.int32),
    lambda x: x.astype(">f4"),  # its bytes the other way round
    lambda x: x.tolist(),
], ids=["double", "strided", "not aligned", "subclass", "integers", "other endian", "list"])
def test_stream_takes_rows_of_other_kinds(net: bs.Network, given: Callable[[np.ndarray], np.ndarray]) -> None:
    target = np.array([1, -2, 0, 3], np.float32)
    one, other = (bs.OnlineLearner(net, learning_rate=1e-3) for _ in range(2))
    rows = pulses(1)[0][0][:20]
    assert rows.any()
    for x in rows:
        x.flags.writeable = False
        assert np.array_equal(one.infer(x), other.infer(given(x)))
        assert np.array_equal(one.step(x, values=target), other.step(given(x), values=given(target)))
    assert one.loss > 0


def test_a_refused_reading_leaves_the_stream_as_it_was(net: bs.Network) -> None:
    x, target = pulses(1)[0][0], np.array([1, -2, 0, 3], np.float32)
    told, other = bs.OnlineLearner(net), bs.OnlineLearner(net)
    for row in x:
        for bad in (np.nan, np.inf, -np.inf, 1e20):
            with pytest.raises(bs.InvalidValueError, match="input channel 7"):
                told.step(np.where(np.arange(CHANNELS) == 7, bad, row), values=target)
            with pytest.raises(bs.InvalidValueError, match="target value 2"):
                told.step(row, values=np.array([0, 0, bad, 0], np.float32))
        assert np.array_equal(told.step(row, values=target), other.step(row, values=target))
    assert told.steps == other.steps == len(x) and told.skipped == 0


def test_a_stream_skips_and_counts_what_is_no_reading(net: bs.Network) -> None:
    x, target = pulses(1)[0][0], np.array([1, -2, 0, 3], np.float32)
    skips, other = bs.OnlineLearner(net, not_finite="skip"), bs.OnlineLearner(net)
    assert x.sum() > 20
    for k, row in enumerate(x):
        silent = np.where(np.arange(CHANNELS) == 7, 0, row).astype(np.float32)
        given = np.where(np.arange(CHANNELS) == 7, np.nan, row).astype(np.float32)
        no_target = k % 3 == 0  # half of a target is none
        values = np.array([1, np.inf, 0, 3], np.float32) if no_target else target
        told = None if no_target else target
        assert np.array_equal(skips.step(given, values=values), other.step(silent, values=told))
    assert skips.skipped == len(x) + len(x[::3])
    with pytest.raises(bs.InvalidValueError, match="not_finite"):
        bs.OnlineLearner(net, not_finite="ignore")


def test_readout_of_a_stream_outlives_it(net: bs.Network) -> None:
    learner = bs.OnlineLearner(net)
    y = learner.step(pulses(1)[0][0][0])
    assert learner.step(pulses(1)[0][0][1]) is y, "made once, not in every step"
    kept = y.copy()
    del learner, net
    assert np.array_equal(y, kept)


def test_threads_share_a_network_and_have_their_own(xy: tuple[np.ndarray, np.ndarray]) -> None:
    shared = small_network()
    expected = shared.forward(xy[0])
    alone = small_network(seed=3)
    alone.fit(*xy, epochs=2)
    wrong: list[object] = []

    def use_both() -> None:
        try:
            for _ in range(5):
                if not np.array_equal(shared.forward(xy[0]), expected):
                    wrong.append("forward")
                shared.gradient(*xy)
            own = small_network(seed=3)
            own.fit(*xy, epochs=2)
            if own.digest() != alone.digest():
                wrong.append("fit")
        except Exception as e:  # noqa: BLE001 - shown below
            wrong.append(e)

    threads = [threading.Thread(target=use_both) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


def test_other_threads_run_while_a_network_trains(xy: tuple[np.ndarray, np.ndarray]) -> None:
    net, ticks, done = small_network(), [0], threading.Event()

    def tick() -> None:
        while not done.is_set():
            ticks[0] += 1
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    net.fit(*pulses(400), epochs=10, batch=20)
    done.set()
    thread.join()
    assert ticks[0] > 5, "fit() kept the interpreter to itself"


def test_a_callback_may_use_the_network_and_may_raise(net: bs.Network, xy: tuple[np.ndarray, np.ndarray]) -> None:
    accuracies: list[float] = []
    net.fit(*xy, epochs=2, on_epoch=lambda _: accuracies.append(net.evaluate(*xy).accuracy))
    assert len(accuracies) == 2

    def enough(record: dict) -> None:  # type: ignore[type-arg]
        raise StopIteration("enough")

    with pytest.raises(StopIteration, match="enough"):
        net.fit(*xy, epochs=50, on_epoch=enough)
    assert net.evaluate(*xy).samples == len(xy[1])


INTERRUPTED = """
import sys; sys.path.insert(0, {folder!r})
from conftest import pulses, small_network
net = small_network()
x, y = pulses(2000)
print("ready", flush=True)
try:
    net.fit(x, y, epochs=10000, batch=50, on_epoch=lambda r: print("epoch", flush=True))
except KeyboardInterrupt:
    print("interrupted", net.evaluate(x, y).accuracy > 0.5)
"""


def test_control_c_ends_fit_and_leaves_the_network_usable() -> None:
    code = INTERRUPTED.format(folder=os.path.dirname(__file__))
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        for wanted in ("ready", "epoch", "epoch"):
            assert process.stdout is not None and process.stdout.readline().strip() == wanted
        process.send_signal(signal.SIGINT)
        start = time.monotonic()
        rest = process.stdout.read()
        assert process.wait(timeout=60) == 0
    assert "interrupted True" in rest and time.monotonic() - start < 30


def test_experiments_train_in_a_directory(tmp_path: object) -> None:
    path = f"{tmp_path}/trials.toml"
    with open(path, "w") as file:
        file.write('[data]\nsource = "evidence_accumulation"\n[data.evidence]\ncues = 3\ncue_ms = 20\ngap_ms = 5\n'
                   'delay_ms = 20\nrecall_ms = 20\ntrain_trials = 40\nvalidation_trials = 20\ntest_trials = 8\n'
                   '[[network.layer]]\nsize = 12\n[[network.layer]]\ncell = "leaky_integrator"\n'
                   '[objective]\nloss = "step_cross_entropy"\n[train]\nepochs = 2\nbatch = 10\n')
    experiment = bs.Experiment(path, {"optimiser.learning_rate": 2e-3})
    assert experiment.name == "trials" and "learning_rate = 0.002" in experiment.toml()
    result = experiment.train(f"{tmp_path}/run")
    assert result["finished"] and result["epochs"] == 2 and os.path.exists(result["report_path"])
    train, validation, test = experiment.load_data()
    assert (len(train), len(validation), len(test)) == (40, 20, 8)
    net = experiment.network(train)
    net.fit(train, validation=validation)
    best = bs.load(f"{tmp_path}/run")
    assert net.digest() == best.digest(), "fit() from Python has the bits of the run"
    assert best.evaluate(test).accuracy == json.load(open(f"{tmp_path}/run/summary.json"))["test"]["accuracy"]
    with pytest.raises(bs.InvalidValueError, match="overwrite"):
        experiment.train(f"{tmp_path}/run")
    with pytest.raises(bs.ConfigError, match="did you mean learning_rate"):
        bs.Experiment(path, {"optimiser.learning_rte": 1.0})
    with pytest.raises(bs.FileError):
        bs.Experiment(f"{tmp_path}/absent.toml")


@pytest.mark.parametrize("call", [
    lambda net, data, y: net.fit(data, epochs=1, progress=False),
    lambda net, data, y: net.fit(data, loss=softmax_loss(y), epochs=1, progress=False),
    lambda net, data, y: net.fit(net.data(pulses(8)[0], pulses(8)[1]), validation=data, epochs=1, progress=False),
    lambda net, data, y: net.fit(data, y, epochs=1, progress=False),
    lambda net, data, y: net.evaluate(data),
    lambda net, data, y: net.predict(data),
    lambda net, data, y: net.record(data),
    lambda net, data, y: net.forward(data),
    lambda net, data, y: net.gradient(data),
    lambda net, data, y: net.gradient(data, rule="eprop"),
    lambda net, data, y: net.gradient(data, rule="rtrl"),
    lambda net, data, y: net.initialise(data),
    lambda net, data, y: bs.compare_gradients(net, data),
], ids=["fit", "own loss", "validation", "fit, with labels", "evaluate", "predict", "record", "forward", "gradient",
        "eprop", "rtrl", "initialise", "compare_gradients"])
def test_data_of_another_step_are_refused_everywhere(call: Callable[..., object]) -> None:
    x, y = pulses(8)
    net = small_network(dt=5.0)
    before = net.digest()
    with pytest.raises(bs.InvalidValueError, match=r"1 ms.*5 ms|5 ms.*1 ms") as caught:
        call(net, bs.Data(x, y, classes=CLASSES), y)
    assert "dt = 5" in str(caught.value) and "dt = 1" in str(caught.value)
    assert net.digest() == before
    call(net, bs.Data(x, y, classes=CLASSES, dt=float(np.float32(5.0))), y)  # is taken


@pytest.mark.parametrize(("share", "samples"), [(0.01, 20), (0.99, 20), (0.5, 1), (True, 20), ("a fifth", 20)])
def test_a_share_for_validation_that_leaves_nothing_is_refused(net: bs.Network, share: object, samples: int) -> None:
    with pytest.raises(bs.InvalidValueError, match=f"validation = {share!r}"):
        net.fit(*pulses(samples), validation=share, epochs=1, progress=False)


@pytest.mark.parametrize(("call", "text"), [
    (lambda net: net.evaluate(*pulses(4), batch=0), "batch = 0"),
    (lambda net: net.evaluate(*pulses(4), batch=2.5), "batch = 2.5"),
    (lambda net: net.fit(*pulses(4), epochs=1.5), "epochs"),
    (lambda net: net.fit(*pulses(4), batch=-1), "batch"),
    (lambda net: net.fit(*pulses(4), seed=0.5), "seed"),
    (lambda net: net.initialise(bs.Data(pulses(4)[0]), seed=0.5), "seed"),
], ids=["no batch", "half a sample", "half an epoch", "negative batch", "seed", "seed of weights"])
def test_whole_numbers_are_asked_for(net: bs.Network, call: Callable[[bs.Network], object], text: str) -> None:
    with pytest.raises((bs.InvalidValueError, bs.ConfigError), match=text):
        call(net)
