"""An actor and critic from Python: in C++, in environments of others single and vector, its files and its failures."""

import threading
import types

import numpy as np
import pytest

import backspike as bs

RANGE = {"low": [-2.4, -2.5, -0.21, -2.5], "high": [2.4, 2.5, 0.21, 2.5], "fields": 6}
KEYS = {"encoder": RANGE, "reward_scale": 0.05, "total_steps": 2000, "environments": 2}


def pole_network(hidden=16, inputs=24):
    body = bs.LIF(hidden, name="body", tau_m=5.0)
    return bs.Network([body, bs.LeakyIntegrator(3, tau_m=1.0)], inputs=inputs)


class Foreign:
    """An environment of Gymnasium's meaning that is none of ours: the pole behind another class."""

    def __init__(self):
        self.inner = bs.rl.make("CartPole-v1")
        self.observation_space = bs.rl.Box([-4.8, -np.inf, -0.42, -np.inf], [4.8, np.inf, 0.42, np.inf])
        self.action_space = bs.rl.Discrete(2)
        self.spec = types.SimpleNamespace(id="Foreign-v0")
        self.steps, self.fails_at, self.lies_at, self.hangs_at = 0, None, None, None
        self.answers = threading.Event()

    def reset(self, *, seed=None, options=None):
        return self.inner.reset(seed=seed, options=options)

    def step(self, action):
        assert isinstance(action, int)
        self.steps += 1
        if self.steps == self.fails_at:
            raise OSError("the cable is out")
        if self.steps == self.hangs_at:
            self.answers.wait(60)
        seen, *rest = self.inner.step(action)
        return (seen * np.nan if self.steps == self.lies_at else seen, *rest)


class ForeignVector:
    """Several of them, beginning anew as Gymnasium's vector environments do in each of their modes."""

    def __init__(self, count, mode):
        self.inner = [Foreign() for _ in range(count)]
        self.num_envs, self.metadata = count, {"autoreset_mode": types.SimpleNamespace(value=mode)}
        self.single_observation_space = self.inner[0].observation_space
        self.single_action_space = self.inner[0].action_space
        self.observation_space = self.single_observation_space
        self.action_space = types.SimpleNamespace(sample=lambda: np.random.default_rng(1).integers(2, size=count),
                                                  seed=lambda seed: None)
        self.mode, self.over, self.ignored = mode, np.zeros(count, bool), 0

    def reset(self, *, seed=None, options=None):
        mask = np.ones(self.num_envs, bool) if options is None else options["reset_mask"]
        if options is None:
            self.seen = np.zeros((self.num_envs, 4), np.float32)
        for i in np.flatnonzero(mask):
            self.seen[i] = self.inner[i].reset(seed=None if seed is None else seed + int(i))[0]
        self.over = np.zeros(self.num_envs, bool)
        return self.seen.copy(), {}

    def step(self, actions):
        rewards, terminated, truncated = np.zeros(self.num_envs), *np.zeros((2, self.num_envs), bool)
        info, before = {}, self.over.copy()
        self.over = np.zeros(self.num_envs, bool)
        for i, env in enumerate(self.inner):
            if before[i]:  # NextStep: the action is ignored
                assert self.mode == "NextStep"
                self.ignored += 1
                self.seen[i] = env.reset()[0]
                continue
            self.seen[i], rewards[i], terminated[i], truncated[i], _ = env.step(int(actions[i]))
            over = terminated[i] or truncated[i]
            if over and self.mode == "SameStep":
                info.setdefault("final_obs", np.full(self.num_envs, None))[i] = self.seen[i].copy()
                self.seen[i] = env.reset()[0]
            self.over[i] = over and self.mode == "NextStep"
        return self.seen.copy(), rewards, terminated, truncated, info


