// Dropout and noise in a stream: drawn in steps that are learned from, anew in each trial, and the same after a pause.

#include "gradient/compare.hpp"
#include "online/allocations.hpp"

#include <backspike/gradient/eprop.hpp>
#include <backspike/online/online_learner.hpp>

#include <gtest/gtest.h>

namespace backspike::testing {
namespace {

trial_plan random_stream_plan() {
  trial_plan plan;
  plan.network.inputs = 20;
  layer_spec hidden = quick_layer("alif", 37);
  hidden.recurrent = hidden.bias = true;
  hidden.surrogate = {surrogate_kind::fast_sigmoid, 0.4, 0.9};
  hidden.dropout = 0.3;
  hidden.noise = 0.2;
  plan.network.layers = {hidden, quick_layer("leaky_integrator", 3)};
  connection_spec late;
  late.name = "late";
  late.from = input_name;
  late.to = "hidden1";
  late.dropout = 0.5;
  late.delay.max = 4;
  late.delay.learn = false;
  late.delay.width.from = late.delay.width.to = 0.7;
  plan.network.connections = {late};
  plan.objective.loss = loss_kind::step_cross_entropy;
  plan.lengths = {200};
  plan.rate = 0.15;
  plan.gain = 4.0;
  return plan;
}

event_row row_of(const trial& t, std::size_t step) { return t.data.inputs.spikes.row(step % 200); }
online_target label_of(std::size_t step) { return {static_cast<std::int32_t>(step / 7 % 3), {}}; }

std::vector<float> run(online_learner& learner, const trial& t, std::size_t first, std::size_t steps) {
  std::vector<float> out;
  out.reserve(3 * steps);
  for (std::size_t n = first; n < first + steps; ++n) {
    const auto y = learner.step(row_of(t, n), label_of(n));
    out.insert(out.end(), y.begin(), y.end());
    if (n % 50 == 49) {
      learner.end_trial();
    }
  }
  return out;
}

TEST(OnlineDraws, TheFirstTrialIsTheFirstSampleOfEpoch0) {
  trial t(random_stream_plan());
  online_options options;
  options.rule.seed = 7;
  options.update_every = 0;
  t.draws = {7, 0, true};
  online_learner learner(t.net, t.objective, t.float_parameters(), options);
  const eprop_feedback feedback(t.net, options.rule, t.float_parameters());
  arena<float> gradient(t.net.parameters());
  thread_pool pool(1);
  eprop_gradient(t.net, t.objective, t.float_parameters(), options.rule, feedback, t.batch(), gradient, pool);
  for (std::size_t n = 0; n < 200; ++n) {
    learner.step(row_of(t, n), {t.data.labels[0], {}});
  }
  learner.end_trial();
  for (const connection& c : t.net.connections()) {
    const auto now = learner.parameters().view(c.weight);
    const auto before = t.parameters.view(c.weight);
    const auto g = std::as_const(gradient).view(c.weight);
    EXPECT_GT(largest(g), 1e-6) << c.name;
    for (std::size_t k = 0; k < now.rows * now.cols; ++k) {
      const std::size_t r = k / now.cols, column = k % now.cols;
      const double moved = before(r, column) - static_cast<double>(now(r, column));
      EXPECT_NEAR(moved, 1e-3 * 200.0 * static_cast<double>(g(r, column)), 1e-4 * 0.2 * largest(g) + 1e-6) << c.name;
    }
  }
}

TEST(OnlineDraws, InferenceIsWithout) {
  trial_plan plan = random_stream_plan();
  const trial t(plan);
  plan.network.layers[0].dropout = plan.network.layers[0].noise = plan.network.connections[0].dropout = 0.0;
  const trial plain(plan);
  online_learner drawing(t.net, t.objective, t.float_parameters());
  online_learner silent(plain.net, plain.objective, plain.float_parameters());
  for (std::size_t n = 0; n < 100; ++n) {
    const auto a = drawing.infer(row_of(t, n)), b = silent.infer(row_of(t, n));
    ASSERT_TRUE(std::equal(a.begin(), a.end(), b.begin())) << n;
  }
}

TEST(OnlineDraws, GoesOnWithTheSameBitsAfterAPause) {
  const trial t(random_stream_plan());
  online_options options;
  options.rule.seed = 3;
  online_learner whole(t.net, t.objective, t.float_parameters(), options);
  online_learner first(t.net, t.objective, t.float_parameters(), options);
  online_learner second(t.net, t.objective, t.float_parameters(), options);
  run(first, t, 0, 130);  // in its third trial
  second.restore(first.save());
  const auto expected = run(whole, t, 0, 400);
  const auto actual = run(second, t, 130, 270);
  EXPECT_TRUE(std::equal(actual.begin(), actual.end(), expected.begin() + 3 * 130));
}

TEST(OnlineDraws, EveryTrialHasItsOwnMask) {
  const trial t(random_stream_plan());
  online_options options;
  options.optimiser.learning_rate = 1e-30;  // what differs is drawn
  online_learner learner(t.net, t.objective, t.float_parameters(), options);
  const auto once = run(learner, t, 0, 50), again = run(learner, t, 200, 50);
  EXPECT_NE(once, again);
}

TEST(OnlineDraws, AllocatesNothingAfterConstruction) {
  const trial t(random_stream_plan());
  online_learner learner(t.net, t.objective, t.float_parameters());
  const std::size_t before = allocations();
  for (std::size_t n = 0; n < 300; ++n) {
    learner.step(row_of(t, n), label_of(n));
    learner.infer(row_of(t, n));
    if (n % 100 == 99) {
      learner.end_trial();
    }
  }
  EXPECT_EQ(allocations(), before);
}

}  // namespace
}  // namespace backspike::testing
