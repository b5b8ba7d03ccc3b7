"""Environments from Python."""

import numpy as np
import pytest

import backspike as bs


@pytest.mark.parametrize("name", [e["name"] for e in bs.rl.environments()])
def test_an_episode_as_gymnasium_has_it(name):
    env, other = bs.rl.make(name), bs.rl.make(name)
    env.action_space.seed(1)
    first, info = env.reset(seed=5)
    assert info == {} and env.observation_space.contains(first)
    assert np.array_equal(first, other.reset(seed=5)[0])
    for _ in range(5):
        action = env.action_space.sample()
        assert env.action_space.contains(action)
        seen, reward, terminated, truncated, info = env.step(action)
        assert seen.dtype == np.float32 and seen.shape == env.observation_space.shape
        assert np.array_equal(seen, other.step(action)[0])
        assert isinstance(reward, float) and info == {}
        if terminated or truncated:
            break


def test_later_episodes_follow_from_the_seed():
    env = bs.rl.make("CartPole-v1")
    starts = [env.reset(seed=3)[0], env.reset()[0], env.reset()[0]]
    assert not np.array_equal(starts[1], starts[2])
    again = [env.reset(seed=3)[0], env.reset()[0], env.reset()[0]]
    assert np.array_equal(starts, again)


def test_starts_from_a_state():
    env = bs.rl.make("CartPole-v1")
    seen, _ = env.reset(options={"state": [0.1, 0.2, 0.03, 0.4]})
    np.testing.assert_array_equal(seen, np.array([0.1, 0.2, 0.03, 0.4], np.float32))
    np.testing.assert_array_equal(env.state, [0.1, 0.2, 0.03, 0.4])
    assert env.step(1)[0][0] == np.float32(0.1 + 0.02 * 0.2)


def test_settings_and_what_is_refused():
    maze = bs.rl.make("TMaze-v0", length=2)
    maze.reset(seed=1)
    maze.step(0)
    assert maze.step(0)[0][3] == 1.0
    with pytest.raises(bs.InvalidValueError, match="length"):
        bs.rl.make("TMaze-v0", length=2.5)
    with pytest.raises(bs.InvalidValueError, match="one of CartPole-v1"):
        bs.rl.make("Pong")
    with pytest.raises(bs.InvalidValueError, match="a whole number, 0 to 2"):
        maze.step(3)
    with pytest.raises(bs.ShapeError, match="action"):
        maze.step([0, 1])
    with pytest.raises(bs.InvalidValueError, match="reset"):
        bs.rl.make("CartPole-v1").step(0)
    with pytest.raises(bs.InvalidValueError, match="seed"):
        maze.reset(seed=-1)
