// E-prop's backward form is the forward form's sum taken in another order: the same gradient to rounding on any network
// that e-prop takes, and the same bits at any number of threads and any distance of checkpoints.

#include "gradient/eprop_forms.hpp"
#include "gradient/random_graph.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/eprop.hpp>
#include <backspike/gradient/forecast.hpp>
#include <backspike/gradient/learning_rule.hpp>
#include <backspike/network/delays.hpp>

#include <gmock/gmock.h>

#include <cstring>
#include <tuple>

namespace backspike::testing {
namespace {

/// A comparison that means something: spikes, and a gradient of every weight.
void expect_alive(const trial& t, const forward_result& r) {
  EXPECT_GT(r.sums.hidden_spikes, 20.0 * static_cast<double>(t.samples.size()));
  for (const connection& c : t.net.connections()) {
    EXPECT_GT(largest(r.gradient.view(c.weight)), 1e-5) << t.net.parameters()[c.weight].name;
  }
}

trial_plan plan_for(const std::string& cell) {
  trial_plan plan;
  plan.network.inputs = 12;
  layer_spec hidden = quick_layer(cell, 19);
  hidden.surrogate = {surrogate_kind::fast_sigmoid, 0.4, 0.9};
  hidden.bias = true;
  hidden.recurrent = true;
  plan.network.layers = {hidden, quick_layer("leaky_integrator", 3)};
  plan.network.layers.back().bias = true;
  plan.lengths = {30, 0, 1, 21, 40};
  plan.gain = lively_gain(cell);
  plan.objective.logit_scale = 0.2;
  plan.objective.rate_penalty = 0.02;
  return plan;
}

using backward_case = std::tuple<std::string, reset_kind, bool, bool>;

class EpropBackward : public ::testing::TestWithParam<backward_case> {};

TEST_P(EpropBackward, EqualsTheForwardForm) {
  const auto [cell, reset, detach, recurrent] = GetParam();
  for (const bool per_neuron : {false, true}) {
    trial_plan plan = plan_for(cell);
    plan.network.layers[0] = quick_layer(cell, 19, per_neuron);
    plan.network.layers[0].surrogate = {surrogate_kind::fast_sigmoid, 0.4, 0.9};
    plan.network.layers[0].bias = true;
    plan.network.layers[0].recurrent = recurrent;
    plan.network.layers[0].reset = reset;
    plan.network.layers[0].detach_reset = detach;
    trial t(plan);
    drop_close_calls_of_dense(t);
    const forward_result expected(t);
    expect_alive(t, expected);
    expect_same(t, backward_result(t), expected);
  }
}

std::string name_of_case(const ::testing::TestParamInfo<backward_case>& info) {
  constexpr std::string_view resets[] = {"Subtract", "ToValue", "None"};
  const auto [cell, reset, detach, recurrent] = info.param;
  return cell + std::string(resets[static_cast<std::size_t>(reset)]) + (detach ? "Detached" : "") +
         (recurrent ? "Recurrent" : "");
}

INSTANTIATE_TEST_SUITE_P(All, EpropBackward,
                         ::testing::Combine(::testing::ValuesIn(spiking_cells()),
                                            ::testing::Values(reset_kind::subtract, reset_kind::to_value,
                                                              reset_kind::none),
                                            ::testing::Bool(), ::testing::Bool()),
                         name_of_case);

/// Depth, surrogates, losses, activity, graded input, held rates, feedback, sharing: all from one seed.
TEST(EpropBackwardProperty, EqualsTheForwardFormOnRandomGraphs) {
  int compared = 0, alive = 0, spiking = 0, deep = 0, held = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(seed);
    trial_plan plan = random_plan(seed);
    trial t(plan);
    give_step_targets(t, seed);
    const dense_model<double> m(t.net, t.parameters, spike_mode::hard);
    std::erase_if(t.samples,
                  [&](std::uint32_t s) { return closest_call(m, dense_forward(m, t.data, s, t.draws)) < 1e-5; });
    if (t.samples.empty()) {
      continue;
    }
    eprop_options options;
    options.feedback = static_cast<feedback_kind>(seed % 3);
    options.seed = seed;
    options.rate_window = seed % 2 == 0 ? 10.0 : 1000.0;
    for (std::size_t q = 0; q + 1 < plan.network.layers.size() && seed % 4 < 3; ++q) {
      options.rates.push_back({t.net.populations()[q].spec.name, 30.0, q == 0 ? 0.3 : 0.0});
    }
    const forward_result expected(t, options);
    expect_same(t, backward_result(t, options), expected);
    ++compared;
    alive += expected.sums.hidden_spikes > 20.0 && largest(expected.gradient.view(0)) > 1e-5 ? 1 : 0;
    spiking += t.net.populations().back().cell->spiking ? 1 : 0;
    deep += t.net.populations().size() > 2 ? 1 : 0;
    held += options.rates.empty() ? 0 : 1;
    if (HasFailure()) {
      break;
    }
  }
  std::printf("%d compared, %d alive, %d with a readout that spikes, %d deep, %d with held rates\n", compared, alive,
              spiking, deep, held);
  EXPECT_GE(alive, 90);
  EXPECT_GE(spiking, 20);
  EXPECT_GE(deep, 60);
  EXPECT_GE(held, 60);
}

TEST(EpropBackwardProperty, EqualsTheForwardFormWithDelays) {
  int alive = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    trial_plan plan = random_plan(seed);
    give_delays(plan, seed);
    for (layer_spec& layer : plan.network.layers) {
      layer.delay.learn = layer.recurrent_delay.learn = false;
      layer.delay.width.learn = layer.recurrent_delay.width.learn = false;
    }
    plan.network.layers.back().delay = plan.network.layers.back().recurrent_delay = {};
    trial t(plan);
    give_step_targets(t, seed);
    const dense_model<double> m(t.net, t.parameters, spike_mode::hard);
    std::erase_if(t.samples,
                  [&](std::uint32_t s) { return closest_call(m, dense_forward(m, t.data, s, t.draws)) < 1e-5; });
    if (t.samples.empty()) {
      continue;
    }
    const forward_result expected(t);
    const backward_result actual(t);
    expect_same(t, actual, expected);
    EXPECT_TRUE(backward_result(t, {}, backward_rule(7), 3).same_bits(actual));
    alive += expected.sums.hidden_spikes > 20.0 && largest(expected.gradient.view(0)) > 1e-5 ? 1 : 0;
    if (HasFailure()) {
      break;
    }
  }
  EXPECT_GE(alive, 35);
}

