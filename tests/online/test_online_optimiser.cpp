// Whatever the optimiser of a stream is told changes the result as it does over batches, or is refused by name; and a
// learner that was paused goes on with the same bits.

#include "gradient/compare.hpp"
#include "online/allocations.hpp"

#include <backspike/core/error.hpp>
#include <backspike/online/online_learner.hpp>
#include <backspike/optimise/optimiser.hpp>

#include <gmock/gmock.h>

#include <functional>
#include <string>

namespace backspike::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

trial_plan small_plan() {
  trial_plan plan;
  plan.network.inputs = 20;
  layer_spec hidden = quick_layer("lif", 37);
  hidden.recurrent = hidden.bias = true;
  hidden.surrogate = {surrogate_kind::fast_sigmoid, 0.4, 0.9};
  hidden.parameters["tau_m"].transform = parameter_transform::softplus;
  plan.network.layers = {hidden, quick_layer("leaky_integrator", 3)};
  plan.objective.loss = loss_kind::step_cross_entropy;
  plan.lengths = {300};
  plan.rate = 0.15;
  plan.gain = 4.0;
  return plan;
}

/// Several updates: moments, decay and clipping tell from the second one on.
constexpr std::size_t windows = 12;
constexpr double clip = 5e-4;  // below the gradient's norm in most of them

void run(online_learner& learner, const trial& t, std::size_t first, std::size_t steps) {
  for (std::size_t n = first; n < first + steps; ++n) {
    learner.step(t.data.inputs.spikes.row(n), {static_cast<std::int32_t>(n / 7 % 3), {}});
  }
}

struct setting {
  std::string name;
  std::function<void(optimiser_spec&)> change;  // of plain SGD
};

const std::vector<setting> settings{
    {"Plain", [](optimiser_spec&) {}},
    {"Momentum", [](optimiser_spec& s) { s.momentum = 0.9; }},
    {"WeightDecay", [](optimiser_spec& s) { s.weight_decay = 0.3; }},
    {"ClippedSgd", [](optimiser_spec& s) { s.clip_norm = clip; }},
    {"Frozen",
     [](optimiser_spec& s) {
       s.groups = {{"*.recurrent.weight", 1.0, true}, {"*.tau_m", 1.0, true}};
     }},
    {"Rates",
     [](optimiser_spec& s) {
       s.groups = {{"hidden1.weight", 5.0}, {"*.bias", 0.1}, {"*.tau_m", 3.0}};
     }},
    {"Adam", [](optimiser_spec& s) { s.kind = optimiser_kind::adam; }},
    {"AdamBetas",
     [](optimiser_spec& s) {
       s.kind = optimiser_kind::adam;
       s.beta1 = 0.5;
       s.beta2 = 0.9;
       s.epsilon = 1e-3;
     }},
    {"AdamWithDecay",
     [](optimiser_spec& s) {
       s.kind = optimiser_kind::adam;
       s.weight_decay = 0.3;
     }},
    {"Adamw",
     [](optimiser_spec& s) {
       s.kind = optimiser_kind::adamw;
       s.weight_decay = 3.0;
     }},
    {"ClippedAdamGroups",
     [](optimiser_spec& s) {
       s.kind = optimiser_kind::adam;
       s.clip_norm = clip;
       s.epsilon = 1e-3;
       s.groups = {{"readout.*", 3.0}, {"hidden1.bias", 1.0, true}};
     }},
};

class OnlineOptimiser : public ::testing::TestWithParam<std::size_t> {
 protected:
  /// A learner's options under the setting of this test.
  online_options options(std::uint64_t update_every) const {
    online_options o;
    settings[GetParam()].change(o.optimiser);
    o.optimiser.learning_rate = o.optimiser.kind == optimiser_kind::sgd ? 1.0 : 0.01;
    o.update_every = update_every;
    return o;
  }
};

INSTANTIATE_TEST_SUITE_P(All, OnlineOptimiser, ::testing::Range(std::size_t{0}, settings.size()),
                         [](const auto& tested) { return settings[tested.param].name; });

/// The gradient of a window of steps: what a learner in the same state that updates nothing gathers.
arena<float> gradient_of(const trial& t, const online_learner& at, std::size_t first, std::size_t steps) {
  online_options gathers;
  gathers.update_every = 0;
  online_learner learner(t.net, t.objective, at.parameters(), gathers);
  learner.restore(at.save());
  run(learner, t, first, steps);
  learner.reset_state();  // what cells have gathered goes to the gradient, too
  const std::vector<named_tensor> saved = learner.save();
  arena<float> gradient(t.net.parameters());
  for (std::size_t i = 0; i < t.net.parameters().size(); ++i) {
    const parameter_info& p = t.net.parameters()[i];
    const auto found = std::ranges::find(saved, "gradient." + p.name, &named_tensor::name);
    for (std::size_t k = 0; k < p.size(); ++k) {
      gradient.view(i)(k / p.cols, k % p.cols) = found->values[k];
    }
  }
  return gradient;
}

