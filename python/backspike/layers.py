"""Layers: a class for every cell of the C++ library, made from the cell's own declaration; and connections of their
own, beside those that layers bring."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from typing import Any

from . import _core
from ._arrays import as_array, one_dimensional, whole
from ._settings import CELLS, SCHEMA, Activity, Delay, Parameter, ShortTermPlasticity, Surrogate, key_lines, section
from .errors import ConfigError
from .normalisation import RECIPE


class Dense:
    """All-to-all connections into the layer that follows.

    Args:
        inputs: channels or neurons that it comes from.
        size: neurons that it goes to; must be the size of the layer that follows.
        bias: adds a learned constant to the input of each neuron.
        delay: a `Delay`, or the largest one [steps], for connections whose delays are learned.
    """

    def __init__(self, inputs: int, size: int, bias: bool = False, delay: Any = None) -> None:
        self.inputs = whole(inputs, "inputs", 1, operation="Dense")
        self.size = whole(size, "size", 1, operation="Dense")
        self.bias, self.delay = bool(bias), delay

    def keys(self) -> dict[str, Any]:
        """What it adds to the [[network.layer]] that follows."""
        return {**({"bias": True} if self.bias else {}),
                **({"delay": Delay.of(self.delay)} if self.delay is not None else {})}

    def __repr__(self) -> str:
        given = "".join(f", {k}={getattr(self, k)!r}" for k in self.keys())
        return f"Dense({self.inputs}, {self.size}{given})"


#: Kinds of connection by name.
KINDS: dict[str, dict[str, Any]] = {kind["name"]: kind for kind in SCHEMA["connections"]}


class Windows:
    """A convolution or a pool into the layer that follows, which needs no size then. Base of `Conv2d` and its like."""

    kind: str = ""
    sized = True  # has channels as its first argument

    def __init__(self, *given: Any, bias: bool = False, delay: Any = None, **settings: Any) -> None:
        names = ("channels", "kernel", "stride", "padding") if self.sized else ("kernel", "stride", "padding")
        if len(given) > len(names):
            raise TypeError(f"{type(self).__name__} takes {', '.join(names)} by place, and what else it has by name")
        settings = {**dict(zip(names, given, strict=False)), **settings}
        known = [s["name"] for s in KINDS[self.kind]["settings"]]
        for name, value in list(settings.items()):
            if isinstance(value, (tuple, list)) and len(value) == 2 and f"{name}_width" in known:
                settings[name], settings[f"{name}_width"] = value
        for name in settings:
            if name not in known:
                raise ConfigError(f"{type(self).__name__}: {name}; accepted: bias, delay, {', '.join(known)}")
        self.settings = {name: whole(value, name, -1, operation=type(self).__name__)
                         for name, value in settings.items()}
        self.bias, self.delay = bool(bias), delay

    def keys(self) -> dict[str, Any]:
        """What it adds to the [[network.layer]] that follows."""
        return {self.kind: self.settings, **({"bias": True} if self.bias else {}),
                **({"delay": Delay.of(self.delay)} if self.delay is not None else {})}

    def __repr__(self) -> str:
        given = [f"{k}={v}" for k, v in self.settings.items()] + (["bias=True"] if self.bias else [])
        return f"{type(self).__name__}({', '.join(given)})"


def window_class(name: str, kind: str, first: str) -> type[Windows]:
    settings = KINDS[kind]["settings"]
    doc = (f"{KINDS[kind]['meaning'][:1].upper()}{KINDS[kind]['meaning'][1:]}; into the layer that follows, whose shape "
           f"it finds.\n\nArgs:\n    {first}kernel, stride, padding: by place or by name; along two axes one number or "
           f"(height, width).\n{key_lines(settings)}\n    bias: adds a learned constant to the input of each channel.\n"
           "    delay: a `Delay`, or the largest one [steps].")
    made = type(name, (Windows,), {"__doc__": doc, "kind": kind, "sized": first != ""})
    made.__module__ = "backspike"
    return made


Conv1d = window_class("Conv1d", "conv1d", "channels, ")
Conv2d = window_class("Conv2d", "conv2d", "channels, ")
ConvTranspose2d = window_class("ConvTranspose2d", "conv_transpose2d", "channels, ")
SumPool = window_class("SumPool", "sum_pool", "")
AveragePool = window_class("AveragePool", "average_pool", "")
MaxPool = window_class("MaxPool", "max_pool", "")

#: Keys of a layer that are tables of their own.
TABLES: dict[str, Any] = {"surrogate": Surrogate, "activity": Activity, "delay": Delay, "recurrent_delay": Delay}


class Layer:
    """A population of one cell, with the dense connections that lead to it. Base of the cells below.

    Args:
        size: neurons; not needed after a `Conv2d` or another one that finds it, or with a shape.
        name: unique; "hidden1", "hidden2", ..., and "readout" for the last unless given.
        learn: names of the cell's parameters that training changes, or True for all of them.
        per: what the learned ones are shared by: "layer", "channel" or "neuron".
        inputs: what its dense connections lead from, instead of the layer before: a layer, its name, "input" for the
            network's input, or a list of these; []: nothing, it has what a `Connection` brings.
        keys: the cell's parameters by name, each a number, an array of one for each neuron, a `Parameter` or a
            dictionary; and the keys of a layer.
    """

    cell: str = ""

    def __init__(self, size: int | None = None, *, name: str = "", learn: Any = (), per: str | None = None, inputs: Any = None,
                 **keys: Any) -> None:
        self.size = None if size is None else whole(size, "size", 1, operation=type(self).__name__)
        self.name = name
        self.keys = dict(keys)
        known = [p["name"] for p in CELLS[self.cell]["parameters"]]
        self.learned = known if learn is True else [learn] if isinstance(learn, str) else list(learn or ())
        self.per, self.inputs = per, inputs
        for learned in self.learned:
            if learned not in known:
                raise ConfigError(f"{type(self).__name__}: learn = {learned!r}; accepted: {', '.join(known)}")

    def table(self) -> dict[str, Any]:
        """The layer as a [[network.layer]] of an experiment."""
        table: dict[str, Any] = {"cell": self.cell, **({"size": self.size} if self.size is not None else {}),
                                 **({"name": self.name} if self.name else {})}
        for key, value in self.keys.items():
            parts = TABLES | {p["name"]: Parameter for p in CELLS[self.cell]["parameters"]}
            if parts.get(key) is Parameter:
                table[key] = parameter_keys(value, key, type(self).__name__)
            else:
                table[key] = parts[key].of(value) if key in parts else value
        for learned in self.learned:
            kept = table.get(learned, {})
            table[learned] = {**kept, "learn": True, **({"per": self.per} if self.per else {})}
        return table

    def __repr__(self) -> str:
        given = [str(self.size)] * (self.size is not None) + [f"{k}={v!r}" for k, v in self.keys.items()]
        given += [f"name={self.name!r}"] if self.name else []
        given += [f"learn={self.learned!r}"] if self.learned else []
        given += [f"inputs={self.inputs!r}"] if self.inputs is not None else []
        return f"{type(self).__name__}({', '.join(given)})"


#: Words that the papers write in a way of their own: adLIF, AdEx.
AS_IN_PAPERS = {"adlif": "AdLIF", "adex": "AdEx"}


def parameter_keys(value: Any, name: str, cell: str) -> dict[str, Any]:
    """The keys of a cell's parameter; an array of numbers is one for each neuron, or for each channel if it says so."""
    keys = Parameter.of(value) if isinstance(value, (Parameter, dict)) else {"value": value}
    for key in ("value", "values"):
        given = keys.get(key)
        if given is None or isinstance(given, str):  # which the library refuses by name
            continue
        numbers = as_array(given, name, cell)
        if numbers.ndim > 0:
            del keys[key]
            keys = {"per": "neuron", **keys, "values": [float(x) for x in one_dimensional(numbers, name)]}
    return keys


