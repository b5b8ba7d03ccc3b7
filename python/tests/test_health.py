"""Training that is not well says so, once, with what to try: as Python warnings, in the history and in a notebook.
Training that is well says nothing."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pytest
from conftest import CHANNELS, CLASSES, pulses, small_network

import backspike as bs
from backspike.health import KINDS, HealthWarning


def fitted(net: bs.Network, x: Any, y: Any, **rest: Any) -> tuple[bs.History, list[warnings.WarningMessage]]:
    """The history, and the warnings that Python was given."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = net.fit(x, y, **rest)
    return history, [w for w in caught if issubclass(w.category, HealthWarning)]


def kinds(history: bs.History) -> set[str]:
    return {w.kind for w in history.warnings}


def network(hidden: dict[str, Any] | None = None, readout: Any = None, **rest: Any) -> bs.Network:
    return bs.Network([bs.Dense(CHANNELS, 24), bs.LIF(24, **(hidden or {})), bs.Dense(24, CLASSES),
                       readout or bs.LeakyIntegrator(CLASSES)], threads=1, **rest)


def test_a_run_that_is_well_warns_of_nothing() -> None:
    x, y = pulses(200)
    for rule in ("bptt", "truncated_bptt", "eprop"):
        history, caught = fitted(small_network(), x, y, epochs=6, batch=20, learning_rate=5e-3, rule=rule)
        assert not caught and history.warnings == [], rule
        assert "warning" not in repr(history)


def test_a_dead_layer_is_named_in_the_line_that_called_fit() -> None:
    x, y = pulses(40)
    history, caught = fitted(network({"init_sigma": 1e-3}), x, y, epochs=3, batch=20)
    assert len(caught) == len(history.warnings) == len({(w.kind, w.subject) for w in history.warnings})
    first = next(w for w in history.warnings if w.kind == "dead_neurons")
    assert first.subject == "hidden1" and first.epoch == 1 and "no neuron ever fires" in first.text
    assert "try " in first.text
    message = next(w for w in caught if "hidden1: no neuron" in str(w.message))
    assert message.filename == __file__ and str(message.message).startswith("epoch 1: ")
    assert isinstance(message.message, HealthWarning) and message.message.kind == "dead_neurons"
    assert {w.kind for w in history.warnings} <= set(KINDS)


def test_saturated_neurons() -> None:
    x, y = pulses(40)
    history, _ = fitted(network({"init_sigma": 60.0}), x, y, epochs=1)
    assert "saturated_neurons" in kinds(history)


def test_gradients_that_explode() -> None:
    x, y = pulses(40)
    wide = bs.Surrogate("boxcar", width=50.0, height=1.0)
    net = network({"recurrent": True, "surrogate": wide})
    net.parameters["hidden1.recurrent.weight"][...] *= 3
    history, _ = fitted(net, x, y, epochs=2, batch=20, learning_rate=1e-4)
    assert max(history["gradient_norm"]) > 1e9
    assert "exploding_gradient" in kinds(history)


def test_errors_that_vanish_where_only_early_input_tells() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 80)
    x = (random.random((80, 120, 20)) < 0.05).astype(np.float32)
    for k, label in enumerate(labels):
        x[k, :10, label * 10:label * 10 + 10] += random.random((10, 10)) < 0.3
    x = np.minimum(x, 1)
    net = bs.Network([bs.Dense(20, 24), bs.LIF(24, tau_m=3.0), bs.Dense(24, 2), bs.LeakyIntegrator(2, tau_m=3.0)],
                     threads=1)
    history, _ = fitted(net, x, labels, epochs=5, batch=20, learning_rate=1e-4,
                        objective=bs.Objective("cross_entropy", readout="last"))
    assert "vanishing_gradient" in kinds(history)
    assert not kinds(history) & {"exploding_gradient", "collapse", "dead_outputs"}


def test_a_collapse_in_mid_training() -> None:
    x, y = pulses(100)
    rising = bs.Optimiser("adam", learning_rate=20.0, schedule="one_cycle", warmup=0.95)
    history, caught = fitted(small_network(threads=1), x, y, epochs=30, batch=10, optimiser=rising)
    found = [w for w in history.warnings if w.kind == "collapse"]
    assert len(found) == 1 and found[0].epoch > 2
    assert history["train_loss"][found[0].epoch - 1] > 2 * min(history["train_loss"])
    assert "lower learning rate" in found[0].text


def test_outputs_without_a_gradient_are_named_by_their_class() -> None:
    x, y = pulses(40)
    silent = bs.LIF(CLASSES, init_sigma=1e-3, surrogate=bs.Surrogate("triangle", width=0.05))
    count = bs.Objective("cross_entropy", readout="count")
    history, _ = fitted(network(readout=silent), x, y, epochs=1, objective=count)
    found = [w for w in history.warnings if w.kind == "dead_outputs"]
    assert found and "classes 0, 1, 2, 3: " in found[0].text