/// What e-prop does with one bit of every layer: two hidden ones, the first recurrent, rates held, more samples than
/// are in flight, wide enough for several tiles of a weight.
trial_plan wide_plan(surrogate_kind surrogate) {
  trial_plan plan;
  plan.network.inputs = 150;
  layer_spec first = quick_layer("alif", 90, true), second = quick_layer("cuba_lif", 40);
  first.surrogate.kind = second.surrogate.kind = surrogate;
  first.bias = true;
  first.recurrent = second.recurrent = true;
  first.detach_reset = false;
  plan.network.layers = {first, second, quick_layer("leaky_integrator", 5)};
  plan.lengths.clear();
  for (std::size_t s = 0; s < 80; ++s) {
    plan.lengths.push_back(3 + s % 20);
  }
  plan.rate = 0.1;
  plan.gain = 3.0;
  plan.objective.rate_penalty = 0.001;
  return plan;
}

const eprop_options held_options{.feedback = feedback_kind::random, .rates = {{"hidden1", 20.0, 0.5}}};

class EpropBackwardBits : public ::testing::TestWithParam<surrogate_kind> {};

TEST_P(EpropBackwardBits, AreTheSameAtAnyNumberOfThreadsAndDistanceOfCheckpoints) {
  const trial t(wide_plan(GetParam()));
  const backward_result expected(t, held_options);
  EXPECT_GT(expected.sums.hidden_spikes, 1000u);
  EXPECT_GT(std::ranges::count_if(expected.gradient.values(), [](float g) { return g != 0.0f; }), 10000);
  for (const std::size_t threads : {1u, 2u, 3u, 5u}) {
    for (const std::uint32_t every : {1u, 5u, 16u, 21u, 22u, 1000u}) {
      EXPECT_TRUE(backward_result(t, held_options, backward_rule(every), threads).same_bits(expected))
          << threads << " threads, every " << every;
    }
  }
}

/// Each arithmetic of the engine, as far from the forward form as its rounding.
TEST_P(EpropBackwardBits, FollowTheArithmetic) {
  const trial t(wide_plan(GetParam()));
  const backward_result fused(t, held_options);
  const backward_result separate(t, held_options, backward_rule(1000, arithmetic_kind::separate));
  const backward_result rounded(t, held_options, backward_rule(1000, arithmetic_kind::bfloat16));
  double product = 0.0, own = 0.0, other = 0.0;
  for (std::size_t k = 0; k < fused.gradient.values().size(); ++k) {
    const double a = static_cast<double>(fused.gradient.values()[k]);
    const double b = static_cast<double>(rounded.gradient.values()[k]);
    product += a * b;
    own += a * a;
    other += b * b;
  }
  EXPECT_GT(product / std::sqrt(own * other), 0.9999);
  arena<double> expected(t.net.parameters());
  std::ranges::copy(fused.gradient.values(), expected.values().begin());
  expect_same_gradient(separate.gradient, expected, 1e-4);
}

