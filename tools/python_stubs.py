"""Writes layers.pyi and _settings.pyi into the built package: what reflection makes, for type checkers and editors.

Usage: python_stubs.py FOLDER_OF_THE_BUILT_PACKAGE
"""

from __future__ import annotations

import sys
from keyword import iskeyword
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(sys.argv[1]).parent))
sys.dont_write_bytecode = True

from backspike import _settings, layers  # noqa: E402 - from the build folder

OF_LAYERS = ("Surrogate", "Activity", "Delay", "DelayWidth")
OF_CONNECTIONS = ("ShortTermPlasticity",)
TYPES = {"number": "float", "integer": "int", "text": "str", "toggle": "bool", "choice": "str",
         "numbers": "Sequence[float]", "integers": "Sequence[int] | np.ndarray[Any, Any]"}
NUMBERS = "float | Sequence[float] | np.ndarray[Any, Any]"  # of a parameter, for all or for each
HEAD = '"""Made by python_stubs.py from the declarations of the C++ library."""\n\nfrom typing import Any, ClassVar\n\n'


def literal(choices: list[str]) -> str:
    return "Literal[" + ", ".join(f'"{c}"' for c in choices) + "]"


def key_type(key: dict[str, Any]) -> str:
    if key["name"] == "surrogate":
        return f"{literal(key['choices'])} | Surrogate | dict[str, Any]"
    if key["name"] == "activity":
        return "Activity | dict[str, Any]"
    if key["name"] in ("delay", "recurrent_delay"):
        return "Delay | int | dict[str, Any]"
    if key["name"] == "short_term_plasticity":
        return "ShortTermPlasticity | float | dict[str, Any] | None"
    if key["name"] == "learn" and key["type"] == "names":
        return "bool | str | Sequence[str]"
    if key["name"] == "value":
        return NUMBERS
    if key.get("type") == "numbers_or_choice":
        return f"Sequence[float] | np.ndarray[Any, Any] | {literal(key['choices'])}"
    return literal(key["choices"]) if key.get("choices") else TYPES[key["type"]]


def docstring(made: type) -> str:
    text = (made.__doc__ or "").replace("\\", "\\\\").replace('"""', "'''")
    return '    """' + "\n    ".join(line for line in text.split("\n")) + '\n    """\n'


def cell_stub(name: str, made: type) -> str:
    parameters = [f"{p['name']}: {NUMBERS} | Parameter | dict[str, Any] = ..."
                  for p in _settings.CELLS[name]["parameters"]]
    keys = [f"{k['name']}: {key_type(k)} = ..." for k in layers.layer_keys()]
    rest = ["name: str = ...", "learn: bool | str | Sequence[str] = ...",
            'per: Literal["layer", "channel", "neuron"] | None = ...',
            "inputs: str | Layer | Sequence[str | Layer] | None = ..."]
    arguments = ",\n        ".join(["self", "size: int | None = ...", "*", *parameters, *keys, *rest])
    return (f"class {made.__name__}(Layer):\n{docstring(made)}    cell: ClassVar[str]\n"
            f"    def __init__(\n        {arguments},\n    ) -> None: ...\n\n")


def window_stub(made: type[layers.Windows]) -> str:
    placed = (["channels"] if made.sized else []) + ["kernel", "stride", "padding"]
    named = [s["name"] for s in layers.KINDS[made.kind]["settings"] if s["name"] not in placed]
    arguments = ",\n        ".join(["self", *(f"{name}: int | tuple[int, int] = ..." for name in placed), "*",
                                    *(f"{name}: int = ..." for name in named), "bias: bool = ...",
                                    "delay: Delay | int | dict[str, Any] | None = ..."])
    return (f"class {made.__name__}(Windows):\n{docstring(made)}"
            f"    def __init__(\n        {arguments},\n    ) -> None: ...\n\n")


def output_stub() -> str:
    keys = [f"{k['name']}: {key_type(k)} = ..." for k in layers.LOSS_KEYS]
    arguments = ",\n        ".join(["self", "layer: str | Layer", "*", "name: str = ...", "target: str = ...",
                                    "classes_from: Sequence[int] = ...", "class_names: Sequence[str] = ...", *keys])
    return (f"class Output:\n{docstring(layers.Output)}    layer: str | Layer\n    name: str\n    target: str\n"
            "    classes_from: list[int]\n    class_names: list[str]\n    keys: dict[str, Any]\n"
            f"    def __init__(\n        {arguments},\n    ) -> None: ...\n"
            "    def table(self, layers: list[Any], name: str = ...) -> dict[str, Any]: ...\n\n"
            "LOSS_KEYS: list[dict[str, Any]]\n\n")


def connection_stub() -> str:
    """Settings of all kinds, each once; which kind takes which, only the library knows."""
    made = layers.Connection
    settings = {s["name"]: s for kind in layers.KINDS.values() for s in kind["settings"]}
    keys = [f"{k['name']}: {key_type(k)} = ..." for k in [*layers.connection_keys(), *settings.values()]]
    arguments = ",\n        ".join(["self", "source: str | Layer", "target: str | Layer",
                                    f"kind: {literal(list(layers.KINDS))} = ...", "*", *keys])
    return (f"class Connection:\n{docstring(made)}    source: str | Layer\n    target: str | Layer\n    kind: str\n"
            f"    keys: dict[str, Any]\n    def __init__(\n        {arguments},\n    ) -> None: ...\n"
            "    def table(self, layers: list[Any]) -> dict[str, Any]: ...\n\n"
            "KINDS: dict[str, dict[str, Any]]\n\ndef connection_keys() -> list[dict[str, Any]]: ...\n"
            "def plasticity_table(value: Any) -> dict[str, Any]: ...\n"
            "def connection_tables(connections: list[Any], layers: list[Any]) -> list[dict[str, Any]]: ...\n\n")


