#!/usr/bin/env python3
"""Backspike beside other systems that train spiking networks on CPUs: the same shapes, input and threads.

`./dev bench --peers` installs them and runs this. Each system has a process of its own for each case; their repetitions
alternate; the first one does not count.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import select
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cases
from chart import draw

HERE = Path(__file__).parent
SYSTEMS = ("backspike", "pytorch", "pytorch-compile", "snntorch", "norse", "spikingjelly", "spyx")
COMPILED = ("fashion", "recurrent-T250-3%", "deep-fast_sigmoid", "deep-triangle")  # compiling takes long
CHECKED = {**{system: ("wide-512-5%", "deep-fast_sigmoid") for system in SYSTEMS[1:]},
           "pytorch": ("wide-512-5%", "deep-fast_sigmoid", "deep-triangle", "fashion"), "spyx": ("wide-512-5%",)}
WARM = {"spyx": 3, "pytorch-compile": 2}  # repetitions that compile
TOLERANCE = 1e-4  # of a gradient, relative to its largest entry
FIELDS = {"case": str, "system": str, "version": str, "seconds_median": float, "seconds_iqr": float,
          "peak_rss_bytes": int, "ratio": float}


class Gone(Exception):
    """A system that cannot take part; the text says why."""


class Worker:
    def __init__(self, system: str, case: cases.Case, tiny: bool) -> None:
        self.system, self.case, self.seconds = system, case, []
        self.tiny = tiny
        self.errors = tempfile.TemporaryFile("w+")  # a pipe that nobody reads could fill up
        self.process = subprocess.Popen([sys.executable, HERE / "worker.py", system, case.name,
                                         *(["--tiny"] if tiny else [])], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.errors, text=True)

    def answer(self, limit: float = 240) -> dict[str, Any]:
        ready, _, _ = select.select([self.process.stdout], [], [], limit)
        if not ready:
            raise Gone(f"no answer within {limit:g} s")
        line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            raise Gone((self.errors.read().strip() or "ended without a word").splitlines()[-1])
        return json.loads(line)

    def begin(self) -> None:
        self.facts = self.answer()
        for _ in range(WARM.get(self.system, 1)):
            self.repetition()

    def repetition(self) -> list[float]:
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        got = self.answer()
        self.peak = got["peak"]
        return got["seconds"]

    def round(self) -> None:
        """At least one repetition, more where they are short."""
        spent = 0.0
        while True:
            took = self.repetition()
            self.seconds += took
            spent += sum(took) * self.case.updates
            if spent > 0.4 or self.tiny:
                return

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


def record_of(worker: Worker) -> dict[str, Any]:
    low, middle, high = (quantile(worker.seconds, q) for q in (0.25, 0.5, 0.75))
    case = worker.case
    record = {"case": case.name, "system": worker.system, "version": worker.facts["version"], "seconds_median": middle,
              "seconds_iqr": high - low, "repetitions": len(worker.seconds), "threads": case.threads,
              "peak_rss_bytes": worker.peak, "rss_before_bytes": worker.facts["before"],
              "input_bytes": 4 * case.steps * case.batch * case.sizes[0]}
    if case.online:
        record["seconds_p99"] = quantile(worker.seconds, 0.99)
    else:
        grown = worker.peak - worker.facts["before"]
        record["bytes_per_neuron_step"] = grown / (case.steps * case.batch * case.hidden)
    if "activity" in worker.facts:
        record["spikes_per_neuron_step"] = worker.facts["activity"]
    return record


def quantile(values: list[float], q: float) -> float:
    ordered = sorted(values)
    at = q * (len(ordered) - 1)
    below = math.floor(at)
    return ordered[below] + (at - below) * (ordered[min(below + 1, len(ordered) - 1)] - ordered[below])


def measure(case: cases.Case, systems: list[str], rounds: int, tiny: bool) -> tuple[list[dict[str, Any]], list[str]]:
    """One record a system, and a line for each that could not take part."""
    absent = []
    workers = [Worker(s, cases.tiny(case) if tiny else case, tiny) for s in systems]
    for worker in list(workers):
        try:
            worker.begin()
            if case.batch * case.steps * case.hidden > 2e7:
                print(f"{case.name}, {worker.system}: warm", file=sys.stderr, flush=True)
        except Gone as e:
            absent.append(f"{case.name}: {worker.system}: {e}")
            workers.remove(worker)
            worker.end()
    for _ in range(rounds):
        for worker in list(workers):
            try:
                worker.round()
            except Gone as e:
                absent.append(f"{case.name}: {worker.system}: {e}")
                workers.remove(worker)
                worker.end()
    records = [record_of(w) for w in workers]
    for worker in workers:
        worker.end()
    own = next((r["seconds_median"] for r in records if r["system"] == "backspike"), math.nan)
    for record in records:
        record["ratio"] = record["seconds_median"] / own
    return records, absent


def takes_part(system: str, case: cases.Case, tiny: bool) -> bool:
    if case.only and system not in case.only:
        return False
    if system == "pytorch-compile":
        return case.name in (COMPILED[:1] if tiny else COMPILED)
    return True


def gradients(systems: list[str]) -> bool:
    """Whether every system that is there has our gradient on a tiny network, with spikes in it."""
    good = True
    for system in systems:
        for name in CHECKED.get(system, ()):
            done = subprocess.run([sys.executable, HERE / "worker.py", system, name, "--tiny", "--check"],
                                  capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"{system}: absent: {(done.stderr.strip() or '?').splitlines()[-1]}")
                break
            got = json.loads(done.stdout)
            fine = got["error"] < TOLERANCE and got["spikes"] == got["own_spikes"] > 0
            print(f"{system}, {name}: gradient of the first weight differs by {got['error']:.1e} of the largest, "
                  f"{got['spikes']:.0f} spikes, ours {got['own_spikes']:.0f}: {'agrees' if fine else 'DISAGREES'}",
                  flush=True)
            good = good and fine
    return good


def check_records(records: list[dict[str, Any]]) -> None:
    for record in records:
        for name, kind in FIELDS.items():
            if not isinstance(record.get(name), kind) or (kind is not str and not record[name] >= 0):
                raise SystemExit(f"record of {record.get('case')}, {record.get('system')}: {name} = {record.get(name)!r}")


def shown(seconds: float) -> str:
    return f"{seconds * 1e6:.1f} us" if seconds < 1e-3 else f"{seconds * 1e3:.1f} ms"


def table(records: list[dict[str, Any]]) -> str:
    lines = ["| case | system | median | IQR | p99 | x ours | peak MiB |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for r in records:
        fastest = min(q["seconds_median"] for q in records if q["case"] == r["case"]) == r["seconds_median"]
        middle = f"**{shown(r['seconds_median'])}**" if fastest else shown(r["seconds_median"])
        p99 = shown(r["seconds_p99"]) if "seconds_p99" in r else ""
        lines.append(f"| {r['case']} | {r['system']} | {middle} | {shown(r['seconds_iqr'])} | {p99} | {r['ratio']:.2f} | "
                     f"{r['peak_rss_bytes'] / 2**20:.0f} |")
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", action="append", help="whose name contains this; may be repeated")
    parser.add_argument("--system", action="append", choices=SYSTEMS, help="may be repeated; default: all")
    parser.add_argument("--all", action="store_true", help="those cases too that take long or much memory")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, metavar="FILE", help="one record for each case and system")
    parser.add_argument("--chart", type=Path, metavar="FILE", help="SVG, PNG or PDF")
    parser.add_argument("--smoke", action="store_true", help="everything at a tiny size, and gradients beside ours")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    systems = options.system or list(SYSTEMS)
    picked = [c for c in cases.CASES if (any(part in c.name for part in options.case) if options.case
                                         else c.by_default or options.all or options.smoke)]
    good = not options.smoke or gradients([s for s in systems if s != "backspike"])
    if options.smoke:
        picked = [c for c in picked if "-1-thread" not in c.name and not c.name.endswith(("-8%", "-1%"))
                  and "16384" not in c.name and "T1000" not in c.name]
    records: list[dict[str, Any]] = []
    absent: list[str] = []
    for case in picked:
        taking = [s for s in systems if takes_part(s, case, options.smoke)]
        new, missing = measure(case, taking, 1 if options.smoke else options.rounds, options.smoke)
        check_records(new)
        records += new
        absent += missing
        for r in new:
            print(f"{r['case']}, {r['system']}: {shown(r['seconds_median'])}, {r['ratio']:.2f}", file=sys.stderr, flush=True)
        if options.json:
            options.json.write_text(json.dumps({"cases": [asdict(c) for c in picked], "records": records,
                                                "absent": absent}, indent=1) + "\n")
    print("tiny cases: the figures mean nothing\n" if options.smoke else table(records))
    for line in absent:
        print(f"absent: {line}")
    if options.chart and not options.smoke:
        draw(records, options.chart)
    if not good or (options.smoke and {r["case"] for r in records} != {c.name for c in picked}):
        raise SystemExit("a gradient disagrees or a case has no record")


if __name__ == "__main__":
    main()
