#!/usr/bin/env python3
"""How many events a second each reader decodes, ours beside those of other packages: the same file, through Python.

    ./dev bench --readers                    # a recording made here, in every format that we write and others read
    ./dev bench --readers recording.raw      # your own, and what becomes of it in these formats

Two ways: in parts, each of which is dropped when the next one comes (decoding, and nothing else), and whole, into memory, which
a process touches for the first time. One thread each; times of the processor, of all threads of the process, for other work on
the machine not to count. Each figure is the median of processes that readers start in turns. A reader that is not installed,
fails, or gives other events is listed with the reason.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import backspike as bs

SIZE = (640, 480)


@dataclass
class Reader:
    """How a package reads a file: whole, and in parts (None: it cannot)."""

    whole: Callable[[str], Any]
    parts: Callable[[str], Iterable[Any]] | None = None


def with_backspike() -> Reader:
    return Reader(bs.events.read, lambda path: bs.events.info(path).values())


def with_expelliarmus(encoding: str) -> Reader:
    from expelliarmus import Wizard

    def parts(path: str) -> Iterable[Any]:
        wizard: Any = Wizard(encoding=encoding, chunk_size=65536)
        wizard.set_file(path)
        yield from wizard.read_chunk()
    return Reader(lambda path: Wizard(encoding=encoding).read(path), parts)


def with_faery() -> Reader:
    import faery
    return Reader(lambda path: faery.events_stream_from_file(path).to_array(), faery.events_stream_from_file)


def with_evt3() -> Reader:
    import evt3
    return Reader(evt3.decode_file, evt3.decode_file_batches)


def with_tonic_bin() -> Reader:
    import tonic
    return Reader(lambda path: tonic.io.read_mnist_file(path, dtype=tonic.io.events_struct))


def with_tonic_aedat4() -> Reader:
    import tonic
    return Reader(tonic.io.read_aedat4)


def with_aedat() -> Reader:
    import aedat

    def parts(path: str) -> Iterable[Any]:
        return (packet["events"] for packet in aedat.Decoder(path) if "events" in packet)
    return Reader(lambda path: np.concatenate(list(parts(path))), parts)


def with_dv() -> Reader:
    import dv_processing

    def parts(path: str) -> Iterable[Any]:
        recording = dv_processing.io.MonoCameraRecording(path)
        while (events := recording.getNextEventBatch()) is not None:
            yield events.numpy()
    return Reader(lambda path: np.concatenate(list(parts(path))), parts)


READERS: dict[str, dict[str, Callable[[], Reader]]] = {
    "evt3": {"backspike": with_backspike, "expelliarmus": lambda: with_expelliarmus("evt3"), "faery": with_faery,
             "evt3": with_evt3},
    "evt2": {"backspike": with_backspike, "expelliarmus": lambda: with_expelliarmus("evt2"), "faery": with_faery},
    "bin": {"backspike": with_backspike, "tonic": with_tonic_bin},
    "aedat4": {"backspike": with_backspike, "aedat": with_aedat, "dv-processing": with_dv, "faery": with_faery,
               "tonic": with_tonic_aedat4},
}


def made(count: int) -> np.ndarray:
    """A bright edge that moves, with noise, in bursts, as in bench_events."""
    random = np.random.default_rng(1)
    events = np.zeros(count, bs.events.EVENT)
    events["t"] = 1000 + np.cumsum(np.where(random.random(count) < 0.3, random.integers(0, 20, count), 0))
    noise = random.random(count) < 0.125
    events["x"] = np.where(noise, random.integers(0, SIZE[0], count), events["t"] // 500 % SIZE[0])
    events["y"] = random.integers(0, SIZE[1], count)
    events["p"] = random.integers(0, 2, count)
    return events


def write_aedat4(path: Path, events: np.ndarray, size: tuple[int, int]) -> None:
    """With DV's own library, for we do not write this format; its usual compression, LZ4."""
    import dv_processing
    config = dv_processing.io.MonoCameraWriter.EventOnlyConfig("made", size, dv_processing.CompressionType.LZ4)
    writer = dv_processing.io.MonoCameraWriter(str(path), config)
    store = dv_processing.EventStore()
    for t, x, y, p in events.tolist():
        store.push_back(t, x, y, p)
    writer.writeEvents(store)


