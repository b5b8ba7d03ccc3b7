"""Attacks: through an encoder and on what the network reads, their figures, and what is refused."""

import numpy as np
import pytest

import backspike as bs


@pytest.fixture(scope="module")
def trained() -> tuple[bs.Network, np.ndarray, np.ndarray, bs.Encoder]:
    """Two kinds of pictures: bright on the left, or on the right."""
    rng = np.random.default_rng(1)
    labels = np.arange(40) % 2
    pictures = rng.uniform(0.0, 0.3, (40, 2, 4)).astype(np.float32)
    for k, label in enumerate(labels):
        pictures[k, :, 2 * label : 2 * label + 2] += 0.6
    encoder = bs.Encoder(kind="current", steps=6)
    inputs = np.repeat(pictures.reshape(40, 1, 8), 6, axis=1)
    net = bs.Network([bs.LIF(12), bs.LeakyIntegrator(2)], 8, seed=1)
    net.fit(inputs, labels, epochs=15, batch=8, optimiser={"learning_rate": 0.02})
    return net, pictures, labels, encoder


def test_attack_through_an_encoder(trained: tuple[bs.Network, np.ndarray, np.ndarray, bs.Encoder]) -> None:
    net, pictures, labels, encoder = trained
    found = bs.attack(net, pictures, labels, encoder=encoder, budget=[0.01, 1.0], steps=20)
    assert found["accuracy_before"] > 0.9
    assert found["points"][0]["success"] < found["points"][1]["success"] == 1.0
    assert found.changed.shape == pictures.shape
    assert 0.0 <= found.changed.min() and found.changed.max() <= 1.0
    assert "success" in repr(found)


def test_attack_on_graded_input(trained: tuple[bs.Network, np.ndarray, np.ndarray, bs.Encoder]) -> None:
    net, pictures, labels, _ = trained
    inputs = np.repeat(pictures.reshape(40, 1, 8), 6, axis=1)
    found = bs.attack(net, inputs, labels, attack="fgsm", budget=0.5, norm="linf")
    assert found["points"][0]["success"] > 0.5
    assert isinstance(found.changed, bs.Data)


def test_attack_refuses(trained: tuple[bs.Network, np.ndarray, np.ndarray, bs.Encoder]) -> None:
    net, pictures, labels, encoder = trained
    with pytest.raises(bs.InvalidValueError, match="accepted: .*pgd"):
        bs.attack(net, pictures, labels, encoder=encoder, attack="guess")
    with pytest.raises(bs.InvalidValueError, match="budget"):
        bs.attack(net, pictures, labels, encoder=encoder, budget=-1.0)
    with pytest.raises(bs.InvalidValueError, match="0 to 1"):
        bs.attack(net, pictures + 1.0, labels, encoder=encoder)
    with pytest.raises(bs.ShapeError, match="rows, columns"):
        bs.attack(net, pictures.reshape(40, 8), labels, encoder=encoder)