def class_name(cell: str) -> str:
    """ "cuba_lif" is CubaLIF, "leaky_integrator" LeakyIntegrator: words, but integrate-and-fire as an acronym."""
    return "".join(AS_IN_PAPERS.get(word) or (word.upper() if word.endswith("if") else word.capitalize())
                   for word in cell.split("_"))


def layer_keys() -> list[dict[str, Any]]:
    plain = [k for k in section("", "layer")["keys"] if k["name"] not in ("name", "cell", "size", "from")]
    surrogate = {"name": "surrogate", "meaning": "shape of the pseudo-derivative: a name or a Surrogate", "unit": "",
                 "default": "fast_sigmoid", "choices": section("surrogate", "layer")["keys"][0]["choices"]}
    activity = {"name": "activity", "meaning": "what training asks of the number of its spikes: an Activity", "unit": "",
                "default": None}
    delays = [{"name": name, "meaning": f"{section(name, 'layer')['meaning']}: a Delay or the largest one", "unit": "",
               "default": None} for name in ("delay", "recurrent_delay")]
    return [*plain, surrogate, activity, *delays]


def signature_of(cell: dict[str, Any]) -> inspect.Signature:
    keyword = inspect.Parameter.KEYWORD_ONLY
    fields = [inspect.Parameter("size", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation="int | None")]
    for key in [*cell["parameters"], *layer_keys()]:
        fields.append(inspect.Parameter(key["name"], keyword, default=key["default"]))
    for name, default in (("name", ""), ("learn", ()), ("per", None), ("inputs", None)):
        fields.append(inspect.Parameter(name, keyword, default=default))
    return inspect.Signature(fields)


