#!/usr/bin/env python3
"""Kills training runs with SIGKILL at random moments and resumes them until they finish; every run must end with the
checkpoints, byte for byte, of one that was never stopped, and with its metrics but for the seconds.

    BACKSPIKE_PROGRAM=build/release/apps/backspike/backspike tests/cli/kill_and_resume.py --kills 20
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

from harness import CHECKPOINTS, EXPERIMENT, PROGRAM, write_idx


def command(experiment, out):
    return [PROGRAM, "train", str(experiment), "--out", str(out), "--resume", "--quiet"]


def outcome(out):
    """What must not depend on interruptions."""
    metrics = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    for record in metrics:
        record.pop("seconds")
    return {name: (out / name).read_bytes() for name in CHECKPOINTS}, metrics


def killed_after(seconds, experiment, out):
    """Whether the process was still running when it was killed; an exit of its own must be a success."""
    process = subprocess.Popen(command(experiment, out), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        _, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return True
    if process.returncode != 0:
        sys.exit(f"a resumed run failed with {process.returncode}: {errors}")
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="backspike_kill_") as name:
        folder = pathlib.Path(name)
        write_idx(folder / "data", train=400)
        experiment = folder / "tiny.toml"
        experiment.write_text(EXPERIMENT.format(path=folder / "data", epochs=options.epochs))
        start = time.monotonic()
        subprocess.run(command(experiment, folder / "reference"), check=True, stdout=subprocess.DEVNULL)
        whole = time.monotonic() - start
        wanted = outcome(folder / "reference")
        kills = runs = 0
        while kills < options.kills:
            runs += 1
            out = folder / f"run{runs}"
            # Moments over the whole length of a run: start, epochs, files, test, report.
            while kills < options.kills and killed_after(rng.uniform(0, whole * 0.7), experiment, out):
                kills += 1
                last = out / "metrics.jsonl"
                epochs = len(last.read_text().splitlines()) if last.exists() else 0
                print(f"kill {kills}: run {runs} had {epochs} epochs", flush=True)
            subprocess.run(command(experiment, out), check=True, stdout=subprocess.DEVNULL)
            if outcome(out) != wanted:
                sys.exit(f"run {runs} ended with other checkpoints or metrics than the run that was never stopped")
        print(f"{kills} kills in {runs} runs of {options.epochs} epochs: all as if never stopped")


if __name__ == "__main__":
    main()
