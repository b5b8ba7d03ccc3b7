// What all environments share: spaces, seeds, limits, saving, refusals. Every test goes over the list.

#include <backspike/core/error.hpp>
#include <backspike/environment/environment.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace backspike {
namespace {

using testing::HasSubstr;

std::vector<double> any_action(const space& s, random_stream& draws) {
  return {s.discrete() ? static_cast<double>(draws.below(static_cast<std::uint32_t>(s.choices))) : draws.normal()};
}

std::string refusal(const std::function<void()>& f) {
  try {
    f();
  } catch (const user_error& e) {
    return e.what();
  }
  return "";
}

class EveryEnvironment : public testing::TestWithParam<environment_info> {
 protected:
  std::unique_ptr<environment> made = make_environment(GetParam().name);
};

TEST_P(EveryEnvironment, TheSameSeedAndActionsGiveTheSameEpisode) {
  const auto other = make_environment(GetParam().name);
  random_stream draws(1, random_purpose::test);
  made->reset(7);
  other->reset(7);
  while (!made->over() && made->elapsed() < 600) {
    const auto action = any_action(made->plan().actions, draws);
    const transition a = made->step(action), b = other->step(action);
    EXPECT_EQ(a.reward, b.reward);
    EXPECT_EQ(a.over(), b.over());
    EXPECT_TRUE(std::ranges::equal(made->observation(), other->observation()));
  }
  EXPECT_GT(made->elapsed(), 1U);
}

TEST_P(EveryEnvironment, ObservationsLieInTheirSpace) {
  random_stream draws(2, random_purpose::test);
  const space& s = made->plan().observations;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    made->reset(seed);
    do {
      for (std::size_t v = 0; v < s.numbers(); ++v) {
        EXPECT_GE(made->observation()[v], static_cast<float>(s.low[v]));
        EXPECT_LE(made->observation()[v], static_cast<float>(s.high[v]));
      }
      made->step(any_action(made->plan().actions, draws));
    } while (!made->over());
  }
}

TEST_P(EveryEnvironment, GoesOnFromWhatWasSaved) {
  const auto other = make_environment(GetParam().name);
  random_stream draws(3, random_purpose::test);
  made->reset(1);
  made->step(any_action(made->plan().actions, draws));
  other->restore(made->save());
  EXPECT_EQ(other->elapsed(), 1U);
  const auto action = any_action(made->plan().actions, draws);
  EXPECT_EQ(made->step(action).reward, other->step(action).reward);
  EXPECT_EQ(made->save(), other->save());
}

TEST_P(EveryEnvironment, RefusesWhatIsNoActionAndStepsAfterTheEnd) {
  EXPECT_THAT(refusal([&] { made->step(std::array{0.0}); }), HasSubstr("reset() first"));
  made->reset(1);
  const auto before = made->save();
  EXPECT_THAT(refusal([&] { made->step(std::array{0.0, 0.0}); }), HasSubstr("action has shape [2], expected [1]"));
  EXPECT_THAT(refusal([&] { made->step(std::array{std::nan("")}); }),
              HasSubstr(std::string(GetParam().name) + ": action = nan"));
  if (made->plan().actions.discrete()) {
    EXPECT_THAT(refusal([&] { made->step(std::array{0.5}); }), HasSubstr("a whole number, 0 to"));
    EXPECT_NE(refusal([&] { made->step(std::array{static_cast<double>(made->plan().actions.choices)}); }), "");
    EXPECT_NE(refusal([&] { made->step(std::array{-1.0}); }), "");
  }
  EXPECT_EQ(made->save(), before);
}

TEST_P(EveryEnvironment, RefusesSettingsThatItHasNot) {
  EXPECT_THAT(refusal([&] { make_environment(GetParam().name, {{"colour", 1.0}}); }), HasSubstr("colour"));
  for (const field& f : GetParam().settings) {
    EXPECT_THAT(refusal([&] {
                  make_environment(GetParam().name, {{std::string(f.name), f.high + 1.0}});
                }),
                HasSubstr(std::string(f.name)));
  }
}

