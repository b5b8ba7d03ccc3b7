"""Network.load_data and the command line's --data read the same: by the network's own settings, and what is said beside
them."""

from __future__ import annotations

import json
import os
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import CLASSES, pulses, small_network

import backspike as bs

BUILT = Path(__file__).parents[2] / "build/release/apps/backspike/backspike"
PROGRAM = Path(os.environ.get("BACKSPIKE_PROGRAM", BUILT))
needs_program = pytest.mark.skipif(not PROGRAM.exists(), reason=f"the command line is not built: no {PROGRAM}")

SIDE, STEPS = 6, 12


def run(folder: Path, *arguments: str) -> str:
    done = subprocess.run([str(PROGRAM), *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def same_events(a: bs.Data, b: bs.Data) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a.rows, b.rows, strict=True))


def of_arrays(folder: Path) -> tuple[bs.Network, str]:
    """A network that learned from arrays, and a file of spikes."""
    x, y = pulses(40)
    net = small_network()
    net.fit(x, y, epochs=1)
    bs.Data(x, y).save(f"{folder}/f.h5")
    return net, f"{folder}/f.h5"


def of_images(folder: Path) -> tuple[bs.Network, str]:
    """A network that learned from images, which its experiment's encoder made spikes of, and a file of them."""
    random = np.random.default_rng(1)
    for part, count in (("train", 40), ("t10k", 8)):
        pixels = random.integers(0, 256, count * SIDE * SIDE, dtype=np.uint8).tobytes()
        (folder / f"{part}-images-idx3-ubyte").write_bytes(struct.pack(">IIII", 0x803, count, SIDE, SIDE) + pixels)
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, count) +
                                                           bytes(k % CLASSES for k in range(count)))
    (folder / "e.toml").write_text('[data]\nsource = "idx"\npath = "."\n'
                                   f'encoder = {{kind = "latency", steps = {STEPS}, threshold = 0.1}}\n'
                                   '[[network.layer]]\ncell = "lif"\nsize = 8\n[[network.layer]]\n'
                                   'cell = "leaky_integrator"\n[train]\nepochs = 1\n')
    experiment = bs.Experiment(str(folder / "e.toml"))
    train, _, _ = experiment.load_data()
    net = experiment.network(train)
    net.fit(train)
    return net, f"{folder}/t10k-images-idx3-ubyte"


def test_a_network_of_arrays_is_told_how_to_read_a_file(tmp_path: Path) -> None:
    net, path = of_arrays(tmp_path)
    plain = net.load_data(path)
    assert same_events(net.load_data(path, time_unit="s"), plain)
    assert same_events(net.load_data(path, duplicates="count"), plain)
    squeezed = net.load_data(path, time_unit="ms")  # every spike is then in the first steps
    assert len(squeezed) == len(plain) and not same_events(squeezed, plain)
    assert net.load_data(path, duration_ms=4).lengths[0] == 4
    with pytest.raises(bs.InvalidValueError, match="data.bin_ms"):
        net.load_data(path, bin_ms=2.0)  # its steps are as wide as the network's
    with pytest.raises(bs.ConfigError, match="time_unit"):
        net.load_data(path, time_unit="hours")


def test_keys_stand_beside_the_networks_own(tmp_path: Path) -> None:
    net, path = of_images(tmp_path)
    assert net.load_data(path).lengths[0] == STEPS
    bright = net.load_data(path, threshold=0.15)
    assert bright.lengths[0] == STEPS and 0 < bright.rows[0][-1] < net.load_data(path).rows[0][-1]
    assert same_events(net.load_data(path, "idx", threshold=0.15), bright)
    assert same_events(net.load_data(path, encoder=bs.Encoder("latency", threshold=0.15)), bright)
    assert same_events(net.load_data(path, threshold=None), net.load_data(path))


def test_what_would_be_ignored_is_refused(tmp_path: Path) -> None:
    net, path = of_images(tmp_path)
    arrays, spikes = of_arrays(tmp_path)
    for key, value in (("limit", 3), ("validation", 0.5), ("seed", 7)):
        with pytest.raises(bs.InvalidValueError, match=rf"{key} = .*data\.encoder: all samples of"):
            net.load_data(path, **{key: value})
        with pytest.raises(bs.InvalidValueError, match=f"{key} = .*all samples of"):
            arrays.load_data(spikes, **{key: value})
    for source in (None, "spike_hdf5"):
        with pytest.raises(bs.InvalidValueError, match="test_path"):
            arrays.load_data(spikes, source, test_path="other.h5")
    with pytest.raises(bs.ConfigError, match="'step' is no argument of idx"):
        net.load_data(path, step=3)
    with pytest.raises(bs.ConfigError, match="source = 'none'"):
        arrays.load_data(spikes, "none")


@needs_program
def test_the_command_line_reads_the_same(tmp_path: Path) -> None:
    net, path = of_images(tmp_path)
    net.save(f"{tmp_path}/net.h5")
    told = json.loads(run(tmp_path, "evaluate", "net.h5", "--data", path, "--set", "data.encoder.threshold=0.15",
                          "--json"))
    assert told["loss"] == net.evaluate(net.load_data(path, threshold=0.15)).loss
    assert told["loss"] != net.evaluate(net.load_data(path)).loss


@needs_program
def test_names_that_no_terminal_may_see_stay_json(tmp_path: Path) -> None:
    names = ["a\x7fb", "\u202egnp", "\x9b31m", 'caf\u00e9 "d"']
    x, y = pulses(20)
    net = small_network()
    net.fit(bs.Data(x, y, classes=names), epochs=1)
    net.save(f"{tmp_path}/net.h5")
    bs.Data(x, y, classes=names).save(f"{tmp_path}/f.h5")
    shown = run(tmp_path, "predict", "net.h5", "--data", "f.h5", "--json")
    assert shown.isascii()
    assert [json.loads(line)["label_name"] for line in shown.splitlines()] == [names[k] for k in y]
    run(tmp_path, "predict", "net.h5", "--data", "f.h5", "--json", "--out", "told.json")
    assert (tmp_path / "told.json").read_text() == shown
