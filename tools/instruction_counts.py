#!/usr/bin/env python3
"""Compares the instructions that the main kernels take with those that were recorded.

  instruction_counts.py PROGRAM RECORD [--record]

PROGRAM is bench/count_kernels. Each kernel runs under callgrind, which counts one call of it: the same number on a
busy machine as on a quiet one. Exit code 1: a kernel takes more than 10 % above its record in RECORD (JSON). Another
compiler makes other code: where it is not the one of the record, nothing is compared. --record writes RECORD anew.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ISA = "avx2"  # the best that valgrind 3.19 knows
MOST = 1.10  # of the recorded count
COMMENT = re.compile(rb"GCC: \([^)]*\) [0-9.]+|clang version [0-9.]+")


def compiler_of(program: Path) -> str:
    """What the compiler wrote into the program about itself."""
    found = sorted({m.decode() for m in COMMENT.findall(program.read_bytes())})
    return found[-1] if found else "unknown"


def count(program: Path, kernel: str, folder: str) -> int:
    command = ["valgrind", "--tool=callgrind", "--toggle-collect=*counted_call*",
               f"--callgrind-out-file={folder}/{kernel}", str(program), kernel]
    run = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "BACKSPIKE_ISA": ISA})
    collected = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or collected is None or int(collected[1]) == 0:
        raise SystemExit(f"instruction_counts: {' '.join(command)} failed (exit code {run.returncode}):\n{run.stderr}")
    return int(collected[1])


def counts_of(program: Path) -> dict[str, int]:
    kernels = subprocess.run([program], check=True, capture_output=True, text=True).stdout.split()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(kernels, pool.map(lambda k: count(program, k, folder), kernels), strict=True))


def compare(recorded: dict[str, int], now: dict[str, int]) -> bool:
    """Prints the table; whether nothing has become dearer, no kernel is missing and none is new."""
    good = True
    print(f"{'kernel':20} {'recorded':>12} {'now':>12} {'change':>8}")
    for kernel in [*recorded, *(k for k in now if k not in recorded)]:
        before, after = recorded.get(kernel), now.get(kernel)
        if before is None or after is None:
            verdict, change = ("NOT RECORDED" if before is None else "GONE"), ""
        else:
            verdict, change = ("MORE THAN 10 %" if after > MOST * before else ""), f"{after / before - 1:+.1%}"
        good = good and not verdict
        print(f"{kernel:20} {before or '':>12} {after or '':>12} {change:>8} {verdict}".rstrip())
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path)
    parser.add_argument("file", type=Path)
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    if shutil.which("valgrind") is None:
        raise SystemExit("instruction_counts: valgrind is not there; ./dev setup installs it")
    compiler = compiler_of(options.program)
    if options.record:
        text = json.dumps({"compiler": compiler, "isa": ISA, "instructions": counts_of(options.program)}, indent=2)
        options.file.write_text(text + "\n")
        print(f"wrote {options.file}")
        return 0
    record = json.loads(options.file.read_text())
    if record["compiler"] != compiler:
        print(f"instruction_counts: built by {compiler}, recorded with {record['compiler']}: nothing is compared")
        return 0
    if compare(record["instructions"], counts_of(options.program)):
        return 0
    print("instruction_counts: if that is meant, record it: ./dev bench --count --record")
    return 1


if __name__ == "__main__":
    sys.exit(main())
