"""How good an agent is: whole episodes without learning."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidValueError

__all__ = ["evaluate_policy"]


def evaluate_policy(model: Any, env: Any, n_eval_episodes: int = 10, deterministic: bool = True, *,
                    return_episode_rewards: bool = False, seed: int | None = None) -> Any:
    """Plays whole episodes of one environment.

    Args:
        model: anything with `predict(observation, state, episode_start, deterministic)`, which gives an action and a
            state.
        env: one environment, not a vector of them; a wrapper that records episodes stays one.
        n_eval_episodes: how many.
        deterministic: the best actions; False: drawn ones.
        return_episode_rewards: the returns and lengths of all episodes instead of mean and deviation.
        seed: of the first episode.

    Returns:
        Mean and standard deviation of the returns, or two lists.

    Raises:
        InvalidValueError: a vector environment, or no episode.
    """
    if hasattr(env, "num_envs"):
        raise InvalidValueError.of("evaluate_policy", "env", repr(env), "one environment, not a vector of them")
    if n_eval_episodes < 1:
        raise InvalidValueError.of("evaluate_policy", "n_eval_episodes", str(n_eval_episodes), "1 or more")
    returns, lengths = [], []
    for k in range(n_eval_episodes):
        total, length = _episode(model, env, deterministic, seed if k == 0 else None)
        returns.append(total)
        lengths.append(length)
    return (returns, lengths) if return_episode_rewards else (float(np.mean(returns)), float(np.std(returns)))


def _episode(model: Any, env: Any, deterministic: bool, seed: int | None) -> tuple[float, int]:
    observation, _ = env.reset(seed=seed)
    total, length, state, over = 0.0, 0, None, False
    while not over:
        action, state = model.predict(observation, state=state, episode_start=length == 0, deterministic=deterministic)
        observation, reward, terminated, truncated, _ = env.step(action)
        total, length, over = total + float(reward), length + 1, terminated or truncated
    return total, length
