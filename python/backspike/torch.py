"""A network as a module of PyTorch, and PyTorch losses for `Network.fit`.

    import torch, backspike as bs, backspike.torch

    net = bs.Network([bs.LIF(64, recurrent=True), bs.Dense(64, 16), bs.LeakyIntegrator(16)], inputs=32)
    model = torch.nn.Sequential(torch.nn.Linear(8, 32), bs.torch.Module(net), torch.nn.Linear(16, 4))
    optimiser = torch.optim.Adam(model.parameters())

The parameters of the module are the network's own memory: a step of the optimiser trains the network, without copies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

try:
    import torch
except ImportError as e:
    raise ImportError(f"backspike.torch needs PyTorch ({e}): pip install torch") from e

from torch.autograd.function import once_differentiable
from torch.optim.optimizer import register_optimizer_step_pre_hook
from torch.utils.weak import WeakTensorKeyDictionary

from . import _core
from .errors import ConfigError, InvalidValueError, ShapeError
from .network import Network

__all__ = ["Classifier", "Module", "loss"]


class _Run(torch.autograd.Function):
    """One batch forward, and the way back through the trajectory that it kept."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, net: Network, *parameters: torch.Tensor) -> torch.Tensor:
        # Saved for its version counters alone: torch refuses the way back if a parameter has changed meanwhile.
        ctx.save_for_backward(*parameters)
        ctx.run = _core.Unrolled(net._core)
        return _outputs(ctx.run, x, net, True)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, error: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        shapes = [p.shape for p in ctx.saved_tensors]
        if ctx.run is None:
            raise InvalidValueError("backspike.torch: backward = a second time through one forward, which has used up "
                                    "the kept trajectory; accepted: one backward for each forward (add the losses up "
                                    "before backward, or run forward again)")
        run, ctx.run = ctx.run, None
        wanted = ctx.needs_input_grad
        rows = np.ascontiguousarray(error.numpy(), np.float32).reshape(-1, error.shape[-1])
        gradients, by_input = run.backward(rows, wanted[0])
        own = [torch.from_numpy(g).view(s) if w else None
               for g, s, w in zip(gradients, shapes, wanted[2:], strict=True)]
        to_input = torch.from_numpy(by_input).view(*error.shape[:2], -1) if wanted[0] else None
        return (to_input, None, *own)


def _outputs(run: _core.Unrolled, x: torch.Tensor, net: Network, backward: bool) -> torch.Tensor:
    """[batch, steps, outputs] of an input [batch, steps, inputs]."""
    data = _core.Data.from_dense(np.ascontiguousarray(x.detach().numpy()), net.dt)
    rows = run.forward(data, None, backward)
    # Copied, so that in-place operations on the outputs do not reach what the way back needs.
    return torch.from_numpy(np.array(rows).reshape(*x.shape[:2], net.outputs))


