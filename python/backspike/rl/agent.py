"""An actor and a critic of spikes that learn by eligibility traces and one broadcast error."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .. import _core
from .._arrays import as_array, number, whole
from .._settings import Optimiser, Rule
from ..errors import FormatError, InvalidValueError, ShapeError
from ..network import Network
from .environment import Environment, make
from .worlds import Outcome, Single, Vector, spaces_of, world_of

__all__ = ["ActorCritic", "encoded_channels", "policy_outputs"]

COUNTED = 100       # episodes of which the mean return counts
FIRST_STEPS = 1600  # of random actions, which the first weights are drawn for

Callback = Callable[["ActorCritic"], Any]


def policy_outputs(env: Any) -> int:
    """Values of a policy for this environment: one for each choice, or two for each number of an action."""
    return _core.policy_outputs(_spaces(env).actions)


def encoded_channels(env: Any, **encoder: Any) -> int:
    """Input channels of a network that sees this environment through such an encoder."""
    return _core.encoded_channels(_encoder(encoder), _spaces(env).observations)


def _spaces(env: Any) -> Any:
    env = make(env) if isinstance(env, str) else env
    single = hasattr(env, "single_observation_space")
    return (spaces_of(env.single_observation_space, env.single_action_space) if single
            else spaces_of(env.observation_space, env.action_space))


def _patience(seconds: float | None, inside: bool) -> float | None:
    if seconds is None or inside:  # those of C++ always answer
        return None
    limit = float(number(seconds, "time_limit", "ActorCritic"))
    if not 0 < limit < float("inf"):
        raise InvalidValueError.of("ActorCritic", "time_limit", repr(seconds), "seconds above 0, or None")
    return limit


def _encoder(keys: dict[str, Any]) -> Any:
    spec, known = _core.ObservationSpec(), ("kind", "low", "high", "fields", "beta", "threshold", "gain")
    for key, value in keys.items():
        if key not in known:
            raise InvalidValueError.of("ActorCritic", "encoder", key, ", ".join(known))
        setattr(spec, key, [float(x) for x in value] if key in ("low", "high") else value)
    return spec


class ActorCritic:
    """A network that acts, and learns from what it gets, by a three-factor rule (docs: online.md, Actor and critic).

    It learns on a copy of the network's parameters; `write_back` gives them to the network. One thread at a time.

    Args:
        net: its outputs are analog: the values of the policy (`policy_outputs`), then the value, in one layer or in two.
            Its inputs are those of the encoder (`encoded_channels`).
        env: the name of one of `environments`, or one from `make`, of which `environments` copies run in C++; or any
            environment of Gymnasium's meaning, single or a vector, whose mode of beginning anew is honoured.
        environments: copies side by side; only where they run in C++.
        gamma: what the future is worth, for each decision.
        lambda_: how long a decision is held responsible.
        value_weight: of the value's error beside the policy's.
        entropy: weight of the policy's entropy, which keeps it open.
        reward_scale: factor of rewards that are learned from.
        logit_limit: of what the policy is made of, by a tanh of that height; 0: none.
        frame: steps of the network that show an observation, for one decision.
        update_every: decisions of each environment between two updates.
        encoder: how observations become input: kind ("population", "population_rate", "delta" or "direct"), low, high,
            fields, beta, threshold, gain.
        rule: keys of e-prop: feedback, feedback_decay, target_rate, rate_coefficient.
        optimiser: an `Optimiser`, its name, or a dictionary; default: Adam.
        total_steps: decisions that a schedule of the learning rate is made for, and that `learn` makes unless it is
            told another number.
        seed: of actions, episodes, dropout and noise.
        threads: no result depends on it.
        time_limit: seconds that a call of an environment from Python may take, after which it counts as hung; None: any
            time. Its calls are then made in a thread of their own.
        initialise: draws the weights anew for what random actions come to see; False: the network's own.

    Raises:
        InvalidValueError, ShapeError, ConfigError: spaces, outputs, inputs or settings that do not fit.
        EnvironmentFailedError: the environment raises, or does not answer in time.
    """

    def __init__(self, net: Network, env: Any, *, environments: int = 8, gamma: float = 0.98, lambda_: float = 0.9,
                 value_weight: float = 0.5, entropy: float = 0.0, reward_scale: float = 1.0, logit_limit: float = 0.0,
                 frame: int = 3, update_every: int = 8, encoder: dict[str, Any] | None = None, rule: Any = None,
                 optimiser: Any = "adam", total_steps: int = 100_000, seed: int = 1, threads: int = 1,
                 time_limit: float | None = None, initialise: bool = True) -> None:
        self._settings: dict[str, Any] = {"environments": environments, "gamma": gamma, "lambda_": lambda_,
                          "value_weight": value_weight, "entropy": entropy, "reward_scale": reward_scale,
                          "logit_limit": logit_limit, "frame": frame, "update_every": update_every,
                          "encoder": dict(encoder or {}), "rule": Rule.of(rule), "optimiser": Optimiser.of(optimiser),
                          "total_steps": total_steps, "seed": seed}
        self.net, self.env = net, make(env) if isinstance(env, str) else env
        self._inside = isinstance(self.env, Environment)
        self._world: Single | Vector = world_of(self.env, _patience(time_limit, self._inside))
        self._options = self._options_of(self._settings)
        channels = _core.encoded_channels(self._options.observation, self._world.spaces.observations)
        if channels != net.inputs:
            raise InvalidValueError.of("ActorCritic", "inputs of the network", str(net.inputs),
                                       f"{channels}, the channels of encoded observations")
        if initialise:
            _core.initialise_agent(net._core, self._options, self._world.spaces.observations, self._seen_by_chance())
        experiment = net._settings(rule={"kind": "eprop", "form": "auto"} | Rule.of(rule),
                                   optimiser=Optimiser.of(optimiser), other_optimiser=True)
        count = whole(environments, "environments", 1, operation="ActorCritic") if self._inside else self._world.count
        self._core = _core.Agent(net._core, experiment, self._options, self._world.spaces.observations,
                                 self._world.spaces.actions, count, whole(threads, "threads", operation="ActorCritic"))
        if self._inside:
            self._core.begin(self.env.name, {key: float(value) for key, value in self.env._settings.items()})
        self.episode_returns: list[float] = []
        self.episode_lengths: list[int] = []
        self._drawn = 0

    @staticmethod
    def _options_of(settings: dict[str, Any]) -> Any:
        options = _core.AgentOptions()
        for key in ("gamma", "lambda_", "value_weight", "entropy", "reward_scale", "logit_limit"):
            setattr(options, key, float(number(settings[key], key, "ActorCritic")))
        for key, name in (("frame", "frame"), ("update_every", "update_every"), ("seed", "seed"),
                          ("total_steps", "total")):
            setattr(options, name, whole(settings[key], key, operation="ActorCritic"))
        options.observation = _encoder(settings["encoder"])
        return options

    def _seen_by_chance(self) -> list[np.ndarray]:
        """Episodes of random actions, [steps, numbers] each."""
        world, episodes = self._world, []
        if hasattr(self.env.action_space, "seed"):
            self.env.action_space.seed(self._settings["seed"])
        seen = world.start(self._settings["seed"])
        current: list[list[np.ndarray]] = [[] for _ in range(world.count)]
        for _ in range(max(FIRST_STEPS // world.count, 1)):
            outcome = self._random_step(seen, current)
            for i in np.flatnonzero(outcome.terminated | outcome.truncated):
                episodes.append(current[i])
                current[i] = []
            seen = outcome.seen
        return [np.array(rows, np.float32) for rows in episodes + current if rows]

    def _random_step(self, seen: np.ndarray, current: list[list[np.ndarray]]) -> Outcome:
        for rows, row in zip(current, seen, strict=True):
            rows.append(row)
        return self._world.random_step()

    # ---- learning ----

    def learn(self, total_steps: int | None = None, callback: Callback | Iterable[Callback] | None = None) -> ActorCritic:
        """Acts and learns for so many more decisions of all environments together.

        Args:
            total_steps: how many at least; None: the constructor's.
            callback: called with the agent after every update; one that returns False ends the learning.

        Raises:
            EnvironmentFailedError: the environment raised, did not answer in time, or gave a number that is not finite;
                what was learned stays.
            NumericError: the readout is not finite.
        """
        steps = whole(self._settings["total_steps"] if total_steps is None else total_steps, "total_steps",
                      operation="ActorCritic.learn")
        callbacks = [] if callback is None else [callback] if callable(callback) else list(callback)
        end = self.num_timesteps + steps
        rounds = self._rounds_inside() if self._inside else self._rounds_outside()
        while self.num_timesteps < end:
            next(rounds)
            if any(told(self) is False for told in callbacks):
                break
        return self

    def _count(self, total: float, length: int) -> None:
        self.episode_returns.append(float(total))
        self.episode_lengths.append(int(length))

    def _rounds_inside(self) -> Any:
        while True:
            for total, length in self._core.round():
                self._count(total, length)
            yield

    def _rounds_outside(self) -> Any:
        """Episodes begin anew: an environment of others does not say where it is."""
        world, every = self._world, self._settings["update_every"]
        self._core.abandon()
        seen, active = world.start(self._settings["seed"] + self._core.updates), np.ones(world.count, bool)
        totals, lengths = np.zeros(world.count), np.zeros(world.count, np.int64)
        while True:
            for _ in range(every):
                actions = self._core.act(seen, active, world.spaces.numbers)
                outcome = world.step(actions)
                self._core.follow(outcome.rewards, outcome.terminated, outcome.truncated, outcome.last, active)
                totals += np.where(active, outcome.rewards, 0.0)
                lengths += active
                for i in np.flatnonzero((outcome.terminated | outcome.truncated) & active):
                    self._count(totals[i], lengths[i])
                    totals[i] = lengths[i] = 0
                seen, active = outcome.seen, outcome.active
            self._core.update()
            yield

    # ---- what it is and does ----

    @property
    def num_timesteps(self) -> int:
        """Decisions so far, of all environments together."""
        return self._core.decisions

    @property
    def updates(self) -> int:
        """Updates of the parameters so far."""
        return self._core.updates

    @property
    def td_error(self) -> float:
        """Mean of the absolute errors of temporal difference before the last update."""
        return self._core.td_error

    @property
    def mean_return(self) -> float:
        """Of the last 100 episodes in training, or as many as there are; NaN: none yet."""
        return float(np.mean(self.episode_returns[-COUNTED:])) if self.episode_returns else float("nan")

    def predict(self, observation: Any, state: Any = None, episode_start: bool | None = None,
                deterministic: bool = True) -> tuple[Any, Any]:
        """What it does now, without learning.

        The network remembers what it has seen since the episode began: `episode_start=True` says that one begins; so
        does the first call, and `state=None` where `episode_start` is not given.

        Args:
            observation: one observation.
            state: what the last call gave.
            episode_start: whether an episode begins.
            deterministic: the best action; False: one that is drawn.

        Returns:
            An action of the environment's space, and a state to give to the next call.

        Raises:
            InvalidValueError, ShapeError: no observation of this environment.
        """
        row = np.ascontiguousarray(np.ravel(as_array(observation, "observation", "ActorCritic.predict")), np.float32)
        if row.size != self._world.width:
            raise ShapeError.of("ActorCritic.predict", "observation", f"{np.shape(observation)}",
                                f"[{self._world.width}], one observation")
        starts = state is None if episode_start is None else bool(np.all(episode_start))
        self._drawn += 1
        seed = None if deterministic else self._settings["seed"] + (self._drawn << 20)
        return self._world.spaces.native(self._core.decide(row, seed, starts)), True

    def write_back(self) -> Network:
        """Gives what was learned to the network, and returns it."""
        self._core.write_back()
        return self.net

    # ---- files ----

    def save(self, path: str) -> None:
        """Writes network, settings and all that learning goes on from, whole or not at all. With an environment that
        runs in C++ learning goes on with the same bits, also within episodes; others begin anew.

        Raises:
            FileError: as the operating system says.
        """
        facts = {"format": 1, "settings": self._settings, "drawn": self._drawn,
                 "network": {key: value for key, value in self.net._state().items() if key not in ("parameters", "drawn")},
                 "environment": [self.env.name, self.env._settings] if self._inside else None,
                 "returns": self.episode_returns, "lengths": self.episode_lengths,
                 "worlds": self._core.save_worlds() if self._inside else []}
        arrays: dict[str, Any] = {f"state.{name}": np.array(value) for name, value in self._core.save()}
        beside = f"{path}.part{os.getpid()}"
        try:
            with open(beside, "wb") as file:
                np.savez(file, facts=np.array(json.dumps(facts)), **arrays)
            os.replace(beside, path)
        finally:
            if os.path.exists(beside):
                os.remove(beside)

    @classmethod
    def load(cls, path: str, env: Any = None, threads: int = 1) -> ActorCritic:
        """Goes on from what `save` wrote.

        Args:
            path: the file.
            env: the environment; None: the one of `environments` that it learned in.
            threads: no result depends on it.

        Raises:
            FormatError: no file of an agent.
            InvalidValueError: env is None, and it learned in an environment of others; or another network's state.
        """
        facts, state = _read(path)
        if env is None and facts["environment"] is None:
            raise InvalidValueError.of("ActorCritic.load", "env", "None", "the environment, which is not one of `make`")
        if env is None:
            name, keys = facts["environment"]
            env = make(name, **keys)
        parameters = {name.removeprefix("parameters."): value for name, value in state if name.startswith("parameters.")}
        net = Network._restored({**facts["network"], "parameters": parameters, "drawn": b""})
        agent = cls(net, env, **facts["settings"], threads=threads, initialise=False)
        agent._core.restore(state)
        if agent._inside and facts["worlds"]:
            agent._core.restore_worlds(facts["worlds"])
        agent.episode_returns, agent.episode_lengths = facts["returns"], facts["lengths"]
        agent._drawn = facts["drawn"]
        return agent

    def __repr__(self) -> str:
        return f"<ActorCritic in {self._world.name}, {self.num_timesteps} decisions, mean return {self.mean_return:.1f}>"


def _read(path: str) -> tuple[dict[str, Any], list[tuple[str, np.ndarray]]]:
    try:
        with np.load(path, allow_pickle=False) as file:
            facts = json.loads(str(file["facts"]))
            state = [(name.removeprefix("state."), np.ascontiguousarray(file[name], np.float32))
                     for name in file.files if name.startswith("state.")]
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError) as error:
        raise FormatError(f"{path}: not a file that ActorCritic.save wrote: {error}") from error
    return facts, state
