// Delays of the event-driven engine: the dense path's spikes, loss and gradient; the same bits at any number of threads
// and however time is cut.

#include "gradient/dense_truncated.hpp"
#include "gradient/engine_and_dense.hpp"
#include "gradient/outcome.hpp"
#include "gradient/random_graph.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/eprop.hpp>
#include <backspike/gradient/rtrl.hpp>
#include <backspike/network/delays.hpp>

#include <gmock/gmock.h>

#include <tuple>

namespace backspike::testing {
namespace {

delay_spec delays(delay_sharing per, delay_kernel kernel, double width, bool learn_width, std::uint32_t max = 11) {
  delay_spec d;
  d.per = per;
  d.kernel = kernel;
  d.max = max;
  d.width.from = width;
  d.width.learn = learn_width;
  return d;
}

/// Two hidden layers with delays everywhere, sizes that fill no whole tile, samples of different lengths.
trial_plan delayed_plan(surrogate_kind surrogate, delay_sharing per, delay_kernel kernel, double width,
                        std::uint64_t seed = 1) {
  trial_plan plan;
  plan.seed = seed;
  plan.network.inputs = 9;
  layer_spec first = quick_layer("lif", 37, true), second = quick_layer("cuba_lif", 18);
  first.recurrent = true;
  first.bias = second.bias = true;
  first.delay = delays(per, kernel, width, true);
  first.recurrent_delay = delays(per, kernel, width, false, 6);
  second.delay = delays(per, kernel, width, true, 3);
  for (layer_spec* layer : {&first, &second}) {
    layer->surrogate = {surrogate, 0.6, 1.0};
    layer->detach_reset = false;
  }
  layer_spec readout = quick_layer("leaky_integrator", 3);
  readout.delay = delays(per, kernel, width, false, 9);
  plan.network.layers = {first, second, readout};
  plan.objective.rate_penalty = 0.01;
  plan.objective.readout = readout_kind::mean;
  plan.lengths = {31, 1, 0, 47, 20, 36};
  plan.gain = 4.0;
  return plan;
}

/// Every kind of parameter of a delayed connection has a gradient.
void expect_delays_alive(const trial& t, const arena<float>& gradient) {
  for (const connection& c : t.net.connections()) {
    for (const std::size_t i : {c.weight, c.delay_parameter, c.kernel_width_parameter}) {
      if (i != no_parameter && t.net.parameters()[i].learnable) {
        const auto view = gradient.view(i);
        float top = 0.0f;
        for (std::size_t r = 0; r < view.rows; ++r) {
          top = std::max(top, std::fabs(*std::max_element(view.row(r), view.row(r) + view.cols)));
        }
        EXPECT_GT(top, 1e-6f) << t.net.parameters()[i].name;
      }
    }
  }
}

using engine_case = std::tuple<surrogate_kind, delay_sharing, delay_kernel, double>;

class DelayedEngine : public ::testing::TestWithParam<engine_case> {
 protected:
  trial_plan plan(std::uint64_t seed = 1) const {
    const auto [surrogate, per, kernel, width] = GetParam();
    return delayed_plan(surrogate, per, kernel, width, seed);
  }
};

TEST_P(DelayedEngine, EqualsDense) {
  trial t(plan());
  expect_engine_equals_dense(t);
}

TEST_P(DelayedEngine, EqualsDenseWithGradedInput) {
  trial_plan p = plan(2);
  p.graded = true;
  trial t(p);
  expect_engine_equals_dense(t);
}

TEST_P(DelayedEngine, HasTheSameBitsInWindowsAndOnThreads) {
  const trial t(plan(3));
  const outcome full(t, {});
  ASSERT_GT(full.sums.hidden_spikes, 100u);
  expect_delays_alive(t, full.gradient);
  for (const std::uint32_t every : {1u, 2u, 5u, 13u, 46u}) {  // windows shorter and longer than the delays
    EXPECT_TRUE(outcome(t, checkpoints_every(every)).same_bits(full)) << "every " << every;
  }
  EXPECT_TRUE(outcome(t, checkpoints_every(7), 2).same_bits(full));
  EXPECT_TRUE(outcome(t, {}, 2).same_bits(full));
  EXPECT_TRUE(outcome(t, {}, 3).same_bits(full));
}

TEST_P(DelayedEngine, EqualsTheDensePathCutByHand) {
  for (const auto& [window, stride] : {std::pair{5u, 5u}, {8u, 3u}, {14u, 1u}, {1u, 1u}, {25u, 10u}}) {
    trial t(plan(4));
    drop_close_calls_of_dense(t);
    const outcome cut(t, truncated(window, stride));
    ASSERT_GT(cut.sums.hidden_spikes, 100u);
    expect_same_gradient(cut.gradient, dense_truncated(t, window, stride), 2e-4, true, 1e-6);
    EXPECT_TRUE(outcome(t, truncated(window, stride), 2).same_bits(cut));
  }
}

TEST_P(DelayedEngine, EvaluatesInPiecesWithTheSameBits) {
  const trial t(plan(5));
  thread_pool pool(2);
  const auto parameters = t.float_parameters();
  predictions whole, pieces;
  engine all(t.net, t.objective, pool), cut(t.net, t.objective, pool, checkpoints_every(6));
  const auto a = all.evaluate(parameters, t.batch(), &whole), b = cut.evaluate(parameters, t.batch(), &pieces);
  EXPECT_GT(a.hidden_spikes, 100u);
  EXPECT_EQ(a.loss, b.loss);
  EXPECT_EQ(whole.spikes, pieces.spikes);
  EXPECT_EQ(whole.scores, pieces.scores);
}

std::string name_of_case(const ::testing::TestParamInfo<engine_case>& info) {
  const auto [surrogate, per, kernel, width] = info.param;
  return std::string(name_of(surrogate)) + "_" + std::string(name_of(per)) + "_" + std::string(name_of(kernel)) + "_" +
         std::to_string(static_cast<int>(100.0 * width));
}

INSTANTIATE_TEST_SUITE_P(Gaussian, DelayedEngine,
                         ::testing::Combine(::testing::Values(surrogate_kind::triangle, surrogate_kind::fast_sigmoid),
                                            ::testing::ValuesIn(all_of<delay_sharing>()),
                                            ::testing::Values(delay_kernel::gaussian),
                                            ::testing::Values(0.22, 0.8, 5.3)),
                         name_of_case);
INSTANTIATE_TEST_SUITE_P(Linear, DelayedEngine,
                         ::testing::Combine(::testing::Values(surrogate_kind::triangle, surrogate_kind::fast_sigmoid),
                                            ::testing::ValuesIn(all_of<delay_sharing>()),
                                            ::testing::Values(delay_kernel::linear), ::testing::Values(1.0)),
                         name_of_case);

TEST(DelayedGraphs, EqualDenseAndTheirWindowsTheWhole) {
  std::uint64_t spikes = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    trial_plan plan = random_plan(seed);
    give_delays(plan, seed);
    trial t(plan);
    give_step_targets(t, seed);
    drop_close_calls_of_dense(t);
    arena<double> expected(t.net.parameters());
    const auto dense = dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &expected);
    const outcome full(t, {}, 2);
    EXPECT_EQ(static_cast<double>(full.sums.hidden_spikes), dense.hidden_spikes);
    EXPECT_NEAR(full.sums.loss, dense.loss, 1e-4 * dense.loss);
    expect_same_gradient(full.gradient, expected, 5e-4, true, 1e-6);
    random_stream random(seed, random_purpose::test, 81);
    EXPECT_TRUE(outcome(t, checkpoints_every(1 + random.below(20))).same_bits(full));
    spikes += full.sums.hidden_spikes;
    if (::testing::Test::HasFailure()) {
      break;
    }
  }
  EXPECT_GT(spikes, 1000u);
}

