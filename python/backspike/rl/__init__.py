"""Worlds to act in, and an actor and critic of spikes that learn in them.

    env = bs.rl.make("CartPole-v1")
    observation, info = env.reset(seed=1)
    observation, reward, terminated, truncated, info = env.step(env.action_space.sample())
"""

from .environment import Box, Discrete, Environment, environments, make

__all__ = ["Box", "Discrete", "Environment", "environments", "make"]
