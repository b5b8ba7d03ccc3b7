#!/usr/bin/env python3
"""Decisions a second of the whole loop of an actor and critic on CartPole-v1, one core: Backspike beside the same loop
as one writes it with snnTorch and with SpikingJelly.

    PYTHONPATH=build/release/python/package build/peers/bin/python bench/peers/agent_speed.py

The loop: 8 poles side by side, or 1, 14 Gaussian receptive fields for each of 4 numbers, 3 steps a decision, 64 LIF neurons
for the policy and 64 for the value, an update by Adam after every 8 decisions. Backspike learns by eligibility traces;
the others have no such rule and go back through the 24 steps since the last update, which is less than an episode.
Their poles are stepped together as NumPy arrays. Systems take turns; seconds are those of the processor, so that other
programs on the machine matter little.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

FIELDS, FRAME, HIDDEN, EVERY = 14, 3, 64, 8
LOW, HIGH = np.array([-2.4, -2.5, -0.21, -2.5]), np.array([2.4, 2.5, 0.21, 2.5])
GAMMA, LAMBDA, VALUE_WEIGHT, REWARD_SCALE, RATE = 0.98, 0.9, 1.0, 0.05, 1.5e-3
KEPT = float(np.exp(-1.0 / 5.0))          # of a membrane in a step
KEPT_READOUT = float(np.exp(-1.0))


class Poles:
    """CartPole-v1, several at once; those that fall begin anew."""

    def __init__(self, count: int, seed: int) -> None:
        self.draws = np.random.default_rng(seed)
        self.state, self.elapsed = self.draws.uniform(-0.05, 0.05, (count, 4)), np.zeros(count, int)

    def step(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Terminated, truncated. The observation is `state`."""
        x, x_dot, theta, theta_dot = self.state.T
        c, s = np.cos(theta), np.sin(theta)
        u = (np.where(actions == 1, 10.0, -10.0) + 0.05 * theta_dot**2 * s) / 1.1
        theta_acc = (9.8 * s - c * u) / (0.5 * (4.0 / 3.0 - 0.1 * c**2 / 1.1))
        x_acc = u - 0.05 * theta_acc * c / 1.1
        self.state = np.stack([x + 0.02 * x_dot, x_dot + 0.02 * x_acc, theta + 0.02 * theta_dot,
                               theta_dot + 0.02 * theta_acc], axis=1)
        self.elapsed += 1
        terminated = (np.abs(self.state[:, 0]) > 2.4) | (np.abs(self.state[:, 2]) > 12 * 2 * np.pi / 360)
        return terminated, (self.elapsed >= 500) & ~terminated

    def begin(self, over: np.ndarray) -> None:
        self.state[over] = self.draws.uniform(-0.05, 0.05, (int(over.sum()), 4))
        self.elapsed[over] = 0


def encoded(observations: np.ndarray) -> torch.Tensor:
    at = np.clip((observations - LOW) / (HIGH - LOW), 0.0, 1.0) * (FIELDS - 1)
    distance = at[:, :, None] - np.arange(FIELDS)
    return torch.from_numpy(np.exp(-0.5 * distance**2).reshape(len(at), -1).astype(np.float32))


class Brain(torch.nn.Module):
    """Two bodies and their readouts; `cells` are the peer's neurons."""

    def __init__(self, cells: Callable[[int], Any], poles: int) -> None:
        super().__init__()
        self.into = torch.nn.ModuleList(torch.nn.Linear(4 * FIELDS, HIDDEN) for _ in range(2))
        self.cells = [cells(poles), cells(poles)]
        self.out = torch.nn.ModuleList([torch.nn.Linear(HIDDEN, 2), torch.nn.Linear(HIDDEN, 1)])
        self.read = [torch.zeros(poles, 2), torch.zeros(poles, 1)]

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        currents = [into(x) for into in self.into]
        for _ in range(FRAME):
            for k, cell in enumerate(self.cells):
                self.read[k] = KEPT_READOUT * self.read[k] + self.out[k](cell.step(currents[k]))
        return self.read[0], self.read[1][:, 0]

    def cut(self) -> None:
        self.read = [y.detach() for y in self.read]
        for cell in self.cells:
            cell.cut()

    def begin(self, over: np.ndarray) -> None:
        kept = torch.from_numpy(~over).float()[:, None]
        self.read = [y * kept for y in self.read]
        for cell in self.cells:
            cell.keep(kept)


class SnnTorchCell:
    def __init__(self, poles: int) -> None:
        import snntorch as snn  # noqa: PLC0415
        self.cell, self.v = snn.Leaky(KEPT, reset_mechanism="subtract"), torch.zeros(poles, HIDDEN)

    def step(self, current: torch.Tensor) -> torch.Tensor:
        spikes, self.v = self.cell(current, self.v)
        return spikes

    def cut(self) -> None:
        self.v = self.v.detach()

    def keep(self, kept: torch.Tensor) -> None:
        self.v = self.v * kept


class SpikingJellyCell:
    def __init__(self, _: int) -> None:
        from spikingjelly.activation_based import neuron  # noqa: PLC0415
        self.cell = neuron.LIFNode(1 / (1 - KEPT), False, 1.0, None)

    def step(self, current: torch.Tensor) -> torch.Tensor:
        return self.cell(current)

    def cut(self) -> None:
        self.cell.detach()

    def keep(self, kept: torch.Tensor) -> None:
        self.cell.v = self.cell.v * kept


