"""Weights of samples and classes: through Data, fit, gradient, evaluate and streams. test_torch.py has PyTorch's."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest
from conftest import CHANNELS, CLASSES, STEPS, pulses, small_network

import backspike as bs

WEIGHTS = [2.0, 0.5, 0.0, 3.0]


def weighted(seed: int = 0, samples: int = 12, weight: object = None) -> bs.Data:
    x, y = pulses(samples, seed)
    return bs.Data(x, y, classes=CLASSES, sample_weight=weight)


def sums(net: bs.Network, data: bs.Data, objective: object = "cross_entropy") -> dict[str, np.ndarray]:
    """Gradients of the sum of the losses."""
    found = net.gradient(data, objective=objective)
    return {name: g.astype(float) * len(data) for name, g in found.parameters.items()} | {
        "loss": np.array(found.loss * len(data))}


def assert_close(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> None:
    for name, value in b.items():
        assert np.allclose(a[name], value, rtol=1e-4, atol=1e-5 * np.abs(value).max()), name
    assert np.abs(b["readout.weight"]).max() > 1e-3


def test_a_weight_of_two_is_the_sample_twice_and_none_is_none() -> None:
    net, (x, y) = small_network(), pulses(3)
    twice = bs.Data(x[[0, 0, 1]], y[[0, 0, 1]], classes=CLASSES)
    assert_close(sums(net, bs.Data(x[:2], y[:2], classes=CLASSES, sample_weight=[2, 1])), sums(net, twice))
    alone = bs.Data(x[1:2], y[1:2], classes=CLASSES)
    assert_close(sums(net, bs.Data(x[:2], y[:2], classes=CLASSES, sample_weight=[0, 1])), sums(net, alone))


def test_samples_keep_their_weights() -> None:
    data = weighted(weight=np.arange(12) / 4)
    assert data.sample_weight.dtype == np.float32
    np.testing.assert_array_equal(data[[3, 3, 0]].sample_weight, [0.75, 0.75, 0.0])
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(data)).sample_weight, data.sample_weight)
    assert len(weighted().sample_weight) == 0
    assert len(bs.Data(data, weighted().labels).sample_weight) == 0  # events and step, and nothing else


def test_a_state_of_before_has_none() -> None:
    state = weighted()._core.__getstate__()
    del state["sample_weights"]
    older = bs._core.Data.__new__(bs._core.Data)
    older.__setstate__(state)
    assert len(older.sample_weights) == 0


@pytest.mark.parametrize(("given", "said"), [
    ([1.0] * 11, "sample_weight"), ([1.0] * 11 + [-1.0], r"sample_weight\[11\] = -1"),
    ([1.0] * 11 + [float("nan")], r"sample_weight\[11\] = nan"), (np.ones((12, 2)), "sample_weight"),
    (["a"] * 12, "sample_weight")])
def test_weights_of_samples_are_refused_by_name(given: object, said: str) -> None:
    with pytest.raises((bs.InvalidValueError, bs.ShapeError), match=said):
        weighted(weight=given)


def test_weights_of_samples_have_no_place_in_a_file(tmp_path: object) -> None:
    with pytest.raises(bs.InvalidValueError, match="weights of samples"):
        weighted(weight=np.ones(12)).save(f"{tmp_path}/data.h5")


def test_a_loss_of_ones_own_weighs_its_samples_itself() -> None:
    def loss(outputs: np.ndarray, samples: np.ndarray) -> tuple[float, np.ndarray]:
        return 0.0, np.zeros_like(outputs)

    with pytest.raises(bs.InvalidValueError, match="sample_weight of the data = 12 numbers"):
        small_network().fit(weighted(weight=np.ones(12)), loss=loss, epochs=1)


def test_training_on_some_samples_is_training_with_the_others_at_zero() -> None:
    x, y = pulses(40)
    on = np.arange(40) < 20
    nets = [small_network(threads=1) for _ in range(2)]
    for net in nets:
        net.initialise(bs.Data(x, y))
        net.parameters["readout.weight"][0, 0] += 1e-3  # so that fit leaves the weights as they are
    rest = {"epochs": 1, "batch": 40, "optimiser": "sgd", "progress": False}
    nets[0].fit(bs.Data(x, y, sample_weight=on), learning_rate=0.2, **rest)  # a mean over 40
    nets[1].fit(bs.Data(x[on], y[on], classes=CLASSES), learning_rate=0.1, **rest)
    for name, value in nets[1].parameters.items():
        assert np.allclose(nets[0].parameters[name], value, atol=1e-5), name


def test_evaluate_weighs_the_loss_and_not_the_accuracy() -> None:
    net, plain = small_network(), weighted()
    one = [net.evaluate(plain[k:k + 1]).loss for k in range(len(plain))]
    counts = np.linspace(0, 3, len(plain))
    found = net.evaluate(weighted(weight=counts))
    assert found.loss == pytest.approx(float(np.mean(counts * one)), rel=1e-5)
    assert found.accuracy == net.evaluate(plain).accuracy
    by_class = net.evaluate(plain, objective=bs.Objective("cross_entropy", class_weights=WEIGHTS))
    assert by_class.loss == pytest.approx(float(np.mean(np.array(WEIGHTS)[plain.labels] * one)), rel=1e-5)
    assert by_class.accuracy == found.accuracy


def test_balanced_weights_are_counted_and_kept() -> None:
    x, y = pulses(60)
    y[y == 3] = 2
    net = small_network()
    data = bs.Data(x, y, classes=CLASSES)
    with pytest.warns(bs.HealthWarning, match="class 3: no training sample"):
        history = net.fit(data, epochs=1, objective=bs.Objective("cross_entropy", class_weights="balanced"))
    assert [w.kind for w in history.warnings].count("absent_classes") == 1
    counts = np.bincount(y, minlength=CLASSES)
    numbers = [60 / (CLASSES * int(n)) if n else 0.0 for n in counts]
    explicit = bs.Objective("cross_entropy", class_weights=numbers)
    assert f"class_weights = {numbers}" in net.toml()
    few = data[:5]
    assert net.evaluate(few).loss == net.evaluate(few, objective=explicit).loss
    assert net.evaluate(few).loss != net.evaluate(few, objective="cross_entropy").loss  # a loss that is named: no weights
    again = pickle.loads(pickle.dumps(net))
    assert again.evaluate(few).loss == net.evaluate(few).loss
    assert (again.predict(x) == net.predict(x)).all()


def test_a_loss_that_is_named_and_a_stream_start_without_weights() -> None:
    net, data = small_network(), weighted()
    net.fit(data, epochs=1, objective=bs.Objective("cross_entropy", class_weights=WEIGHTS))
    curve = np.zeros((12, STEPS, CLASSES))
    net.fit(bs.Data(pulses(12)[0], curve), epochs=1)  # a regression, which reads no labels
    net.fit(data, epochs=1, objective=bs.Objective("cross_entropy", class_weights=WEIGHTS))
    stream = bs.OnlineLearner(net)
    stream.step(np.zeros(CHANNELS, np.float32), values=np.zeros(CLASSES, np.float32))
    with pytest.raises(bs.InvalidValueError, match="class_weights = balanced"):
        bs.OnlineLearner(net, objective=bs.Objective("step_cross_entropy", class_weights="balanced"))


def test_a_stream_weighs_its_steps() -> None:
    losses = []
    for weights in ([], WEIGHTS):
        stream = bs.OnlineLearner(small_network(), objective=bs.Objective("step_cross_entropy", class_weights=weights),
                                  update_every=0)
        x, _ = pulses(1)
        steps = []
        for t in range(STEPS):
            stream.step(x[0, t], label=t % CLASSES)
            steps.append(stream.loss)
        losses.append(steps)
    np.testing.assert_allclose(losses[1], np.array(losses[0]) * np.array(WEIGHTS)[np.arange(STEPS) % CLASSES], rtol=1e-6)


def test_steps_count_by_their_class() -> None:
    x, _ = pulses(6)
    y = np.random.default_rng(2).integers(-1, CLASSES, (6, STEPS))
    data, net = bs.Data(x, y, classes=CLASSES), small_network()
    found = net.evaluate(data, objective=bs.Objective("step_cross_entropy", class_weights=WEIGHTS))
    z = np.asarray(net(data), np.float64)
    log_p = z - np.log(np.exp(z).sum(axis=2, keepdims=True))
    by_hand = []
    for k in range(6):
        on = np.flatnonzero(y[k] >= 0)
        by_hand.append(np.mean(-log_p[k, on, y[k, on]] * np.array(WEIGHTS)[y[k, on]]))
    assert found.loss == pytest.approx(float(np.mean(by_hand)), rel=1e-5)
    counts = np.bincount(y[y >= 0], minlength=CLASSES)
    balanced = net.evaluate(data, objective=bs.Objective("step_cross_entropy", class_weights="balanced"))
    numbers = counts.sum() / (CLASSES * counts)
    told = net.evaluate(data, objective=bs.Objective("step_cross_entropy", class_weights=numbers))
    assert balanced.loss == told.loss != found.loss


@pytest.mark.parametrize(("given", "said"), [
    ([1.0, 2.0], "2 numbers; accepted: 4 numbers"), ([1, 1, 1, -1], "0 or more"), ("balance", "did you mean balanced"),
    ([0, 0, 0, 0], "above 0")])
def test_weights_of_classes_are_refused_by_name(given: object, said: str) -> None:
    with pytest.raises(bs.ConfigError, match=said):
        small_network().gradient(weighted(), objective=bs.Objective("cross_entropy", class_weights=given))


def test_balanced_weights_of_an_experiment_are_those_of_its_network(tmp_path: object) -> None:
    path = f"{tmp_path}/e.toml"
    with open(path, "w") as f:
        f.write('[data]\nsource = "evidence_accumulation"\n[data.evidence]\ntrain_trials = 9\nvalidation_trials = 2\n'
                'test_trials = 2\n[[network.layer]]\ncell = "leaky_integrator"\n[objective]\n'
                'loss = "step_cross_entropy"\nclass_weights = "balanced"\n')
    experiment = bs.Experiment(path)
    train, _, _ = experiment.load_data()
    net = experiment.network(train)
    numbers = (9 / (2 * np.bincount(train.labels, minlength=2))).tolist()
    assert f"class_weights = {numbers}" in net.toml() and 'class_weights = "balanced"' in experiment.toml()


def test_without_weights_nothing_is_said() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", bs.HealthWarning)
        small_network().fit(*pulses(20), epochs=1)
