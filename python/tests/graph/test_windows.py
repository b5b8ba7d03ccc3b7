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