def layers_stub() -> str:
    text = HEAD.replace("from typing import Any, ClassVar", "from collections.abc import Sequence\n"
                        "from typing import Any, ClassVar, Literal\n\nimport numpy as np\n\n"
                        "from ._settings import Activity, Delay, Parameter, ShortTermPlasticity, Surrogate")
    text += (f"class Dense:\n{docstring(layers.Dense)}    inputs: int\n    size: int\n    bias: bool\n"
             "    delay: Any\n"
             "    def __init__(self, inputs: int, size: int, bias: bool = ...,\n"
             "                 delay: Delay | int | dict[str, Any] | None = ...) -> None: ...\n"
             "    def keys(self) -> dict[str, Any]: ...\n\n"
             "TABLES: dict[str, Any]\n\n"
             f"class Layer:\n{docstring(layers.Layer)}    cell: ClassVar[str]\n    size: int\n    name: str\n"
             "    keys: dict[str, Any]\n    learned: list[str]\n    per: str | None\n    inputs: Any\n"
             "    def __init__(self, size: int | None = ..., *, name: str = ..., learn: bool | str | Sequence[str] = ...,\n"
             "                 per: str | None = ..., inputs: str | Layer | Sequence[str | Layer] | None = ...,\n"
             "                 **keys: Any) -> None: ...\n"
             "    def table(self) -> dict[str, Any]: ...\n\n")
    text += "".join(cell_stub(name, made) for name, made in layers.CELL_CLASSES.items())
    text += ("class Windows:\n    kind: ClassVar[str]\n    bias: bool\n    delay: Any\n    settings: dict[str, Any]\n"
             "    def __init__(self, *given: Any, bias: bool = ..., delay: Any = ..., **settings: Any) -> None: ...\n"
             "    def keys(self) -> dict[str, Any]: ...\n\n")
    text += "".join(window_stub(made) for made in vars(layers).values() if made in layers.Windows.__subclasses__())
    text += output_stub() + connection_stub()
    text += "CELL_CLASSES: dict[str, type[Layer]]\n__all__: list[str]\n\n"
    text += "AS_IN_PAPERS: dict[str, str]\n\ndef class_name(cell: str) -> str: ...\ndef layer_keys() -> list[dict[str, Any]]: ...\n"
    text += ("def name_of(asked: Any, layers: list[Any], where: str) -> str: ...\n"
             "def tables_of(layers: list[Any], inputs: int | None) -> tuple[int, list[dict[str, Any]]]: ...\n"
             "def inputs_of(inputs: Any) -> tuple[Any, dict[str, Any]]: ...\n"
             "def check_dense_inputs(layers: list[Any], infos: list[dict[str, Any]]) -> None: ...\n"
             "def output_tables(outputs: Any, layers: list[Any]) -> list[dict[str, Any]]: ...\n"
             "def sizes_of(tables: list[dict[str, Any]], outputs: list[dict[str, Any]]) -> list[int]: ...\n")
    # A star import needs the names, not the list of them.
    names = ", ".join(f'"{n}"' for n in layers.__all__)
    return text.replace("__all__: list[str]", f"__all__ = [{names}]")


def settings_stub() -> str:
    text = HEAD.replace("from typing import Any, ClassVar", "from collections.abc import Sequence\n"
                        "from typing import Any, ClassVar, Literal\n\nimport numpy as np")
    text += ("SCHEMA: dict[str, Any]\nCELLS: dict[str, dict[str, Any]]\n\n"
             f"class Settings:\n{docstring(_settings.Settings)}    table: ClassVar[str]\n"
             "    first: ClassVar[str | None]\n    keys: dict[str, Any]\n"
             "    def __init__(self, *value: Any, **keys: Any) -> None: ...\n"
             "    @classmethod\n    def of(cls, value: Any) -> dict[str, Any]: ...\n\n")
    for name in (*OF_LAYERS, *OF_CONNECTIONS, "Parameter", "Rule", "Objective", "SynapticOperations", "Optimiser", "Encoder"):
        made = getattr(_settings, name)
        described = _settings.SCHEMA["parameter"] if name == "Parameter" else _settings.section(
            made.table, "layer" if name in OF_LAYERS else "connection" if name in OF_CONNECTIONS else "experiment")["keys"]
        ordered = sorted(described, key=lambda k, first=made.first: k["name"] != first)
        keys = [f"{k['name']}{'_' * iskeyword(k['name'])}: {key_type(k)} = ..." for k in ordered]
        positional = 0 if made.first is None else 1
        extra = {"Optimiser": ["group: list[dict[str, Any]] = ..."],
                 "Delay": ["width: DelayWidth | dict[str, Any] = ..."],
                 "Objective": ["synaptic_operations: SynapticOperations | dict[str, Any] = ...",
                               "term: list[Objective | dict[str, Any]] = ..."]}.get(name, [])
        arguments = ",\n        ".join(["self", *keys[:positional], "*", *keys[positional:], *extra])
        text += f"class {name}(Settings):\n{docstring(made)}"
        text += f"    def __init__(\n        {arguments},\n    ) -> None: ...\n\n"
    return text + ("def section(name: str, of: str = ...) -> dict[str, Any]: ...\n"
                   "def range_text(key: dict[str, Any]) -> str: ...\n"
                   "def key_lines(keys: list[dict[str, Any]]) -> str: ...\n"
                   "def toml(value: Any) -> str: ...\n")


def main() -> None:
    folder = Path(sys.argv[1])
    (folder / "layers.pyi").write_text(layers_stub(), encoding="utf-8")
    (folder / "_settings.pyi").write_text(settings_stub(), encoding="utf-8")


if __name__ == "__main__":
    main()
