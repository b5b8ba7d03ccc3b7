"""Data sets in Python: the same samples as an experiment reads, with arguments that come from the schema."""

import inspect
from pathlib import Path

import numpy as np
import pytest

import backspike as bs
from backspike._settings import SCHEMA

FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")
needs_fashion_mnist = pytest.mark.skipif(not FASHION_MNIST.exists(), reason="dataset-fashion-mnist is not installed")


def same_events(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a.rows, b.rows, strict=True))


def test_every_source_has_a_function():
    assert {"fashion_mnist", "spike_hdf5", "evidence_accumulation"} <= set(bs.datasets.SOURCES)
    for source in bs.datasets.SOURCES:
        function = getattr(bs.datasets, source)
        assert function.__name__ == source
        for argument in inspect.signature(function).parameters:
            assert f"    {argument}: " in function.__doc__


def test_every_key_of_the_data_tables_is_an_argument_of_some_source():
    """Which source reads a key stands in its meaning; a meaning that names none would lose the key here."""
    reached = {key for source in bs.datasets.SOURCES for key, _ in bs.datasets.arguments_of(source).values()}
    tables = [t for t in SCHEMA["experiment"] if t["name"] == "data" or t["name"].startswith("data.")]
    wanted = {f"{t['name']}.{key['name']}" for t in tables for key in t["keys"]} - {"data.source"}
    assert wanted <= reached


def test_a_source_has_only_arguments_that_it_reads():
    arguments = {s: set(inspect.signature(getattr(bs.datasets, s)).parameters) for s in bs.datasets.SOURCES}
    assert {"path", "encoder", "steps"} <= arguments["fashion_mnist"]
    assert "test_path" in arguments["spike_hdf5"] and "test_path" not in arguments["fashion_mnist"]
    assert "path" not in arguments["pattern_generation"] and "encoder" not in arguments["wav_digits"]


def test_generated_trials():
    train, validation, test = bs.datasets.evidence_accumulation(train_trials=6, validation_trials=2, test_trials=3,
                                                                cues=1)
    assert (len(train), len(validation), len(test)) == (6, 2, 3)
    assert train.channels == 40 and train.lengths[0] == 1 * (100 + 50) + 1050 + 150
    assert train.rows[0][-1] > 0


def test_seed_and_limit():
    first, again, other = (bs.datasets.evidence_accumulation(limit=2, seed=s)[0] for s in (1, 1, 2))
    assert len(first) == 2
    assert same_events(first, again) and not same_events(first, other)


def test_spikes_written_here_are_read_back(tmp_path):
    x = (np.random.default_rng(1).random((20, 8, 6)) < 0.3).astype(np.float32)
    x[:, -1, -1] = 1  # so that the file shows how many channels there are
    bs.Data(x, np.arange(20) % 2, name="noise").save(tmp_path / "noise.h5")
    train, validation, test = bs.datasets.spike_hdf5(tmp_path / "noise.h5", bin_ms=1.0, validation=0.25)
    assert len(train) + len(validation) + len(test) == 20
    assert train.channels == 6 and sum(d.rows[0][-1] for d in (train, validation, test)) == np.count_nonzero(x)


@needs_fashion_mnist
def test_fashion_mnist_is_what_an_experiment_reads(tmp_path):
    (tmp_path / "e.toml").write_text('[data]\nsource = "fashion_mnist"\nlimit = 50\nencoder = {steps = 12}\n'
                                     '[[network.layer]]\ncell = "leaky_integrator"\n')
    wanted = bs.Experiment(str(tmp_path / "e.toml")).load_data()
    told = []
    got = bs.datasets.fashion_mnist(limit=50, steps=12, progress=lambda *p: told.append(p))
    assert [len(d) for d in got] == [50, 50, 50]
    assert all(same_events(a, b) for a, b in zip(got, wanted, strict=True))
    assert got[0].class_names[9] == "Ankle boot" and told


@needs_fashion_mnist
@pytest.mark.parametrize("encoder", [{"kind": "poisson", "rate": 50.0}, bs.Encoder("poisson", rate=50.0)])
def test_encoder_with_its_keys(encoder):
    wanted = bs.datasets.fashion_mnist(limit=20, encoder="poisson", rate=50.0)[0]
    assert same_events(bs.datasets.fashion_mnist(limit=20, encoder=encoder)[0], wanted)


def test_missing_files_are_named_with_the_package_that_has_them(tmp_path):
    with pytest.raises(bs.MissingDataError, match="dataset-fashion-mnist") as caught:
        bs.datasets.fashion_mnist(tmp_path)
    assert caught.value.path.startswith(str(tmp_path))
    assert isinstance(caught.value, FileNotFoundError)
    with pytest.raises(bs.MissingDataError, match="QTDB_train.mat"):
        bs.datasets.ecg_qtdb(tmp_path)


def test_wrong_arguments():
    with pytest.raises(TypeError, match=r"fashion_mnist\(\) .*'step'"):
        bs.datasets.fashion_mnist(step=3)
    with pytest.raises(bs.ConfigError, match="data.encoder.steps: is -3"):
        bs.datasets.fashion_mnist(steps=-3)
    with pytest.raises(bs.ConfigError, match='"latencey"; did you mean latency'):
        bs.datasets.fashion_mnist(encoder="latencey")
    with pytest.raises(bs.ConfigError, match="source = 'mnist'"):
        bs.datasets.load("mnist")
    with pytest.raises(bs.ConfigError, match="'step' is no argument"):
        bs.datasets.load("idx", step=3)
