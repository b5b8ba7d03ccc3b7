"""Labels of any numbers, names of classes, and what a saved network knows of its data."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import CHANNELS, STEPS, pulses

import backspike as bs

BUILT = Path(__file__).parents[2] / "build/release/apps/backspike/backspike"
PROGRAM = Path(os.environ.get("BACKSPIKE_PROGRAM", BUILT))
needs_program = pytest.mark.skipif(not PROGRAM.exists(), reason=f"the command line is not built: no {PROGRAM}")


def three_classes(samples: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = pulses(2 * samples)
    return x[y < 3][:samples], y[y < 3][:samples]


def three_outputs() -> bs.Network:
    return bs.Network([bs.Dense(CHANNELS, 24), bs.LIF(24), bs.Dense(24, 3), bs.LeakyIntegrator(3)])


def taught(values: list[int]) -> tuple[bs.Network, np.ndarray, np.ndarray]:
    """A network that tells pulses whose classes have these labels."""
    x, y = three_classes(120)
    labels = np.array(values)[y]
    net = three_outputs()
    net.fit(x, labels, epochs=6, batch=20, learning_rate=2e-2)
    return net, x, labels


@pytest.mark.parametrize("values", [[1, 2, 5], [-1, 1, 0], [1, 2, 3], [5, 2, 1], [0, 1, 2]])
def test_labels_of_any_numbers_are_classes(values: list[int], tmp_path: Path) -> None:
    net, x, labels = taught(values)
    assert net.class_names == [str(v) for v in sorted(values)]
    assert (net.predict(x) == labels).mean() > 0.9 and net.evaluate(x, labels).accuracy > 0.9
    net.save(f"{tmp_path}/net.h5")
    back = bs.load(f"{tmp_path}/net.h5")
    assert back.class_names == net.class_names and np.array_equal(back.predict(x), net.predict(x))
    some = labels != values[1]
    assert back.evaluate(x[some], labels[some]).accuracy > 0.9, "a subset means the same"
    assert back.evaluate(x[labels == values[2]], labels[labels == values[2]]).accuracy > 0.8
    assert bs.Data(x, labels).labels.tolist() == labels.tolist()
    with pytest.raises(bs.InvalidValueError, match="label of sample 3 = 9"):
        back.evaluate(x, [*labels[:3], 9, *labels[4:]])


def test_the_same_bits_whatever_the_classes_are_called(tmp_path: Path) -> None:
    digests = {taught(values)[0].digest() for values in ([0, 1, 2], [1, 2, 5], [-7, 0, 7])}
    assert len(digests) == 1


def test_labels_below_the_outputs_keep_their_place() -> None:
    net = three_outputs()
    x, y = three_classes(60)
    some = y != 1
    net.fit(x[some], y[some], epochs=1)
    assert net.class_names == ["0", "1", "2"] and set(net.predict(x)) <= {0, 1, 2}
    with pytest.raises(bs.InvalidValueError, match="2: 1, 7"):
        three_outputs().fit(x[some], np.where(y[some] == 0, 1, 7))
    with pytest.raises(bs.InvalidValueError, match="accepted: 3 of them"):
        three_outputs().fit(x, np.arange(60))


def test_further_training_keeps_the_classes_it_knows() -> None:
    net, x, labels = taught([1, 2, 5])
    some = labels != 2
    net.fit(x[some], labels[some], epochs=1)
    assert net.class_names == ["1", "2", "5"]
    with pytest.raises(bs.InvalidValueError, match="= 5"):
        net.fit(x, np.where(labels == 5, 6, labels), validation=(x, labels), epochs=1)  # 5 is no class of the training


def test_a_loss_of_ones_own_keeps_the_classes() -> None:
    def nothing(outputs: np.ndarray, samples: np.ndarray) -> tuple[float, np.ndarray]:
        return 0.0, np.zeros_like(outputs)

    x, y = three_classes(60)
    net = three_outputs()
    net.fit(bs.Data(x, y, classes=["ann", "bob", "eve"]), epochs=1)
    for data in (bs.Data(x, y), bs.Data(x[y < 2], y[y < 2]), bs.Data(x)):
        net.fit(data, loss=nothing, epochs=1)
        assert net.class_names == ["ann", "bob", "eve"]
    numbered, x, labels = taught([1, 2, 5])
    numbered.fit(x[labels != 2], labels[labels != 2], loss=nothing, epochs=1)
    assert numbered.class_names == ["1", "2", "5"] and set(numbered.predict(x)) <= {1, 2, 5}
    numbered.fit(x, labels + 1, loss=nothing, epochs=1)  # others, one for each output
    assert numbered.class_names == ["2", "3", "6"]


@pytest.mark.parametrize(("classes", "labels", "shown"), [
    (["10", "20"], [0, 1, 1], [10, 20, 20]),  # places
    (["10", "20"], [10, 20, 20], [10, 20, 20]),  # the numbers themselves
    (["5", "1", "2"], [2, 5, 1], [2, 5, 1]),
    ([-1, 1], [-1, 1, -1], [-1, 1, -1]),
    (["1", "2", "3"], [3, 2, 1], [3, 2, 1]),
    (["1", "2", "3"], [0, 2, 1], [1, 3, 2]),
    (["0", "2", "1"], [0, 0, 0], [0, 0, 0]),  # either way the same
    (["0", "1"], [1, 0, 1], [1, 0, 1]),
    (["01", "02"], [1, 0, 1], [1, 0, 1]),  # texts
    (["b", "a"], [1, 0, 1], [1, 0, 1]),
    (np.array(2), [1, 0, 1], [1, 0, 1]),
])
def test_labels_and_names_of_classes_go_round(classes: Any, labels: list[int], shown: list[int]) -> None:
    x = np.ones((3, 4, 2), np.float32)
    data = bs.Data(x, labels, classes=classes)
    assert data.labels.tolist() == shown
    again = bs.Data(x, data.labels, classes=data.class_names)
    assert again.class_names == data.class_names and again.labels.tolist() == shown
    assert again._core.labels.tolist() == data._core.labels.tolist()


def test_labels_of_steps_by_the_names_of_classes() -> None:
    data = bs.Data(np.ones((1, 4, 2)), [[20, -1, 10, 20]], classes=["10", "20"])
    assert data._core.step_labels.tolist() == [1, -1, 0, 1]


@pytest.mark.parametrize(("classes", "labels", "text"), [
    (["1", "0"], [0, 1, 1], r"targets\[0\] = 0, the name of the class in place 1 and the place of class 1"),
    (["1", "2", "3"], [2, 1, 1], r"targets\[0\] = 2.*no classes, where targets are their own names"),
    (["10", "20"], [10, 20, 1], r"targets\[0\] = 10 .*all of them among the classes 10, 20, or all of them places"),
    (["10", "20"], [10, 20, 30], r"targets\[2\] = 30"),
    (["10", "20"], [0, 1, -1], r"targets\[2\] = -1"),
    (["10", "10"], [10, 10, 10], "classes = 10, 10"),
])
def test_labels_that_could_mean_two_classes_are_refused(classes: list[str], labels: list[int], text: str) -> None:
    with pytest.raises(bs.InvalidValueError, match=text):
        bs.Data(np.ones((3, 4, 2)), labels, classes=classes)


def test_a_network_predicts_labels_as_its_data_show_them() -> None:
    x, y = three_classes(120)
    data = bs.Data(x, y, classes=["10", "20", "30"])
    net = three_outputs()
    net.fit(data, epochs=6, batch=20, learning_rate=2e-2)
    assert (net.predict(x) == data.labels).mean() > 0.9 and net.evaluate(data).accuracy > 0.9
    assert net.evaluate(bs.Data(x, data.labels, classes=net.class_names)).accuracy > 0.9


def test_class_names_survive(tmp_path: Path) -> None:
    x, y = three_classes(60)
    net = three_outputs()
    net.fit(bs.Data(x, y, classes=["ann", "bob", "é, \"c\""]), epochs=1)
    net.save(f"{tmp_path}/net.h5")
    back = bs.load(f"{tmp_path}/net.h5")
    assert back.class_names == ["ann", "bob", "é, \"c\""]
    assert back.evaluate(x, y).accuracy == net.evaluate(x, y).accuracy, "numbers are places among names"
    assert set(back.predict(x)) <= {0, 1, 2}
    bs.Data(x[y != 1], y[y != 1] // 2, classes=["ann", "é, \"c\""]).save(f"{tmp_path}/some.h5")
    some = back.load_data(f"{tmp_path}/some.h5")
    assert some.labels.tolist() == y[y != 1].tolist() and some.class_names == back.class_names
    assert back.evaluate(some).accuracy == net.evaluate(x[y != 1], y[y != 1]).accuracy


def test_load_data_takes_what_the_network_takes(tmp_path: Path) -> None:
    net, x, labels = taught([1, 2, 5])
    bs.Data(x).save(f"{tmp_path}/bare.h5")
    bare = net.load_data(f"{tmp_path}/bare.h5")
    assert len(bare.labels) == 0 and np.array_equal(net.predict(bare), net.predict(x))
    with pytest.raises(bs.InvalidValueError, match="no labels"):
        net.evaluate(bare)
    wide = np.zeros((1, STEPS, CHANNELS + 1), np.float32)
    wide[0, 3, CHANNELS] = 1
    bs.Data(wide).save(f"{tmp_path}/wide.h5")
    with pytest.raises(bs.InvalidValueError, match=f"unit of sample 0 = {CHANNELS}"):
        net.load_data(f"{tmp_path}/wide.h5")
    bs.Data(x, labels).save(f"{tmp_path}/all.h5")
    same = net.load_data(f"{tmp_path}/all.h5", "spike_hdf5", bin_ms=1.0)
    assert same.labels.tolist() == labels.tolist()
    with pytest.raises(bs.InvalidValueError, match="width of a step = 2 ms"):
        net.load_data(f"{tmp_path}/all.h5", "spike_hdf5", bin_ms=2.0)
    with pytest.raises(bs.ConfigError, match="'path' is no argument"):
        net.load_data(f"{tmp_path}/all.h5", "spike_timing")


@needs_program
def test_a_saved_network_asks_the_command_line_for_data(tmp_path: Path) -> None:
    net, x, labels = taught([1, 2, 5])
    net.save(f"{tmp_path}/net.h5")
    bs.Data(x, labels).save(f"{tmp_path}/all.h5")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([str(PROGRAM), *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)

    for command in ("evaluate", "predict"):
        refused = run(command, "net.h5")
        assert refused.returncode == 3 and "--data FILE" in refused.stderr and "Data.save" in refused.stderr
    assert "not shown" in run("inspect", "net.h5").stdout
    evaluated = json.loads(run("evaluate", "net.h5", "--data", "all.h5", "--json").stdout)
    assert evaluated["accuracy"] == net.evaluate(x, labels).accuracy and evaluated["samples"] == len(x)
    lines = run("predict", "net.h5", "--data", "all.h5").stdout.splitlines()
    names = [line.split(",")[4] for line in lines[1:]]
    assert lines[0].startswith("sample,label,predicted,label_name,predicted_name,score_0")
    assert names == [str(v) for v in net.predict(x)]
    (tmp_path / "text.h5").write_text("no HDF5")
    refused = run("evaluate", "net.h5", "--data", "text.h5")
    assert refused.returncode == 2 and "data.source" in refused.stderr


def test_a_network_of_an_experiment_knows_its_data_until_it_learns_others(tmp_path: Path) -> None:
    (tmp_path / "e.toml").write_text('[data]\nsource = "spike_timing"\n[data.timing]\nsteps = 30\nchannels = 6\n'
                                     'train_samples = 8\nvalidation_samples = 2\ntest_samples = 2\nlead = 5\n'
                                     '[[network.layer]]\ncell = "lif"\nsize = 4\n[[network.layer]]\n'
                                     'cell = "leaky_integrator"\n[train]\nepochs = 1\n')
    experiment = bs.Experiment(str(tmp_path / "e.toml"))
    train, _, _ = experiment.load_data()
    net = experiment.network(train)
    net.fit(train)
    assert 'source = "spike_timing"' in net.toml()
    net.fit(train[:4])
    assert 'source = "none"' in net.toml()


def test_more_epochs_of_a_run(tmp_path: Path) -> None:
    (tmp_path / "e.toml").write_text('[data]\nsource = "spike_timing"\n[data.timing]\nsteps = 30\nchannels = 6\n'
                                     'train_samples = 8\nvalidation_samples = 2\ntest_samples = 2\nlead = 5\n'
                                     '[[network.layer]]\ncell = "lif"\nsize = 4\n[[network.layer]]\n'
                                     'cell = "leaky_integrator"\n[train]\nepochs = 2\n')
    experiment = bs.Experiment(str(tmp_path / "e.toml"))
    experiment.train(f"{tmp_path}/grown", progress=False)
    assert experiment.train(f"{tmp_path}/grown", resume=True, epochs=4, progress=False)["epochs"] == 4
    experiment.train(f"{tmp_path}/long", epochs=4, progress=False)
    last = [(tmp_path / run / "checkpoint_last.h5").read_bytes() for run in ("grown", "long")]
    assert last[0] == last[1]
    with pytest.raises(bs.CheckpointError, match="train.epochs"):
        experiment.train(f"{tmp_path}/grown", resume=True, progress=False)
