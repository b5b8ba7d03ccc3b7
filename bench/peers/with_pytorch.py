"""Plain PyTorch, written by hand: the loop over time in Python, eager or with its step compiled."""

from __future__ import annotations

from typing import Any

import cases
import torch
import torch_model

version = torch.__version__
OURS: dict[str, Any] = {}
COMPILE = False


class Spike(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, u: torch.Tensor, triangle: bool) -> torch.Tensor:
        ctx.save_for_backward(u)
        ctx.triangle = triangle
        return (u >= 0).to(u.dtype)

    @staticmethod
    def backward(ctx: Any, error: torch.Tensor) -> tuple[torch.Tensor, None]:
        (u,) = ctx.saved_tensors
        x = u.abs() / cases.WIDTH
        return error * ((1 - x).clamp(min=0) if ctx.triangle else 1 / (1 + x) ** 2), None


def lif(v: torch.Tensor, current: torch.Tensor, triangle: bool) -> tuple[torch.Tensor, torch.Tensor]:
    v = cases.BETA * v + current
    s = Spike.apply(v - 1, triangle)
    return v - s.detach(), s


def cuba(v: torch.Tensor, i: torch.Tensor, current: torch.Tensor,
         triangle: bool) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    v = cases.BETA * v + cases.GAIN * i
    i = cases.SYN * i + current
    s = Spike.apply(v - 1, triangle)
    return v - s.detach(), i, s


class Model(torch_model.Model):
    def __init__(self, case: cases.Case) -> None:
        super().__init__(case)
        n = case.sizes[1]
        self.back = torch.nn.Parameter(torch.randn(n, n) * 0.2 / n ** 0.5) if case.recurrent else None
        self.lif, self.cuba = (torch.compile(f, dynamic=False) if COMPILE else f for f in (lif, cuba))

    def hidden(self, k: int, current: torch.Tensor) -> torch.Tensor:
        v = i = s = torch.zeros_like(current[0])
        triangle, out = self.case.surrogate == "triangle", []
        for c in current.unbind(0):
            if self.back is not None:
                c = torch.addmm(c, s, self.back)
            if self.case.cell == "cuba_lif":
                v, i, s = self.cuba(v, i, c, triangle)
            else:
                v, s = self.lif(v, c, triangle)
            out.append(s)
        return torch.stack(out)

    def readout(self, current: torch.Tensor) -> torch.Tensor:
        y, out = torch.zeros_like(current[0]), []
        for c in current.unbind(0):
            y = cases.BETA * y + c
            out.append(y)
        return torch.stack(out)


def stream(case: cases.Case) -> Any:
    model = Model(case)
    v = s = torch.zeros(1, case.sizes[1])
    y = torch.zeros(1, case.sizes[-1])
    w, out = model.dense[0].weight.detach().T.contiguous(), model.dense[1].weight.detach().T.contiguous()

    def step(row: torch.Tensor) -> torch.Tensor:
        nonlocal v, s, y
        v = torch.addmm(row @ w, s, model.back).add_(v, alpha=cases.BETA)
        s = (v >= 1).float()
        v = v - s
        y = torch.add(s @ out, y, alpha=cases.BETA)
        return y

    return torch_model.stream(step)


training, gradient = torch_model.programs(Model)
