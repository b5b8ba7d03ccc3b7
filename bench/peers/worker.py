"""One system in a process of its own, so that its peak memory is its own. `run.py` talks to it line by line in JSON."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
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


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def timed(call: Any, updates: int) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) / updates


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

    ours, own_spikes = with_backspike.gradient(case, **getattr(system, "OURS", {}))
    theirs, spikes = system.gradient(case)
    return {"error": float(np.abs(ours - theirs).max() / np.abs(ours).max()), "spikes": spikes,
            "own_spikes": own_spikes}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("system")
    parser.add_argument("case")
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    talk = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a system prints is not part of the talk
    case = next(c for c in cases.CASES if c.name == options.case)
    case = cases.tiny(case) if options.tiny else case
    prepare(case.threads)
    system = importlib.import_module("with_" + options.system.replace("-", "_"))
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(case.threads)
    if options.check:
        talk.write(json.dumps(check(system, case)) + "\n")
        return
    call = system.stream(case) if case.online else system.training(case)
    facts: dict[str, Any] = {"version": system.version, "before": peak()}
    if options.system == "backspike":
        facts["activity"] = system.spikes_per_neuron_step(case)
    talk.write(json.dumps(facts) + "\n")
    for _ in sys.stdin:  # a line: go
        took = latencies(call, case) if case.online else [timed(call, case.updates)]
        talk.write(json.dumps({"seconds": took, "peak": peak()}) + "\n")


if __name__ == "__main__":
    main()