def cell_class(cell: dict[str, Any]) -> type[Layer]:
    doc = (f"{cell['meaning'][:1].upper()}{cell['meaning'][1:]}.\n\nArgs:\n    size: neurons.\n"
           + key_lines(cell["parameters"]) + "\n" + key_lines(layer_keys())
           + "\n    name, learn, per, inputs: see `Layer`.\n\nState variables: " + ", ".join(cell["states"]) + "."
           + "".join(f"\n\nReceptor \"{r['name']}\": {r['meaning']}." for r in cell["receptors"]))
    made = type(class_name(cell["name"]), (Layer,),
                {"__doc__": doc, "cell": cell["name"], "__signature__": signature_of(cell)})
    made.__module__ = "backspike"
    return made


CELL_CLASSES: dict[str, type[Layer]] = {name: cell_class(cell) for name, cell in CELLS.items()}
globals().update({made.__name__: made for made in CELL_CLASSES.values()})
__all__ = ["AveragePool", "Connection", "Conv1d", "Conv2d", "ConvTranspose2d", "Dense", "Layer", "MaxPool", "Output", "SumPool", "Windows",
           *(made.__name__ for made in CELL_CLASSES.values())]


def cells_of(layers: list[Any]) -> list[Layer]:
    return [layer for layer in layers if isinstance(layer, Layer)]


def name_of(asked: Any, layers: list[Any], where: str) -> str:
    """What a network of these layers calls one of them, given by itself or by its name."""
    if isinstance(asked, str):
        return asked
    cells = cells_of(layers)
    for number, cell in enumerate(cells):
        if cell is asked:
            return cell.name or _core.default_layer_name(number, len(cells))
    if isinstance(asked, Layer):
        raise ConfigError(f"{where} = {asked!r} is none of the network's layers")
    raise TypeError(f"{where} is {asked!r}; accepted: a layer, its name, or \"input\"")


def sources_of(layer: Layer, layers: list[Any], where: str) -> dict[str, Any]:
    """What `inputs` adds to a [[network.layer]]."""
    if layer.inputs is None:
        return {}
    given = layer.inputs if isinstance(layer.inputs, (list, tuple)) else [layer.inputs]
    return {"from": [name_of(one, layers, f"{where}: inputs") for one in given]}


def inputs_of(inputs: Any) -> tuple[Any, dict[str, Any]]:
    """The number of input channels, and the keys of [network] that say their shape or the names of their parts."""
    if isinstance(inputs, dict):
        parts = [{"name": str(name), "size": whole(size, f"inputs[{name!r}]", 1, operation="Network")}
                 for name, size in inputs.items()]
        if not parts:
            raise ConfigError("Network: inputs = {}; accepted: a number of channels, a shape, or one number for each name")
        return sum(part["size"] for part in parts), {"input": parts}
    if isinstance(inputs, (tuple, list)):
        shape = [whole(n, f"inputs[{k}]", 1, operation="Network") for k, n in enumerate(inputs)]
        return math.prod(shape), {"input_shape": shape} if shape else {}
    return inputs, {}


