"""Experiments and runs: what the command line does with a TOML file."""

from __future__ import annotations

from typing import Any

from . import _core
from ._arrays import plain
from .data import Data
from .health import Listener
from .network import Network
from .results import tell_all
from .training.display import show_training
from ._settings import toml


class Experiment:
    """An experiment: data, network, rule, objective, optimiser, seed. `backspike.schema()` explains every key.

    Args:
        path: a TOML file.
        changes: keys to change: "optimiser.learning_rate": 1e-3, "network.layer.hidden1.size": 64.

    Raises:
        ConfigError: an unknown key (with the nearest spelling), a wrong type, a value out of range.
    """

    def __init__(self, path: str, changes: dict[str, Any] | None = None) -> None:
        keys = [f"{key}={toml(plain(value, key))}" for key, value in (changes or {}).items()]
        self._core = _core.Experiment.load(str(path), keys)

    def __getstate__(self) -> str:
        return self.toml()

    def __setstate__(self, text: str) -> None:
        self._core = _core.Experiment.parse(text, "experiment", [])

    def toml(self) -> str:
        """Every key with its value."""
        return self._core.toml()

    @property
    def name(self) -> str:
        return self._core.name

    def load_data(self, progress: Any = None) -> tuple[Data, Data, Data]:
        """Training, validation and test samples, read and encoded."""
        train, validation, test = (Data.wrap(d) for d in _core.load_data(self._core, progress))
        train._origin = self._core
        return train, validation, test

    def network(self, data: Data, threads: int = 0) -> Network:
        """The experiment's network for these data, with the initial weights that a run would have."""
        data = Data.wrap(self._core.with_targets(data._core)) if self._core.output_names else data
        values = self._core.values_of_outputs(data._core)
        core = _core.Network.build(self._core, data.channels, data.dt, values, threads)
        net = Network.__new__(Network)
        net._take(core, self._core)
        net._experiment = self._core.with_class_weights(data._core)
        core.initialise(data._core, self._core.seed)
        net.class_names = data.class_names
        return net

    def train(self, out: str = "", *, threads: int = 0, resume: bool = False, overwrite: bool = False,
              epochs: int | None = None, leave_one_speaker_out: bool = False,
              progress: bool | None = None) -> dict[str, Any]:
        """A whole run in a directory, as `backspike train` does it: checkpoints, test, report. Ctrl-C stops it with
        the last completed epoch on the disk.

        Args:
            out: the directory; empty: output.directory/NAME of the experiment.
            resume, overwrite: go on with the run in there, or replace it.
            epochs: another number of epochs than the experiment's; with `resume` a run, finished or not, may go on for
                more than it was started for, unless a schedule depends on their number.
            leave_one_speaker_out: one run for each speaker; the result has their names as keys.

        Returns:
            test_accuracy, test_loss, report_path, directory, ...; with delays also rounded_accuracy and rounded_loss.

        Warns:
            HealthWarning: as `Network.fit`.
        """
        changes = [] if epochs is None else [f"train.epochs={toml(plain(epochs, 'epochs'))}"]
        experiment = _core.Experiment.parse(self._core.toml(), self.name, changes)
        with show_training(progress, experiment.epochs) as bar:
            return _core.train(experiment, str(out), threads, resume, overwrite, epochs is not None,
                               leave_one_speaker_out, bar.on_batch, tell_all(bar.on_epoch, Listener().on_epoch),
                               bar.on_start, bar.on_progress)

    def __repr__(self) -> str:
        return f"Experiment({self.name!r})"


def schema() -> str:
    """Every key of an experiment with type, unit, default, range and meaning."""
    return _core.schema_text()
