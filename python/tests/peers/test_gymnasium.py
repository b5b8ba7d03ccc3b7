"""Environments beside Gymnasium's: the same starts and actions, the same observations, rewards and ends."""

import numpy as np
import pytest

import backspike as bs

gymnasium = pytest.importorskip("gymnasium", reason="Gymnasium is not installed")

NAMES = ("CartPole-v1", "Acrobot-v1", "MountainCar-v0", "Pendulum-v1")
STEPS = 2000


def _assert_same(ours, theirs, tolerance):
    for one, other in zip(ours[:2], theirs[:2], strict=True):  # observation and reward
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)
    assert ours[2:4] == tuple(map(bool, theirs[2:4]))  # terminated and truncated


def _start(theirs, seed):
    """An episode of theirs, and the state that it begins in."""
    observation, _ = theirs.reset(seed=seed)
    return observation, np.array(theirs.unwrapped.state, np.float64)


@pytest.mark.parametrize("name", NAMES)
def test_every_step_from_the_same_state_is_the_same(name):
    ours, theirs = bs.rl.make(name), gymnasium.make(name)
    theirs.action_space.seed(3)
    _, state = _start(theirs, 0)
    for step in range(STEPS):
        ours.reset(options={"state": state})
        action = theirs.action_space.sample()
        result, expected = ours.step(action), theirs.step(action)
        _assert_same((*result[:3], False), (*expected[:3], False), 1e-6)
        np.testing.assert_allclose(ours.state, theirs.unwrapped.state, rtol=1e-11, atol=1e-11)
        state = np.array(theirs.unwrapped.state, np.float64)
        if expected[2] or expected[3]:
            _, state = _start(theirs, step + 1)


@pytest.mark.parametrize("name", NAMES)
def test_whole_episodes_are_the_same(name):
    """Chaos makes the last bits of Acrobot large in time: its episodes are compared while that has not happened."""
    ours, theirs = bs.rl.make(name), gymnasium.make(name)
    theirs.action_space.seed(5)
    lengths = []
    for seed in range(5):
        seen, state = _start(theirs, seed)
        first, _ = ours.reset(options={"state": state})
        np.testing.assert_allclose(first, seen, rtol=1e-6)
        for step in range(1, 101 if name == "Acrobot-v1" else 100000):
            action = theirs.action_space.sample()
            result, expected = ours.step(action), theirs.step(action)
            _assert_same(result, expected, 1e-5)
            if expected[2] or expected[3]:
                break
        lengths.append(step)
    assert max(lengths) >= 20


@pytest.mark.parametrize("name", NAMES)
def test_spaces_are_the_same(name):
    ours, theirs = bs.rl.make(name), gymnasium.make(name)
    np.testing.assert_allclose(ours.observation_space.low, theirs.observation_space.low)
    np.testing.assert_allclose(ours.observation_space.high, theirs.observation_space.high)
    if hasattr(theirs.action_space, "n"):
        assert ours.action_space.n == theirs.action_space.n
    else:
        np.testing.assert_allclose(ours.action_space.high, theirs.action_space.high)
    assert ours.action_space.contains(theirs.action_space.sample())


def _pole_agent(env):
    keys = {"low": [-2.4, -2.5, -0.21, -2.5], "high": [2.4, 2.5, 0.21, 2.5], "fields": 6}
    net = bs.Network([bs.LIF(16, tau_m=5.0), bs.LeakyIntegrator(3, tau_m=1.0)], inputs=24)
    return bs.rl.ActorCritic(net, env, encoder=keys, reward_scale=0.05, total_steps=1500)


@pytest.mark.parametrize("mode", ["NEXT_STEP", "SAME_STEP", "DISABLED"])
def test_an_agent_counts_the_episodes_of_vectors_in_every_mode(mode):
    keys = {"autoreset_mode": getattr(gymnasium.vector.AutoresetMode, mode)}
    env = gymnasium.make_vec("CartPole-v1", num_envs=3, vectorization_mode="sync", vector_kwargs=keys)
    agent = _pole_agent(env).learn()
    assert len(agent.episode_returns) > 10 and min(agent.episode_lengths) >= 8, "no pole falls sooner"
    assert agent.episode_returns == [float(length) for length in agent.episode_lengths], "1 for every step"


def test_an_agent_learns_in_one_environment_of_theirs():
    env = gymnasium.make("CartPole-v1")
    agent = _pole_agent(env).learn()
    assert agent.num_timesteps >= 1500 and sum(agent.episode_lengths) <= agent.num_timesteps
    mean, deviation = bs.rl.evaluate_policy(agent, env, 3, seed=1)
    assert mean >= 8 and deviation >= 0


def test_random_starts_are_drawn_alike():
    """Numbers differ, their range and mean do not."""
    for name in NAMES:
        ours, theirs = bs.rl.make(name), gymnasium.make(name)
        mine = np.array([ours.reset(seed=k)[0] for k in range(300)])
        others = np.array([theirs.reset(seed=k)[0] for k in range(300)])
        spread = others.std(axis=0)
        np.testing.assert_allclose(mine.mean(axis=0), others.mean(axis=0), atol=0.3 * spread.max())
        np.testing.assert_allclose(mine.std(axis=0), spread, atol=0.2 * spread.max())