class Module(torch.nn.Module):
    """A network between other layers of PyTorch.

    Every parameter that the network learns is a `torch.nn.Parameter` over the network's own memory, every other one a
    buffer, under the names of `Network.parameter_names` ("hidden1.weight"): optimisers of torch train the network in
    place (fused ones are refused), and `state_dict`, `load_state_dict`, `copy.deepcopy` and `torch.save` work. It lives
    in the computer's memory in single precision; `to("cuda")`, `half()`, `double()` and the like are refused.

    Optimisers of torch know no ranges: call `clamp_` after each step if time constants, thresholds or other parameters
    with a range are learned. Writing to a parameter between forward and backward is an error that torch raises, if
    torch was used to write; what NumPy or `Network.fit` writes meanwhile it cannot see. Rows of matrices are padded:
    code that wants contiguous parameters, as `torch.nn.utils.parameters_to_vector` does, is refused by torch.

    Several threads may use one module; their runs take turns.

    Args:
        net: the network; the module uses it and copies nothing.
        batch_first: the input is [batch, steps, inputs] rather than [steps, batch, inputs].

    Raises:
        ConfigError: the name of a layer is also that of an attribute of torch.nn.Module.
    """

    def __init__(self, net: Network, batch_first: bool = True) -> None:
        super().__init__()
        if not isinstance(net, Network):
            raise TypeError(f"backspike.torch.Module: net is {type(net).__name__}; accepted: a backspike.Network")
        self.net, self.batch_first = net, batch_first
        for name, values in net.parameters.items():
            self._register(name, torch.from_numpy(values), net.parameter_infos[name]["learnable"])

    def _register(self, name: str, values: torch.Tensor, learnable: bool) -> None:
        """Puts "hidden1.weight" into a submodule "hidden1", as names with dots are for torch."""
        *path, leaf = name.split(".")
        at: torch.nn.Module = self
        for part in path:
            if part not in at._modules:
                if hasattr(at, part):
                    raise ConfigError(f"backspike.torch.Module: a layer is named {part!r}, as is an attribute of "
                                      "torch.nn.Module; accepted: another name")
                at.add_module(part, torch.nn.Module())
            at = at._modules[part]  # type: ignore[assignment]
        if learnable:
            at.register_parameter(leaf, torch.nn.Parameter(values))
            _of_networks[at._parameters[leaf]] = name
        else:
            at.register_buffer(leaf, values)

    def _tensors(self) -> Iterator[tuple[str, torch.Tensor, Any]]:
        """Name, tensor and the network's own array of every parameter, in the network's order."""
        for name, values in self.net.parameters.items():
            path, _, leaf = name.rpartition(".")
            yield name, getattr(self.get_submodule(path), leaf), values

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Runs a batch.

        Args:
            x: float32 [batch, steps, inputs], in the computer's memory; numbers that are not 0 are events.

        Returns:
            float32 [batch, steps, outputs]: the trace of the last layer; spikes, if it spikes, are 1.
            ([steps, batch, ...] both, without batch_first.)

        Raises:
            ShapeError: another number of dimensions or channels, no sample or no step.
            InvalidValueError: another type or device, NaN or infinity, a parameter that has left its range or the
                network's memory; dropout or noise in training, which PyTorch's batches cannot draw.
        """
        self._check_input(x)
        tensors = self._checked_tensors()
        batch = x if self.batch_first else x.transpose(0, 1)
        if torch.is_grad_enabled() and any(t.requires_grad for t in (x, *tensors)):
            self._refuse_draws()
            out: torch.Tensor = _Run.apply(batch, self.net, *tensors)  # type: ignore[no-untyped-call]
        else:
            out = _outputs(_core.Unrolled(self.net._core), batch, self.net, False)
        return out if self.batch_first else out.transpose(0, 1)

    def _refuse_draws(self) -> None:
        """A batch of PyTorch does not say which epoch and samples it is of, by which the library draws."""
        if self.training and self.net._core.draws:
            raise InvalidValueError("backspike.torch.Module: dropout or noise of a layer = above 0, in training; "
                                    "accepted: 0, with torch.nn.Dropout or noise between modules; Network.fit draws "
                                    "them, and eval() runs without")

    def _check_input(self, x: torch.Tensor) -> None:
        if not isinstance(x, torch.Tensor):
            raise TypeError(f"backspike.torch.Module: input is {type(x).__name__}; accepted: a tensor")
        if x.is_meta:
            raise InvalidValueError("backspike.torch.Module: input.device = meta, which holds no numbers; accepted: "
                                    "cpu, a tensor that holds some")
        for what, value, wanted, remedy in (("device", x.device.type, "cpu", "input.cpu()"),
                                            ("layout", x.layout, torch.strided, "input.to_dense()"),
                                            ("dtype", x.dtype, torch.float32, "input.float()")):
            if value != wanted:
                raise InvalidValueError(f"backspike.torch.Module: input.{what} = {value}; accepted: {wanted} "
                                        f"({remedy})")
        wanted = f"[batch, steps, {self.net.inputs}]" if self.batch_first else f"[steps, batch, {self.net.inputs}]"
        if x.ndim != 3 or x.shape[-1] != self.net.inputs or 0 in x.shape[:2]:
            raise ShapeError(f"backspike.torch.Module: input has shape {list(x.shape)}; accepted: {wanted}, at least "
                             "one sample and one step")

    def _checked_tensors(self) -> list[torch.Tensor]:
        """The parameters, where they belong and within their ranges."""
        tensors = []
        for name, tensor, values in self._tensors():
            if tensor.data_ptr() != values.ctypes.data or tensor.dtype != torch.float32:
                raise InvalidValueError(f"backspike.torch.Module: {name} = a tensor that is not in the network's "
                                        "memory any more; accepted: what the module was made with. Write to it in "
                                        "place (tensor.copy_), and do not give it other .data, as "
                                        "load_state_dict(assign=True) does")
            tensors.append(tensor)
        try:
            self.net._core.check_ranges()
        except InvalidValueError as e:
            advised = InvalidValueError(f"{e}. Optimisers of torch know no ranges: call clamp_() of the "
                                        "backspike.torch.Module after each step, or lower the learning rate")
            advised.__dict__.update(e.__dict__)
            raise advised from None
        return tensors

    def clamp_(self) -> Module:
        """Brings every parameter back into its range, in place; to be called after each step of an optimiser."""
        infos = self.net.parameter_infos
        with torch.no_grad():
            for name, tensor, _ in self._tensors():  # by torch, so that its version counters see it
                tensor.clamp_(infos[name]["low"], infos[name]["high"])
        return self

    # ---- what torch.nn.Module would do with other tensors ----

    def _apply(self, fn: Callable[[torch.Tensor], torch.Tensor], recurse: bool = True) -> Module:
        """Everything that moves or converts a module comes here. Refused unless it would change nothing."""
        probe = torch.zeros(1, dtype=torch.float32, device="cpu")
        try:
            got = fn(probe)
        except Exception as e:  # a device that is not there
            raise InvalidValueError(f"backspike.torch.Module: the conversion failed ({e}); {_ONLY_HERE}") from e
        if got.device.type != "cpu" or got.dtype != torch.float32:
            raise InvalidValueError(f"backspike.torch.Module: conversion = to {got.dtype} on {got.device}; "
                                    f"{_ONLY_HERE}")
        if got.is_shared():  # type: ignore[no-untyped-call]
            raise InvalidValueError("backspike.torch.Module: share_memory() = a move to memory that processes share; "
                                    "accepted: the network's own memory (copy the module in each process)")
        return self

    def __setstate__(self, state: dict[str, Any]) -> None:
        """After deepcopy and unpickling, where the network and the tensors have been copied one by one."""
        super().__setstate__(state)  # type: ignore[no-untyped-call]
        for name, tensor, values in self._tensors():
            own = torch.from_numpy(values)
            own.copy_(tensor.detach())
            tensor.data = own
            if isinstance(tensor, torch.nn.Parameter):
                _of_networks[tensor] = name

    def extra_repr(self) -> str:
        return repr(self.net) + ("" if self.batch_first else ", batch_first=False")


class Classifier(torch.nn.Module):
    """A network as libraries of attacks expect one: samples without a time axis go in, a number for each class comes out.

        model = bs.torch.Classifier(net, steps=25).eval()
        adversarial = torchattacks.PGD(model, eps=0.1, alpha=0.01, steps=40)(images, labels)

    Gradients reach the samples through time and the surrogates of the network's spikes.

    Args:
        net: the network, or a `Module` of one.
        steps: every sample is flattened and shown as currents in each of so many steps; None: samples have a time axis
            themselves, [batch, ..., steps, inputs], as spikes or recordings do.
        readout: what becomes of the last layer's trace: "mean", "max", "sum" or "last" over the steps.

    Raises:
        InvalidValueError: no such readout, or no step.
    """

    def __init__(self, net: Network | Module, steps: int | None = None, readout: str = "mean") -> None:
        super().__init__()
        if steps is not None and steps < 1:
            raise InvalidValueError(f"backspike.torch.Classifier: steps = {steps}; accepted: at least 1, or None for "
                                    "samples that have a time axis")
        if readout not in _READOUTS:
            raise InvalidValueError(f"backspike.torch.Classifier: readout = {readout!r}; accepted: "
                                    f"{', '.join(_READOUTS)}")
        self.module = net if isinstance(net, Module) else Module(net)
        self.steps, self.readout = steps, readout

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scores of the classes.

        Args:
            x: float32 [batch, ...] with as many values as the network has inputs, or [batch, ..., steps, inputs].

        Returns:
            float32 [batch, classes].

        Raises:
            ShapeError: a sample that does not have as many values.
        """
        inputs = self.module.net.inputs
        if x.ndim < 2 or (x[0].numel() != inputs if self.steps is not None else x.shape[-1] != inputs):
            wanted = f"[batch, ...] with {inputs} values" if self.steps is not None else f"[batch, steps, {inputs}]"
            raise ShapeError(f"backspike.torch.Classifier: input has shape {list(x.shape)}; accepted: {wanted}")
        rows = x.reshape(len(x), -1, inputs)
        if self.steps is not None:
            rows = rows.expand(-1, self.steps, -1)
        over = 1
        if not self.module.batch_first:
            rows, over = rows.transpose(0, 1), 0
        return _READOUTS[self.readout](self.module(rows), over)


