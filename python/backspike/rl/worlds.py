"""What an agent needs of an environment of others: single or vector, however it begins episodes anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import _core
from ..errors import Error, InvalidValueError, ShapeError
from .patience import NoAnswerError, Patience

__all__ = ["EnvironmentFailedError"]

OPERATION = "ActorCritic"


class EnvironmentFailedError(Error, RuntimeError):
    """An environment raised, did not answer in time, or gave what is no observation or reward. What the agent had learned it keeps, and it can
    go on learning. Attributes: environment, call."""

    environment = call = ""

    @classmethod
    def of(cls, environment: str, call: str, what: str) -> EnvironmentFailedError:
        error = cls(f"{environment}: {call} {what}; what the agent has learned so far is kept")
        error.environment, error.call = environment, call
        return error


@dataclass
class Outcome:
    """What followed a step of all environments, each array by environment."""

    rewards: np.ndarray
    terminated: np.ndarray
    truncated: np.ndarray
    last: np.ndarray       # what was seen after the step, also at the end of an episode
    seen: np.ndarray       # what is decided on next
    active: np.ndarray     # whether it decides in the next step: one that begins anew within it does not


@dataclass
class Spaces:
    """Of one environment, as the C++ library has them, and the way of an action back."""

    observations: Any
    actions: Any
    numbers: int
    native: Callable[[np.ndarray], Any]  # [numbers] of an action as the environment takes it


def _is_discrete(space: Any) -> bool:
    return hasattr(space, "n") and not hasattr(space, "low") and tuple(space.shape or ()) == ()


def _box(space: Any, what: str) -> tuple[np.ndarray, np.ndarray]:
    if not (hasattr(space, "low") and hasattr(space, "high")):
        raise InvalidValueError.of(OPERATION, what, repr(space), "a Box, or for actions a Discrete; wrap the environment")
    return np.ravel(np.asarray(space.low, np.float64)), np.ravel(np.asarray(space.high, np.float64))


def _discrete_action(space: Any) -> Callable[[np.ndarray], Any]:
    start = int(getattr(space, "start", 0))
    return lambda numbers: int(numbers[0]) + start


def _box_action(space: Any) -> Callable[[np.ndarray], Any]:
    low, high, shape, dtype = np.asarray(space.low), np.asarray(space.high), space.shape, space.dtype
    return lambda numbers: np.clip(numbers.reshape(shape), low, high).astype(dtype)


def spaces_of(observations: Any, actions: Any) -> Spaces:
    """Raises:
        InvalidValueError: observations that are not numbers in a box, actions that are neither that nor one choice."""
    seen = _core.space(0, *_box(observations, "observation_space"))
    if _is_discrete(actions):
        nothing = np.zeros(0)
        return Spaces(seen, _core.space(int(actions.n), nothing, nothing), 1, _discrete_action(actions))
    low, high = _box(actions, "action_space")
    return Spaces(seen, _core.space(0, low, high), low.size, _box_action(actions))


def name_of(env: Any) -> str:
    spec = getattr(env, "spec", None)
    return str(getattr(spec, "id", None) or getattr(env, "name", None) or type(env).__name__)


class World:
    """One environment or several, in one way for both."""

    count = 1

    def __init__(self, env: Any, spaces: Spaces, width: int) -> None:
        self.env, self.spaces, self.width, self.name = env, spaces, width, name_of(env)
        self.patience: Patience | None = None  # without it calls may take for ever

    def call(self, what: str, *arguments: Any, **keys: Any) -> Any:
        """A call of the environment's; what it raises is told with its name."""
        def asked() -> Any:
            return getattr(self.env, what)(*arguments, **keys)

        try:
            return asked() if self.patience is None else self.patience(f"{what}()", asked)
        except NoAnswerError as error:
            limit = 0.0 if self.patience is None else self.patience.seconds
            raise EnvironmentFailedError.of(self.name, error.call, f"did not answer within {limit:g} s") from None
        except Exception as error:
            raise EnvironmentFailedError.of(self.name, f"{what}()", f"raised {type(error).__name__}: {error}") from error

    def rows(self, observations: Any, call: str) -> np.ndarray:
        """[environments, numbers] of finite numbers."""
        try:
            rows = np.ascontiguousarray(np.asarray(observations, np.float32).reshape(self.count, self.width))
        except (TypeError, ValueError):
            raise ShapeError.of(f"{OPERATION}: {call} of {self.name}", "observation", f"{np.shape(observations)}",
                                f"({self.count}, {self.width})") from None
        self.require_finite(rows, call, "an observation")
        return rows

    def rewards(self, rewards: Any) -> np.ndarray:
        numbers = np.ascontiguousarray(np.asarray(rewards, np.float64).reshape(self.count))
        self.require_finite(numbers[:, None], "step()", "a reward")
        return numbers

    def require_finite(self, rows: np.ndarray, call: str, what: str) -> None:
        bad = np.argwhere(~np.isfinite(rows))
        if len(bad) > 0:
            i, k = bad[0]
            where = f" of environment {i}" if self.count > 1 else ""
            raise EnvironmentFailedError.of(self.name, call, f"gave {what}{where} that is not finite: number {k} is "
                                            f"{rows[i, k]}")

    def flags(self, flags: Any) -> np.ndarray:
        return np.ascontiguousarray(np.asarray(flags, bool).reshape(self.count))

    def start(self, seed: int | None) -> np.ndarray:
        return self.rows(self.call("reset", seed=seed)[0], "reset()")

    def step(self, actions: np.ndarray) -> Outcome:
        raise NotImplementedError