def files_of(folder: Path, events: np.ndarray, size: tuple[int, int]) -> dict[str, Path]:
    """The recording in each format that it can be written in; small coordinates for N-MNIST's."""
    files = {"evt3": folder / "evt3.raw", "evt2": folder / "evt2.raw", "bin": folder / "small.bin"}
    bs.events.write(files["evt3"], events, size=size, format="evt3")
    bs.events.write(files["evt2"], events, size=size, format="evt2")
    small = events.copy()
    small["x"] %= 34
    small["y"] %= 34
    bs.events.write(files["bin"], small, size=(34, 34))
    try:
        write_aedat4(folder / "dv.aedat4", events[:1000000], size)
        files["aedat4"] = folder / "dv.aedat4"
    except ImportError:
        pass
    return files


def column(read: Any, *names: str) -> np.ndarray:
    """A column of what a reader gives: a field of a structured array, a member, or an entry."""
    for name in names:
        if getattr(read, "dtype", None) is not None and name in (read.dtype.names or ()):
            return np.asarray(read[name]).ravel()
        if hasattr(read, name):
            return np.asarray(getattr(read, name)).ravel()
    raise TypeError(f"no column {names[0]}")


def fault_of(read: Any, expected: np.ndarray) -> str:
    """Empty, or what is wrong with the events."""
    if read is None:
        return "gives nothing"
    read = read[0] if isinstance(read, tuple) else read
    if len(read) != len(expected):
        return f"gives {len(read)} events, not {len(expected)}"
    for name, others in {"x": ("x",), "y": ("y",), "t": ("t", "timestamp")}.items():
        if not np.array_equal(column(read, *others).astype(np.int64), expected[name].astype(np.int64)):
            return f"gives another {name}"
    return ""


def seconds_of(work: Callable[[], Any]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def take_all(parts: Iterable[Any]) -> None:
    for _ in parts:
        pass


def measure_here(kind: str, name: str, path: str) -> dict[str, Any]:
    """In a process of its own. Parts come first, and load the code that the other measurement needs as well."""
    try:
        reader = READERS[kind][name]()
        parts = reader.parts
        found = {"parts": None if parts is None else seconds_of(lambda: take_all(parts(path))),
                 "whole": seconds_of(lambda: reader.whole(path))}
        return {**found, "fault": fault_of(reader.whole(path), bs.events.read(path))}
    except ImportError:
        return {"fault": "not installed"}
    except Exception as error:  # what another package throws is its own affair
        return {"fault": f"fails: {str(error)[:80]}"}


def measured(kind: str, name: str, path: Path) -> dict[str, Any]:
    run = subprocess.run([sys.executable, *sys.argv[:1], "--one", kind, name, str(path)], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, text=True, check=False)
    return json.loads(run.stdout.splitlines()[-1]) if run.returncode == 0 else {"fault": "its process broke off"}


def figure(runs: list[dict[str, Any]], way: str, events: int) -> str:
    seconds = [run[way] for run in runs if run.get(way)]
    return f"{events / statistics.median(seconds) * 1e-6:.1f}" if seconds else "-"


def compare(kind: str, path: Path, rounds: int) -> list[str]:
    """Lines of the table for one file."""
    events = len(bs.events.read(path))
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in READERS[kind]}
    for _ in range(rounds):
        for name, all_runs in runs.items():
            all_runs.append(measured(kind, name, path))
    return [f"| {kind} | {name} | {figure(all_runs, 'parts', events)} | {figure(all_runs, 'whole', events)} | "
            f"{all_runs[-1]['fault']} |" for name, all_runs in runs.items()]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", metavar="FILE", help="recordings to use instead of a made one")
    parser.add_argument("--events", type=int, default=4000000, help="of the made recording")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)  # format, reader, file: for a process of its own
    options = parser.parse_args()
    os.environ["RAYON_NUM_THREADS"] = "1"
    if options.one:
        print(json.dumps(measure_here(*options.one)))
        return 0
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; medians of {options.rounds}\n")
    print("| format | reader | in parts | whole | |\n| --- | --- | --- | --- | --- |")
    for name in options.files or [""]:
        events = bs.events.read(name) if name else made(options.events)
        size = SIZE
        if name:
            facts = bs.events.info(name)
            size = (facts["width"] or SIZE[0], facts["height"] or SIZE[1])
        with tempfile.TemporaryDirectory() as folder:
            for kind, path in files_of(Path(folder), events, size).items():
                print("\n".join(compare(kind, path, options.rounds)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