TEST_P(OnlineOptimiser, MovesParametersAsTheOptimiserOfBatchesDoes) {
  thread_pool pool(1);
  for (const std::uint64_t every : {1u, 5u}) {
    trial t(small_plan());
    const online_options o = options(every);
    online_learner learner(t.net, t.objective, t.float_parameters(), o);
    optimiser reference(o.optimiser, t.net.parameters());
    double largest_move = 0.0;
    std::size_t longer = 0;
    for (std::size_t w = 0; w < windows; ++w) {
      arena<float> expected = learner.parameters();
      arena<float> gradient = gradient_of(t, learner, w * every, every);
      longer += gradient_norm(gradient, pool) > clip ? 1 : 0;
      reference.step(expected, gradient, o.optimiser.learning_rate, pool);
      const arena<float> before = learner.parameters();
      run(learner, t, w * every, every);
      ASSERT_EQ(learner.updates(), w + 1);
      for (std::size_t i = 0; i < t.net.parameters().size(); ++i) {
        const parameter_info& p = t.net.parameters()[i];
        const auto now = learner.parameters().view(i), was = before.view(i), wanted = std::as_const(expected).view(i);
        for (std::size_t k = 0; k < p.size(); ++k) {
          const std::size_t r = k / p.cols, c = k % p.cols;
          const double x = was(r, c), move = std::fabs(static_cast<double>(wanted(r, c)) - x);
          EXPECT_NEAR(now(r, c), wanted(r, c), 1e-4 * move + 3e-7 * std::max(1.0, std::fabs(x))) << p.name << " " << k;
          largest_move = std::max(largest_move, move);
        }
      }
    }
    EXPECT_TRUE(o.optimiser.clip_norm == 0.0 || longer > windows / 2) << "clipping has nothing to do";
    EXPECT_GT(largest_move, 2e-5) << "every " << every;
  }
}

/// Each setting ends elsewhere than plain SGD or plain Adam: it does something.
TEST_P(OnlineOptimiser, ChangesTheResult) {
  trial t(small_plan());
  for (const std::uint64_t every : {1u, 5u}) {
    const online_options o = options(every);
    online_options usual;
    usual.optimiser.kind = o.optimiser.kind == optimiser_kind::sgd ? optimiser_kind::sgd : optimiser_kind::adam;
    usual.update_every = every;
    usual.optimiser.learning_rate = o.optimiser.learning_rate;
    if (o.optimiser == usual.optimiser) {
      continue;
    }
    online_learner learner(t.net, t.objective, t.float_parameters(), o);
    online_learner other(t.net, t.objective, t.float_parameters(), usual);
    run(learner, t, 0, 60);
    run(other, t, 0, 60);
    EXPECT_FALSE(std::ranges::equal(learner.parameters().values(), other.parameters().values()));
  }
}

TEST_P(OnlineOptimiser, GoesOnWithTheSameBitsAfterAPauseAndAllocatesNothing) {
  trial t(small_plan());
  for (const std::uint64_t every : {1u, 5u}) {
    online_learner learner(t.net, t.objective, t.float_parameters(), options(every));
    online_learner again(t.net, t.objective, t.float_parameters(), options(every));
    run(learner, t, 0, 103);
    again.restore(learner.save());
    const std::size_t before = allocations();
    run(learner, t, 103, 97);
    EXPECT_EQ(allocations(), before);
    run(again, t, 103, 97);
    EXPECT_TRUE(std::ranges::equal(learner.parameters().values(), again.parameters().values()));
    EXPECT_TRUE(std::ranges::equal(learner.save().back().values, again.save().back().values));
  }
}

/// Frozen parameters keep their bits, and everything stays in its range.
TEST(OnlineOptimiserParts, FrozenStaysAndTransformsKeepTheRange) {
  trial t(small_plan());
  for (const optimiser_kind kind : {optimiser_kind::sgd, optimiser_kind::adam, optimiser_kind::adamw}) {
    online_options o;
    o.optimiser.kind = kind;
    o.optimiser.learning_rate = 0.3;
    o.optimiser.groups = {{"hidden1.weight", 1.0, true}};
    online_learner learner(t.net, t.objective, t.float_parameters(), o);
    run(learner, t, 0, 200);
    const arena<float> before = t.float_parameters();
    for (const char* name : {"hidden1.weight", "hidden1.tau_m", "readout.weight"}) {
      const auto now = learner.parameters().view(name), was = before.view(name);
      const bool same = std::equal(now.row(0), now.row(0) + now.cols, was.row(0));
      EXPECT_EQ(same, name == std::string("hidden1.weight")) << name;
    }
    EXPECT_NO_THROW(require_in_range(learner.parameters()));
  }
}

void expect_refused(const std::function<void(optimiser_spec&)>& change, const char* argument, const char* accepted) {
  const trial t(small_plan());
  online_options o;
  change(o.optimiser);
  const auto make = [&] { online_learner(t.net, t.objective, t.float_parameters(), o); };
  EXPECT_THAT(make, ThrowsMessage<value_error>(AllOf(HasSubstr(argument), HasSubstr(accepted))));
  o.learns = false;
  EXPECT_NO_THROW(make()) << "what only infers moves nothing";
}

TEST(OnlineOptimiserParts, WhatAStreamCannotFollowIsRefusedByName) {
  expect_refused([](optimiser_spec& s) { s.schedule = schedule_kind::cosine; }, "schedule = cosine", "constant");
  expect_refused([](optimiser_spec& s) { s.schedule = schedule_kind::one_cycle; }, "schedule = one_cycle", "constant");
  expect_refused([](optimiser_spec& s) { s.schedule = schedule_kind::step; }, "schedule = step", "constant");
  expect_refused([](optimiser_spec& s) { s.warmup = 0.1; }, "warmup = 0.1", "0: a stream has no end");
  expect_refused([](optimiser_spec& s) { s.learning_rate = 0.0; }, "learning_rate = 0", "a positive number");
  expect_refused([](optimiser_spec& s) { s.groups = {{"hidden7.*", 2.0}}; }, "hidden7", "hidden1.weight");
  expect_refused([](optimiser_spec& s) { s.groups = {{"*.delay", 2.0}}; }, "*.delay", "does not learn delays");
}

}  // namespace
}  // namespace backspike::testing
