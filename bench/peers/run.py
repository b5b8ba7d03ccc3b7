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
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cases
from chart import draw

HERE = Path(__file__).parent
SYSTEMS = ("backspike", "pytorch", "pytorch-compile", "snntorch", "norse", "spikingjelly", "spyx")
COMPILED = ("fashion", "recurrent-T250-3%")  # compiling takes long
CHECKED = {**{system: ("wide-512-5%", "deep-fast_sigmoid") for system in SYSTEMS[1:]},
           "pytorch": ("wide-512-5%", "deep-fast_sigmoid", "deep-triangle", "fashion"), "spyx": ("wide-512-5%",)}
WARM = {"spyx": 3, "pytorch-compile": 2}  # repetitions that compile
TOLERANCE = 1e-4  # of a gradient, relative to its largest entry
FIELDS = {"case": str, "system": str, "version": str, "seconds_median": float, "seconds_iqr": float,
          "peak_rss_bytes": int, "ratio": float}


class Gone(Exception):
    """A system that cannot take part; the text says why."""


class Worker:
    def __init__(self, system: str, case: cases.Case) -> None:
        self.system, self.case, self.seconds = system, case, []
        self.others: list[float] = []
        self.errors = tempfile.TemporaryFile("w+")  # a pipe that nobody reads could fill up
        self.process = subprocess.Popen([sys.executable, HERE / "worker.py", system, case.name], stdin=subprocess.PIPE,
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
        self.peak, self.cpu = got["peak"], got["cpu"]
        return got["seconds"]

    def round(self) -> None:
        """At least one repetition, more where they are short."""
        spent, used, cpu, start = 0.0, busy(), self.cpu, time.perf_counter()
        while True:
            took = self.repetition()
            self.seconds += took
            spent += sum(took) * self.case.updates
            if spent > 0.4:
                break
        others = busy() - used - (self.cpu - cpu)
        self.others.append(max(0.0, others / (time.perf_counter() - start) / os.cpu_count()))

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


def busy() -> float:
    """Processor seconds of all processes so far."""
    with open("/proc/stat") as file:
        user, nice, system = (int(x) for x in file.readline().split()[1:4])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


def record_of(system: str, case: cases.Case, facts: dict[str, Any], seconds: list[float], peak: int) -> dict[str, Any]:
    low, middle, high = (quantile(seconds, q) for q in (0.25, 0.5, 0.75))
    record = {"case": case.name, "system": system, "version": facts["version"], "seconds_median": middle,
              "seconds_iqr": high - low, "repetitions": len(seconds), "threads": case.threads,
              "peak_rss_bytes": peak, "rss_before_bytes": facts["before"],
              "input_bytes": 4 * case.steps * case.batch * case.sizes[0]}
    if case.online:
        record["seconds_p99"] = quantile(seconds, 0.99)
    else:
        record["bytes_per_neuron_step"] = (peak - facts["before"]) / (case.steps * case.batch * case.hidden)
    if "activity" in facts:
        record["spikes_per_neuron_step"] = facts["activity"]
    return record


def quantile(values: list[float], q: float) -> float:
    ordered = sorted(values)
    at = q * (len(ordered) - 1)
    below = math.floor(at)
    return ordered[below] + (at - below) * (ordered[min(below + 1, len(ordered) - 1)] - ordered[below])


def measure(case: cases.Case, systems: list[str], rounds: int) -> tuple[list[dict[str, Any]], list[str]]:
    """One record a system, and a line for each that could not take part."""
    absent = []
    workers = [Worker(s, case) for s in systems]
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
    records = []
    for w in workers:
        records.append(record_of(w.system, case, w.facts, w.seconds, w.peak))
        records[-1]["others_cpu_share"] = statistics.median(w.others)
        w.end()
    add_ratios(records)
    return records, absent


def takes_part(system: str, case: cases.Case, tiny: bool) -> bool:
    if case.only and system not in case.only:
        return False
    if system == "pytorch-compile":
        return case.name in (COMPILED[:1] if tiny else COMPILED)
    return True


def smoke(systems: list[str], picked: list[cases.Case]) -> tuple[list[dict[str, Any]], list[str], bool]:
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


def add_ratios(records: list[dict[str, Any]]) -> None:
    own = {r["case"]: r["seconds_median"] for r in records if r["system"] == "backspike"}
    for record in records:
        record["ratio"] = record["seconds_median"] / own.get(record["case"], math.nan)


def check_records(records: list[dict[str, Any]]) -> None:
    for record in records:
        for name, kind in FIELDS.items():
            if not isinstance(record.get(name), kind) or (kind is not str and not record[name] >= 0):
                raise SystemExit(f"record of {record.get('case')}, {record.get('system')}: {name} = {record.get(name)!r}")


def shown(seconds: float) -> str:
    return f"{seconds * 1e6:.1f} us" if seconds < 1e-3 else f"{seconds * 1e3:.1f} ms"


def table(records: list[dict[str, Any]]) -> str:
    lines = ["| case | system | median | IQR | p99 | x ours | peak MiB | others |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for r in records:
        fastest = min(q["seconds_median"] for q in records if q["case"] == r["case"]) == r["seconds_median"]
        middle = f"**{shown(r['seconds_median'])}**" if fastest else shown(r["seconds_median"])
        p99 = shown(r["seconds_p99"]) if "seconds_p99" in r else ""
        lines.append(f"| {r['case']} | {r['system']} | {middle} | {shown(r['seconds_iqr'])} | {p99} | {r['ratio']:.2f} | "
                     f"{r['peak_rss_bytes'] / 2**20:.0f} | {r.get('others_cpu_share', 0):.0%} |")
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
    if options.smoke:
        run_smoke(systems, picked, options.json)
        return
    records: list[dict[str, Any]] = []
    absent: list[str] = []
    for case in picked:
        new, missing = measure(case, [s for s in systems if takes_part(s, case, False)], options.rounds)
        check_records(new)
        records += new
        absent += missing
        for r in new:
            print(f"{r['case']}, {r['system']}: {shown(r['seconds_median'])}, {r['ratio']:.2f}", file=sys.stderr, flush=True)
        if options.json:
            write(options.json, picked, records, absent)
    print(table(records))
    for line in absent:
        print(f"absent: {line}")
    if options.chart:
        draw(records, options.chart)


def run_smoke(systems: list[str], picked: list[cases.Case], file: Path | None) -> None:
    short = [c for c in picked if not c.name.endswith(("-1-thread", "-8%", "-1%"))
             and not any(part in c.name for part in ("16384", "T1000", "T250"))]
    records, absent, good = smoke(systems, short)
    add_ratios(records)
    if "backspike" in systems:
        check_records(records)
    if file:
        write(file, short, records, absent)
    for line in absent:
        print(f"absent: {line}")
    print(f"{len(records)} records of {len(short)} cases are as they should be; at a tiny size, so that their figures mean "
          "nothing")
    if not good or {r["case"] for r in records} != {c.name for c in short if takes_part(systems[0], c, True)}:
        raise SystemExit("a gradient disagrees or a case has no record")


def write(file: Path, picked: list[cases.Case], records: list[dict[str, Any]], absent: list[str]) -> None:
    file.write_text(json.dumps({"processor": processor(), "cases": [asdict(c) for c in picked], "records": records,
                                "absent": absent}, indent=1) + "\n")


def processor() -> str:
    with open("/proc/cpuinfo") as info:
        model = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), "?")
    return f"{model}, {len(os.sched_getaffinity(0))} processors"


if __name__ == "__main__":
    main()
