"""One system in a process of its own, so that its peak memory is its own. `run.py` talks to it line by line in JSON."""

from __future__ import annotations

import argparse
import ctypes
import gc
import importlib
import json
import os
import sys
import time
from typing import Any

import cases
import numpy as np


def prepare(threads: int) -> None:
    """Before anything that counts processors is imported."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(threads)
    os.environ["JAX_PLATFORMS"] = "cpu"


def forget_peak() -> int:
    """Resident bytes now; from here on the peak is counted, so that building input and network is not in it."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    return status("VmRSS")


def status(key: str) -> int:
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(key))


def timed(call: Any, updates: int) -> list[float]:
    """Seconds of a training step; several if the system tells them itself."""
    start = time.perf_counter()
    told = call()
    return told or [(time.perf_counter() - start) / updates]


def load_code(system: Any, case: cases.Case) -> None:
    """Trains a tiny network, so that what a library loads when it is first used is not counted as this case's."""
    system.training(cases.tiny(case))()


def latencies(step: Any, case: cases.Case) -> list[float]:
    rows = [np.ascontiguousarray(x[0]) for x in cases.samples(case)[0]]
    taken = []
    for row in rows:
        start = time.perf_counter_ns()
        step(row)
        taken.append((time.perf_counter_ns() - start) * 1e-9)
    return taken


def check(system: Any, case: cases.Case) -> dict[str, Any]:
    """How far the gradient of the first weight is from ours, relative to the largest; and the hidden spikes."""
    import with_backspike

    options = dict(getattr(system, "OURS", {}))  # what it does differently
    if "surrogates" in options:
        options["surrogate"] = options.pop("surrogates")[case.surrogate]
    ours, own_spikes = with_backspike.gradient(case, **options)
    theirs, spikes = system.gradient(case)
    return {"error": float(np.abs(ours - theirs).max() / np.abs(ours).max()), "spikes": spikes,
            "own_spikes": own_spikes}


def smoke(system: Any, names: list[str], checked: list[str], say: Any) -> None:
    """Gradients and every case at a tiny size; an answer a line."""
    by_name = {c.name: cases.tiny(c) for c in cases.CASES}
    for name in checked:
        say({"check": name, **check(system, by_name[name])})
    for name in names:
        case = by_name[name]
        call = system.stream(case) if case.online else system.training(case)
        before = forget_peak()
        for _ in range(2):
            took = latencies(call, case) if case.online else timed(call, case.updates)
        say({"case": name, "facts": {"version": system.version, "before": before}, "seconds": took,
             "peak": status("VmHWM")})
        if case.online and "torch" in sys.modules:
            sys.modules["torch"].set_grad_enabled(True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("system")
    parser.add_argument("case", help="with --smoke: names, with commas between them")
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--check", default="", help="names of cases to compare gradients on")
    options = parser.parse_args()
    talk = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a system prints is not part of the talk

    def say(answer: dict[str, Any]) -> None:
        talk.write(json.dumps(answer) + "\n")

    case = next((c for c in cases.CASES if c.name == options.case), cases.CASES[0])
    prepare(case.threads)
    system = importlib.import_module("with_" + options.system.replace("-", "_"))
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(case.threads)
    if options.smoke:
        smoke(system, options.case.split(","), [c for c in options.check.split(",") if c], say)
        return
    if case.memory:
        load_code(system, case)
    call = system.stream(case) if case.online else system.training(case)
    facts: dict[str, Any] = {"version": system.version}
    if options.system == "backspike" and not case.memory:
        facts["activity"] = system.spikes_per_neuron_step(case)
    facts["before"] = forget_peak()
    facts["cpu"] = sum(os.times()[:2])
    say(facts)
    for line in sys.stdin:  # go, or forget: what compiling took is not in the peak
        if line == "forget\n":
            forget_peak()
            continue
        took = latencies(call, case) if case.online else timed(call, case.updates)
        say({"seconds": took, "peak": status("VmHWM"), "cpu": sum(os.times()[:2])})


if __name__ == "__main__":
    main()
