"""Files of event cameras: arrays without a copy, the same answers as the command line's, and back to files."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest

import backspike as bs


def some_events(count: int = 500, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    events = np.zeros(count, bs.events.EVENT)
    events["x"], events["y"] = random.integers(0, 34, (2, count))
    events["t"] = np.sort(random.integers(0, 300000, count))
    events["p"] = random.random(count) < 0.5
    return events


def same(a: np.ndarray, b: np.ndarray) -> bool:
    return all(np.array_equal(a[name], b[name]) for name in ("x", "y", "t", "p"))


@pytest.mark.parametrize("name", ["a.bin", "a.bs2", "a.raw", "a.aedat", "a.npz"])
def test_files_come_back(tmp_path: Path, name: str) -> None:
    events = some_events()
    bs.events.write(tmp_path / name, events, size=(34, 34))
    assert same(bs.events.read(tmp_path / name, strict=True), events)
    found = bs.events.info(tmp_path / name, size=(34, 34))
    assert (found["events"], found["on"], found["width"]) == (500, int(events["p"].sum()), 34)
    assert found["last_us"] == events["t"][-1]


def test_read_takes_no_copy_and_numpy_reads_what_we_write(tmp_path: Path) -> None:
    bs.events.write(tmp_path / "a.npz", some_events(), size=(34, 34))
    events = bs.events.read(tmp_path / "a.npz")
    assert events.base is not None and not events.flags.owndata
    assert events.dtype.names == ("t", "x", "y", "p")
    with np.load(tmp_path / "a.npz") as file:
        assert same(events, {name: file[name] for name in "xytp"})  # type: ignore[arg-type]
        assert file["sensor_size"].tolist() == [34, 34]


def test_arrays_of_numpy_are_read(tmp_path: Path) -> None:
    events = some_events()
    tonic = np.zeros(len(events), [("x", "<i2"), ("y", "<i2"), ("t", "<i8"), ("p", "?")])
    for name in tonic.dtype.names or ():
        tonic[name] = events[name]
    np.save(tmp_path / "tonic.npy", tonic)
    np.save(tmp_path / "ours.npy", events)
    np.savez_compressed(tmp_path / "packed.npz", **{name: events[name] for name in "txyp"})
    for name in ("tonic.npy", "ours.npy", "packed.npz"):
        assert same(bs.events.read(tmp_path / name), events), name
    bs.events.write(tmp_path / "b.bin", tonic)
    assert same(bs.events.read(tmp_path / "b.bin"), events)


def test_slices_and_empty_files(tmp_path: Path) -> None:
    events = some_events()
    bs.events.write(tmp_path / "a.bin", events)
    expected = events[(events["t"] >= 100000) & (events["t"] < 200000)]
    assert same(bs.events.read(tmp_path / "a.bin", between="100ms:200ms"), expected)
    assert same(bs.events.read(tmp_path / "a.bin", between=(100000, 200000)), expected)
    bs.events.write(tmp_path / "none.bin", events[:0])
    assert len(bs.events.read(tmp_path / "none.bin")) == 0
    assert bs.events.info(tmp_path / "none.bin")["first_us"] is None


def test_what_is_refused(tmp_path: Path) -> None:
    (tmp_path / "odd.bin").write_bytes(bytes([1, 1, 0, 0, 9, 1, 1, 0, 0, 8]))
    assert bs.events.info(tmp_path / "odd.bin")["backwards"] == 1
    with pytest.raises(bs.FormatError, match="byte 5, event 1"):
        bs.events.read(tmp_path / "odd.bin", strict=True)
    with pytest.raises(bs.FileError):
        bs.events.read(tmp_path / "missing.bin")
    with pytest.raises(bs.InvalidValueError, match="format = mp4"):
        bs.events.read(tmp_path / "odd.bin", format="mp4")
    with pytest.raises(bs.InvalidValueError, match="size"):
        bs.events.write(tmp_path / "a.raw", some_events())
    with pytest.raises(bs.ShapeError, match="fields x, y, t and p"):
        bs.events.write(tmp_path / "a.bin", np.zeros(3))
    negative = np.zeros(1, [("x", "i4"), ("y", "i4"), ("t", "i8"), ("p", "i1")])
    negative["x"] = -1
    with pytest.raises(bs.InvalidValueError, match="x = -1"):
        bs.events.write(tmp_path / "a.bin", negative)


def test_steps_lose_nothing_and_change_nothing() -> None:
    events = some_events()
    before = events.copy()
    x = bs.events.steps(events, size=(34, 34), bin_us=1000, duplicates="count")
    assert x.shape == (events["t"][-1] // 1000 + 1, 34 * 34 * 2)
    expected = np.zeros_like(x)
    channel = (events["y"].astype(int) * 34 + events["x"]) * 2 + events["p"]
    np.add.at(expected, (events["t"] // 1000, channel), 1)
    assert np.array_equal(x, expected) and x.sum() == len(events)
    assert same(events, before)
    assert bs.events.steps(events[:1], size=(34, 34), bin_us=10**6).sum() == 1
    assert bs.events.steps(events[:0], size=(34, 34), bin_us=1000, count=5).shape == (5, 34 * 34 * 2)
    with pytest.raises(bs.InvalidValueError, match="polarity = up"):
        bs.events.steps(events, size=(34, 34), bin_us=1, polarity="up")


def test_filters_keep_what_a_loop_in_python_keeps() -> None:
    events, size = some_events(400), (34, 34)
    before = events.copy()
    last: dict[tuple[int, int], int] = {}
    rested, spoken_for, spoke = [], [], {}
    for k, e in enumerate(events):
        x, y, t = int(e["x"]), int(e["y"]), int(e["t"])
        if (x, y) not in last or t - last[x, y] >= 50000:
            rested.append(k)
            last[x, y] = t
        around = [(x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]
        if any(p in spoke and t - spoke[p] <= 20000 for p in around):
            spoken_for.append(k)
        spoke[x, y] = t
    assert 0 < len(spoken_for) < 400 and len(rested) < 400
    assert same(bs.events.with_refractory_time(events, size=size, refractory_us=50000), events[rested])
    assert same(bs.events.without_isolated_events(events, size=size, window_us=20000), events[spoken_for])
    events["x"][:50], events["y"][:50] = 3, 4
    quiet = bs.events.without_hot_pixels(events, size=size, most_rate=100.0)
    assert len(quiet) <= 350 and not np.any((quiet["x"] == 3) & (quiet["y"] == 4))
    assert same(before[50:], events[50:])
    with pytest.raises(bs.InvalidValueError, match="sensor"):
        bs.events.without_hot_pixels(events, size=(0, 0), most_rate=1.0)


def test_folders_are_data_sets(tmp_path: Path) -> None:
    for half, each in (("Train", 4), ("Test", 1)):
        for digit in range(10):
            (tmp_path / half / str(digit)).mkdir(parents=True)
            for k in range(each):
                bs.events.write(tmp_path / half / str(digit) / f"{k}.bin", some_events(200, seed=10 * k + digit))
    train, validation, test = bs.datasets.nmnist(tmp_path, bin_ms=10.0, duration_ms=300.0, validation=0.25)
    assert (len(train), len(validation), len(test)) == (30, 10, 10)
    assert train.shape == (2, 34, 34) and train.dense(0).shape == (30, 2312)
    assert sorted(test.labels) == list(range(10))
    tested = [bs.datasets.nmnist(tmp_path, folds=5, fold=k)[2] for k in range(1, 6)]
    assert [len(t) for t in tested] == [10] * 5
    with pytest.raises(bs.InvalidValueError, match=r"data\.events\.width"):
        bs.datasets.events(tmp_path)


def test_live_events_from_a_pipe(tmp_path: Path) -> None:
    events = some_events()
    bs.events.write(tmp_path / "a.raw", events, size=(34, 34))
    os.mkfifo(tmp_path / "pipe")
    sender = threading.Thread(target=lambda: (tmp_path / "pipe").write_bytes((tmp_path / "a.raw").read_bytes()))
    sender.start()
    assert same(np.concatenate(list(bs.events.live(tmp_path / "pipe", timeout=5.0))), events)
    sender.join()
    with pytest.raises(bs.FileError, match="nothing came for 0.1 s"):
        next(bs.events.live(tmp_path / "pipe", timeout=0.1))
