#!/usr/bin/env python3
"""How many events a second each reader decodes, ours beside those of other packages: the same file, whole, into memory.

    ./dev bench --readers                    # a recording made here, in every format that we write and others read
    ./dev bench --readers recording.raw      # your own, and what becomes of it in these formats

One thread each; times of the processor, for other work on the machine not to count, of all threads of the process. Readers
take turns, and the median of the rounds counts. A reader that is not installed, fails, or gives other events is listed with
the reason: a rate of events that are wrong is no rate.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import backspike as bs

SIZE = (640, 480)
Reader = Callable[[str], Any]


def with_backspike(path: str) -> Any:
    return bs.events.read(path)


def with_expelliarmus(encoding: str) -> Reader:
    from expelliarmus import Wizard
    return lambda path: Wizard(encoding=encoding).read(path)


def with_faery() -> Reader:
    import faery
    return lambda path: faery.events_stream_from_file(path).to_array()


def with_evt3() -> Reader:
    import evt3
    return evt3.decode_file


def with_tonic_bin() -> Reader:
    import tonic
    return lambda path: tonic.io.read_mnist_file(path, dtype=tonic.io.events_struct)


def with_tonic_aedat4() -> Reader:
    import tonic
    return tonic.io.read_aedat4


def with_aedat() -> Reader:
    import aedat

    def read(path: str) -> Any:
        return np.concatenate([packet["events"] for packet in aedat.Decoder(path) if "events" in packet])
    return read


def with_dv() -> Reader:
    import dv_processing

    def read(path: str) -> Any:
        recording = dv_processing.io.MonoCameraRecording(path)
        parts = []
        while (events := recording.getNextEventBatch()) is not None:
            parts.append(events.numpy())
        return np.concatenate(parts)
    return read


READERS: dict[str, dict[str, Callable[[], Reader]]] = {
    "evt3": {"expelliarmus": lambda: with_expelliarmus("evt3"), "faery": with_faery, "evt3": with_evt3},
    "evt2": {"expelliarmus": lambda: with_expelliarmus("evt2"), "faery": with_faery},
    "bin": {"tonic": with_tonic_bin},
    "aedat4": {"aedat": with_aedat, "dv-processing": with_dv, "faery": with_faery, "tonic": with_tonic_aedat4},
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


def measured(reader: Reader, path: str) -> float:
    begin = time.process_time()
    reader(path)
    return time.process_time() - begin


def opened(name: str, make: Callable[[], Reader], path: str, expected: np.ndarray) -> tuple[Reader | None, str]:
    try:
        reader = make()
        return reader, fault_of(reader(path), expected)
    except ImportError:
        return None, f"{name} is not installed"
    except Exception as error:  # what another package throws is its own affair
        return None, f"fails: {str(error)[:80]}"


def compare(kind: str, path: Path, rounds: int) -> list[str]:
    """Lines of the table for one file."""
    expected = bs.events.read(path)
    readers: dict[str, Reader] = {"backspike": with_backspike}
    notes: dict[str, str] = {}
    for name, make in READERS.get(kind, {}).items():
        reader, fault = opened(name, make, str(path), expected)
        if reader is not None:
            readers[name] = reader
        notes[name] = fault
    times: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(rounds):
        for name, reader in readers.items():
            times[name].append(measured(reader, str(path)))
    lines = []
    ours = statistics.median(times["backspike"])
    for name in ["backspike", *READERS.get(kind, {})]:
        if name in times:
            seconds = statistics.median(times[name])
            rate, factor = f"{len(expected) / seconds * 1e-6:.1f}", f"{seconds / ours:.1f}"
        else:
            rate, factor = "-", "-"
        lines.append(f"| {kind} | {name} | {rate} | {factor} | {notes.get(name, '')} |")
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", metavar="FILE", help="recordings to use instead of a made one")
    parser.add_argument("--events", type=int, default=4000000, help="of the made recording")
    parser.add_argument("--rounds", type=int, default=11)
    options = parser.parse_args()
    os.environ["RAYON_NUM_THREADS"] = "1"
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; median of {options.rounds} rounds\n")
    print("| format | reader | million events/s | times ours | |\n| --- | --- | --- | --- | --- |")
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