def test_it_learns_the_pole():
    body, other = bs.LIF(64, name="actor", tau_m=5.0), bs.LIF(64, name="critic", tau_m=5.0, inputs="input")
    policy = bs.LeakyIntegrator(2, name="policy", tau_m=1.0, inputs=body)
    value = bs.LeakyIntegrator(1, name="value", tau_m=1.0, inputs=other)
    env = bs.rl.make("CartPole-v1")
    net = bs.Network([body, other, policy, value], inputs=bs.rl.encoded_channels(env, **RANGE), outputs=[policy, value])
    agent = bs.rl.ActorCritic(net, env, encoder=RANGE, reward_scale=0.05, value_weight=1.0, total_steps=60_000,
                              optimiser={"kind": "adam", "learning_rate": 2e-3}, seed=3)
    before = bs.rl.evaluate_policy(agent, env, 20, seed=1)[0]
    agent.learn()
    assert agent.num_timesteps >= 60_000 and len(agent.episode_returns) == len(agent.episode_lengths)
    after, deviation = bs.rl.evaluate_policy(agent, env, 20, seed=1)
    assert after > 150 > before and deviation >= 0
    assert agent.write_back() is net


def test_the_same_seed_gives_the_same_bits_at_any_number_of_threads():
    agents = [bs.rl.ActorCritic(pole_network(), "CartPole-v1", threads=threads, **KEYS).learn() for threads in (1, 2)]
    one, two = (agent.write_back().state_dict() for agent in agents)
    assert all(np.array_equal(one[name], two[name]) for name in one)
    assert agents[0].episode_returns == agents[1].episode_returns != []


def test_a_file_goes_on_with_the_same_bits(tmp_path):
    file = str(tmp_path / "agent.npz")
    whole = bs.rl.ActorCritic(pole_network(), "CartPole-v1", **KEYS).learn(1600)
    bs.rl.ActorCritic(pole_network(), "CartPole-v1", **KEYS).learn(800).save(file)
    agent = bs.rl.ActorCritic.load(file)
    assert agent.num_timesteps == 800
    agent.learn(800)
    one, two = whole.write_back().state_dict(), agent.write_back().state_dict()
    assert all(np.array_equal(one[name], two[name]) for name in one)
    assert whole.episode_returns == agent.episode_returns
    (tmp_path / "damaged").write_bytes(b"no file of an agent")
    with pytest.raises(bs.FormatError, match="damaged"):
        bs.rl.ActorCritic.load(str(tmp_path / "damaged"))


def test_callbacks_see_every_update_and_may_end_it():
    agent = bs.rl.ActorCritic(pole_network(), "CartPole-v1", **KEYS)
    seen = []
    agent.learn(callback=[lambda a: seen.append(a.updates), lambda a: a.updates < 5])
    assert seen == [1, 2, 3, 4, 5] and agent.num_timesteps == 5 * 2 * 8


def test_what_it_does_now():
    agent = bs.rl.ActorCritic(pole_network(), "CartPole-v1", **KEYS)
    observation = np.array([0.01, 0.02, -0.03, 0.04])
    action, state = agent.predict(observation)
    assert action in (0, 1) and agent.predict(observation)[0] == action, "a new episode begins"
    drawn = {agent.predict(observation, deterministic=False)[0] for _ in range(40)}
    assert drawn == {0, 1}
    with pytest.raises(bs.ShapeError, match="observation"):
        agent.predict([1.0, 2.0])
    with pytest.raises(bs.InvalidValueError, match="not finite|finite"):
        agent.predict([1.0, np.nan, 0.0, 0.0])


def test_an_environment_of_others_learns_as_ours_do():
    agent = bs.rl.ActorCritic(pole_network(), Foreign(), **KEYS)
    before = agent.net.state_dict()
    agent.learn()
    assert agent.num_timesteps >= 2000 and len(agent.episode_returns) > 10
    assert sum(agent.episode_lengths) <= agent.num_timesteps
    assert any(not np.array_equal(before[name], value) for name, value in agent.write_back().state_dict().items())
    assert agent.episode_returns == [float(length) for length in agent.episode_lengths], "1 for every step"