def tables_of(layers: list[Any], inputs: int | None) -> tuple[int, list[dict[str, Any]]]:
    """The number of inputs and the [[network.layer]] tables of a list of layers."""
    tables: list[dict[str, Any]] = []
    before: int | None = inputs
    dense: Any = None
    for at, layer in enumerate(layers):
        where = f"Network: layer {at}"
        if isinstance(layer, Windows):
            if dense is not None:
                raise ConfigError(f"{where} = {layer!r} follows {dense!r}; accepted: a cell between them")
            dense = layer
        elif isinstance(layer, Dense):
            if dense is not None:
                raise ConfigError(f"{where} = {layer!r} follows "
                                  f"{'another Dense' if isinstance(dense, Dense) else repr(dense)}; accepted: a cell "
                                  "between them")
            if before is not None and layer.inputs != before:
                raise ConfigError(f"{where} = {layer!r} takes {layer.inputs} inputs, what comes before has {before}")
            before, dense = layer.inputs, layer
            inputs = inputs if inputs is not None else layer.inputs
        elif isinstance(layer, Layer):
            if dense is not None and layer.inputs is not None:
                raise ConfigError(f"{where} = {layer!r} has inputs and a {type(dense).__name__} before it; accepted: one of them, and "
                                  "bias and delay as keys of the layer")
            if isinstance(dense, Dense) and layer.size is not None and dense.size != layer.size:
                raise ConfigError(f"{where} = {layer!r} has {layer.size} neurons, its Dense goes to {dense.size}")
            sized = {"size": dense.size} if isinstance(dense, Dense) else {}
            tables.append({**layer.table(), **sized, **(dense.keys() if dense is not None else {}),
                           **sources_of(layer, layers, where)})
            before, dense = layer.size, None
        elif "Norm" in type(layer).__name__:
            raise ConfigError(f"{where} = {layer!r}: {RECIPE}")
        else:
            raise TypeError(f"{where} is {layer!r}; accepted: Dense, Conv2d and its like, and cells such as LIF")
    if dense is not None:
        raise ConfigError(f"Network: the last layer is a {type(dense).__name__}; accepted: a cell after it")
    if inputs is None:
        raise ConfigError("Network: nothing says how many inputs it has; begin with a Dense or give inputs=")
    return whole(inputs, "inputs", 1, operation="Network"), tables


def neurons_of(table: dict[str, Any]) -> int:
    """Neurons of a layer; 0: the network finds them."""
    return int(table.get("size") or math.prod(table.get("shape") or [0]))


def check_dense_inputs(layers: list[Any], infos: list[dict[str, Any]]) -> None:
    """What a `Dense` behind a convolution says of it, which nobody could know before."""
    cells = 0
    for at, layer in enumerate(layers):
        before = infos[cells - 1]["size"] if cells > 0 else None
        if isinstance(layer, Dense) and before is not None and layer.inputs != before:
            raise ConfigError(f"Network: layer {at} = {layer!r} takes {layer.inputs} inputs, what comes before has "
                              f"{before}")
        cells += isinstance(layer, Layer)


class Output:
    def __init__(self, layer: Any, *, name: str = "", target: str = "", classes_from: Any = (), class_names: Any = (),
                 read: str = "output", **keys: Any) -> None:
        self.layer, self.name, self.target, self.read = layer, name, target, read
        self.classes_from, self.class_names = [int(k) for k in classes_from], [str(n) for n in class_names]
        self.keys = dict(keys)

    def table(self, layers: list[Any], name: str = "") -> dict[str, Any]:
        """The output as an [[objective.output]] of an experiment with these layers; `name`: one that it was given
        elsewhere."""
        return {"from": name_of(self.layer, layers, "Output: layer"), "name": self.name or name, "target": self.target,
                "classes_from": self.classes_from, "class_names": self.class_names, "read": self.read, **self.keys}

    def __repr__(self) -> str:
        layer = self.layer if isinstance(self.layer, str) else getattr(self.layer, "name", "") or self.layer
        given = [f"{k}={getattr(self, k)!r}" for k in ("name", "target", "classes_from", "class_names")
                 if getattr(self, k)] + ([f"read={self.read!r}"] if self.read != "output" else [])
        return f"Output({', '.join([repr(layer), *given, *(f'{k}={v!r}' for k, v in self.keys.items())])})"


#: Keys of an [[objective.output]] that belong to its loss.
LOSS_KEYS = [k for k in section("", "output")["keys"]
             if k["name"] not in ("from", "name", "target", "classes_from", "class_names", "read")]

Output.__doc__ = f"""A layer that an objective reads, in the place of the last one.

Args:
    layer: the layer, or its name.
    name: unique; default: that of the layer.
    target: which of the targets that `Data` has by name; default: the data's own.
    classes_from: for each class of these targets the class of this output, from 0; default: the same classes.
    class_names: of the classes of this output.
    read: what a loss and `predict` read of the layer: "output", its spikes or the value of an analog cell; "membrane",
        that of a spiking cell after each step, its reset included.
    keys: of its loss, as `Network.fit(objective=...)` takes them:
{key_lines(LOSS_KEYS)}
"""
Output.__module__ = "backspike"


def output_tables(outputs: Any, layers: list[Any]) -> list[dict[str, Any]]:
    """The [[objective.output]] tables of a list of outputs, or of outputs or layers by their names."""
    named = outputs.items() if isinstance(outputs, Mapping) else (("", o) for o in outputs)
    return [(o if isinstance(o, Output) else Output(o)).table(layers, name) for name, o in named]


