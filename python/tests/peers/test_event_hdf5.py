"""Events in HDF5 as h5py writes them, which is what wrote the files of data sets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import backspike as bs

h5py = pytest.importorskip("h5py", reason="writes the files that are read here")


def some_events(count: int = 500) -> np.ndarray:
    random = np.random.default_rng(0)
    events = np.zeros(count, bs.events.EVENT)
    events["x"], events["y"] = random.integers(0, 34, (2, count))
    events["t"] = np.sort(random.integers(0, 300000, count))
    events["p"] = random.random(count) < 0.5
    return events


def same(a: np.ndarray, b: np.ndarray) -> bool:
    return all(np.array_equal(a[name], b[name]) for name in ("x", "y", "t", "p"))


def test_hdf5_of_other_writers(tmp_path: Path) -> None:
    events = some_events()
    plain = np.zeros(len(events), [("x", "i2"), ("y", "i2"), ("t", "i8"), ("p", "?")])
    for name in plain.dtype.names or ():
        plain[name] = events[name]
    with h5py.File(tmp_path / "7_0.hdf5", "w") as file:  # as tonic's cache
        file.create_dataset("data/0", data=plain, compression="lzf", chunks=True)
        file.create_dataset("target/0", data=3)
    assert same(bs.events.read(tmp_path / "7_0.hdf5", strict=True), events)
    with h5py.File(tmp_path / "dsec.h5", "w") as file:
        for name, kind in {"x": "u2", "y": "u2", "t": "u4", "p": "u1"}.items():
            file.create_dataset(f"events/{name}", data=events[name].astype(kind), compression="gzip", chunks=True)
        file["t_offset"] = np.int64(5000)
        file["ms_to_idx"] = np.searchsorted(events["t"], np.arange(0, 300001, 1000))
    later = events.copy()
    later["t"] += 5000
    assert same(bs.events.read(tmp_path / "dsec.h5"), later)
    part = later[(later["t"] >= 50000) & (later["t"] < 60000)]
    assert same(bs.events.read(tmp_path / "dsec.h5", between="50ms:60ms"), part)
    assert bs.events.info(tmp_path / "dsec.h5", between="50ms:60ms")["sliced"] == len(events) - len(part)
