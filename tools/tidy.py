#!/usr/bin/env python3
"""Runs clang-tidy over the sources of src, apps and python, several in one translation unit.

  tidy.py BUILD JOBS

Most of its time goes into headers that every source includes, so that a dozen of sources together take little longer
than one. Sources that do not compile together, for example because both have a helper of the same name, go separate
ways. BUILD has the compile commands. Exit code 1: something was found.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TOGETHER = 12  # sources of one translation unit at most
CHECKED = ("src/", "apps/", "python/src/")
ERROR = re.compile(r"^(/[^:]*\.cpp):\d+:\d+: (?:fatal )?error:", re.MULTILINE)
# Sources that others include are not the main file, of which alone clang-tidy speaks by itself.
FILTER = r"(include/backspike/|\.cpp$)"


def flags_of(entry):
    """What the compiler is told, without itself, a launcher before it, the source and the output."""
    words = shlex.split(entry["command"])
    start = next(k for k, word in enumerate(words) if re.fullmatch(r".*(\+\+|g\+\+-\d+|clang\+\+-\d+)", word))
    return tuple(words[start + 1 : words.index("-o")])


def groups_of(build):
    """Lists of at most TOGETHER neighbours that are compiled alike, with their flags."""
    by_flags = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = os.path.normpath(os.path.join(entry["directory"], entry["file"]))
        if os.path.relpath(path).startswith(CHECKED):
            by_flags.setdefault((flags_of(entry), entry["directory"]), set()).add(path)
    for (flags, folder), paths in by_flags.items():
        ordered = sorted(paths)
        for first in range(0, len(ordered), TOGETHER):
            yield ordered[first : first + TOGETHER], flags, folder


class checker:
    """Checks groups; every translation unit of several sources is a file of its own in `folder`."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def unit(self, paths):
        """The file to compile."""
        if len(paths) == 1:
            return paths[0]
        name = re.sub(r"\W", "_", os.path.relpath(paths[0])) + f"_{len(paths)}.cpp"
        text = "".join(f'#include "{path}"  // NOLINT\n' for path in paths)
        (self.folder / name).write_text(text)
        return str(self.folder / name)

    def strangers(self, paths, flags, directory):
        """The sources that do not compile after those before them."""
        command = ["clang++", *flags, "-w", "-ferror-limit=0", "-fsyntax-only", self.unit(paths)]
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return []
        named = set(ERROR.findall(done.stderr))
        return [path for path in paths[1:] if path in named] or paths[1:]

    def check(self, paths, flags, directory):
        """What clang-tidy says about them; nothing where it is content."""
        said = ""
        while paths:
            now = paths
            while len(now) > 1 and (strangers := self.strangers(now, flags, directory)):
                now = [path for path in now if path not in strangers]
            said += self.tidy(now, flags, directory)
            paths = [path for path in paths if path not in now]
        return said

    def tidy(self, paths, flags, directory):
        command = ["clang-tidy", "--quiet", f"--header-filter={FILTER}", self.unit(paths), "--", *flags]
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return ""
        lines = (done.stdout + done.stderr).splitlines()
        return "\n".join(line for line in lines if not line.endswith("warnings generated.")) + "\n"


def main():
    build, jobs = Path(sys.argv[1]).resolve(), int(sys.argv[2])
    tidy = checker(build / "tidy")
    groups = sorted(groups_of(build), key=lambda group: -len(group[0]))
    found = False
    with ThreadPoolExecutor(jobs) as pool:
        for said in pool.map(lambda group: tidy.check(*group), groups):
            found = found or bool(said)
            print(said, end="", flush=True)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
