"""Convolutions and pools: networks built from them, data with shapes, copies, files and refusals."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import backspike as bs

SHAPE = (2, 8, 6)


def images(samples: int = 6, steps: int = 10, seed: int = 1) -> np.ndarray:
    return (np.random.default_rng(seed).random((samples, steps, *SHAPE)) < 0.2).astype(np.float32)


def network(**rest: object) -> bs.Network:
    return bs.Network([bs.Conv2d(5, 3, padding=1, bias=True), bs.LIF(name="first"), bs.SumPool(2), bs.LIF(),
                       bs.Dense(60, 3), bs.LeakyIntegrator(3)], inputs=SHAPE, rate=0.2, **rest)


def test_shapes_follow_from_the_input() -> None:
    net = network()
    assert [tuple(layer["shape"]) for layer in net.layers] == [(5, 8, 6), (5, 4, 3), ()]
    assert net.inputs == 96
    assert net.parameters["first.weight"].shape == (18, 5) and net.parameters["first.bias"].shape == (5,)
    assert net.parameters["hidden2.weight"].shape == (1, 1) and net.parameters["hidden2.weight"] == 1
    assert not net.parameter_infos["hidden2.weight"]["learnable"]
    assert "[5, 8, 6]" in repr(net)


def test_arrays_in_the_order_of_pytorch_are_converted() -> None:
    x = images()
    data = bs.Data(x, [0, 1, 2, 0, 1, 2])
    assert data.shape == SHAPE
    dense = data.dense(1).reshape(10, 8, 6, 2)
    assert (dense.transpose(0, 3, 1, 2) == x[1]).all()
    ragged = bs.Data([x[0], x[1][:4]])
    assert ragged.shape == SHAPE and (ragged.dense(0) == data.dense(0)).all()
    assert bs.Data(data).shape == SHAPE and data[:2].shape == SHAPE
    assert pickle.loads(pickle.dumps(data)).shape == SHAPE
    with pytest.raises(bs.ShapeError, match=r"\[3, 8, 6\]"):
        bs.Data(data, shape=(3, 8, 6))


def test_training_moves_what_is_learned_and_saves(tmp_path: object) -> None:
    net, data = network(seed=2), bs.Data(images(24), np.arange(24) % 3)
    before = net.state_dict()
    net.fit(data, epochs=1, batch=8)
    after = net.parameters
    assert all((before[n] != after[n]).any() for n in ("first.weight", "first.bias", "readout.weight"))
    assert after["hidden2.weight"] == 1
    net.save(f"{tmp_path}/net.h5")
    read = bs.Network.load(f"{tmp_path}/net.h5")
    assert [tuple(layer["shape"]) for layer in read.layers] == [(5, 8, 6), (5, 4, 3), ()]
    copied = pickle.loads(pickle.dumps(net))
    for other in (read, copied):
        assert (other.forward(data) == net.forward(data)).all()


def test_a_convolution_is_the_sum_over_its_kernel() -> None:
    net = bs.Network([bs.Conv2d(3, 3), bs.LeakyIntegrator()], inputs=(2, 4, 5), rate=0.3)
    x = np.random.default_rng(3).normal(size=(1, 1, 2, 4, 5)).astype(np.float32)
    w = net.parameters["readout.weight"].reshape(3, 3, 2, 3)
    expected = np.zeros((2, 3, 3))
    for y in range(2):
        for column in range(3):
            expected[y, column] = np.einsum("cij,ijco->o", x[0, 0, :, y:y + 3, column:column + 3], w)
    assert np.allclose(net.forward(bs.Data(x))[0, 0], expected.reshape(-1), atol=1e-5)


def test_what_does_not_fit_is_refused_by_name() -> None:
    with pytest.raises(bs.ConfigError, match="kernel"):
        bs.Network([bs.Conv2d(4, 9), bs.LIF(), bs.LeakyIntegrator(2)], inputs=(1, 5, 5))
    with pytest.raises(bs.ConfigError, match="takes 61 inputs, what comes before has 80"):
        bs.Network([bs.Conv2d(5, 3), bs.LIF(), bs.Dense(61, 2), bs.LeakyIntegrator(2)], inputs=(1, 6, 6))
    with pytest.raises(bs.ConfigError, match="channel"):
        bs.Conv2d(4, 3, chanels=2)
    with pytest.raises(bs.ConfigError, match="a cell between them"):
        bs.Network([bs.Conv2d(4, 3), bs.SumPool(2), bs.LIF(), bs.LeakyIntegrator(2)], inputs=(1, 6, 6))
    with pytest.raises((bs.ShapeError, bs.InvalidValueError), match=r"\[2, 6, 8\]"):
        network().forward(bs.Data(images().transpose(0, 1, 2, 4, 3)))


def test_a_maximum_fires_where_any_of_its_window_does() -> None:
    net = bs.Network([bs.Conv2d(5, 3, padding=1), bs.LIF(name="first"), bs.MaxPool(2), bs.LIF(name="pool"), bs.Dense(60, 3),
                      bs.LeakyIntegrator(3)], inputs=SHAPE, rate=0.2, seed=3)
    fired = np.zeros(2, int)
    for run in net.record(bs.Data(images(4, 15))):
        before, after = np.zeros((15, 8, 6, 5), bool), np.zeros((15, 4, 3, 5), bool)
        before.reshape(15, -1)[tuple(run.spikes["first"])] = True
        after.reshape(15, -1)[tuple(run.spikes["pool"])] = True
        assert (after == before.reshape(15, 4, 2, 3, 2, 5).any((2, 4))).all()
        fired += after.sum(), before.sum()
    assert 20 < fired[0] < fired[1]
    with pytest.raises(bs.Error, match="cell"):
        bs.Network([bs.MaxPool(2), bs.ALIF(), bs.LeakyIntegrator(2)], inputs=SHAPE)
    with pytest.raises(bs.Error, match="tau_m"):
        bs.Network([bs.MaxPool(2), bs.LIF(tau_m=5.0), bs.LeakyIntegrator(2)], inputs=SHAPE)


def test_channels_keep_their_norm() -> None:
    net = bs.Network([bs.Conv2d(5, 3, padding=1, bias=True), bs.LIF(name="first", weight_transform="standardise", learn="v_th",
                                                                   per="channel"),
                      bs.LeakyIntegrator(3)], inputs=SHAPE, rate=0.2, seed=2)
    before = np.array(net.parameters["first.weight"])
    assert np.abs(before.mean(0)).max() < 1e-6 and np.ptp(np.linalg.norm(before, axis=0)) < 1e-5
    net.fit(bs.Data(images(24), np.arange(24) % 3), epochs=2, batch=8)
    after = np.array(net.parameters["first.weight"])
    assert np.abs(after.mean(0)).max() < 1e-6 and np.ptp(np.linalg.norm(after, axis=0)) < 1e-5  # drawn anew for the rate of the data
    assert np.abs(after - before).max() > 1e-3 and np.ptp(net.parameters["first.v_th"]) > 0
    assert len(net.record(bs.Data(images(1)))) == 1
    with pytest.raises(bs.Error, match="weight_transform"):
        bs.Network([bs.SumPool(2), bs.LIF(weight_transform="standardise"), bs.LeakyIntegrator(2)], inputs=SHAPE)


def test_batch_normalisation_is_refused_with_what_there_is_instead() -> None:
    with pytest.raises(bs.ConfigError, match="standardise"):
        bs.Network([bs.Conv2d(4, 3), bs.LIF(batch_norm=True), bs.LeakyIntegrator(2)], inputs=SHAPE)
    with pytest.raises(AttributeError, match="fold_batch_norm"):
        bs.BatchNorm2d  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute 'Conv3d'$"):
        bs.Conv3d  # noqa: B018


def test_a_trained_batch_normalisation_is_folded() -> None:
    rng = np.random.default_rng(5)
    weight, bias, gamma, beta, mean = (rng.normal(size=n) for n in ((18, 5), 5, 5, 5, 5))
    var, x = rng.random(5) + 0.1, rng.normal(size=18)
    folded, shift = bs.fold_batch_norm(weight, bias, mean, var, gamma, beta, 1e-3)
    wanted = gamma * (x @ weight + bias - mean) / np.sqrt(var + 1e-3) + beta
    assert np.abs(x @ folded + shift - wanted).max() < 1e-12
    theirs, same = bs.fold_batch_norm(weight.T.reshape(5, 2, 3, 3), bias, mean, var, gamma, beta, 1e-3)
    assert (theirs.reshape(5, 18) == folded.T).all() and (same == shift).all()
    single, _ = bs.fold_batch_norm(weight.astype(np.float32), None, mean, var)
    assert single.dtype == np.float32
    with pytest.raises(bs.InvalidValueError, match="var"):
        bs.fold_batch_norm(weight, bias, mean, -var)
    with pytest.raises(bs.ShapeError, match="mean"):
        bs.fold_batch_norm(weight, bias, mean[:3], var)
    with pytest.raises(bs.ShapeError, match="weight"):
        bs.fold_batch_norm(bias, bias, mean, var)