INSTANTIATE_TEST_SUITE_P(All, EpropBackwardBits,
                         ::testing::Values(surrogate_kind::fast_sigmoid, surrogate_kind::triangle));

/// After backpropagation and a look inside on the same engine, and before it.
TEST(EpropBackwardEngine, LeavesNothingBehind) {
  const trial t(wide_plan(surrogate_kind::triangle));
  const arena<float> parameters = t.float_parameters();
  const eprop_feedback feedback(t.net, held_options, parameters);
  thread_pool pool(2);
  arena<float> bptt(t.net.parameters()), again(t.net.parameters()), eprop(t.net.parameters());
  engine fresh(t.net, t.objective, pool, backward_rule()), used(t.net, t.objective, pool, backward_rule());
  fresh.gradient(parameters, t.batch(), bptt);
  used.gradient(parameters, held_options, feedback, t.batch(), eprop);
  used.gradient(parameters, t.batch(), again);
  EXPECT_EQ(std::memcmp(bptt.values().data(), again.values().data(), bptt.values().size_bytes()), 0);
  used.health(parameters, {t.batch().data, std::span(t.samples).first(8)}, again);
  used.evaluate(parameters, t.batch());
  used.record(parameters, t.data, 3);
  used.gradient(parameters, held_options, feedback, t.batch(), again);
  EXPECT_EQ(std::memcmp(eprop.values().data(), again.values().data(), eprop.values().size_bytes()), 0);
  EXPECT_NE(std::memcmp(eprop.values().data(), bptt.values().data(), eprop.values().size_bytes()), 0);
}

/// Without a way through another neuron it is backpropagation, which the engine has on its own.
TEST(EpropBackwardEngine, EqualsBpttWithoutRecurrence) {
  trial_plan plan = wide_plan(surrogate_kind::triangle);
  plan.network.layers.erase(plan.network.layers.begin() + 1);
  plan.network.layers[0].recurrent = false;
  const trial t(plan);
  thread_pool pool(1);
  arena<float> bptt(t.net.parameters());
  engine(t.net, t.objective, pool).gradient(t.float_parameters(), t.batch(), bptt);
  arena<double> expected(t.net.parameters());
  std::ranges::copy(bptt.values(), expected.values().begin());
  EXPECT_GT(largest(std::as_const(expected).view(0)), 1e-3);
  expect_same_gradient(backward_result(t).gradient, expected, 1e-6);
}

TEST(EpropBackwardEngine, LearnedDelaysGetNoGradient) {
  trial_plan plan = wide_plan(surrogate_kind::triangle);
  plan.network.layers[0].delay.max = 7;
  plan.network.layers[0].delay.width.learn = true;
  const trial t(plan);
  const backward_result r(t);
  EXPECT_GT(largest(std::as_const(r.gradient).view("hidden1.weight")), 1e-4);
  EXPECT_EQ(largest(std::as_const(r.gradient).view("hidden1.delay")), 0.0);
  EXPECT_EQ(largest(std::as_const(r.gradient).view("hidden1.delay_width")), 0.0);
}

/// It does not learn them, so that it has no need of a kernel that is wide enough for that.
TEST(EpropBackwardEngine, TakesRoundedDelays) {
  trial_plan plan = plan_for("lif");
  plan.network.layers[0].delay.max = 5;
  plan.network.layers[0].delay.learn = false;
  plan.network.layers[0].delay.width.learn = false;
  trial t(plan);
  arena<float> rounded = t.float_parameters();
  round_delays(t.net, rounded);
  std::ranges::copy(rounded.values(), t.parameters.values().begin());
  drop_close_calls_of_dense(t);
  const forward_result expected(t);
  expect_alive(t, expected);
  expect_same(t, backward_result(t), expected);
}

/// Errors go back over the whole sample whatever windows the engine's own rule has.
TEST(EpropBackwardEngine, WindowsOfARuleDoNotCutIt) {
  const trial t(wide_plan(surrogate_kind::triangle));
  rule_spec windows{rule_kind::truncated_bptt};
  windows.window = 8;
  windows.stride = 4;
  windows.arithmetic = arithmetic_kind::fused;
  EXPECT_TRUE(backward_result(t, held_options, windows).same_bits(backward_result(t, held_options)));
}

