"""What the tests of this folder share: the program under the preloaded library of fail_call.cpp, and what must be true
of a run's files after any fault."""

import json
import mmap
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
from harness import CHECKPOINTS, PROGRAM  # noqa: E402

LIBRARY = os.environ.get("BACKSPIKE_FAIL_CALL", "")
LIMIT = 300  # [s] only catches a hang


class Fault:
    """The environment in which the `at`-th of `calls` on files below `folder` fails as `how` (an errno, "short", "kill"
    or "stop"); with `and_later` all that follow do, too. 0 only counts."""

    def __init__(self, folder, calls, at, how, and_later=False):
        self._file = tempfile.NamedTemporaryFile(prefix="backspike_fault_")
        self._file.write(bytes(16))
        self._file.flush()
        self._numbers = mmap.mmap(self._file.fileno(), 16)
        self.environment = dict(os.environ, LD_PRELOAD=LIBRARY, BACKSPIKE_FAULT_COUNTER=self._file.name,
                                BACKSPIKE_FAULT_BELOW=f"{folder}/", BACKSPIKE_FAULT_CALLS=calls,
                                BACKSPIKE_FAULT_AT=str(at), BACKSPIKE_FAULT_AS=str(how))
        if and_later:
            self.environment["BACKSPIKE_FAULT_ALL"] = "1"

    @property
    def calls(self):
        return struct.unpack("QQ", self._numbers[:])[0]

    @property
    def met(self):
        return struct.unpack("QQ", self._numbers[:])[1]


def run(*arguments, fault=None, cwd=None):
    environment = fault.environment if fault else None
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=LIMIT,
                          env=environment, cwd=cwd, errors="replace")


def outcome(run_folder):
    """What must not depend on faults and interruptions: checkpoints and metrics, without the seconds."""
    metrics = [json.loads(line) for line in (run_folder / "metrics.jsonl").read_text().splitlines()]
    for record in metrics:
        record.pop("seconds")
    return {name: (run_folder / name).read_bytes() for name in CHECKPOINTS}, metrics


def names_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def complaint_about_end(result, killed):
    """What is wrong with the way in which a process under a fault ended; empty where nothing is."""
    if killed and result.returncode == -9:
        return ""
    if result.returncode not in (0, 2, 3, 4, 5, 6, 8, 9):
        return f"exit code {result.returncode}: {result.stderr}"
    if result.returncode != 0 and "backspike: " not in result.stderr:
        return f"exit code {result.returncode} without a word"
    if any(words in result.stderr + result.stdout for words in ("a bug of backspike", "internal error", "what():")):
        return result.stderr + result.stdout
    return ""


def is_whole(path):
    """A file at one of a run's or a sweep's names: as its writer meant it, from the first to the last byte."""
    content = path.read_bytes()
    if path.suffix == ".h5":  # the superblock says where the file ends
        return len(content) > 36 and struct.unpack("<Q", content[28:36])[0] == len(content)
    if path.suffix == ".json":
        return isinstance(json.loads(content), dict)
    if path.suffix == ".html":
        return content.endswith(b"</html>\n")
    if path.suffix == ".jsonl":  # grows line by line
        return content.endswith(b"\n") and all(isinstance(json.loads(line), dict) for line in content.splitlines())
    return content.endswith(b"\n")


def half_files(folder, killed):
    """Files that are not whole. One that grows may end in half a line where its writer was killed."""
    return [str(path) for path in folder.rglob("*")
            if path.is_file() and not path.name.startswith(".backspike-")
            and not (killed and path.suffix == ".jsonl") and not is_whole(path)]
