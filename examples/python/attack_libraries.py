"""Libraries of attacks on a spiking network: torchattacks on Fashion-MNIST, whose pixels are currents.

    python examples/python/attack_libraries.py [IMAGES [EPOCHS]]

Needs PyTorch and torchattacks (pip install torch; pip install --no-deps torchattacks). Prints the accuracy on so many
test images before and after attacks of size 8/255, and after noise of that size.
"""

import gzip
import sys
from pathlib import Path

import backspike as bs
import backspike.torch
import numpy as np
import torch
import torchattacks

FOLDER = Path("/usr/share/datasets/fashion-mnist")  # apt-get install dataset-fashion-mnist
STEPS, EPS, TRAINED_ON = 12, 8 / 255, 10000


def read(name: str, header: int) -> np.ndarray:
    return np.frombuffer(gzip.decompress((FOLDER / f"{name}.gz").read_bytes()), np.uint8, offset=header)


def images(split: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Pixels [count, 784] from 0 to 1, and labels."""
    pixels = read(f"{split}-images-idx3-ubyte", 16).reshape(-1, 784)[:count]
    return pixels.astype(np.float32) / 255, read(f"{split}-labels-idx1-ubyte", 8)[:count].astype(np.int64)


def accuracy(model: torch.nn.Module, x: torch.Tensor, labels: torch.Tensor) -> float:
    with torch.no_grad():
        return float((model(x).argmax(1) == labels).float().mean())


def main() -> None:
    count, epochs = (int(a) for a in (sys.argv[1:] + ["200", "5"][len(sys.argv) - 1:])[:2])
    pixels, classes = images("train", TRAINED_ON)
    net = bs.Network([bs.Dense(784, 128), bs.LIF(128, tau_m=10.0), bs.Dense(128, 10), bs.LeakyIntegrator(10)])
    net.fit(np.repeat(pixels[:, None], STEPS, 1), classes, epochs=epochs, learning_rate=3e-3)
    model = bs.torch.Classifier(net, steps=STEPS).eval()
    shown, labels = images("t10k", count)
    x, y = torch.from_numpy(shown).view(-1, 1, 28, 28), torch.from_numpy(labels)
    noise = EPS * torch.from_numpy(np.random.default_rng(1).choice([-1.0, 1.0], x.shape).astype(np.float32))
    print(f"before {accuracy(model, x, y):.3f}  noise {accuracy(model, (x + noise).clamp(0.0, 1.0), y):.3f}")
    for attack in (torchattacks.FGSM(model, eps=EPS), torchattacks.PGD(model, eps=EPS, alpha=EPS / 4, steps=20),
                   torchattacks.Square(model, eps=EPS, n_queries=200)):
        print(f"{type(attack).__name__} {accuracy(model, attack(x, y), y):.3f}")


if __name__ == "__main__":
    main()
