#!/usr/bin/env python3
"""Backspike beside other systems that train spiking networks on CPUs: the same shapes, input and threads.

`./dev bench --peers` installs them and runs this; without arguments it takes about 20 minutes on two quiet cores. Each
system has a process of its own for each case; their repetitions alternate; the first one does not count.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cases
from chart import draw
from process import WARM, Gone, Worker
from report import (ONE_THREAD, Record, add_ratios, check_records, markdown, memory_table, ratio_text, record_of,
                    shown, table, thread_table, write_json)

HERE = Path(__file__).parent
SYSTEMS = ("backspike", "pytorch", "pytorch-compile", "snntorch", "norse", "spikingjelly", "spyx", "dcls")
COMPILED = ("fashion", "recurrent-T250-3%", "conv-nmnist", "conv-fashion", "conv-gesture")  # compiling takes long
CHECKED = {**{system: ("wide-512-5%", "deep-fast_sigmoid", "conv-fashion") for system in SYSTEMS[1:]}, "dcls": ("delays-25",),
           "pytorch": ("wide-512-5%", "deep-fast_sigmoid", "deep-triangle", "fashion", "conv-nmnist", "conv-fashion"), "spyx": ("wide-512-5%",)}
TOLERANCE = 1e-4  # of a gradient, relative to its largest entry
EXPECTED_BYTES = 40  # of a neuron-step in a system of which nothing is known yet
MANY_WEIGHTS = 1e8  # of which each system keeps four or five numbers


def takes_part(system: str, case: cases.Case, tiny: bool) -> bool:
    if system not in case.only and (case.only or system == "dcls"):  # which is there for delays
        return False
    if system == "pytorch-compile":
        return case.name in (COMPILED[:1] if tiny else COMPILED)
    return True


class Comparison:
    """What has been measured so far."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options, self.most_bytes = options, options.memory * 2**30
        self.records: list[Record] = []
        self.absent: list[str] = []
        self.growth: dict[str, float] = {}  # bytes of a neuron-step in the memory case before, by system and network

    def key(self, system: str, case: cases.Case) -> str:
        return f"{system} {case.recurrent}"

    def fits(self, system: str, case: cases.Case) -> bool:
        """Whether it is worth starting. Of our own checkpointed passes nothing is expected."""
        each = self.growth.get(self.key(system, case), 8 if system == "backspike" else EXPECTED_BYTES)
        needed = each * case.neuron_steps + 20 * case.weights
        if case.every or needed <= self.most_bytes:
            return True
        self.absent.append(f"{case.name}: {system}: not started: would need about {needed / 2**30:.1f} GiB, more than "
                           f"--memory {self.options.memory:g} ({each:.0f} bytes a neuron-step)")
        return False

    def measure(self, case: cases.Case, systems: list[str]) -> None:
        """All systems in turns; one after another where they would not fit beside each other."""
        systems = [s for s in systems if self.fits(s, case)]
        apart = case.memory or case.weights > MANY_WEIGHTS
        new: list[Record] = []
        for group in ([s] for s in systems) if apart else [systems]:
            new += self.measure_group(case, group)
        add_ratios(new)
        check_records(new)
        for r in new:
            print(f"{r['case']}, {r['system']}: {shown(r['seconds_median'])}, {ratio_text(r)} x ours", file=sys.stderr,
                  flush=True)
        self.records += new

    def measure_group(self, case: cases.Case, systems: list[str]) -> list[Record]:
        workers = [Worker(s, case, self.most_bytes) for s in systems]
        self.each(workers, Worker.begin)
        start = time.monotonic()
        for k in range(1 if case.memory else self.options.rounds):
            if k >= 2 and time.monotonic() - start > self.options.seconds:
                break  # long repetitions: their medians need fewer
            self.each(workers, Worker.round)
        records = []
        for w in workers:
            records.append(record_of(w.system, case, w.facts, w.seconds, w.peak))
            records[-1]["others_cpu_share"] = statistics.median(w.others)
            if case.memory and not case.every:
                self.growth[self.key(w.system, case)] = records[-1]["bytes_per_neuron_step"]
            w.end()
        return records

    def each(self, workers: list[Worker], act: Callable[[Worker], None]) -> None:
        """Lets each act; those that cannot are absent."""
        for worker in list(workers):
            try:
                act(worker)
            except Gone as e:
                self.absent.append(f"{worker.case.name}: {worker.system}: {e}")
                workers.remove(worker)
                worker.end()


class Progress:
    """How far it is, and how long the rest will take if it goes on like this."""

    def __init__(self, work: list[tuple[cases.Case, list[str]]], rounds: int, seconds: float) -> None:
        self.costs = [self.cost(case, systems, rounds, seconds) for case, systems in work]
        self.start, self.done = time.monotonic(), 0

    @staticmethod
    def cost(case: cases.Case, systems: list[str], rounds: int, seconds: float) -> float:
        """Very roughly, in seconds: starting, and for each system warming up and rounds of products and loops."""
        step = 6e-11 * case.weights * case.batch * case.steps + 5e-8 * case.neuron_steps
        each = max(0.4, 2 * step / case.threads)
        warm = 0.5 * each * sum(WARM.get(s, 1) for s in systems)
        turn = each * len(systems)
        measured = turn if case.memory else min(rounds * turn, max(2 * turn, seconds + turn))
        return (5 if case.memory else 2.5) * len(systems) + warm + measured

    def tell(self, case: cases.Case, systems: list[str]) -> None:
        elapsed, known = time.monotonic() - self.start, sum(self.costs[:self.done])
        rest = sum(self.costs[self.done:]) * (elapsed / known if known > 20 else 1.0)
        print(f"[{self.done + 1}/{len(self.costs)}] {case.name}, {len(systems)} systems; {elapsed / 60:.1f} min so "
              f"far, about {rest / 60:.0f} min to go", file=sys.stderr, flush=True)
        self.done += 1


