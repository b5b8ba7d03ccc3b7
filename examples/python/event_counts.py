"""A control without spikes for nmnist_small: kernel ridge regression on the numbers of events in a few bins of time.

    python examples/python/event_counts.py FOLDER [BINS]

FOLDER is that of experiments/nmnist_small.toml, whose ten folds these are, too. Prints the accuracy of each fold
and of all recordings.
"""

import sys

import backspike as bs
import numpy as np

LENGTH_MS = 300.0
FOLDS = 10
RIDGE = 1e-2


def features(data: bs.Data) -> np.ndarray:
    """Square roots of counts, whose noise is the same everywhere: [samples, bins * channels]."""
    return np.stack([np.sqrt(data.dense(k)).ravel() for k in range(len(data))])


def distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a * a).sum(1)[:, None] + (b * b).sum(1)[None, :] - 2.0 * a @ b.T


def accuracy(train: bs.Data, test: bs.Data) -> float:
    x, y = features(train), features(test)
    between = distances(x, x)
    width = np.median(between)
    targets = 2.0 * np.eye(10)[train.labels] - 1.0
    weights = np.linalg.solve(np.exp(-between / width) + RIDGE * np.eye(len(x)), targets)
    return float(np.mean(np.argmax(np.exp(-distances(y, x) / width) @ weights, axis=1) == test.labels))


def main() -> None:
    folder, bins = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3
    found = []
    for fold in range(1, FOLDS + 1):
        train, _, test = bs.datasets.nmnist(folder, folds=FOLDS, fold=fold, validation=0.0, bin_ms=LENGTH_MS / bins,
                                            duration_ms=LENGTH_MS, duplicates="count")
        found.append(accuracy(train, test))
        print(f"fold {fold}: {100 * found[-1]:.1f} %", flush=True)
    print(f"mean of {FOLDS} folds, {bins} bins: {100 * np.mean(found):.2f} %")


if __name__ == "__main__":
    main()
