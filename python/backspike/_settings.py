"""Settings by reflection: every class here is made from the C++ library's one table of keys."""

from __future__ import annotations

import json
import math
from keyword import iskeyword
from typing import Any

from . import _core
from ._arrays import plain
from .errors import ConfigError

SCHEMA: dict[str, Any] = json.loads(_core.schema())
CELLS: dict[str, dict[str, Any]] = {cell["name"]: cell for cell in SCHEMA["cells"]}


def section(name: str, of: str = "experiment") -> dict[str, Any]:
    """The description of one table of an experiment (or of a layer): its meaning and its keys."""
    return next(s for s in SCHEMA[of] if s["name"] == name)


def range_text(key: dict[str, Any]) -> str:
    """What a key accepts, in words: "0.01 to 1e6 ms", "one of a, b", "numbers from 0, or a"."""
    if key.get("type") == "numbers_or_choice":
        return f"numbers {range_text(key | {'type': 'numbers', 'choices': []})}, or {', '.join(key['choices'])}"
    if key.get("choices"):
        return "one of " + ", ".join(key["choices"])
    low, high = key.get("low"), key.get("high")
    unit = f" {key['unit']}" if key["unit"] else ""
    if low is None and high is None:
        return key["unit"]
    if high is None:
        return f"from {number_text(low)}{unit}"
    return (f"up to {number_text(high)}{unit}" if low is None
            else f"{number_text(low)} to {number_text(high)}{unit}")


def number_text(x: Any) -> str:
    """A limit as people write it: 4294967295, not 4.29497e+09."""
    return str(int(x)) if x == int(x) and abs(x) < 2**32 else f"{x:g}"


def key_lines(keys: list[dict[str, Any]]) -> str:
    """The keys as the Parameters of a docstring."""
    lines = []
    for key in keys:
        accepted = range_text(key)
        name = key["name"] + ("_" if iskeyword(key["name"]) else "")
        lines.append(f"    {name}: {key['meaning']}" + (f" ({accepted})" if accepted else "") + ".")
        lines.append(f"        Default: {key['default']!r}.")
    return "\n".join(lines)


def toml(value: Any) -> str:
    """A value as TOML on one line; tables are written inline.

    Raises:
        ConfigError: what TOML has no word for.
        InvalidValueError: a number with a unit or a mask.
    """
    return toml_of(value, "a setting")


def toml_of(value: Any, what: str) -> str:
    if isinstance(value, Settings):
        value = value.keys
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(k)} = {toml_of(v, k)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml_of(v, f"{what}[{k}]") for k, v in enumerate(value)) + "]"
    if isinstance(value, str):
        return json.dumps(value)
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is float and not math.isfinite(value):
        return "nan" if value != value else ("inf" if value > 0 else "-inf")
    if type(value) in (int, float):
        return repr(value)
    if (found := plain(value, what)) is not value:
        return toml_of(found, what)
    raise ConfigError(f"{what} is {value!r}; accepted: numbers, texts, booleans, lists and dictionaries of them")


def quoted(name: str) -> str:
    return name if name.replace("_", "").isalnum() else json.dumps(name)


class Settings:
    """Keys of one table of an experiment, and nothing that was not set. Base of the classes below."""

    table: str = ""
    first: str | None = None  # the key that a plain argument stands for

    def __init__(self, *value: Any, **keys: Any) -> None:
        if value:
            if len(value) > 1 or self.first is None:
                raise TypeError(f"{type(self).__name__} takes {1 if self.first else 0} positional argument(s)")
            keys = {self.first: value[0], **keys}
        # A key that is a word of Python is written with an underscore behind it: `from_`.
        self.keys: dict[str, Any] = {plain if iskeyword(plain := k.removesuffix("_")) else k: v
                                     for k, v in keys.items()}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.keys.items())})"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.keys == self.keys  # type: ignore[attr-defined]

    @classmethod
    def of(cls, value: Any) -> dict[str, Any]:
        """The keys of what a user gave: an object of this class, a dictionary, or the value of its first key."""
        if value is None:
            return {}
        if isinstance(value, Settings):
            if not isinstance(value, cls):
                raise TypeError(f"{value!r} is given where a {cls.__name__} belongs")
            return dict(value.keys)
        if isinstance(value, dict):
            return dict(value)
        if cls.first is None:
            raise TypeError(f"{value!r} is given where a {cls.__name__} or a dictionary belongs")
        return {cls.first: value}


def settings_class(name: str, table: str, first: str | None, of: str = "experiment", title: str = "") -> type[Settings]:
    """A class for one table, documented from its keys."""
    described = {"keys": SCHEMA["parameter"], "meaning": title} if of == "parameter" else section(table, of)
    doc = f"{(title or described['meaning'])[:1].upper()}{(title or described['meaning'])[1:]}.\n\nArgs:\n"
    made = type(name, (Settings,), {"__doc__": doc + key_lines(described["keys"]), "table": table, "first": first})
    made.__module__ = "backspike"
    return made


Surrogate = settings_class("Surrogate", "surrogate", "kind", "layer", "the pseudo-derivative of the spike")
Activity = settings_class("Activity", "activity", None, "layer")
Delay = settings_class("Delay", "delay", "max", "layer", "delays of the synapses of a connection")
DelayWidth = settings_class("DelayWidth", "delay.width", "from", "layer", "width of the kernels around delays")
ShortTermPlasticity = settings_class("ShortTermPlasticity", "short_term_plasticity", "U", "connection")
Parameter = settings_class("Parameter", "", "value", "parameter",
                           "a parameter of a cell: where it starts and how it learns")
Rule = settings_class("Rule", "rule", "kind")
Objective = settings_class("Objective", "objective", "loss")
SynapticOperations = settings_class("SynapticOperations", "objective.synaptic_operations", None)
Optimiser = settings_class("Optimiser", "optimiser", "kind")
Encoder = settings_class("Encoder", "data.encoder", "kind")
