#!/usr/bin/env python3
"""A tiny run and a tiny sweep, in which the n-th system call of each kind fails, is short, or is the last before the
process is killed. Whatever it is, the program ends with a documented exit code and a sentence, no half-written file
stays at a name, and --resume ends with the bytes of a run that was never disturbed, and with no file more.

Every n is tried with --stride 1, which takes some minutes; the stride of BACKSPIKE_FAULT_STRIDE, or --stride, leaves
some out, others for each kind.

    BACKSPIKE_PROGRAM=build/release/apps/backspike/backspike BACKSPIKE_FAIL_CALL=build/release/tests/faults/libfail_call.so \\
        tests/faults/every_call.py --stride 1
"""

import argparse
import collections
import concurrent.futures
import errno
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from faults import Fault, LIBRARY, PROGRAM, complaint_about_end, half_files, names_in, outcome, run
from harness import EXPERIMENT, write_idx

# Kinds of calls, how they fail, and whether only one does.
CASES = [
    ("open", errno.EMFILE, False),
    ("open", errno.EACCES, True),
    ("read", errno.EIO, False),
    ("read", "short", True),
    ("write", errno.ENOSPC, False),
    ("write", errno.ENOSPC, True),
    ("write", "short", True),
    ("write", errno.EINTR, False),
    ("close", errno.EIO, False),
    ("fsync", errno.EIO, False),
    ("fsync", errno.EIO, True),
    ("rename", errno.ENOSPC, False),
    ("mkdir", errno.EROFS, False),
    ("lock", errno.EIO, False),
    ("lock", errno.ENOLCK, True),
    ("write,truncate", errno.ENOSPC, True),
    ("unlink", errno.EACCES, False),
    ("stat", errno.EIO, False),
    ("open,write,close,fsync,rename,mkdir,unlink", "kill", False),
]


def name_of(how):
    return errno.errorcode.get(how, how) if isinstance(how, int) else how


class Subject:
    """What is run under faults, in folders of its own, and what must come of it."""

    def __init__(self, folder, name, command, members):
        self.folder, self.name, self.command, self.members = folder / name, name, command, members
        self.folder.mkdir()
        self.reference = self.folder / "reference"
        self.finish(self.reference)
        self.wanted, self.names = self.outcome(self.reference), names_in(self.reference)

    def arguments(self, out):
        return [*self.command, "--out", out, "--resume"]

    def finish(self, out):
        result = run(*self.arguments(out))
        if result.returncode != 0:
            raise AssertionError(f"{self.name}: without a fault, exit code {result.returncode}: {result.stderr}")

    def outcome(self, out):
        return [outcome(out / member) for member in self.members]

    def count(self, calls, how):
        out = self.folder / "counted"
        fault = Fault(out.parent.parent, calls, 0, how)
        result = run(*self.arguments(out), fault=fault)
        shutil.rmtree(out)
        if result.returncode != 0 or fault.met != 0:
            raise AssertionError(f"{self.name}: counting calls failed: {result.stderr}")
        return fault.calls

    def try_one(self, calls, how, and_later, at):
        """What is wrong, in a sentence; or "" and the exit code of the disturbed process."""
        out = self.folder / f"{calls}_{how}_{and_later}_{at}"
        fault = Fault(out.parent.parent, calls, at, how, and_later)
        result = run(*self.arguments(out), fault=fault)
        killed = how == "kill"
        wrong = complaint_about_end(result, killed)
        # How many calls a sweep makes depends on the time its members take: fewer than were counted is no fault of it.
        if not wrong and fault.met == 0 and (fault.calls >= at or result.returncode != 0):
            wrong = "no fault was met"
        if not wrong and (half := half_files(out, killed)):
            wrong = f"half-written: {half}"
        if not wrong:
            wrong = self.resume(out)
        if not wrong:
            shutil.rmtree(out)
        return wrong, result.returncode

    def resume(self, out):
        result = run(*self.arguments(out))
        if result.returncode != 0:
            return f"--resume afterwards ended with {result.returncode}: {result.stderr}"
        if self.outcome(out) != self.wanted:
            return "--resume afterwards ended with other bytes"
        if names_in(out) != self.names:
            return f"--resume afterwards left {set(names_in(out)) ^ set(self.names)}"
        return ""


def try_all(subject, stride, workers):
    failures = tried = 0
    for number, (calls, how, and_later) in enumerate(CASES):
        count = subject.count(calls, how)
        places = range(1 + number % stride if count > stride else 1, count + 1, stride)
        codes = collections.Counter()
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            tries = pool.map(lambda at: (at, *subject.try_one(calls, how, and_later, at)), places)
            for at, wrong, code in tries:
                tried += 1
                codes[code] += 1
                if wrong:
                    failures += 1
                    print(f"FAILED {subject.name}, {calls} number {at} {name_of(how)}: {wrong}", flush=True)
        ends = ", ".join(f"{n} times {code}" for code, n in sorted(codes.items()))
        print(f"{subject.name}: {calls} {name_of(how)}{' from there on' if and_later else ''}: "
              f"{len(places)} of {count} calls; exit codes: {ends}", flush=True)
    return tried, failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stride", type=int, default=int(os.environ.get("BACKSPIKE_FAULT_STRIDE", "11")))
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--only", choices=("run", "sweep"), help="one of the two")
    parser.add_argument("--keep", action="store_true", help="the folder, to look at what failed")
    options = parser.parse_args()
    if not LIBRARY or not pathlib.Path(LIBRARY).exists():
        sys.exit("BACKSPIKE_FAIL_CALL does not name the library")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="backspike_faults_")).resolve()
    write_idx(folder / "data", train=32, test=8)
    experiment = folder / "tiny.toml"
    experiment.write_text(EXPERIMENT.format(path=folder / "data", epochs=2))
    quiet = [experiment, "--quiet", "--threads", "1"]
    kinds = {"run": (["train", *quiet], ["."]),
             "sweep": (["sweep", *quiet, "--seeds", "2", "--jobs", "1"], ["seed3", "seed4"])}
    subjects = [Subject(folder, name, *kind) for name, kind in kinds.items() if options.only in (None, name)]
    totals = [try_all(subject, options.stride, options.workers) for subject in subjects]
    if not options.keep:
        shutil.rmtree(folder)
    tried, failures = (sum(column) for column in zip(*totals))
    print(f"{tried} faults, {failures} failures, with every {options.stride}. call")
    return 1 if failures else 0


if __name__ == "__main__":
    print(f"testing {PROGRAM}")
    sys.exit(main())