TEST(EpropBackwardEngine, RefusesWhatEpropRefuses) {
  trial_plan plan = plan_for("lif");
  plan.network.layers[1] = quick_layer("double_exponential", 3);
  const trial t(plan);
  const trial taken(plan_for("lif"));
  const eprop_feedback feedback(taken.net, {}, taken.float_parameters());
  thread_pool pool(1);
  engine simulation(t.net, t.objective, pool);
  arena<float> gradient(t.net.parameters());
  EXPECT_THROW(simulation.gradient(t.float_parameters(), {}, feedback, t.batch(), gradient), value_error);
}

/// Long samples on a net of many neurons: traces are small beside what a way back keeps, and checkpoints smaller.
struct settling {
  trial t;
  rule_spec rule;

  static trial_plan plan() {
    trial_plan plan = plan_for("lif");
    plan.lengths.assign(16, 2000);
    return plan;
  }
  settling() : t(plan()) { rule.kind = rule_kind::eprop; }

  std::uint64_t needs(const rule_spec& r) const { return forecast_memory(t.net, t.data, 16, 1, r).total(); }
  rule_spec in(std::uint64_t bytes) const { return settle_rule(rule, t.net, t.data, 16, 1, 0, bytes); }
};

TEST(EpropForm, IsBackwardWhereItFits) {
  const settling s;
  const rule_spec whole = s.in(std::uint64_t{1} << 40);
  EXPECT_EQ(whole.form, eprop_form::backward);
  EXPECT_EQ(whole.every, 2000u) << "nothing runs twice where all fits";
  const rule_spec pieces = s.in(s.needs(whole) / 2);
  EXPECT_EQ(pieces.form, eprop_form::backward);
  EXPECT_LT(pieces.every, 2000u);
  EXPECT_LE(s.needs(pieces), s.needs(whole) / 2);
}

/// A wide layer far from many outputs: B is larger than all weights, and their traces need less.
TEST(EpropForm, IsForwardWhereOnlyThatFits) {
  trial_plan plan = plan_for("lif");
  plan.network.inputs = 4;
  plan.network.layers = {quick_layer("lif", 2000), quick_layer("lif", 8), quick_layer("leaky_integrator", 200)};
  plan.lengths = {3, 3};
  const trial t(plan);
  rule_spec rule{rule_kind::eprop};
  const auto settled = [&](std::uint64_t bytes) { return settle_rule(rule, t.net, t.data, 2, 1, 0, bytes); };
  const auto needs = [&](rule_spec r, eprop_form form) {
    r.form = form;
    return forecast_memory(t.net, t.data, 2, 1, r).total();
  };
  rule.every = 1;
  const std::uint64_t backward = needs(rule, eprop_form::backward), forward = needs(rule, eprop_form::forward);
  ASSERT_LT(forward, backward);
  EXPECT_EQ(settled(backward + backward / 2).form, eprop_form::backward);
  EXPECT_EQ(settled(forward).form, eprop_form::forward);
  EXPECT_THROW(settled(forward - 1), resource_error);
  rule.memory = checkpoint_kind::fixed;
  EXPECT_EQ(settled(forward).form, eprop_form::forward);
  EXPECT_EQ(settled(backward).form, eprop_form::backward);
  rule.form = eprop_form::backward;
  EXPECT_EQ(settled(1000), rule) << "as asked: the run says itself that it does not fit";
  rule.memory = checkpoint_kind::automatic;
  EXPECT_THROW(settled(forward), resource_error);
  rule.form = eprop_form::forward;
  EXPECT_EQ(settled(1000), rule);
}

TEST(EpropForm, OfARuleIsWhatRuns) {
  const trial t(wide_plan(surrogate_kind::triangle));
  const arena<float> parameters = t.float_parameters();
  thread_pool pool(2);
  const auto gradient_of = [&](eprop_form form) {
    rule_spec rule{rule_kind::eprop};
    rule.form = form;
    learning_rule learning(t.net, t.objective, pool, rule, 1);
    learning.start(parameters);
    arena<float> gradient(t.net.parameters());
    learning.gradient(parameters, t.batch(), gradient);
    return gradient;
  };
  const auto same = [](const arena<float>& a, const arena<float>& b) {
    return std::memcmp(a.values().data(), b.values().data(), a.values().size_bytes()) == 0;
  };
  arena<float> forward(t.net.parameters());
  const eprop_feedback feedback(t.net, {}, parameters);
  eprop_gradient(t.net, t.objective, parameters, {}, feedback, t.batch(), forward, pool);
  EXPECT_TRUE(same(gradient_of(eprop_form::forward), forward));
  EXPECT_TRUE(same(gradient_of(eprop_form::backward), backward_result(t).gradient));
  EXPECT_TRUE(same(gradient_of(eprop_form::automatic), backward_result(t).gradient));
  EXPECT_FALSE(same(forward, backward_result(t).gradient)) << "rounding tells them apart";
}

}  // namespace
}  // namespace backspike::testing
