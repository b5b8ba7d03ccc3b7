#!/usr/bin/env python3
"""Trains what the pages of docs/experiments have figures of, and prints these figures as Markdown.

  page_figures.py PROGRAM EXPERIMENTS ROWS [--page NAME ...] [--data DIR] [--out DIR] [--list]

ROWS is docs/experiments/figures.toml, which says what a row is; EXPERIMENTS is the folder of their experiments. A run
whose summary is there is not trained again, so that a broken-off call goes on where it was: after a change of the
engine name another --out. Rows whose recordings are not under --data are named and left out. Figures are the same on
every machine, at every number of threads; exit code 1: a run failed.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

SHARES = ("accuracy", "normalised_mse", "error", "matched_spikes", "extra_spikes")  # of one, shown as percent


@dataclass(frozen=True)
class Row:
    """One row of a table: an experiment under some overrides, once for each seed."""

    page: str
    what: str
    experiment: str
    figures: list[str]
    seeds: int = 3
    set: list[str] = field(default_factory=list)
    data: str = ""
    args: list[str] = field(default_factory=list)

    def folder(self, out: Path, seed: int) -> Path:
        return out / self.page / re.sub(r"[^a-z0-9]+", "-", self.what.lower()).strip("-") / f"seed{seed}"

    def command(self, program: Path, experiments: Path, data: Path, folder: Path, seed: int) -> list[str]:
        settings = list(self.set) + ([f"data.path={data / self.data}"] if self.data else [])
        chosen = [word for setting in settings for word in ("--set", setting)]
        return [str(program), "train", str(experiments / f"{self.experiment}.toml"), "--seed", str(seed), "--out",
                str(folder), "--resume", "--quiet", *chosen, *self.args]


def summaries(folder: Path) -> list[dict]:
    """That of a run, or those of its parts where each speaker was left out in turn."""
    files = sorted(folder.glob("*/summary.json")) or list(folder.glob("summary.json"))
    return [json.loads(file.read_text()) for file in files]


def figure(summary: dict, name: str) -> float:
    value: object = summary
    for key in name.split("."):
        if not isinstance(value, dict) or value.get(key) is None:
            sys.exit(f"page_figures: the summary of {summary['name']} has no figure '{name}'")
        value = value[key]
    return float(value)


def text(name: str, value: float) -> str:
    return f"{100 * value:.3g} %" if any(word in name for word in SHARES) else f"{value:.4g}"


def train(row: Row, seed: int, folder: Path, command: list[str]) -> bool:
    if summaries(folder) and not row.args:
        return True
    print(f"{row.page}: {row.what}, seed {seed}", file=sys.stderr, flush=True)
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        print(f"failed ({run.returncode}): {' '.join(command)}\n{run.stderr}", file=sys.stderr)
    return run.returncode == 0


def lines(row: Row, folders: list[Path]) -> list[str]:
    out = []
    for name in row.figures:
        values = [fmean(figure(summary, name) for summary in summaries(folder)) for folder in folders]
        by_seed = ", ".join(text(name, v) for v in values)
        out.append(f"| {row.what} | {name} | {by_seed} | {text(name, fmean(values))} |")
    return out


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path)
    parser.add_argument("experiments", type=Path)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--page", action="append", help="of that page only; any number of times")
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of recordings (default: data)")
    parser.add_argument("--out", type=Path, default=Path("runs/figures"), help="default: runs/figures")
    parser.add_argument("--list", action="store_true", help="name the rows and train nothing")
    return parser.parse_args()


def read_rows(file: Path, pages: list[str] | None) -> list[Row]:
    rows = [Row(**entry) for entry in tomllib.loads(file.read_text())["row"]]
    unknown = set(pages or []) - {row.page for row in rows}
    if unknown:
        sys.exit(f"page_figures: no row is of the page {', '.join(sorted(unknown))}; "
                 f"there are {', '.join(sorted({row.page for row in rows}))}")
    return [row for row in rows if not pages or row.page in pages]


def main() -> int:
    asked, failed, page = options(), False, ""
    for row in read_rows(asked.rows, asked.page):
        if asked.list:
            print(f"{row.page}: {row.what} ({row.seeds} runs)")
            continue
        if row.data and not (asked.data / row.data).exists():
            print(f"{row.page}: {row.what} left out, no {asked.data / row.data}; name their folder by --data",
                  file=sys.stderr)
            continue
        folders = [row.folder(asked.out, seed) for seed in range(1, row.seeds + 1)]
        done = [train(row, seed, folder, row.command(asked.program, asked.experiments, asked.data, folder, seed))
                for seed, folder in enumerate(folders, 1)]
        if not all(done):
            failed = True
            continue
        if row.page != page:
            page = row.page
            print(f"\n{page}\n\n| what | figure | by seed | mean |\n| --- | --- | --- | --- |")
        print("\n".join(lines(row, folders)), flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