@pytest.mark.parametrize("mode", ["NextStep", "SameStep", "Disabled"])
def test_every_mode_of_beginning_anew_counts_its_episodes_right(mode):
    env = ForeignVector(3, mode)
    agent = bs.rl.ActorCritic(pole_network(), env, **{**KEYS, "total_steps": 1500}).learn()
    assert agent.episode_returns == [float(length) for length in agent.episode_lengths], "1 for every step"
    assert len(agent.episode_returns) > 10 and min(agent.episode_lengths) >= 8, "no pole falls sooner"
    assert (env.ignored > 0) == (mode == "NextStep")


def test_a_failing_environment_is_named_and_nothing_is_lost():
    env = Foreign()
    agent = bs.rl.ActorCritic(pole_network(), env, **KEYS).learn(800)
    learned = {name: np.array(value) for name, value in agent.write_back().state_dict().items()}
    env.fails_at = env.steps + 3
    with pytest.raises(bs.rl.EnvironmentFailedError, match=r"Foreign-v0: step\(\) raised OSError: the cable is out"):
        agent.learn()
    assert all(np.array_equal(value, learned[name]) for name, value in agent.write_back().state_dict().items())
    env.lies_at = env.steps + 3
    with pytest.raises(bs.rl.EnvironmentFailedError, match=r"Foreign-v0: step\(\) gave an observation .* number 0 is nan"):
        agent.learn()
    before = agent.num_timesteps
    agent.learn(400)
    assert agent.num_timesteps >= before + 400


def test_an_environment_that_hangs_is_named_and_nothing_is_lost():
    env = Foreign()
    agent = bs.rl.ActorCritic(pole_network(), env, **KEYS, time_limit=0.2).learn(400)
    learned = {name: np.array(value) for name, value in agent.write_back().state_dict().items()}
    env.hangs_at = env.steps + 3
    for _ in range(2):  # the second time it is still within the same call
        with pytest.raises(bs.rl.EnvironmentFailedError, match=r"Foreign-v0: step\(\) did not answer within 0.2 s.*kept") as caught:
            agent.learn()
        assert caught.value.call == "step()"
    assert all(np.array_equal(value, learned[name]) for name, value in agent.write_back().state_dict().items())
    env.answers.set()
    before = agent.num_timesteps
    agent.learn(400)
    assert agent.num_timesteps >= before + 400
    env.fails_at = env.steps + 3
    with pytest.raises(bs.rl.EnvironmentFailedError, match="raised OSError: the cable is out"):
        agent.learn()


def test_continuous_actions_stay_within_their_box():
    net = bs.Network([bs.LIF(12, tau_m=5.0), bs.LeakyIntegrator(3, tau_m=1.0)], inputs=18)
    agent = bs.rl.ActorCritic(net, "Pendulum-v1", encoder={"fields": 6}, total_steps=800, reward_scale=0.01).learn()
    action, _ = agent.predict([1.0, 0.0, 0.0])
    assert action.shape == (1,) and -2.0 <= action[0] <= 2.0
    assert bs.rl.policy_outputs("Pendulum-v1") == 2 and bs.rl.policy_outputs("CartPole-v1") == 2


def test_what_is_refused_is_named():
    with pytest.raises(bs.InvalidValueError, match="lacks reset"):
        bs.rl.ActorCritic(pole_network(), object())
    with pytest.raises(bs.InvalidValueError, match="inputs of the network = 72 .accepted: 24"):
        bs.rl.ActorCritic(pole_network(inputs=72), "CartPole-v1", **KEYS)
    with pytest.raises(bs.InvalidValueError, match="encoder = size"):
        bs.rl.ActorCritic(pole_network(), "CartPole-v1", encoder={"size": 3})
    with pytest.raises(bs.InvalidValueError, match="time_limit = -1 .accepted: seconds above 0"):
        bs.rl.ActorCritic(pole_network(), Foreign(), **KEYS, time_limit=-1)
    with pytest.raises(bs.InvalidValueError, match="gamma"):
        bs.rl.ActorCritic(pole_network(), "CartPole-v1", **KEYS, gamma=1.5)
    agent = bs.rl.ActorCritic(pole_network(), "CartPole-v1", **KEYS)
    with pytest.raises(bs.InvalidValueError, match="not a vector"):
        bs.rl.evaluate_policy(agent, ForeignVector(2, "NextStep"))
