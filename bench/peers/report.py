"""Records, and the tables made of them."""

from __future__ import annotations

import json
import math
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cases

FIELDS = {"case": str, "system": str, "version": str, "seconds_median": float, "seconds_iqr": float,
          "peak_rss_bytes": int, "ratio": float}
ONE_THREAD = "-1-thread"
Record = dict[str, Any]


def record_of(system: str, case: cases.Case, facts: dict[str, Any], seconds: list[float], peak: int) -> Record:
    low, middle, high = (quantile(seconds, q) for q in (0.25, 0.5, 0.75))
    record = {"case": case.name, "system": system, "version": facts["version"], "seconds_median": middle,
              "seconds_iqr": high - low, "repetitions": len(seconds), "threads": case.threads,
              "peak_rss_bytes": peak, "rss_before_bytes": facts["before"],
              "input_bytes": 4 * case.steps * case.batch * case.sizes[0]}
    if case.online:
        record["seconds_p99"] = quantile(seconds, 0.99)
    else:
        record["bytes_per_neuron_step"] = (peak - facts["before"]) / case.neuron_steps
    if "activity" in facts:
        record["spikes_per_neuron_step"] = facts["activity"]
    return record


def quantile(values: list[float], q: float) -> float:
    ordered = sorted(values)
    at = q * (len(ordered) - 1)
    below = math.floor(at)
    return ordered[below] + (at - below) * (ordered[min(below + 1, len(ordered) - 1)] - ordered[below])


def add_ratios(records: list[Record]) -> None:
    own = {r["case"]: r["seconds_median"] for r in records if r["system"] == "backspike"}
    for record in records:
        reference = own.get(record["case"])
        record["ratio"] = None if reference is None else record["seconds_median"] / reference


def check_records(records: list[Record]) -> None:
    """A ratio may be missing where Backspike has no record."""
    for record in records:
        for name, kind in FIELDS.items():
            if name == "ratio" and record[name] is None:
                continue
            if not isinstance(record.get(name), kind) or (kind is not str and not record[name] >= 0):
                raise SystemExit(f"record of {record.get('case')}, {record.get('system')}: {name} = "
                                 f"{record.get(name)!r}")


def shown(seconds: float) -> str:
    return f"{seconds * 1e6:.1f} us" if seconds < 1e-3 else f"{seconds * 1e3:.1f} ms"


def ratio_text(record: Record) -> str:
    return "" if record["ratio"] is None else f"{record['ratio']:.2f}"


def rows(head: list[str], body: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, ["---"] * len(head), *body])


def table(records: list[Record]) -> str:
    body = []
    for r in records:
        fastest = min(q["seconds_median"] for q in records if q["case"] == r["case"]) == r["seconds_median"]
        middle = f"**{shown(r['seconds_median'])}**" if fastest else shown(r["seconds_median"])
        growth = r.get("bytes_per_neuron_step")
        body.append([r["case"], r["system"], middle, shown(r["seconds_iqr"]),
                     shown(r["seconds_p99"]) if "seconds_p99" in r else "", ratio_text(r),
                     f"{r['peak_rss_bytes'] / 2**20:.0f}", "" if growth is None else f"{growth:.1f}",
                     f"{r.get('others_cpu_share', 0):.0%}"])
    return rows(["case", "system", "median", "IQR", "p99", "x ours", "peak MiB", "growth, bytes a neuron-step",
                 "others"], body)


def memory_table(records: list[Record]) -> str:
    """Bytes a neuron-step: a line a system and network, a column a length."""
    found: dict[str, dict[str, str]] = {}
    lengths: list[str] = []
    for r in records:
        if r["case"].startswith("memory"):
            kind, _, rest = r["case"].partition("-T")
            steps, _, variant = rest.partition("-")
            if steps not in lengths:
                lengths.append(steps)
            network = "recurrent" if kind.endswith("recurrent") else "feed-forward"
            line = f"{network}: {r['system']}{', ' + variant if variant else ''}"
            found.setdefault(line, {})[steps] = f"{r['bytes_per_neuron_step']:.2f}"
    body = [[name, *(values.get(steps, "") for steps in lengths)] for name, values in sorted(found.items())]
    return rows(["bytes a neuron-step", *(f"T = {steps}" for steps in lengths)], body) if body else ""


def thread_table(records: list[Record]) -> str:
    """What a second thread brings, where both were measured."""
    median = {(r["case"], r["system"]): r["seconds_median"] for r in records}
    body = [[case, system, shown(one), shown(two), f"{one / two:.2f}"]
            for (case, system), two in median.items()
            if (one := median.get((case + ONE_THREAD, system))) is not None]
    return rows(["case", "system", "1 thread", "2 threads", "gain"], body) if body else ""


def markdown(records: list[Record], absent: list[str]) -> str:
    versions = dict(sorted({r["system"]: r["version"] for r in records}.items()))
    parts = [processor() + ". " + ", ".join(f"{s} {v}" for s, v in versions.items()) + ".", table(records),
             memory_table(records), thread_table(records), "\n".join(f"- absent: {line}" for line in absent)]
    return "\n\n".join(p for p in parts if p) + "\n"


def write_json(file: Path, picked: list[cases.Case], records: list[Record], absent: list[str]) -> None:
    file.write_text(json.dumps({"processor": processor(), "cases": [asdict(c) for c in picked], "records": records,
                                "absent": absent}, indent=1) + "\n")


def processor() -> str:
    with open("/proc/cpuinfo") as info:
        model = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), "?")
    return f"{model}, {len(os.sched_getaffinity(0))} processors"
