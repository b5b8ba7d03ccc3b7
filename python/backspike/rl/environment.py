"""Environments with the meaning of Gymnasium's: `reset` gives an observation, `step` takes an action. Nothing here needs
Gymnasium, and its users find what they know."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _core
from .._arrays import as_array
from ..errors import InvalidValueError

__all__ = ["Box", "Discrete", "Environment", "environments", "make"]


class Discrete:
    """One of the whole numbers 0 to n - 1."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.shape: tuple[int, ...] = ()
        self.dtype = np.dtype(np.int64)
        self._random = np.random.default_rng()

    def seed(self, seed: int | None = None) -> None:
        """What `sample` draws from."""
        self._random = np.random.default_rng(seed)

    def sample(self) -> int:
        return int(self._random.integers(self.n))

    def contains(self, x: Any) -> bool:
        return np.ndim(x) == 0 and float(x).is_integer() and 0 <= x < self.n

    def __repr__(self) -> str:
        return f"Discrete({self.n})"


class Box:
    """Numbers from `low` to `high`, each with ends of its own."""

    def __init__(self, low: Any, high: Any) -> None:
        self.low, self.high = np.asarray(low, np.float32), np.asarray(high, np.float32)
        self.shape: tuple[int, ...] = self.low.shape
        self.dtype = np.dtype(np.float32)
        self._random = np.random.default_rng()

    def seed(self, seed: int | None = None) -> None:
        """What `sample` draws from."""
        self._random = np.random.default_rng(seed)

    def sample(self) -> np.ndarray:
        """Even where both ends are finite, normal numbers elsewhere."""
        bounded = np.isfinite(self.low) & np.isfinite(self.high)
        even = self._random.uniform(np.where(bounded, self.low, 0.0), np.where(bounded, self.high, 1.0))
        return np.where(bounded, even, self._random.normal(size=self.shape)).astype(np.float32)

    def contains(self, x: Any) -> bool:
        return np.shape(x) == self.shape and bool(np.all((x >= self.low) & (x <= self.high)))

    def __repr__(self) -> str:
        return f"Box({self.low.min()}, {self.high.max()}, {self.shape})"


def _space(of: _core.Space) -> Discrete | Box:
    return Discrete(of.choices) if of.choices > 0 else Box(of.low, of.high)


class Environment:
    """One of `environments`, stepped in C++; `make` makes them."""

    def __init__(self, name: str, **settings: float) -> None:
        self._inner = _core.make_environment(name, {key: float(value) for key, value in settings.items()})
        self._settings = settings
        self._seeds = np.random.default_rng()
        self.observation_space = _space(self._inner.observations)
        self.action_space = _space(self._inner.actions)

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def state(self) -> np.ndarray:
        """All that the world goes on from, without the steps that have passed."""
        return np.array(self._inner.save()[:-2])

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[np.ndarray, dict[str, Any]]:
        """Begins an episode.

        Args:
            seed: of all that is random in it, and in the episodes after it that are given none.
            options: {"state": numbers} to begin in this state.
        """
        if seed is not None:
            self._seeds = np.random.default_rng(_seed(self.name, seed))
        if options is not None and "state" in options:
            self._inner.start_from(_numbers(options["state"], "state", self.name))
        else:
            self._inner.reset(int(self._seeds.integers(1 << 63)) if seed is None else int(seed))
        return self._inner.observation, {}

    def step(self, action: Any) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """The next observation, the reward, whether the world is over, and whether time is up.

        Raises:
            InvalidValueError, ShapeError: what is no action of this space; a step after the end of an episode.
        """
        reward, terminated, truncated = self._inner.step(_numbers(action, "action", self.name))
        return self._inner.observation, reward, terminated, truncated, {}

    def close(self) -> None:
        """Nothing is open; it is here for who calls it."""

    def __repr__(self) -> str:
        return f"<Environment {self.name}>"


def _numbers(x: Any, what: str, operation: str) -> np.ndarray:
    return np.ascontiguousarray(np.atleast_1d(as_array(x, what, operation)), np.float64)


def _seed(operation: str, seed: Any) -> int:
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed < 1 << 64:
        raise InvalidValueError.of(operation, "seed", repr(seed), "a whole number, 0 or more")
    return int(seed)


def make(name: str, **settings: float) -> Environment:
    """The environment of this name, as `environments` lists them.

    Raises:
        InvalidValueError: a name or a setting that does not exist, a value out of its range.
    """
    return Environment(name, **settings)


def environments() -> list[dict[str, Any]]:
    """Name, meaning and settings with their defaults of every environment that `make` knows."""
    return _core.environments()
