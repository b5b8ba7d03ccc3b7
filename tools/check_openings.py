#!/usr/bin/env python3
"""Checks that every C++ file opens by saying what it is for: a sentence in a `//` comment before anything else.

In a source that comment is the first line; in a header it follows `#pragma once` directly. It is for readers who see
the file for the first time, so a comment of a declaration (`///`) or an equation alone does not count.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("src", "include", "apps", "python/src", "tests", "bench", "examples")
SENTENCE = re.compile(r"// ?[^/\s]")  # not indented, as equations are


def opening_of(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    if path.suffix == ".hpp" and lines[:1] == ["#pragma once"]:
        lines = lines[1:]
    return lines[0] if lines else ""


def main():
    files = [f for folder in FOLDERS for f in sorted((ROOT / folder).rglob("*.[ch]pp"))]
    faults = [f for f in files if not SENTENCE.match(opening_of(f))]
    for f in faults:
        print(f"{f.relative_to(ROOT)}: does not open with a comment that says what it is for")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
