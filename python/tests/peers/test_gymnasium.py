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


def test_random_starts_are_drawn_alike():
    """Numbers differ, their range and mean do not."""
    for name in NAMES:
        ours, theirs = bs.rl.make(name), gymnasium.make(name)
        mine = np.array([ours.reset(seed=k)[0] for k in range(300)])
        others = np.array([theirs.reset(seed=k)[0] for k in range(300)])
        spread = others.std(axis=0)
        np.testing.assert_allclose(mine.mean(axis=0), others.mean(axis=0), atol=0.3 * spread.max())
        np.testing.assert_allclose(mine.std(axis=0), spread, atol=0.2 * spread.max())
