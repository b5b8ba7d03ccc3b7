#!/usr/bin/env python3
"""Whether two builds of the program train to the same bytes: a short run of every experiment in experiments/ with each.

  tools/same_checkpoints.py BEFORE AFTER [--data DIR] [--only NAME...]

For changes that must not change what is computed: build, keep the program, change, build again, compare. Recordings are
looked for in DIR (default: what the tests use), an experiment without its recordings is left out, saying so. Exit code
1 if any checkpoint differs.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = ("checkpoint_initial.h5", "checkpoint_last.h5", "checkpoint_best.h5")
SHORT = ["train.epochs=2"]
SHORT_OF_AGENTS = ["agent.steps=2000"]
# What makes a run short, or says where its recordings are: paths are below DIR.
MORE = {
    "fashion_mnist": ["data.limit=600"],
    **{graph: ["data.limit=600"] for graph in ("chain", "skip", "filter", "sparse", "reservoir", "delayed_match")},
    **{seen: ["data.limit=100"] for seen in ("fashion_conv", "fashion_conv_small", "fashion_events", "fashion_events_dense")},
    **{small: ["data.path={data}/nmnist_small", "data.limit=60"] for small in ("nmnist_small", "nmnist_small_dense")},
    "nmnist": ["data.path={data}/nmnist", "data.limit=60"],
    "dvs_gesture": ["data.path={data}/dvs_gesture", "data.limit=20"],
    "ecg_waves": ["data.path={data}/ecg_qtdb", "data.limit=40"],
    "reset_learning": ["data.path={data}/fsdd/recordings", "data.limit=100"],
    "spoken_digits": ["data.path={data}/fsdd/recordings", "data.limit=100"],
    "spoken_digits_delays": ["data.path={data}/fsdd/recordings", "data.limit=100"],
    "shd_delays": ["data.path={made}/digits_train.h5", "data.test_path={made}/digits_test.h5"],
}
ENCODED = ["data.path={data}/fsdd/recordings", "data.limit=100"]  # stands for a data set that we do not have


def settings(name, data, made, acts=False):
    return (SHORT_OF_AGENTS if acts else SHORT) + [text.format(data=data, made=made) for text in MORE.get(name, [])]


def missing(texts):
    paths = [text.split("=", 1)[1] for text in texts if "path=" in text]
    return [path for path in paths if not Path(path).exists()]


def run(program, command, experiment, texts, *words):
    overrides = [word for text in texts for word in ("--set", text)]
    line = [program, command, experiment, *overrides, "--quiet", *words]
    done = subprocess.run(line, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, line))}\n{done.stderr}")


def encode(program, data, folder):
    texts = [text.format(data=data) for text in ENCODED]
    if not missing(texts):
        run(program, "encode", ROOT / "experiments" / "spoken_digits.toml", texts, "--out", folder / "digits.h5")


def differing(experiment, texts, programs, folder):
    for which, program in programs.items():
        run(program, "train", experiment, texts, "--out", folder / which, "--threads", "2")
    pairs = [[(folder / which / name).read_bytes() for which in programs] for name in FILES]
    return [name for name, (before, after) in zip(FILES, pairs) if before != after]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--only", nargs="+", default=[])
    given = parser.parse_args()
    programs = {"before": given.before.resolve(), "after": given.after.resolve()}
    with tempfile.TemporaryDirectory() as folder:
        return 1 if compare_all(programs, given.data.resolve(), given.only, Path(folder)) else 0


def compare_all(programs, data, only, folder):
    """The experiments that end in other bytes."""
    encode(programs["before"], data, folder)
    different = []
    for experiment in sorted((ROOT / "experiments").rglob("*.toml")):
        name, texts = experiment.stem, settings(experiment.stem, data, folder, "\n[environment]" in experiment.read_text())
        if only and name not in only:
            continue
        if missing(texts):
            print(f"{name}: left out, not there: {', '.join(missing(texts))}")
            continue
        found = differing(experiment, texts, programs, folder / name)
        print(f"{name}: " + (f"DIFFERENT {' '.join(found)}" if found else f"the same {', '.join(FILES)}"), flush=True)
        different += [name] if found else []
    return different


if __name__ == "__main__":
    sys.exit(main())