_READOUTS: dict[str, Callable[[torch.Tensor, int], torch.Tensor]] = {
    "mean": lambda y, over: y.mean(over),
    "max": lambda y, over: y.amax(over),
    "sum": lambda y, over: y.sum(over),
    "last": lambda y, over: y.select(over, -1),
}

_of_networks: Any = WeakTensorKeyDictionary()  # the parameters of all modules, and their names


def _refuse_fused(optimiser: torch.optim.Optimizer, *_: Any) -> None:
    """Fused optimisers take every parameter for contiguous (torch 2.13): they would write beside the padded rows."""
    for group in optimiser.param_groups:
        for p in group["params"] if group.get("fused") else ():
            if p in _of_networks and not p.is_contiguous():
                raise InvalidValueError(f"{type(optimiser).__name__}: fused = True for {_of_networks[p]}, whose rows "
                                        "are padded in the network's memory; accepted: fused=False")


register_optimizer_step_pre_hook(_refuse_fused)

_ONLY_HERE = ("accepted: float32 in the computer's memory. In a model on another device, leave this module out of "
              "to() and pass it x.cpu().float()")


def loss(function: Callable[[Any, torch.Tensor], torch.Tensor]) -> Callable[[Any, Any], tuple[float, Any]]:
    """A loss of PyTorch as one for `Network.fit(loss=...)`.

        labels = torch.tensor(...)

        @backspike.torch.loss
        def mine(outputs, samples):
            return torch.nn.functional.cross_entropy(outputs.mean(1), labels[samples])

    Args:
        function: called with the outputs, a tensor [batch, steps, outputs] or, for samples of different lengths, a list
            of [steps, outputs], and with the samples' indices, an int64 tensor [batch]. Returns a scalar tensor. Only
            its gradient by the outputs is used: parameters of your own get none.

    Returns:
        A function of outputs and sample indices (NumPy), which returns the value and its gradient by the outputs.

    Raises:
        InvalidValueError: the function returned no scalar tensor, or one that does not depend on the outputs.
    """
    def value_and_gradient(outputs: Any, samples: Any) -> tuple[float, Any]:
        several = isinstance(outputs, list)
        tensors = [torch.from_numpy(np.array(o)).requires_grad_() for o in (outputs if several else [outputs])]
        with torch.enable_grad():
            value = function(tensors if several else tensors[0], torch.from_numpy(np.array(samples, np.int64)))
        _check_scalar(value)
        gradients = torch.autograd.grad(value, tensors, allow_unused=True)
        parts = [np.zeros(t.shape, np.float32) if g is None else g.numpy()
                 for t, g in zip(tensors, gradients, strict=True)]
        return float(value.detach()), parts if several else parts[0]

    return value_and_gradient


def _check_scalar(value: Any) -> None:
    got = f"a tensor of shape {list(value.shape)}" if isinstance(value, torch.Tensor) else type(value).__name__
    if not isinstance(value, torch.Tensor) or value.numel() != 1:
        raise InvalidValueError(f"loss returned {got}; accepted: a scalar tensor")
    if not value.requires_grad:
        raise InvalidValueError("loss returned a tensor without a gradient; accepted: one that was computed from the "
                                "outputs (no detach, no item, no argmax)")
