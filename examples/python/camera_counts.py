"""Controls for experiments/fashion_events.toml and saccade_direction.toml: logistic regression on the numbers of
events of every pixel and polarity, in one bin of time or a few.

    python examples/python/camera_counts.py fashion|direction [BINS [IMAGES]]

IMAGES: of the training set of Fashion-MNIST; otherwise all, which are half an hour of work for the camera. Prints the
accuracy on the test set.
"""

import sys

import backspike as bs
import numpy as np

LENGTH_MS = 300.0
DECAY = 1e-4  # of the weights
STEPS, BATCH, RATE = 3000, 128, 2e-3


def features(data: bs.Data) -> np.ndarray:
    """Square roots of counts, whose noise is the same everywhere, and a constant: [samples, bins * channels + 1]."""
    return np.stack([np.append(np.sqrt(data.dense(k)).ravel(), 1.0) for k in range(len(data))])


def fit(x: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """Weights [features, classes] by Adam on the cross-entropy, the rate falling to 0."""
    random, w = np.random.default_rng(0), np.zeros((x.shape[1], classes))
    mean, square = np.zeros_like(w), np.zeros_like(w)
    for step in range(1, STEPS + 1):
        picked = random.integers(0, len(x), BATCH)
        logits = x[picked] @ w
        p = np.exp(logits - logits.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        p[np.arange(BATCH), labels[picked]] -= 1.0
        gradient = x[picked].T @ p / BATCH + DECAY * w
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        corrected = np.sqrt(square / (1 - 0.999**step)) + 1e-8
        w -= RATE * (1 - step / STEPS) * mean / (1 - 0.9**step) / corrected
    return w


def main() -> None:
    task, bins = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1
    keys = {"bin_ms": LENGTH_MS / bins, "duplicates": "count"}
    if task == "fashion":
        limit = int(sys.argv[3]) if len(sys.argv) > 3 else 0
        train, _, test = bs.datasets.event_camera(down=2, validation=0.0, limit=limit, **keys)
    else:
        train, _, test = bs.datasets.saccade_direction(width=20, height=20, **keys)
    weights = fit(features(train), train.labels, len(train.class_names))
    right = np.argmax(features(test) @ weights, axis=1) == test.labels
    print(f"{task}, {bins} bins, {len(train)} samples: {100 * right.mean():.2f} % of {len(test)}")


if __name__ == "__main__":
    main()
