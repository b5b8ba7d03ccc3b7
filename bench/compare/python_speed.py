#!/usr/bin/env python3
"""What Python costs: training through `fit` against the command line, and one step of `OnlineLearner`.

Needs the installed package and the program: python bench/compare/python_speed.py build/release/apps/backspike/backspike
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import time

import numpy as np

import backspike as bs


def command_line(program: str, experiment: str, epochs: int) -> list[float]:
    """Seconds of each epoch's training."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, "train", experiment, "--set", f"train.epochs={epochs}", "--out", f"{folder}/run"],
                       check=True, capture_output=True)
        with open(f"{folder}/run/metrics.jsonl") as file:
            return [json.loads(line)["seconds"] for line in file]


def from_python(experiment: bs.Experiment, data: tuple[bs.Data, bs.Data, bs.Data], epochs: int) -> list[float]:
    """The same, and the call around it must not take more: the wall time of fit() without validation is returned."""
    net = experiment.network(data[0])
    start = time.perf_counter()
    history = net.fit(data[0], validation=data[1], epochs=epochs, progress=False)
    wall = time.perf_counter() - start
    print(f"  fit() took {wall:.2f} s, of which {sum(history['seconds']):.2f} s in training steps")
    return history["seconds"]


def compare_training(program: str, path: str, epochs: int, rounds: int) -> None:
    experiment = bs.Experiment(path, {"train.epochs": epochs})
    data = experiment.load_data()
    times: dict[str, list[float]] = {"command line": [], "Python": []}
    for _ in range(rounds):
        times["command line"] += command_line(program, path, epochs)
        times["Python"] += from_python(experiment, data, epochs)
    medians = {name: statistics.median(t) for name, t in times.items()}
    for name, t in times.items():
        print(f"{name:13} {medians[name]:.3f} s an epoch (median of {len(t)}; {min(t):.3f} to {max(t):.3f})")
    print(f"Python / command line: {medians['Python'] / medians['command line']:.3f}")


def microseconds_a_step(inputs: int, hidden: int, outputs: int, steps: int) -> list[float]:
    net = bs.Network([bs.Dense(inputs, hidden), bs.LIF(hidden, recurrent=True), bs.Dense(hidden, outputs),
                      bs.LeakyIntegrator(outputs)], threads=1)
    learner = bs.OnlineLearner(net, learning_rate=1e-5)
    x = (np.random.default_rng(0).random((64, inputs)) < 0.02).astype(np.float32)
    target = np.zeros(outputs, np.float32)
    step, taken = learner.step, []
    for k in range(steps):
        row = x[k % 64]
        start = time.perf_counter_ns()
        step(row, values=target)
        taken.append((time.perf_counter_ns() - start) / 1000)
    return sorted(taken[steps // 10:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--experiment", default="experiments/fashion_mnist.toml")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=50000)
    options = parser.parse_args()
    for inputs, hidden, outputs in ((1, 1, 1), (100, 256, 2)):
        t = microseconds_a_step(inputs, hidden, outputs, options.steps)
        print(f"OnlineLearner.step, {inputs}-{hidden}-{outputs}: p50 {t[len(t) // 2]:.2f} us, "
              f"p99 {t[len(t) * 99 // 100]:.2f} us")
    print("the smallest network does next to nothing: its p50 is what a call from Python costs")
    compare_training(options.program, options.experiment, options.epochs, options.rounds)


if __name__ == "__main__":
    main()