def test_a_class_that_nothing_tells_from_another_is_named() -> None:
    x, y = pulses(120)
    y = np.where(y == 3, 0, y)
    y[np.flatnonzero(y == 0)[:3]] = 3
    history, _ = fitted(small_network(threads=1), x, y, epochs=12, batch=20, learning_rate=5e-3)
    found = [w for w in history.warnings if w.kind == "dead_outputs"]
    assert found and "class 3: " in found[0].text


def test_a_regression_warns_of_no_class() -> None:
    x, _ = pulses(30)
    y = np.cumsum(x.sum(axis=2, keepdims=True) - x.sum(axis=2).mean(), axis=1).astype(np.float32)
    net = bs.Network([bs.Dense(CHANNELS, 24), bs.LIF(24), bs.Dense(24, 1), bs.LeakyIntegrator(1)], threads=1)
    history, caught = fitted(net, x, y, epochs=8, batch=10, learning_rate=1e-2)
    assert not caught and not history.warnings


def test_a_loss_of_ones_own_is_judged_too() -> None:
    x, _ = pulses(40)

    def loss(outputs: np.ndarray, samples: np.ndarray) -> tuple[float, np.ndarray]:
        off = outputs - 1
        return float((off**2).mean()), 2 * off / off.size

    well, caught = fitted(network(), x, None, loss=loss, epochs=4, batch=10, learning_rate=5e-3)
    assert not caught and not well.warnings and well["gradient_norm"][0] > 0
    dead, caught = fitted(network({"init_sigma": 1e-3}), x, None, loss=loss, epochs=2, batch=10)
    assert "dead_neurons" in kinds(dead) and len(caught) == len(dead.warnings)

    epoch = [0]

    def worse(outputs: np.ndarray, samples: np.ndarray) -> tuple[float, np.ndarray]:
        epoch[0] += 1
        value, error = loss(outputs, samples)
        return (value if epoch[0] < 8 else 40.0), error

    lost, _ = fitted(network(), x, None, loss=worse, epochs=4, batch=10)
    assert kinds(lost) == {"collapse"}


def test_an_own_loss_is_judged_by_samples_of_the_whole_set() -> None:
    x, _ = pulses(41)
    last = np.random.default_rng([1, 1]).permutation(41)[-1]  # the one sample of the last batch
    x[last] = 0
    told: list[int] = []

    def loss(outputs: np.ndarray, samples: np.ndarray) -> tuple[float, np.ndarray]:
        told.append(len(samples))
        return float(((outputs - 1)**2).mean()), 2 * (outputs - 1) / outputs.size

    history, caught = fitted(network(), x, None, loss=loss, epochs=1, batch=20)
    assert told == [20, 20, 1] and not caught and not history.warnings
    assert 0 <= history[0]["layers"][0]["dead"] < 0.5

    wide, _ = fitted(network({"init_sigma": 60.0}), x, None, loss=loss, epochs=1, batch=3)
    assert "saturated_neurons" in kinds(wide)
    silent = bs.LIF(CLASSES, init_sigma=1e-3, surrogate=bs.Surrogate("triangle", width=0.05))
    stuck, _ = fitted(network(readout=silent), x, None, loss=loss, epochs=1, batch=20)
    assert [w.subject for w in stuck.warnings if w.kind == "dead_outputs"] == ["outputs 0, 1, 2, 3"]


def test_warnings_can_be_errors_and_end_the_training(tmp_path: Any) -> None:
    x, y = pulses(40)
    net = network({"init_sigma": 1e-3})
    with warnings.catch_warnings():
        warnings.simplefilter("error", HealthWarning)
        with pytest.raises(HealthWarning, match="no neuron ever fires"):
            net.fit(x, y, epochs=50, batch=20)
    assert net.evaluate(x, y).samples == 40


def test_the_history_shows_them_in_a_notebook_and_survives_pickling() -> None:
    x, y = pulses(40)
    history, _ = fitted(network({"init_sigma": 1e-3}), x, y, epochs=3, batch=20)
    page = history._repr_html_()
    assert "<b>dead_neurons</b>" in page and "no neuron ever fires" in page and "train_loss" in page
    assert f"{len(history.warnings)} warning" in repr(history)
    again = pickle.loads(pickle.dumps(history))
    assert again["train_loss"] == history["train_loss"] and len(again) == 3  # NaN is not equal to itself
    assert again.warnings == history.warnings and again.best_epoch == history.best_epoch