class PeerLoop:
    def __init__(self, cells: Callable[[int], Any], poles: int) -> None:
        torch.manual_seed(1)
        self.brain, self.poles, self.count = Brain(cells, poles), Poles(poles, 1), poles
        self.optimiser = torch.optim.Adam(self.brain.parameters(), lr=RATE)

    def value_of_now(self) -> torch.Tensor:
        """What follows the last decision, without moving on: the state is put back."""
        with torch.no_grad():
            read, states = list(self.brain.read), [getattr(c, "v", None) for c in self.brain.cells]
            inner = [getattr(c.cell, "v", None) for c in self.brain.cells]
            value = self.brain(encoded(self.poles.state))[1]
            self.brain.read = read
            for cell, v, own in zip(self.brain.cells, states, inner, strict=True):
                if v is not None:
                    cell.v = v
                else:
                    cell.cell.v = own
        return value

    def round(self) -> None:
        self.brain.cut()
        logs, values, terminated, over = [], [], [], []
        for _ in range(EVERY):
            logits, value = self.brain(encoded(self.poles.state))
            policy = torch.distributions.Categorical(logits=logits)
            action = policy.sample()
            fallen, timed_out = self.poles.step(action.numpy())
            logs.append(policy.log_prob(action))
            values.append(value)
            terminated.append(torch.from_numpy(fallen))
            over.append(torch.from_numpy(fallen | timed_out))
            if (fallen | timed_out).any():
                self.poles.begin(fallen | timed_out)
                self.brain.begin(fallen | timed_out)
        self.learn(torch.stack(logs), torch.stack(values), torch.stack(terminated), torch.stack(over))

    def learn(self, logs: torch.Tensor, values: torch.Tensor, terminated: torch.Tensor, over: torch.Tensor) -> None:
        seen = values.detach()
        following = torch.cat([seen[1:], self.value_of_now()[None]]) * ~terminated
        errors, later, advantages = REWARD_SCALE + GAMMA * following - seen, torch.zeros(self.count), []
        for t in reversed(range(EVERY)):
            later = errors[t] + GAMMA * LAMBDA * later * ~over[t]
            advantages.append(later)
        advantage = torch.stack(advantages[::-1])
        loss = -(advantage * (logs + VALUE_WEIGHT * values)).sum(0).mean()
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()

    def run(self, decisions: int) -> None:
        for _ in range(decisions // (EVERY * self.count)):
            self.round()


class OurLoop:
    def __init__(self, poles: int) -> None:
        import backspike as bs  # noqa: PLC0415
        sight = {"low": LOW.tolist(), "high": HIGH.tolist(), "fields": FIELDS}
        actor, critic = bs.LIF(HIDDEN, name="actor", tau_m=5.0), bs.LIF(HIDDEN, name="critic", tau_m=5.0, inputs="input")
        policy = bs.LeakyIntegrator(2, name="policy", inputs=actor, tau_m=1.0)
        value = bs.LeakyIntegrator(1, name="value", inputs=critic, tau_m=1.0)
        brain = bs.Network([actor, critic, policy, value], inputs=4 * FIELDS, outputs=[policy, value], threads=1)
        self.agent = bs.rl.ActorCritic(brain, "CartPole-v1", encoder=sight, environments=poles, gamma=GAMMA,
                                       lambda_=LAMBDA, value_weight=VALUE_WEIGHT, reward_scale=REWARD_SCALE, frame=FRAME,
                                       update_every=EVERY, optimiser=bs.Optimiser("adam", learning_rate=RATE), threads=1)

    def run(self, decisions: int) -> None:
        self.agent.learn(decisions)


def rate_of(loop: Any, decisions: int) -> float:
    start = time.process_time()
    loop.run(decisions)
    return decisions / (time.process_time() - start)


def measure(poles: int, turns: int, decisions: int) -> None:
    """A table of one number of poles."""
    few = max(decisions * poles // 8, 8 * EVERY)  # one pole takes the others eight times as long
    loops = {"Backspike": (OurLoop(poles), 20 * decisions), "snnTorch": (PeerLoop(SnnTorchCell, poles), few),
             "SpikingJelly": (PeerLoop(SpikingJellyCell, poles), few)}
    rates: dict[str, list[float]] = {name: [] for name in loops}
    for _ in range(turns):
        for name, (loop, count) in loops.items():
            rates[name].append(rate_of(loop, count))
    ours = statistics.median(rates["Backspike"][1:])
    print(f"| {poles} side by side | decisions a second, median | least, most | Backspike is faster |")
    print("| --- | --- | --- | --- |")
    for name, all_turns in rates.items():
        counted = all_turns[1:]
        median = statistics.median(counted)
        print(f"| {name} | {median:,.0f} | {min(counted):,.0f}, {max(counted):,.0f} | {ours / median:.1f} times |")
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=5, help="of which the first does not count (default: 5)")
    parser.add_argument("--decisions", type=int, default=1600, help="of a turn with 8 poles; Backspike makes 20 times as many")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for poles in (8, 1):
        measure(poles, options.turns, options.decisions)


if __name__ == "__main__":
    main()
