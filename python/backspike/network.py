"""Networks: built from layers, from an experiment or from a file; run, trained and measured."""

from __future__ import annotations

import copy as copies
import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from . import _core
from ._arrays import ListView, View, as_array, number, plain, whole
from ._settings import Objective, Optimiser, Rule, toml
from .data import Data, as_given, by_sample, width_of_step
from .training.display import show_training
from .errors import ConfigError, InvalidValueError, ShapeError
from .hardware import Hardware
from .health import Listener
from .layers import LOSS_KEYS, check_dense_inputs, connection_tables, inputs_of, output_tables, sizes_of, tables_of
from .results import Evaluation, Gradient, History, Recording, tell_all


class Network:
    """A spiking network and its parameters.

    Args:
        layers: `Dense` and cells such as `LIF`, in order; the last one is the readout. A layer receives from the one
            before it, or from what its `inputs` names.
        inputs: input channels; not needed if the first layer is a `Dense`. (channels, height, width) or (channels,
            length), for convolutions: their shape. A dict such as `{"left": 32, "right": 32}` names neighbouring
            channels, one part after the other, for `inputs` of layers and connections.
        dt: width of a time step [ms].
        seed: decides the initial weights, and the order of samples in `fit`.
        rate: spikes per input channel and step that the initial weights are drawn for. `fit` draws them anew for the
            rate of its data, unless weights or biases have been changed before; cell parameters and delays may be.
        threads: 0: every processor this process may use. No result depends on it.
        connections: each a `Connection`, beside those that layers bring; they may lead back.
        outputs: what is read in the place of the last layer: `Output`s, or layers, in a list or by their names in a
            dictionary. Several train together, each with a loss and targets of its own.

    Raises:
        ConfigError, InvalidValueError, ShapeError: a layer does not fit, a parameter is out of its range.
    """

    def __init__(self, layers: Any, inputs: Any = None, *, dt: float = 1.0, seed: int = 1,
                 rate: float = 0.05, threads: int = 0, connections: Any = (), outputs: Any = ()) -> None:
        layers = list(layers)
        channels, keys = inputs_of(inputs)
        channels, tables = tables_of(layers, channels)
        joined = connection_tables(list(connections), layers)
        threads, rate = whole(threads, "threads", operation="Network"), float(number(rate, "rate", "Network"))
        read = output_tables(outputs, layers)
        settings = {"name": "network", "seed": seed, "data": {"source": "none"},
                    "network": {**keys, "layer": tables, **({"connection": joined} if joined else {})},
                    **({"objective": {"output": read}} if read else {})}
        experiment = _core.Experiment.parse(table_text(settings), "Network", [])
        core = _core.Network.build(experiment, channels, width_of_step(dt), sizes_of(tables, read), threads)
        check_dense_inputs(layers, core.layer_infos)
        self._take(core, experiment, rate)
        core.initialise_blind(rate, experiment.seed)
        self._drawn = self._digest_of_weights()

    def _take(self, core: _core.Network, experiment: _core.Experiment, rate: float = 0.05) -> None:
        self._core, self._experiment, self.rate = core, experiment, rate
        self._drawn = b""  # of the weights as they were drawn without data
        self._origin = experiment  # whose data the network is for, as long as it is trained with these
        self.class_names: list[str] = []

    @classmethod
    def load(cls, path: str, threads: int = 0) -> Network:
        """Reads a checkpoint, or the best one of a run's directory, whoever wrote it.

        Raises:
            FileError, FormatError, CheckpointError, NumericError
        """
        experiment, core, names = _core.Network.load(str(path), threads)
        net = cls.__new__(cls)
        net._take(core, experiment)
        net.class_names = names
        return net

    def save(self, path: str) -> None:
        """Writes a checkpoint that `Network.load` and every command of the command line read; whole or not at all. It
        has the names of the classes; after `fit` with arrays it names no data, and `backspike evaluate` and `predict`
        take theirs by `--data`."""
        self._core.save(self._experiment, str(path), self.class_names)

    # ---- parameters ----

    @property
    def inputs(self) -> int:
        """Input channels."""
        return self._core.inputs

    @property
    def outputs(self) -> int:
        """Values of all outputs together; of a network without named ones, neurons of the last layer."""
        return self._core.outputs

    @property
    def output_names(self) -> list[str]:
        """Of the outputs, in their order; one that nobody named is called as its layer."""
        return [info["name"] for info in self._core.output_infos]

    def split(self, outputs: Any) -> dict[str, Any]:
        """What `forward` returned, or anything whose last axis is the outputs, by the name of each output; views."""
        if isinstance(outputs, list):
            parts = [self.split(one) for one in outputs]
            return {name: [part[name] for part in parts] for name in self.output_names}
        return {o["name"]: outputs[..., o["first"]:o["first"] + o["size"]] for o in self._core.output_infos}

    @property
    def _classes(self) -> int:
        """Classes of the data's own labels, as far as an output takes them."""
        for o in self._core.output_infos:
            if not o["target"]:
                return len(o["classes_from"]) or o["size"]
        return 0

    @property
    def dt(self) -> float:
        """Width of a step [ms]."""
        return self._core.dt

    @property
    def threads(self) -> int:
        return self._core.threads

    @property
    def layers(self) -> list[dict[str, Any]]:
        """Name, cell, size and state variables of each layer, to look at."""
        return ListView(View(info, "a network's layers are given when it is made") for info in self._core.layer_infos)

    @property
    def connections(self) -> list[dict[str, Any]]:
        """Name, source, target, kind and delay of each connection, to look at; its weights are the parameter
        NAME.weight."""
        return ListView(View(info, "a network's connections are given when it is made")
                        for info in self._core.connection_infos)

    def synapses(self, name: str) -> dict[str, Any]:
        """Who is joined to whom in a connection: the arrays "sources" and "targets", an entry for each synapse, and
        "weights", the number that each has in the raveled parameter NAME.weight.

        Raises:
            InvalidValueError: a name that is no connection's.
        """
        names = [info["name"] for info in self._core.connection_infos]
        if name not in names:
            raise InvalidValueError.of("synapses", "name", repr(name), ", ".join(names))
        found = self._core.synapses(names.index(name))
        return dict(zip(("sources", "targets", "weights"), found, strict=True))

    @property
    def parameters(self) -> dict[str, Any]:
        """Every parameter by name, as an array over the network's own memory. Writing into an array changes the
        network, `net.parameters[name][...] = value`; assigning to a name raises."""
        return View(dict(zip(self.parameter_names, self._core.parameters, strict=True)),
                    "write into the array: net.parameters[name][...] = value")

    @property
    def parameter_names(self) -> list[str]:
        return [info["name"] for info in self._core.parameter_infos]

    @property
    def parameter_infos(self) -> dict[str, dict[str, Any]]:
        """Shape, unit, range and whether it is learned, of every parameter, to look at."""
        remedy = "ranges and what is learned are given when the network is made"
        return View({info["name"]: View(info, remedy) for info in self._core.parameter_infos}, remedy)

    def state_dict(self) -> dict[str, Any]:
        """Copies of every parameter, by name."""
        return {name: value.copy() for name, value in self.parameters.items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Takes every parameter from `state`; all of them or none.

        Raises:
            InvalidValueError: a name is missing or unknown, a number is out of the parameter's range.
            NumericError: a number is not finite.
            ShapeError
        """
        own = self.parameters
        for name in [*own, *state]:
            if name not in own or name not in state:
                raise InvalidValueError(f"load_state_dict: {name!r} is {'missing' if name in own else 'unknown'}; "
                                        f"accepted: {', '.join(own)}")
        new = {name: np.asarray(as_array(value, name, "load_state_dict"), np.float32)
               for name, value in state.items()}
        for name, value in new.items():
            if value.shape != own[name].shape:
                raise ShapeError(f"load_state_dict: {name} has shape {list(value.shape)}, the network's has "
                                 f"{list(own[name].shape)}")
        self._core.load_parameters([np.ravel(new[name]) for name in own])

    def digest(self) -> bytes:
        """A short fingerprint of all parameters."""
        h = hashlib.sha256()
        for value in self._core.parameters:
            h.update(np.ascontiguousarray(value).tobytes())
        return h.digest()

    def _digest_of_weights(self) -> bytes:
        """A fingerprint of what `initialise` draws: changing other parameters leaves it as it is."""
        h = hashlib.sha256()
        for name, value in self.parameters.items():
            if name.endswith((".weight", ".bias")):
                h.update(np.ascontiguousarray(value).tobytes())
        return h.digest()

    def initialise(self, data: Any, seed: int | None = None) -> None:
        """Draws the weights anew, so that every layer fires under these data (Rossbroich, Gygax & Zenke 2022, eq. 9),
        and sets biases to 0. Cell parameters and delays stay as they are, and weights are drawn for them as they are.

        Args:
            data: some samples of what the network will see: `Data`, or what `Data` takes.
            seed: default: the network's own.

        Raises:
            InvalidValueError: a parameter is out of its range; input cannot move a layer's membranes.
        """
        seed = self._experiment.seed if seed is None else whole(seed, "seed", 0, 2**63 - 1, "initialise")
        self._core.initialise_weights(self.data(data)._core, seed)

    def clamp(self) -> None:
        """Brings every parameter back into its range: after steps of an optimiser that knows none."""
        self._core.clamp()

    # ---- running ----

    def load_data(self, path: str, source: str | None = None, **keys: Any) -> Data:
        """All samples of a file or folder, with this network's channels and classes, as `backspike evaluate --data`
        reads them. Classes may lack samples, and labels may be missing.

        Args:
            path: the file or folder.
            source: how to read it, one of `datasets.SOURCES`; default: as the network's experiment does, and for a
                network that learned from arrays as a file that `Data.save` wrote.
            keys: settings of the source, as its function in `datasets` takes them; the others are those of the
                network's experiment.

        Raises:
            ConfigError: an unknown source or key, or a value out of its range.
            InvalidValueError: a key that would choose among samples (`limit`, `validation`, ...), for all are taken; a
                label that the network does not know, an event beyond its channels, a step of another width.
            ShapeError: other channels than the network's.
            MissingDataError, FormatError, FileError, ResourceError
        """
        overrides = data_overrides(self._experiment.source, source, keys)
        return Data.wrap(_core.load_whole(self._experiment, str(path), overrides, self.inputs, self.dt,
                                          self.class_names))

    def data(self, inputs: Any, targets: Any = None, **rest: Any) -> Data:
        """What was given as `Data` with this network's step; itself if it is that already."""
        if isinstance(inputs, Data) and targets is None and not rest:
            return inputs
        return Data(inputs, targets, dt=self.dt, **rest)

    def forward(self, inputs: Any) -> Any:
        """Runs samples.

        Args:
            inputs: `Data`, or what `Data` takes.

        Returns:
            The trace of the last layer: an array [samples, steps, outputs], or, if samples have different lengths, a
            list of arrays [steps, outputs]. Spikes, if the last layer spikes, are 1. Of several outputs one beside the
            other; `split` takes them apart.
        """
        data = self.data(inputs)
        return by_sample(_core.Unrolled(self._core).forward(data._core, None, False), data.lengths)

    __call__ = forward

    def record(self, inputs: Any) -> list[Recording]:
        """Runs samples and keeps all they did: spikes, states and outputs, for each sample a `Recording`."""
        data = self.data(inputs)
        run = _core.Unrolled(self._core)
        outputs = run.forward(data._core, None, True)
        rows = np.asarray(run.first_row())
        return [self._recording(data, run, outputs[rows[s]:rows[s + 1]], s) for s in range(len(data))]

    def _recording(self, data: Data, run: _core.Unrolled, outputs: Any, sample: int) -> Recording:
        layers = self.layers
        spikes, states = {}, {}
        for q, layer in enumerate(layers):
            if layer["spiking"]:
                spikes[layer["name"]] = run.spikes(q, sample)
            states[layer["name"]] = {name: run.state(q, sample, k) for k, name in enumerate(layer["states"])}
        x = data.dense(sample)
        steps, channels = np.nonzero(x)
        return Recording(dt=self.dt, inputs=(steps, channels), channels=data.channels, spikes=spikes, states=states,
                         outputs=np.array(outputs), sizes={layer["name"]: layer["size"] for layer in layers})

    def evaluate(self, inputs: Any, targets: Any = None, *, objective: Any = None, batch: int = 1000) -> Evaluation:
        """Loss and accuracy on labelled data.

        Args:
            inputs, targets: `Data`, or what `Data` takes.
            objective: an `Objective`, the name of a loss, or a dictionary; default: that of the network's experiment.
            batch: samples at a time.
        """
        data = self._labelled(inputs, targets)
        objective = self._objective(objective, data)
        batch = whole(batch, "batch", 1, operation="evaluate")
        facts = _core.evaluate(self._core, self._settings(objective=objective), data._core, batch)
        infos = self._core.output_infos
        facts["labels"] = self._shown(facts["labels"], infos[0], data)
        for k, (info, of) in enumerate(zip(infos, facts["outputs"].values(), strict=False)):
            own = facts if k == 0 else of
            of.update(labels=own["labels"] if k == 0 else self._shown(of["labels"], info, data), scores=own["scores"],
                      confusion=own["confusion"])
        return Evaluation(**facts)

    @staticmethod
    def _shown(told: Any, info: dict[str, Any], data: Data) -> Any:
        """Predicted labels of an output as `Data.labels` shows those of its targets."""
        if (told < 0).any() or info["classes_from"]:
            return told
        named = {f["name"]: f["class_names"] for f in data._core.further}
        return as_given(told, named[info["target"]] if info["target"] else data.class_names)

    def predict(self, inputs: Any, *, objective: Any = None, batch: int = 1000) -> Any:
        """The label of each sample, [samples], as `Data.labels` shows those that `fit` was given; of classes with names
        the place among `class_names`, unless the names are numbers, which are the labels then.

        Args: as for `evaluate`; labels are not needed, and not looked at.

        Returns:
            Of a network with several outputs a dictionary with the labels of each.
        """
        data = Data.wrap(self.data(inputs)._core.inputs_only())
        none = np.zeros(len(data), np.int32)  # the library compares with labels; any will do
        for info in self._core.output_infos:
            if info["target"] and info["target"] not in data.target_names:
                count = len(info["classes_from"]) or info["size"]
                data._core.set_labels(none, info["class_names"] if len(info["class_names"]) == count
                                      else [str(k) for k in range(count)])
                data._core.name_targets(info["target"])
        names = self.class_names or [str(k) for k in range(max(self._classes, 1))]
        data._core.set_labels(none, names)
        told = self.evaluate(data, objective=objective, batch=batch)
        return {name: of["labels"] for name, of in told.outputs.items()} if told.outputs else told.labels

    # ---- training ----

    def fit(self, inputs: Any, targets: Any = None, *, validation: Any = None, epochs: int | None = None,
            batch: int | None = None, loss: Callable[..., Any] | None = None, objective: Any = None, rule: Any = None,
            optimiser: Any = None, learning_rate: float | None = None, hardware: Any = None, seed: int | None = None,
            keep_best: bool = True, progress: bool | None = None,
            on_epoch: Callable[[dict[str, Any]], Any] | None = None) -> History:
        """Trains the network in place. Ctrl-C ends it with the parameters of the last completed epoch.

        Args:
            inputs, targets: `Data`, or what `Data` takes.
            validation: `Data`, a tuple (inputs, targets), or a share of the samples, above 0 and below 1, which is
                then set aside; with it the best epoch's parameters are kept (see keep_best).
            epochs, batch: default: those of the network's experiment (10 and 256).
            loss: a loss of your own, called as loss(outputs, samples): `outputs` as `forward` returns them for the
                samples of a batch, whose indices are `samples`. It returns the value and its gradient by the outputs
                (NumPy), or a PyTorch scalar if the outputs it is given have to be tensors (`backspike.torch.loss`).
            objective: an `Objective`, the name of a loss of the library, or a dictionary; of a network with named outputs
                its loss is that of each, but for what stands under an output's name. `class_weights="balanced"` is
                counted in the samples that train; the network keeps the numbers until an objective names a loss again.
            rule: a `Rule`, its name ("bptt", "eprop", ...), or a dictionary.
            optimiser: an `Optimiser`, its name ("adam", ...), or a dictionary; learning_rate is short for its key.
            hardware: a `Hardware`: the chips that the network shall run on, and how training gets ready for them
                (training_noise, adversarial_steps).
            seed: decides the order of samples; default: the network's.
            keep_best: end with the parameters that were best on the validation samples.
            progress: a bar in the terminal or notebook; default: where somebody looks.
            on_epoch: called with a dictionary after each epoch.

        Returns:
            History: one dictionary an epoch, and what went wrong in `warnings`.

        Warns:
            HealthWarning: the training is not well (exploding or vanishing gradients, a collapse, dead neurons or
                outputs, ...): once each, with what to try. docs/health.md says when.

        Raises:
            InvalidValueError: validation, objective, rule or weights of samples beside a loss of your own.
        """
        if loss is not None:
            from .training.loop import fit_own_loss, refuse_beside_own_loss, refuse_weights

            refuse_beside_own_loss(validation=validation, objective=objective, rule=rule, hardware=hardware)
        data = self.data(inputs, targets)
        if loss is not None:
            refuse_weights(data)
        own = getattr(data, "_origin", None) is self._origin
        if loss is None:
            data = self._labelled(data, None, self._names_to_learn(data))
        seed = self._experiment.seed if seed is None else whole(seed, "seed", 0, 2**63 - 1, "fit")
        data, held_out = self._hold_out(data, validation, seed)
        tuned = Optimiser.of(optimiser) | ({} if learning_rate is None else {"learning_rate": learning_rate})
        plan = {"epochs": epochs, "batch": batch}
        settings = self._settings(objective=self._objective(objective, data), rule=rule, optimiser=tuned, hardware=hardware,
                                  seed=seed,
                                  train={k: v for k, v in plan.items() if v is not None},
                                  data={} if own else {"source": "none", "path": "", "test_path": ""})
        if loss is None:
            settings = settings.with_class_weights(data._core)
        if self._drawn and self._drawn == self._digest_of_weights():
            self._core.initialise_weights(data._core, settings.seed)
        self._drawn = b""
        self.class_names = self._names_learned(data, loss is not None)
        with show_training(progress, settings.epochs) as bar:
            health = Listener()
            told = tell_all(bar.on_epoch, health.on_epoch, on_epoch)
            if loss is not None:
                history = fit_own_loss(self, data, loss, settings, bar.on_batch, told)
            else:
                history = _core.fit(self._core, settings, data._core, held_out._core, keep_best, bar.on_batch, told)
        self._experiment = settings
        return History(history["epochs"], history["best_epoch"], history.get("rule", ""), health.notices)

    def gradient(self, inputs: Any, targets: Any = None, *, rule: Any = None, objective: Any = None) -> Gradient:
        """The gradient of the mean loss over the samples, under any learning rule.

        Args: as for `fit`.
        """
        data = self._labelled(inputs, targets)
        settings = self._settings(objective=self._objective(objective, data), rule=rule)
        facts, values = _core.gradient(self._core, settings, data._core, None)
        return Gradient(parameters=dict(zip(self.parameter_names, values, strict=True)), **facts)

    def forecast_memory(self, inputs: Any, targets: Any = None, *, batch: int | None = None, objective: Any = None,
                        rule: Any = None) -> dict[str, int]:
        """Bytes that `fit` will need for these samples, part by part, before it starts: "parameters" (with gradients
        and moments), "workers", "samples_in_flight", "checkpoints", "data", and their "total".

        Args: as for `fit`. Without targets what they and their loss need is not counted.
        """
        data = self.data(inputs, targets)
        settings = self._settings(objective=self._objective(objective, data), rule=rule,
                                  train={} if batch is None else {"batch": batch})
        return _core.forecast(self._core, settings, data._core)

    def _labelled(self, inputs: Any, targets: Any, names: list[str] | None = None) -> Data:
        """Data with targets, and with the classes of the network, or with `names`; [] stands for a network that has
        learned none: its outputs are then the data's classes, or have the labels 0, 1, ...."""
        data = self.data(inputs, targets)
        core, names = data._core, self.class_names if names is None else names
        if len(data) and not (len(core.labels) or len(core.step_labels) or core.target_width):
            raise InvalidValueError(f"{data!r} has no labels or targets; accepted: Data(inputs, targets)")
        known = not self._classes or (not names and len(data.class_names) == self._classes)
        if data.class_names and data.class_names != names and not known:
            data = Data.wrap(_core.with_classes(core, names, self._classes))
        if self._experiment.output_names:
            data = Data.wrap(self._experiment.with_targets(data._core))
        return data

    def _names_to_learn(self, data: Data) -> list[str]:
        """The classes that the network knows, if the data have no others: further training keeps which output is which.
        """
        known, new = self.class_names, set(data.class_names)
        by_number = not _core.are_numbers(known) and new <= {str(k) for k in range(len(known))}
        return known if new <= set(known) or by_number else []

    def _names_learned(self, data: Data, own_loss: bool) -> list[str]:
        """The classes of the network once it is trained. A loss of the user's own may be told labels elsewhere: without
        any in the data it leaves the classes as they are."""
        known = self._names_to_learn(data) if own_loss else []
        return known or (data.class_names if len(data.class_names) == self._classes else [])

    def _objective(self, objective: Any, data: Data) -> dict[str, Any] | None:
        """What was asked for; if nothing was, the loss that the data have targets for. A loss that is named starts without
        the class weights of a training before."""
        if objective is not None:
            wanted = Objective.of(objective)
            return {"class_weights": []} | wanted if "loss" in wanted else wanted
        if len(data._core.labels):
            return None
        if len(data._core.step_labels):
            return {"loss": "step_cross_entropy"}
        return {"loss": "mean_squared", "class_weights": []} if data._core.target_width else None

    def _hold_out(self, data: Data, validation: Any, seed: int) -> tuple[Data, Data]:
        if validation is None:
            return data, data[:0]
        if isinstance(validation, (Data, tuple)):
            inputs, targets = validation if isinstance(validation, tuple) else (validation, None)
            held_out = self._labelled(inputs, targets, data.class_names)
            self._core.check_input("fit", held_out._core)  # before anything is drawn
            return data, held_out
        if not isinstance(validation, (int, float, np.number)) or not 0 < validation < 1:
            raise InvalidValueError(f"fit: validation = {validation!r}; accepted: samples, or a share above 0 and "
                                    "below 1")
        order = np.random.default_rng(seed).permutation(len(data))
        held = round(validation * len(data))
        if not 0 < held < len(data):
            raise InvalidValueError(f"fit: validation = {validation!r} of {len(data)} samples would set {held} aside "
                                    f"and train with {len(data) - held}; accepted: a share that leaves at least one "
                                    "for each, or samples to validate with")
        return data[np.sort(order[held:])], data[np.sort(order[:held])]

    def _settings(self, other_optimiser: bool = False, **changes: Any) -> _core.Experiment:
        """The network's experiment with changed tables; what is not given stays, but for the optimiser if it is another
        one, which has nothing from that of the last training."""
        base = self._experiment.with_default_optimiser() if other_optimiser else self._experiment
        changes = {"rule": Rule.of(changes.get("rule")), "objective": Objective.of(changes.get("objective")),
                   "hardware": Hardware.of(changes.get("hardware")),
                   "optimiser": Optimiser.of(changes.get("optimiser")), "train": changes.get("train") or {},
                   "data": changes.get("data") or {}, "seed": changes.get("seed")}
        keys = []
        for table, values in changes.items():
            if table == "objective":
                keys += self._objective_keys(values)
            elif isinstance(values, dict):
                keys += [f"{table}.{key}={toml(plain(value, key))}" for key, value in values.items()]
            elif values is not None:
                keys.append(f"{table}={toml(plain(values, table))}")
        return _core.Experiment.parse(base.toml(), "network", keys)

    def _objective_keys(self, values: dict[str, Any]) -> list[str]:
        """Keys of an objective: those of a loss for every named output, or, under its name, for one."""
        outputs, losses = self._experiment.output_names, {key["name"] for key in LOSS_KEYS}
        keys = []
        for key, value in values.items():
            if key in outputs:
                keys += [f"objective.output.{key}.{k}={toml(plain(v, k))}" for k, v in Objective.of(value).items()]
            else:
                tables = [f"objective.output.{name}" for name in outputs] if key in losses else []
                keys += [f"{table}.{key}={toml(plain(value, key))}" for table in tables or ["objective"]]
        return keys

    # ---- Python's own ----

    def copy(self) -> Network:
        """An independent network with the same parameters."""
        return copies.deepcopy(self)

    def __deepcopy__(self, _: Any) -> Network:
        return self._restored(self._state())

    def __getstate__(self) -> dict[str, Any]:
        return self._state()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(self._restored(state).__dict__)

    def _state(self) -> dict[str, Any]:
        return {"experiment": self._experiment.toml(), "inputs": self.inputs, "dt": self.dt,
                "outputs": [info["size"] for info in self._core.output_infos],
                "threads": self.threads, "parameters": self.state_dict(), "rate": self.rate, "drawn": self._drawn,
                "class_names": self.class_names}

    @staticmethod
    def _restored(state: dict[str, Any]) -> Network:
        experiment = _core.Experiment.parse(state["experiment"], "network", [])
        sizes = state["outputs"] if isinstance(state["outputs"], list) else [state["outputs"]]  # of older versions
        core = _core.Network.build(experiment, state["inputs"], state["dt"], sizes, state["threads"])
        net = Network.__new__(Network)
        net._take(core, experiment, state["rate"])
        net._drawn, net.class_names = state["drawn"], state["class_names"]
        for name, value in net.parameters.items():
            value[...] = state["parameters"][name]
        return net

    def toml(self) -> str:
        """The experiment that the network stands for, as the command line reads it."""
        return self._experiment.toml()

    def __str__(self) -> str:
        """Layers, and what each receives from whom."""
        lines = []
        for layer, line in zip(self.layers, self._lines(), strict=True):
            lines.append(f"\n  {line}")
            lines += [f"\n    from {c['source']}: {c['text']}" for c in self.connections if c["target"] == layer["name"]]
        return self._described("".join(lines))

    def __repr__(self) -> str:
        return self._described("".join(f"\n  {line}" for line in self._lines()))

    def _described(self, inner: str) -> str:
        learned = self._core.learnable_count
        return f"Network({self.inputs} inputs, dt = {self.dt:g} ms, {learned} learned numbers{inner})"

    def _lines(self) -> Iterator[str]:
        for layer in self.layers:
            extra = [layer["surrogate"], f"reset {layer['reset']}"] if layer["spiking"] else []
            extra += ["recurrent"] if layer["recurrent"] else []
            extra += [f"refractory {layer['refractory']:g} ms"] if layer["refractory"] else []
            extra += [str(list(layer["shape"]))] if len(layer["shape"]) > 1 else []
            yield f"{layer['name']}: {layer['size']} x {layer['cell']}{''.join(', ' + e for e in extra)}"

    def _repr_html_(self) -> str:
        from .training.display import network_html

        return network_html(self)


def data_overrides(own: str, source: str | None, keys: dict[str, Any]) -> list[str]:
    """The arguments of `Network.load_data` as overrides of the network's experiment, whose source is `own`."""
    from . import datasets

    if source is None and not keys:
        return []
    layout = source or ("spike_hdf5" if own == "none" else own)  # what Data.save writes
    if layout not in datasets.SOURCES:
        raise ConfigError(f"load_data: source = {layout!r}; accepted: {', '.join(datasets.SOURCES)}")
    known = datasets.arguments_of(layout)
    for name in ("path", *keys):
        if name not in known:
            raise ConfigError(f"load_data: {name!r} is no argument of {layout}; accepted: {', '.join(known)}")
    lines = datasets.experiment_text(layout, keys).removesuffix(datasets.LAYERS).splitlines()
    return lines if source else lines[1:]  # the first names the source


def table_text(settings: dict[str, Any]) -> str:
    return "".join(f"{key} = {toml(plain(value, key))}\n" for key, value in settings.items())