/// Rounded, a spike arrives once, at full weight: the network whose inputs were shifted by hand.
TEST(RoundedDelays, AreShiftsOfTheInput) {
  trial_plan plan;
  plan.network.inputs = 3;
  layer_spec hidden = quick_layer("lif", 20, true);
  hidden.delay = delays(delay_sharing::source, delay_kernel::gaussian, 2.0, false, 5);
  plan.network.layers = {hidden, quick_layer("leaky_integrator", 2)};
  plan.lengths = {40};
  plan.gain = 3.0;
  trial t(plan);
  auto parameters = t.float_parameters();
  const float delay[] = {0.4f, 4.6f, 2.0f};
  std::copy_n(delay, 3, parameters.view("hidden1.delay").data);
  round_delays(t.net, parameters);

  trial_plan plain = plan;
  plain.network.layers[0].delay = {};
  trial shifted(plain);
  const std::size_t by[] = {0, 5, 2};
  events moved;
  for (std::size_t step = 0; step < 40; ++step) {
    for (std::uint32_t channel = 0; channel < 3; ++channel) {
      const bool spikes =
          step >= by[channel] && std::ranges::count(t.data.inputs.spikes.row(step - by[channel]).channels, channel) > 0;
      if (spikes) {
        moved.channels.push_back(channel);
      }
    }
    moved.end_row();
  }
  shifted.data.inputs.spikes = moved;
  arena<float> same(shifted.net.parameters());
  for (const parameter_info& p : shifted.net.parameters().entries()) {
    const auto from = parameters.view(p.name), to = same.view(p.name);
    std::copy_n(from.data, p.rows * p.stride, to.data);
  }
  thread_pool pool(1);
  engine a(t.net, t.objective, pool), b(shifted.net, shifted.objective, pool);
  const auto left = a.evaluate(parameters, t.batch()), right = b.evaluate(same, shifted.batch());
  EXPECT_GT(left.hidden_spikes, 50u);
  EXPECT_EQ(left.hidden_spikes, right.hidden_spikes);
  EXPECT_NEAR(left.loss, right.loss, 1e-6);
}