INSTANTIATE_TEST_SUITE_P(List, EveryEnvironment, testing::ValuesIn(known_environments()), [](const auto& p) {
  std::string name(p.param.name);
  return name.substr(0, name.find('-'));
});

TEST(Environment, AnUnknownNameIsAnsweredByTheList) {
  EXPECT_THAT(refusal([] { make_environment("Pong"); }), HasSubstr("CartPole-v1, Acrobot-v1"));
}

TEST(Environment, TimeIsUpWithoutTheWorldBeingOver) {
  const auto e = make_environment("Pendulum-v1");
  e->reset(1);
  transition t;
  for (int n = 0; n < 200; ++n) {
    EXPECT_FALSE(t.over());
    t = e->step(std::array{0.0});
  }
  EXPECT_TRUE(t.truncated);
  EXPECT_FALSE(t.terminated);
}

TEST(Environment, AnActionMayLastSeveralSteps) {
  const auto one = make_environment("MountainCar-v0"), four = make_environment("MountainCar-v0", {{"repeat", 4.0}});
  EXPECT_EQ(four->plan().limit, 50U) << "decisions";
  one->reset(3);
  four->reset(3);
  for (const double action : {0.0, 2.0, 2.0, 1.0}) {
    double reward = 0.0;
    for (int n = 0; n < 4; ++n) {
      reward += one->step(std::array{action}).reward;
    }
    EXPECT_EQ(four->step(std::array{action}).reward, reward);
    EXPECT_TRUE(std::ranges::equal(four->observation(), one->observation()));
  }
  EXPECT_THAT(refusal([] { make_environment("MountainCar-v0", {{"repeat", 3.0}}); }), HasSubstr("what divides 200"));
}

TEST(Environment, AFallenPoleEndsTheWorld) {
  const auto e = make_environment("CartPole-v1");
  e->reset(1);
  transition t;
  while (!t.over()) {
    t = e->step(std::array{1.0});
  }
  EXPECT_TRUE(t.terminated);
  EXPECT_FALSE(t.truncated);
  EXPECT_LT(e->elapsed(), 15U);
}

TEST(Environment, TheMazeShowsItsCueOnceAndPaysForTheTurn) {
  const auto e = make_environment("TMaze-v0", {{"length", 3.0}});
  int left = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    e->reset(seed);
    const bool is_left = e->observation()[0] == 1.0F;
    EXPECT_NE(e->observation()[0], e->observation()[1]);
    left += is_left ? 1 : 0;
    EXPECT_EQ(e->step(std::array{1.0}).reward, -0.1) << "a wall";
    for (int n = 0; n < 3; ++n) {
      EXPECT_EQ(e->step(std::array{0.0}).reward, 0.0);
      EXPECT_EQ(e->observation()[0] + e->observation()[1], 0.0F);
    }
    EXPECT_EQ(e->observation()[3], 1.0F);
    const transition t = e->step(std::array{seed % 2 == 0 ? 1.0 : 2.0});
    EXPECT_TRUE(t.terminated);
    EXPECT_EQ(t.reward, is_left == (seed % 2 == 0) ? 4.0 : -0.1);
  }
  EXPECT_GT(left, 8);
  EXPECT_LT(left, 32);
}

TEST(Environment, ArmsPayAsOftenAsTheyPromise) {
  const auto e = make_environment("Bandit-v0", {{"arms", 3.0}, {"pulls", 5000.0}, {"worst", 0.2}, {"best", 0.8}});
  for (const double arm : {0.0, 1.0, 2.0}) {
    e->reset(11);
    double paid = 0.0;
    while (!e->over()) {
      paid += e->step(std::array{arm}).reward;
    }
    EXPECT_NEAR(paid / 5000.0, 0.2 + 0.3 * arm, 0.03);
  }
}

}  // namespace
}  // namespace backspike