def sizes_of(tables: list[dict[str, Any]], outputs: list[dict[str, Any]]) -> list[int]:
    """Neurons of each output of a network of these tables."""
    names = {t.get("name") or _core.default_layer_name(k, len(tables)): neurons_of(t) for k, t in enumerate(tables)}
    return [names.get(o["from"], 1) for o in outputs] or [neurons_of(tables[-1])]  # another name is refused elsewhere


class Connection:
    def __init__(self, source: Any, target: Any, kind: str = "dense", **keys: Any) -> None:
        self.source, self.target, self.kind = source, target, kind
        self.keys = dict(keys)

    def table(self, layers: list[Any]) -> dict[str, Any]:
        """The connection as a [[network.connection]] of an experiment with these layers."""
        table = {"from": name_of(self.source, layers, "Connection: source"),
                 "to": name_of(self.target, layers, "Connection: target"), "kind": self.kind}
        switches = [s["name"] for s in KINDS.get(self.kind, {"settings": []})["settings"]]  # which are numbers: 0 or 1
        for key, value in self.keys.items():
            if key == "delay":
                table[key] = Delay.of(value)
            elif key == "short_term_plasticity" and value is not None:
                table[key] = plasticity_table(value)
            elif value is not None:  # None stands for what is absent
                table[key] = int(value) if key in switches and isinstance(value, bool) else value
        return table

    def __repr__(self) -> str:
        ends = [x if isinstance(x, str) else getattr(x, "name", "") or type(x).__name__
                for x in (self.source, self.target)]
        given = [repr(end) for end in ends] + ([repr(self.kind)] if self.kind != "dense" else [])
        return f"Connection({', '.join([*given, *(f'{k}={v!r}' for k, v in self.keys.items())])})"


def plasticity_table(value: Any) -> dict[str, Any]:
    """`learn` may be one name, or True for all of the parameters."""
    table = ShortTermPlasticity.of(value)
    names = [k["name"] for k in section("short_term_plasticity", "connection")["keys"] if k["type"] == "number"]
    learn = table.get("learn", [])
    learn = names if learn is True else [learn] if isinstance(learn, str) else list(learn or ())
    return {**table, "learn": learn}


def connection_keys() -> list[dict[str, Any]]:
    """The keys that every kind has."""
    plain = [k for k in section("", "connection")["keys"] if k["name"] not in ("from", "to", "kind")]
    delay = {"name": "delay", "meaning": f"{section('delay', 'connection')['meaning']}: a Delay or the largest one",
             "unit": "", "default": None}
    plasticity = {"name": "short_term_plasticity", "unit": "", "default": None,
                  "meaning": f"{section('short_term_plasticity', 'connection')['meaning']}: a ShortTermPlasticity"}
    return [*plain, delay, plasticity]


def connection_documentation() -> str:
    kinds = "".join(f"    {kind['name']}: {kind['meaning']}.\n" for kind in KINDS.values())
    settings = "".join(f"\n\nSettings of the kind \"{kind['name']}\":\n{key_lines(kind['settings'])}"
                       for kind in KINDS.values() if kind["settings"])
    return ("A connection beside those of the layers: `Network(layers, connections=[Connection(\"a\", \"b\")])`.\n\nArgs:\n"
            "    source: the layer that it leads from, or its name; \"input\": the network's input.\n"
            "    target: the layer that it leads to, or its name; it may be the source.\n"
            f"    kind: who is joined to whom.\n{key_lines(connection_keys())}{settings}\n\nKinds:\n{kinds}")


def connection_signature() -> inspect.Signature:
    either, keyword = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
    fields = [inspect.Parameter("source", either), inspect.Parameter("target", either),
              inspect.Parameter("kind", either, default="dense")]
    settings = [s for kind in KINDS.values() for s in kind["settings"]]
    for key in {k["name"]: k for k in [*connection_keys(), *settings]}.values():
        fields.append(inspect.Parameter(key["name"], keyword, default=key["default"]))
    return inspect.Signature(fields)


Connection.__doc__ = connection_documentation()
Connection.__signature__ = connection_signature()  # type: ignore[attr-defined]
Connection.__module__ = "backspike"


def connection_tables(connections: list[Any], layers: list[Any]) -> list[dict[str, Any]]:
    """The [[network.connection]] tables of a list of connections."""
    for at, connection in enumerate(connections):
        if not isinstance(connection, Connection):
            raise TypeError(f"Network: connection {at} is {connection!r}; accepted: a Connection")
    return [connection.table(layers) for connection in connections]
