"""Data sets and generated tasks by the library's own readers: a function for each source that an experiment knows.

    train, validation, test = backspike.datasets.fashion_mnist(steps=40)

Every function returns training, validation and test samples as `backspike.Data`. Its arguments are the keys of the
experiment's tables [data] and [data.*] that the source reads, as `backspike.schema()` explains them.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import _core
from ._arrays import plain
from ._settings import SCHEMA, Settings, key_lines, section, toml
from .data import Data
from .errors import ConfigError

# "none" is for networks that learned from arrays.
SOURCES: list[str] = [s for key in section("data")["keys"] if key["name"] == "source" for s in key["choices"]
                      if s != "none"]

# An experiment has layers; reading its data does not need them.
LAYERS = 'network = {layer = [{cell = "leaky_integrator"}]}\n'


def sources_of(table: dict[str, Any]) -> list[str]:
    """The sources that read a table, which its meaning ends with: "how images become spikes (fashion_mnist, idx)"."""
    named = re.search(r"\(([\w, ]+)\)$", table["meaning"])
    return named.group(1).split(", ") if named else []


def is_read_by(source: str, key: dict[str, Any]) -> bool:
    """Whether a key of [data] is for a source; that of some alone names them: "spike_hdf5: file of the test set"."""
    named = key["meaning"].partition(": ")[0].split(", ")
    return key["name"] != "source" and (source in named or not set(named) <= set(SOURCES))


def arguments_of(source: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Every argument of a source's function: the dotted key of the experiment, and its description."""
    found = {key["name"]: (f"data.{key['name']}", key) for key in section("data")["keys"] if is_read_by(source, key)}
    for table in SCHEMA["experiment"]:
        if source in sources_of(table):
            for key in table["keys"]:
                # A table's kind is what the table is about: encoder="latency".
                name = table["name"].rpartition(".")[2] if key["name"] == "kind" else key["name"]
                found[name] = (f"{table['name']}.{key['name']}", key)
    seed = next(key for key in section("")["keys"] if key["name"] == "seed")
    return {**found, "seed": ("seed", seed)}


def experiment_text(source: str, given: dict[str, Any]) -> str:
    """The experiment with what the caller gave, as TOML."""
    keys = [f"data.source = {toml(source)}"]
    for name, value in given.items():
        key, _ = arguments_of(source)[name]
        if isinstance(value, (Settings, dict)) and key.endswith(".kind"):
            table = key.removesuffix("kind")
            keys += [f"{table}{k} = {toml(plain(v, k))}" for k, v in Settings.of(value).items()]
        elif value is not None:
            keys.append(f"{key} = {toml(str(value) if hasattr(value, '__fspath__') else plain(value, name))}")
    return "\n".join([*keys, LAYERS])


def experiment_of(source: str, keys: dict[str, Any]) -> _core.Experiment:
    """What reads a source with these arguments.

    Raises:
        ConfigError: an unknown source or argument, or a value out of its range.
    """
    if source not in SOURCES:
        raise ConfigError(f"datasets.load: source = {source!r}; accepted: {', '.join(SOURCES)}")
    known = arguments_of(source)
    for name in keys:
        if name not in known:
            raise ConfigError(f"datasets.{source}: {name!r} is no argument; accepted: {', '.join(known)}")
    return _core.Experiment.parse(experiment_text(source, keys), f"datasets.{source}", [])


def load(source: str, *, progress: Callable[[str, int, int], Any] | None = None,
         **keys: Any) -> tuple[Data, Data, Data]:
    """Reads or generates the samples of a source; the functions of this module are this one with the source filled in.

    Args:
        source: one of `SOURCES`.
        progress: called with what is being done, how much of how much.
        keys: the source's arguments; those that are None keep their defaults.

    Returns:
        Training, validation and test samples.

    Raises:
        ConfigError: an unknown source or argument, or a value out of its range.
        MissingDataError: the files are not there; the text names the package that installs them, or the argument.
        FormatError, FileError, ResourceError: the files cannot be read, or the samples do not fit in memory.
    """
    experiment = experiment_of(source, keys)
    train, validation, test = (Data.wrap(core) for core in _core.load_data(experiment, progress))
    return train, validation, test


def function_for(source: str) -> Callable[..., tuple[Data, Data, Data]]:
    """The function of a source, with its arguments in signature and docstring."""
    arguments = {name: {**key, "name": name} for name, (_, key) in arguments_of(source).items()}

    def read(*path: Any, progress: Any = None, **keys: Any) -> tuple[Data, Data, Data]:
        try:
            bound = signature.bind(*path, progress=progress, **keys)
        except TypeError as e:
            raise TypeError(f"{source}() {e}") from None
        return load(source, **bound.arguments)

    read.__name__ = read.__qualname__ = source
    read.__doc__ = (f"Training, validation and test samples of `{source}`.\n\nArgs:\n"
                    f"{key_lines(list(arguments.values()))}\n"
                    "    progress: called with what is being done, how much of how much.\n\n"
                    "Returns:\n    Three `backspike.Data`.\n\nRaises:\n"
                    "    MissingDataError: the files are not there.\n"
                    "    ConfigError: a value is out of its range.\n")
    signature = signature_of(arguments)
    read.__signature__ = signature  # type: ignore[attr-defined]
    return read


def signature_of(arguments: dict[str, dict[str, Any]]) -> inspect.Signature:
    keyword = inspect.Parameter.KEYWORD_ONLY
    fields = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD if name == "path" else keyword,
                                default=key["default"]) for name, key in arguments.items()]
    return inspect.Signature([*fields, inspect.Parameter("progress", keyword, default=None)],
                             return_annotation="tuple[Data, Data, Data]")


if TYPE_CHECKING:  # what a checker cannot see being made below
    def __getattr__(name: str) -> Callable[..., tuple[Data, Data, Data]]: ...

globals().update({source: function_for(source) for source in SOURCES})
__all__ = ["SOURCES", "load", *SOURCES]