class Single(World):
    """One environment, which is reset when an episode is over."""

    def __init__(self, env: Any) -> None:
        spaces = spaces_of(env.observation_space, env.action_space)
        super().__init__(env, spaces, len(np.ravel(env.observation_space.low)))

    def act(self, action: Any) -> Outcome:
        observation, reward, terminated, truncated, _ = self.call("step", action)
        last = self.rows(observation, "step()")
        over = self.flags(terminated) | self.flags(truncated)
        seen = self.start(None) if over[0] else last
        return Outcome(self.rewards(reward), self.flags(terminated), self.flags(truncated), last, seen,
                       np.ones(1, bool))

    def step(self, actions: np.ndarray) -> Outcome:
        return self.act(self.spaces.native(actions[0]))

    def random_step(self) -> Outcome:
        return self.act(self.env.action_space.sample())


class Vector(World):
    """A vector environment of Gymnasium, in each of its modes of beginning anew."""

    def __init__(self, env: Any) -> None:
        self.count = int(env.num_envs)
        spaces = spaces_of(env.single_observation_space, env.single_action_space)
        super().__init__(env, spaces, len(np.ravel(env.single_observation_space.low)))
        mode = (getattr(env, "metadata", None) or {}).get("autoreset_mode", "NextStep")
        self.mode = str(getattr(mode, "value", mode)).replace("_", "").lower()
        if self.mode not in ("nextstep", "samestep", "disabled"):
            raise InvalidValueError.of(OPERATION, "autoreset_mode", str(mode), "NextStep, SameStep or Disabled")
        self.resting = np.zeros(self.count, bool)  # those that begin anew within the next step

    def start(self, seed: int | None) -> np.ndarray:
        self.resting = np.zeros(self.count, bool)
        return super().start(seed)

    def act(self, actions: Any) -> Outcome:
        observations, rewards, terminated, truncated, info = self.call("step", actions)
        seen = self.rows(observations, "step()")
        terminated, truncated = self.flags(terminated), self.flags(truncated)
        over, last, active = terminated | truncated, seen, np.ones(self.count, bool)
        if self.mode == "samestep" and over.any():
            last = self.last_of(info, over, seen)
        elif self.mode == "disabled" and over.any():
            seen = self.rows(self.call("reset", options={"reset_mask": over})[0], "reset()")
        elif self.mode == "nextstep":
            active, self.resting = ~over, over
        return Outcome(self.rewards(rewards), terminated, truncated, last, seen, active)

    def last_of(self, info: dict[str, Any], over: np.ndarray, seen: np.ndarray) -> np.ndarray:
        """What was seen at the end of episodes, of which the new ones have begun already."""
        name = "final_obs" if "final_obs" in info else "final_observation"
        if name not in info:
            raise EnvironmentFailedError.of(self.name, "step()", "gave no final_obs for an episode that is over")
        last: np.ndarray = seen.copy()
        for i in np.flatnonzero(over):
            last[i] = np.ravel(info[name][i])
        self.require_finite(last, "step()", "a last observation")
        return last

    def step(self, actions: np.ndarray) -> Outcome:
        native = [self.spaces.native(row) for row in actions]
        return self.act(np.asarray(native, self.env.single_action_space.dtype))

    def random_step(self) -> Outcome:
        return self.act(self.env.action_space.sample())


def world_of(env: Any, time_limit: float | None = None) -> Single | Vector:
    """`time_limit`: seconds that a call of it may take; None: any time.

    Raises:
        InvalidValueError: it has not what environments have."""
    for needed in ("reset", "step", "observation_space", "action_space"):
        if not hasattr(env, needed):
            raise InvalidValueError.of(OPERATION, "env", repr(env), f"an environment; it lacks {needed}")
    world = Vector(env) if hasattr(env, "single_observation_space") else Single(env)
    world.patience = None if time_limit is None else Patience(time_limit)
    return world
