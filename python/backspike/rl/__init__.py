"""Worlds to act in, and an actor and critic of spikes that learn in them.

    env = bs.rl.make("CartPole-v1")
    agent = bs.rl.ActorCritic(net, env)
    agent.learn(150_000)
    mean, deviation = bs.rl.evaluate_policy(agent, env, 100)

Any environment of Gymnasium's meaning does in the place of `make`'s, single or a vector.
"""

from .agent import ActorCritic, encoded_channels, policy_outputs
from .environment import Box, Discrete, Environment, environments, make
from .evaluation import evaluate_policy
from .worlds import EnvironmentFailedError

__all__ = ["ActorCritic", "Box", "Discrete", "Environment", "EnvironmentFailedError", "encoded_channels", "environments",
           "evaluate_policy", "make", "policy_outputs"]