TEST(RoundedDelays, HaveNoGradient) {
  const trial t(delayed_plan(surrogate_kind::triangle, delay_sharing::synapse, delay_kernel::gaussian, 0.5));
  auto parameters = t.float_parameters();
  round_delays(t.net, parameters);
  thread_pool pool(1);
  engine e(t.net, t.objective, pool);
  arena<float> gradient(t.net.parameters());
  EXPECT_GT(e.evaluate(parameters, t.batch()).hidden_spikes, 100u);
  EXPECT_THAT([&] { e.gradient(parameters, t.batch(), gradient); },
              ::testing::ThrowsMessage<value_error>(::testing::HasSubstr("hidden1.delay_width")));
}

TEST(DelayedGradient, IsZeroWhereDelaysAreNotLearned) {
  trial_plan plan = delayed_plan(surrogate_kind::triangle, delay_sharing::synapse, delay_kernel::gaussian, 0.5);
  plan.network.layers[0].delay.learn = false;
  const trial t(plan);
  const outcome o(t, {});
  EXPECT_EQ(largest(std::as_const(o.gradient).view("hidden1.delay")), 0.0);
  EXPECT_GT(largest(std::as_const(o.gradient).view("hidden2.delay")), 1e-6);
}

TEST(DelayErrors, RulesThatCannotSayWhyNot) {
  const trial t(delayed_plan(surrogate_kind::triangle, delay_sharing::synapse, delay_kernel::gaussian, 0.5));
  thread_pool pool(1);
  arena<float> gradient(t.net.parameters());
  const auto names = [](const char* delay) {
    return ::testing::ThrowsMessage<value_error>(
        ::testing::AllOf(::testing::HasSubstr(delay), ::testing::HasSubstr("bptt")));
  };
  EXPECT_THAT([&] { rtrl_gradient(t.net, t.objective, t.float_parameters(), t.batch(), gradient, pool); },
              names("hidden1.delay max = 11 steps"));
  EXPECT_THAT([&] { check_eprop(t.net, {}); }, names("readout.delay max = 9 steps"));
}

TEST(DelayErrors, ADelayOutsideItsRange) {
  const trial t(delayed_plan(surrogate_kind::triangle, delay_sharing::synapse, delay_kernel::gaussian, 0.5));
  auto parameters = t.float_parameters();
  parameters.view("hidden1.delay")(0, 1) = -0.25f;
  thread_pool pool(1);
  engine e(t.net, t.objective, pool);
  EXPECT_THAT([&] { e.evaluate(parameters, t.batch()); },
              ::testing::ThrowsMessage<value_error>(::testing::HasSubstr("-0.25 steps")));
}

}  // namespace
}  // namespace backspike::testing
