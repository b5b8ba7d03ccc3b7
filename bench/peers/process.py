"""A system at work in a process of its own, and how much of the processors others took meanwhile."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import cases

WARM = {"spyx": 3, "pytorch-compile": 2}  # repetitions that compile
LEAST_SECONDS = 0.4  # of a round


class Gone(Exception):
    """A system that cannot take part; the text says why."""


class Worker:
    def __init__(self, system: str, case: cases.Case, most_bytes: float) -> None:
        self.system, self.case, self.most_bytes = system, case, most_bytes
        self.seconds: list[float] = []
        self.others: list[float] = []
        self.peak, self.cpu = 0, 0.0
        self.errors = tempfile.TemporaryFile("w+")  # a pipe that nobody reads could fill up
        self.process = subprocess.Popen([sys.executable, Path(__file__).parent / "worker.py", system, case.name],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True)

    def answer(self, limit: float = 240) -> dict[str, Any]:
        until = time.monotonic() + limit
        while not select.select([self.process.stdout], [], [], 0.25)[0]:
            if time.monotonic() > until:
                raise Gone(f"no answer within {limit:g} s")
            if self.resident() > self.most_bytes:
                raise Gone(f"took more than {self.most_bytes / 2**30:.1f} GiB")
        line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            raise Gone((self.errors.read().strip() or "ended without a word").splitlines()[-1])
        return json.loads(line)

    def resident(self) -> int:
        try:
            with open(f"/proc/{self.process.pid}/statm") as file:
                return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError):  # it is just ending
            return 0

    def tell(self, word: str) -> None:
        try:
            self.process.stdin.write(word + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            self.answer()  # says why it ended

    def begin(self) -> None:
        self.facts = self.answer()
        self.cpu = self.facts["cpu"]
        for _ in range(WARM.get(self.system, 0 if self.case.memory else 1)):
            self.repetition()
        self.tell("forget")

    def repetition(self) -> list[float]:
        self.tell("go")
        got = self.answer()
        self.peak, self.cpu = got["peak"], got["cpu"]
        return got["seconds"]

    def round(self) -> None:
        """At least one repetition, more where they are short."""
        spent, used, cpu, start = 0.0, busy(), self.cpu, time.perf_counter()
        while spent < LEAST_SECONDS:
            took = self.repetition()
            self.seconds += took
            spent = time.perf_counter() - start
            if self.case.memory:
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
