#!/usr/bin/env python3
"""Checks the order of floors and the size of halls.

A file includes files of its own module and of those below it, never of those above: FLOORS, from the bottom. And no
folder holds more than LARGEST files side by side: beyond, nobody sees what is there.
"""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ["core", "scalar", "cell", "connection", "data", "environment", "objective", "network", "kernels", "metric", "optimise",
          "gradient", "online", "events", "io", "report", "robustness", "hardware", "deploy", "experiment"]
LARGEST = 20
# Lists of cases: one file each, found by name, and nothing else.
ALIKE = ("tests/fuzz/corpus/", "docs/images", "docs/experiments", "docs/adr", "experiments")
INCLUDE = re.compile(r'^#include [<"](?:backspike/)?([a-z_]+)/([^>"]+)[>"]', re.MULTILINE)


def files():
    listing = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "ls-files", "--cached", "--others", "--exclude-standard"],
                             cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Path(line) for line in listing.splitlines() if (ROOT / line).is_file()]


def module_of(path):
    parts = path.parts
    return parts[1] if parts[0] == "src" else parts[2] if parts[:2] == ("include", "backspike") else None


def ways_up(path):
    module = module_of(path)
    if module not in FLOORS:
        return
    for above, rest in INCLUDE.findall((ROOT / path).read_text(encoding="utf-8")):
        if above in FLOORS and FLOORS.index(above) > FLOORS.index(module):
            yield f"{path}: includes {above}/{rest}, which stands above {module}"


def full_halls(paths):
    count = Counter(str(path.parent) for path in paths)
    for folder, number in sorted(count.items()):
        if number > LARGEST and not folder.startswith(ALIKE):
            yield f"{folder}: {number} files side by side; at most {LARGEST}: make rooms"


def main():
    paths = files()
    faults = [fault for path in paths if path.suffix in (".cpp", ".hpp") for fault in ways_up(path)]
    faults += full_halls(paths)
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
