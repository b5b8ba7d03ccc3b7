// Numbers in a stream that are no readings: refused without a trace, or skipped and counted.

#include "gradient/compare.hpp"
#include "online/allocations.hpp"

#include <backspike/core/error.hpp>
#include <backspike/online/online_learner.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace backspike::testing {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
constexpr std::size_t inputs = 20, outputs = 3, steps = 120;
constexpr std::uint32_t broken = 7;  // the channel of a sensor that fails

trial_plan plan() {
  trial_plan plan;
  plan.network.inputs = inputs;
  layer_spec hidden = quick_layer("cuba_lif", 37);
  hidden.recurrent = true;
  plan.network.layers = {hidden, quick_layer("leaky_integrator", outputs)};
  plan.objective.loss = loss_kind::mean_squared;
  plan.lengths = {steps};
  plan.rate = 0.2;
  plan.gain = 4.0;
  plan.graded = true;
  return plan;
}

/// One step as a dense row, with `x` in place of what the broken channel gives.
std::vector<float> row_with(const trial& t, std::size_t step, float x) {
  std::vector<float> values(inputs, 0.0f);
  const event_row row = t.data.inputs.spikes.row(step);
  for (std::size_t k = 0; k < row.channels.size(); ++k) {
    values[row.channels[k]] = row.values[k];
  }
  values[broken] = x;
  return values;
}

struct event_list {
  std::vector<std::uint32_t> channels;
  std::vector<float> values;
  event_row row() const { return {channels, values}; }
};

event_list events_with(const trial& t, std::size_t step, float x) {
  const auto dense = row_with(t, step, x);
  event_list e;
  for (std::uint32_t c = 0; c < inputs; ++c) {
    if (dense[c] != 0.0f) {
      e.channels.push_back(c);
      e.values.push_back(dense[c]);
    }
  }
  return e;
}

const std::vector<float> wanted{0.5f, -0.5f, 1.0f};

online_options skipping() {
  online_options o;
  o.not_finite = bad_reading::skip;
  return o;
}

template <class A, class B>
void expect_same(const A& a, const B& b) {
  ASSERT_TRUE(std::ranges::equal(a, b));
}

TEST(Readings, ARefusedOneLeavesTheLearnerAsItWas) {
  const trial t(plan());
  online_learner told(t.net, t.objective, t.float_parameters()), other(t.net, t.objective, t.float_parameters());
  for (std::size_t n = 0; n < steps; ++n) {
    const auto good = row_with(t, n, 0.0f);
    for (const float bad : {nan, infinity, -infinity, 1e20f}) {
      const std::vector<float> target{0.5f, bad, 1.0f};
      const std::string step = " in step " + std::to_string(n);
      EXPECT_THAT(
          [&] {
            told.step(row_with(t, n, bad), {-1, wanted});
          },
          ThrowsMessage<value_error>(HasSubstr("input channel 7" + step)));
      EXPECT_THAT(
          [&] {
            told.step(events_with(t, n, bad).row(), {-1, wanted});
          },
          ThrowsMessage<value_error>(HasSubstr("input channel 7" + step)));
      EXPECT_THAT([&] { told.infer(row_with(t, n, bad)); }, ThrowsMessage<value_error>(HasSubstr("channel 7")));
      EXPECT_THAT(
          [&] {
            told.step(good, {-1, target});
          },
          ThrowsMessage<value_error>(HasSubstr("target value 1" + step)));
    }
    expect_same(told.step(good, {-1, wanted}), other.step(good, {-1, wanted}));
  }
  expect_same(told.parameters().values(), other.parameters().values());
  EXPECT_EQ(told.steps(), steps);
  EXPECT_EQ(told.skipped(), 0u);
}

TEST(Readings, ASkippedOneIsNoInputAndIsCounted) {
  const trial t(plan());
  online_learner dense(t.net, t.objective, t.float_parameters(), skipping()),
      sparse(t.net, t.objective, t.float_parameters(), skipping()), other(t.net, t.objective, t.float_parameters());
  for (std::size_t n = 0; n < steps; ++n) {
    const float bad = n % 2 == 0 ? nan : -infinity;
    const auto y = other.step(row_with(t, n, 0.0f), {-1, wanted});
    expect_same(dense.step(row_with(t, n, bad), {-1, wanted}), y);
    expect_same(sparse.step(events_with(t, n, bad).row(), {-1, wanted}), y);
  }
  EXPECT_EQ(dense.skipped(), steps);
  EXPECT_EQ(sparse.skipped(), steps);
  expect_same(dense.parameters().values(), other.parameters().values());
  EXPECT_FALSE(std::ranges::equal(dense.parameters().values(), t.float_parameters().values())) << "it learned";
}