def smoke(systems: list[str], picked: list[cases.Case]) -> tuple[list[Record], list[str], bool]:
    """Records of all cases at a tiny size, what is absent, and whether gradients agree on networks that spike."""
    started = {}
    for system in systems:
        names = ",".join(c.name for c in picked if takes_part(system, c, True))
        started[system] = subprocess.Popen([sys.executable, HERE / "worker.py", system, names, "--smoke", "--check",
                                            ",".join(CHECKED.get(system, ()))], stdout=subprocess.PIPE,
                                           stderr=subprocess.PIPE, text=True)
    records, absent, good = [], [], True
    for system, process in started.items():
        out, err = process.communicate()
        if process.returncode:
            absent.append(f"{system}: {(err.strip() or 'ended without a word').splitlines()[-1]}")
        for answer in map(json.loads, out.splitlines()):
            if "check" in answer:
                good = told(system, answer) and good
            else:
                case = next(cases.tiny(c) for c in picked if c.name == answer["case"])
                records.append(record_of(system, case, answer["facts"], answer["seconds"], answer["peak"]))
    return records, absent, good


def told(system: str, answer: dict[str, Any]) -> bool:
    fine = answer["error"] < TOLERANCE and answer["spikes"] == answer["own_spikes"] > 0
    print(f"{system}, {answer['check']}: gradient of the first weight differs by {answer['error']:.1e} of the largest, "
          f"{answer['spikes']:.0f} spikes, ours {answer['own_spikes']:.0f}: {'agrees' if fine else 'DISAGREES'}")
    return fine


def run_smoke(systems: list[str], picked: list[cases.Case], file: Path | None) -> None:
    short = [c for c in picked if not c.name.endswith((ONE_THREAD, "-8%", "-1%"))
             and not any(part in c.name for part in ("16384", "T1000", "T250"))]
    records, absent, good = smoke(systems, short)
    add_ratios(records)
    if "backspike" in systems:
        check_records(records)
        markdown(records, absent)
    if file:
        write_json(file, short, records, absent)
    for line in absent:
        print(f"absent: {line}")
    print(f"{len(records)} records of {len(short)} cases are as they should be; at a tiny size, so that their figures "
          "mean nothing")
    if not good or {r["case"] for r in records} != {c.name for c in short if takes_part(systems[0], c, True)}:
        raise SystemExit("a gradient disagrees or a case has no record")


def is_picked(case: cases.Case, options: argparse.Namespace) -> bool:
    if not options.case:
        return case.by_default or options.all or options.smoke
    names = {c.name for c in cases.CASES}
    compared = case.name.endswith(ONE_THREAD) or case.name + ONE_THREAD in names
    return any(part == case.name if part in names else part in case.name or (part == "threads" and compared)
               for part in options.case)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", action="append", help="of this name, or whose name contains this; threads: those "
                        "with 1 and 2 threads; may be repeated")
    parser.add_argument("--system", action="append", choices=SYSTEMS, help="may be repeated; default: all")
    parser.add_argument("--all", action="store_true", help="those cases too that take long or much memory")
    parser.add_argument("--list", action="store_true", help="say which cases would run, and about how long")
    parser.add_argument("--rounds", type=int, default=3, help="of repetitions in turns (default 3)")
    parser.add_argument("--seconds", type=float, default=20, metavar="N",
                        help="after as many a case stops at two rounds (default 20)")
    parser.add_argument("--memory", type=float, default=10, metavar="GIB",
                        help="a system that would take more is not started, or ended (default 10)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="one record for each case and system")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="the tables, with processor and versions")
    parser.add_argument("--chart", type=Path, metavar="FILE", help="SVG, PNG or PDF")
    parser.add_argument("--smoke", action="store_true", help="everything at a tiny size, and gradients beside ours")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    systems = options.system or list(SYSTEMS)
    picked = [c for c in cases.CASES if is_picked(c, options)]
    if not picked:
        raise SystemExit(f"no case is called {' or '.join(options.case)}; there are: "
                         + ", ".join(c.name for c in cases.CASES))
    if options.smoke:
        run_smoke(systems, picked, options.json)
        return
    work = [(case, [s for s in systems if takes_part(s, case, False)]) for case in picked]
    progress = Progress(work, options.rounds, options.seconds)
    if options.list:
        for (case, some), cost in zip(work, progress.costs, strict=True):
            print(f"{case.name}: {len(some)} systems, about {cost:.0f} s")
        print(f"in all about {sum(progress.costs) / 60:.0f} minutes")
        return
    comparison = Comparison(options)
    for case, some in work:
        progress.tell(case, some)
        comparison.measure(case, some)
        if options.json:
            write_json(options.json, picked, comparison.records, comparison.absent)
        if options.markdown:
            options.markdown.write_text(markdown(comparison.records, comparison.absent))
    print("\n\n".join(t for t in (table(comparison.records), memory_table(comparison.records),
                                  thread_table(comparison.records)) if t))
    for line in comparison.absent:
        print(f"absent: {line}")
    if options.chart:
        draw(comparison.records, options.chart)


if __name__ == "__main__":
    main()