TEST(Readings, AStepWithHalfATargetHasNone) {
  const trial t(plan());
  online_learner skips(t.net, t.objective, t.float_parameters(), skipping()),
      other(t.net, t.objective, t.float_parameters());
  const std::vector<float> half{0.5f, nan, infinity};
  for (std::size_t n = 0; n < steps; ++n) {
    const auto x = row_with(t, n, 0.0f);
    const bool whole = n % 3 != 0;
    expect_same(skips.step(x, {-1, whole ? wanted : half}),
                other.step(x, whole ? online_target{-1, wanted} : online_target{}));
  }
  EXPECT_EQ(skips.skipped(), 2 * steps / 3);
  expect_same(skips.parameters().values(), other.parameters().values());
}

TEST(Readings, ARowOfNothingElseIsSilence) {
  const trial t(plan());
  online_options options = skipping();
  options.learns = false;
  online_learner skips(t.net, t.objective, t.float_parameters(), options),
      other(t.net, t.objective, t.float_parameters(), options);
  const event_list all{{0, 5, 9}, {nan, nan, infinity}};
  for (std::size_t n = 0; n < steps; ++n) {
    const bool loud = n % 4 != 0;
    expect_same(loud ? skips.infer(row_with(t, n, 1.0f)) : skips.infer(all.row()),
                loud ? other.infer(row_with(t, n, 1.0f)) : other.infer(event_row{}));
  }
  EXPECT_EQ(skips.skipped(), 3 * steps / 4);
}

TEST(Readings, SkippingTakesNoMemory) {
  const trial t(plan());
  online_learner skips(t.net, t.objective, t.float_parameters(), skipping());
  const auto bad = row_with(t, 3, nan);
  const auto list = events_with(t, 3, nan);
  skips.step(bad, {-1, wanted});
  const std::uint64_t before = allocations();
  for (std::size_t n = 0; n < 50; ++n) {
    skips.step(bad, {-1, wanted});
    skips.step(list.row(), {-1, wanted});
    skips.infer(bad);
  }
  EXPECT_EQ(allocations(), before);
}

/// A trial whose `weights` of one of the neurons are nearly as large as a float can be.
struct overflowing {
  const trial t = trial(plan());
  arena<float> parameters = t.float_parameters();

  explicit overflowing(const char* weights, float size = 3e38f) {
    const auto large = parameters.view(weights), into = parameters.view("hidden1.weight");
    for (std::size_t r = 0; r < into.rows; ++r) {
      std::fill_n(into.row(r), into.cols, 1.0f);  // every input moves every neuron towards its threshold
    }
    for (std::size_t r = 0; r < large.rows; ++r) {
      large(r, 1) = size;
    }
  }
  void run(online_learner& learner) const {
    for (std::size_t n = 0; n < steps; ++n) {
      learner.step(std::vector<float>(inputs, 20.0f), {-1, wanted});  // enough for many hidden spikes at once
    }
  }
};

/// What the call throws, which is a numeric_error.
template <class Call>
std::string numeric_problem(const Call& call) {
  try {
    call();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const numeric_error& e) {
    return e.where + ": " + e.message;
  }
  return "";
}

TEST(Readings, AReadoutThatOverflowsIsNamedAndNotLearnedFrom) {
  const overflowing o("readout.weight");
  online_options options;
  options.update_every = 0;  // it would raise the thresholds at once, so large are the errors
  online_learner learner(o.t.net, o.t.objective, o.parameters, options);
  EXPECT_EQ(numeric_problem([&] { o.run(learner); }),
            "readout: the state of neuron 1 is not finite; reset_state() starts anew");
  EXPECT_TRUE(std::ranges::all_of(learner.parameters().values(), [](float x) { return std::isfinite(x); }));
}

/// No readout need ever show it: a neuron whose membrane is NaN never fires again.
TEST(Readings, AHiddenMembraneThatOverflowsIsNamed) {
  const overflowing o("hidden1.weight");
  online_options options;
  options.learns = false;
  online_learner learner(o.t.net, o.t.objective, o.parameters, options);
  EXPECT_EQ(numeric_problem([&] { learner.infer(std::vector<float>(inputs, 20.0f)); }),
            "hidden1: the state of neuron 1 is not finite; reset_state() starts anew");
}

/// By the update that did it, or weights as soon as a neuron receives one: a new start would not help.
TEST(Readings, ParametersThatOverflowAreNamed) {
  for (const std::uint32_t update_every : {1u, 2u}) {
    const overflowing o("readout.weight", 1e12f);
    online_options options;
    options.optimiser.learning_rate = 1e30;
    options.optimiser.kind = optimiser_kind::sgd;
    options.update_every = update_every;
    online_learner learner(o.t.net, o.t.objective, o.parameters, options);
    const std::string said = numeric_problem([&] { o.run(learner); });
    EXPECT_THAT(said, AnyOf(HasSubstr("after the update"), HasSubstr("accepted: ")));
    EXPECT_FALSE(std::ranges::all_of(learner.parameters().values(), [](float x) { return std::isfinite(x); }));
  }
}

}  // namespace
}  // namespace backspike::testing
