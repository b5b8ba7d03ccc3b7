// E-prop against backpropagation where theory says that they are equal, against RTRL without the influence between
// neurons everywhere else, and its float path against its double one.

#include "gradient/compare.hpp"
#include "gradient/random_graph.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/eprop.hpp>
#include <backspike/gradient/rtrl.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <cstring>
#include <tuple>

namespace backspike::testing {
namespace {

constexpr double tolerance = 1e-10;  // of the largest entry of a parameter's gradient

trial_plan plan_for(const std::string& cell, bool per_neuron = false) {
  trial_plan plan;
  plan.network.inputs = 12;
  layer_spec hidden = quick_layer(cell, 19, per_neuron);
  hidden.surrogate = {surrogate_kind::fast_sigmoid, 0.4, 0.9};
  hidden.bias = true;
  plan.network.layers = {hidden, quick_layer("leaky_integrator", 3)};
  plan.network.layers.back().bias = true;
  plan.lengths = {30, 0, 1, 21};
  plan.rate = 0.3;
  plan.gain = lively_gain(cell);
  plan.objective.logit_scale = 0.2;  // a confident softmax has no gradient left to compare
  plan.objective.rate_penalty = 0.02;
  return plan;
}

struct eprop_result {
  arena<double> gradient;
  dense_result<double> sum;
  eprop_result(const trial& t, spike_mode mode, const eprop_options& options = {}) : gradient(t.net.parameters()) {
    const eprop_feedback feedback(t.net, options, t.parameters);
    sum = eprop_gradient(t.net, t.objective, t.parameters, options, feedback, t.batch(), mode, &gradient);
  }
};

arena<double> rtrl_of(const trial& t, spike_mode mode) {
  arena<double> gradient(t.net.parameters());
  rtrl_options options;
  options.cut_between_neurons = true;
  rtrl_gradient(t.net, t.objective, t.parameters, t.batch(), mode, &gradient, options);
  return gradient;
}

void expect_alive(const trial& t, const arena<double>& gradient, double spikes) {
  EXPECT_GT(spikes, 10.0) << "the hidden layers are silent";
  for (std::size_t i = 0; i < t.net.parameters().size(); ++i) {
    if (t.net.parameters()[i].name.ends_with("weight") || t.net.parameters()[i].name.ends_with("bias")) {
      EXPECT_GT(largest(gradient.view(i)), 1e-6) << t.net.parameters()[i].name;
    }
  }
}

using eprop_case = std::tuple<std::string, reset_kind, bool, bool, bool>;

class Eprop : public ::testing::TestWithParam<eprop_case> {
 protected:
  trial_plan plan() const {
    const auto [cell, reset, detach, recurrent, per_neuron] = GetParam();
    trial_plan plan = plan_for(cell, per_neuron);
    if (per_neuron) {  // of the readout's time constant there can be only one
      plan.network.layers[1] = quick_layer("leaky_integrator", 3, false);
    }
    plan.network.layers[0].reset = reset;
    plan.network.layers[0].detach_reset = detach;
    plan.network.layers[0].recurrent = recurrent;
    return plan;
  }
};

TEST_P(Eprop, EqualsRtrlWithoutTheInfluenceBetweenNeurons) {
  for (const spike_mode mode : {spike_mode::hard, spike_mode::smooth}) {
    const trial t(plan());
    const eprop_result actual(t, mode);
    const arena<double> expected = rtrl_of(t, mode);
    expect_alive(t, expected, actual.sum.hidden_spikes);
    expect_same_gradient(actual.gradient, expected, tolerance);
  }
}

/// One hidden layer without recurrence: no path leads through another neuron, whatever the reset.
TEST_P(Eprop, EqualsBpttWithoutRecurrence) {
  trial_plan p = plan();
  p.network.layers[0].recurrent = false;
  for (const spike_mode mode : {spike_mode::hard, spike_mode::smooth}) {
    const trial t(p);
    const eprop_result actual(t, mode);
    arena<double> expected(t.net.parameters());
    const auto sum = dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), mode, &expected);
    expect_alive(t, expected, sum.hidden_spikes);
    expect_same_gradient(actual.gradient, expected, tolerance);
    EXPECT_NEAR(actual.sum.loss, sum.loss, 1e-12 * sum.loss);
    EXPECT_EQ(actual.sum.predicted, sum.predicted);
  }
}

std::string name_of_case(const ::testing::TestParamInfo<eprop_case>& info) {
  constexpr std::string_view resets[] = {"Subtract", "ToValue", "None"};
  const auto [cell, reset, detach, recurrent, per_neuron] = info.param;
  return cell + std::string(resets[static_cast<std::size_t>(reset)]) + (detach ? "Detached" : "") +
         (recurrent ? "Recurrent" : "") + (per_neuron ? "PerNeuron" : "");
}

INSTANTIATE_TEST_SUITE_P(All, Eprop,
                         ::testing::Combine(::testing::ValuesIn(spiking_cells()),
                                            ::testing::Values(reset_kind::subtract, reset_kind::to_value,
                                                              reset_kind::none),
                                            ::testing::Bool(), ::testing::Bool(), ::testing::Bool()),
                         name_of_case);

TEST(EpropGradient, IsNotTheWholeGradientWithRecurrence) {
  trial_plan plan = plan_for("lif");
  plan.network.layers[0].recurrent = true;
  const trial t(plan);
  const eprop_result actual(t, spike_mode::hard);
  arena<double> whole(t.net.parameters());
  dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &whole);
  double difference = 0.0;
  for (std::size_t i = 0; i < whole.values().size(); ++i) {
    difference = std::max(difference, std::fabs(whole.values()[i] - actual.gradient.values()[i]));
  }
  EXPECT_GT(difference, 1e-3);
}

TEST(EpropGradient, TakesEveryLossAndReadout) {
  for (const loss_kind loss : all_of<loss_kind>()) {
    for (const readout_kind readout :
         {readout_kind::max, readout_kind::mean, readout_kind::last, readout_kind::count}) {
      trial_plan plan = plan_for("lif");
      plan.network.layers[0].recurrent = true;
      plan.objective = objective_of(loss, readout, readout == readout_kind::count ? 0.1 : 0.8, 0.1, 0.03);
      trial t(plan);
      give_step_targets(t, 5);
      SCOPED_TRACE(static_cast<int>(loss) * 10 + static_cast<int>(readout));
      const eprop_result actual(t, spike_mode::hard);
      const arena<double> expected = rtrl_of(t, spike_mode::hard);
      expect_alive(t, expected, actual.sum.hidden_spikes);
      expect_same_gradient(actual.gradient, expected, tolerance);
    }
  }
}

/// A spiking readout has no low pass: hidden layers get an approximation, the readout its own exact traces.
TEST(EpropGradient, ReadoutThatSpikesLearnsByItsOwnTraces) {
  trial_plan plan = plan_for("lif");
  plan.network.layers[1] = quick_layer("lif", 3, true);
  plan.network.layers[1].detach_reset = false;
  plan.objective.readout = readout_kind::count;
  plan.objective.logit_scale = 0.3;
  const trial t(plan);
  const eprop_result actual(t, spike_mode::hard);
  const arena<double> expected = rtrl_of(t, spike_mode::hard);
  for (const char* name : {"readout.weight", "readout.tau_m", "readout.v_th"}) {
    const std::size_t i = t.net.parameters().find(name);
    const auto a = std::as_const(actual.gradient).view(i), b = expected.view(i);
    EXPECT_GT(largest(b), 1e-5) << name;
    for (std::size_t k = 0; k < t.net.parameters()[i].size(); ++k) {
      EXPECT_NEAR(a(k / a.cols, k % a.cols), b(k / a.cols, k % a.cols), tolerance * largest(b)) << name;
    }
  }
  EXPECT_GT(largest(std::as_const(actual.gradient).view("hidden1.weight")), 1e-5);
}

/// The property on random graphs of one hidden layer; with more, the broadcast replaces the way through other layers,
/// and only the readout's own gradient stays exact.
TEST(EpropProperty, EqualsTheOwnPartOfRtrlOnRandomGraphs) {
  double spikes = 0.0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    trial t(random_plan(seed, 1, true, false));
    give_step_targets(t, seed);
    const spike_mode mode = seed % 2 == 0 ? spike_mode::hard : spike_mode::smooth;
    const eprop_result actual(t, mode);
    expect_same_gradient(actual.gradient, rtrl_of(t, mode), tolerance);
    spikes += actual.sum.hidden_spikes;
    if (HasFailure()) {
      break;
    }
  }
  EXPECT_GT(spikes, 60.0 * 10.0);
}

TEST(EpropProperty, ReadoutIsExactOnRandomGraphsOfAnyDepth) {
  int alive = 0;
  for (std::uint64_t seed = 100; seed < 130; ++seed) {
    SCOPED_TRACE(seed);
    trial t(random_plan(seed, 3));
    give_step_targets(t, seed);
    const eprop_result actual(t, spike_mode::smooth);
    arena<double> expected(t.net.parameters());
    dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::smooth, &expected);
    const auto a = std::as_const(actual.gradient).view("readout.weight");
    const auto b = std::as_const(expected).view("readout.weight");
    alive += largest(b) > 1e-6 ? 1 : 0;  // now and then every step happens to weigh nothing
    for (std::size_t k = 0; k < a.rows * a.cols; ++k) {
      EXPECT_NEAR(a(k / a.cols, k % a.cols), b(k / a.cols, k % a.cols), tolerance * largest(b) + 1e-12);
    }
  }
  EXPECT_GE(alive, 25);
}

/// The learning signal of a layer: its gradient is linear in B, so gradients under known feedback can be compared.
TEST(EpropFeedback, BroadcastsToDeeperLayersByTheProductOfWeights) {
  trial_plan plan = plan_for("lif");
  plan.network.layers.insert(plan.network.layers.begin() + 1, plan.network.layers[0]);
  plan.network.layers[1].size = 7;
  plan.network.layers[1].name = "second";
  const trial t(plan);
  const eprop_feedback feedback(t.net, {}, t.parameters);
  std::vector<std::vector<double>> products;
  std::vector<aligned_vector<double>> b;
  feedback.write(t.parameters, products, b);
  const auto inner = t.parameters.view("second.weight"), out = t.parameters.view("readout.weight");
  ASSERT_EQ(b.size(), 3u);
  EXPECT_TRUE(b[2].empty()) << "the readout has its own error";
  for (std::size_t j = 0; j < 19; ++j) {
    for (std::size_t k = 0; k < 3; ++k) {
      double expected = 0.0;
      for (std::size_t m = 0; m < 7; ++m) {
        expected += inner(j, m) * out(m, k);
      }
      EXPECT_NEAR(b[0][k * 32 + j], expected, 1e-14);
      EXPECT_NEAR(b[1][k * 16 + j % 7], out(j % 7, k), 0.0);
    }
  }
  EXPECT_EQ(b[0][19], 0.0) << "padding";
  const eprop_result actual(t, spike_mode::hard);
  EXPECT_GT(largest(std::as_const(actual.gradient).view("hidden1.weight")), 1e-5);
}

TEST(EpropFeedback, RandomIsFixedByItsSeedAndAsLargeAsTheReadout) {
  const trial t(plan_for("lif"));
  const auto b_of = [&](feedback_kind kind, std::uint64_t seed, int updates) {
    eprop_options options;
    options.feedback = kind;
    options.seed = seed;
    options.feedback_decay = 0.01;
    eprop_feedback feedback(t.net, options, t.parameters);
    for (int n = 0; n < updates; ++n) {
      feedback.follow();
    }
    std::vector<std::vector<double>> products;
    std::vector<aligned_vector<double>> b;
    feedback.write(t.parameters, products, b);
    return std::vector<double>(b[0].begin(), b[0].end());
  };
  const auto random = b_of(feedback_kind::random, 1, 0);
  EXPECT_EQ(random, b_of(feedback_kind::random, 1, 500));
  EXPECT_NE(random, b_of(feedback_kind::random, 2, 0));
  const auto symmetric = b_of(feedback_kind::symmetric, 1, 0), adaptive = b_of(feedback_kind::adaptive, 1, 0);
  const auto distance = [&](const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return std::sqrt(sum);
  };
  const std::vector<double> zero(random.size(), 0.0);
  EXPECT_NEAR(distance(random, zero) / distance(symmetric, zero), 1.0, 0.4);
  EXPECT_LT(distance(adaptive, random), 1e-12);
  EXPECT_NEAR(distance(b_of(feedback_kind::adaptive, 1, 100), symmetric) / distance(random, symmetric),
              std::pow(0.99, 100.0), 1e-9);
}

/// Its scale is that of the weights into the readout, also where these are part of a loop over several populations.
TEST(EpropFeedback, RandomIsTheSameInALoop) {
  for (const feedback_kind kind : {feedback_kind::random, feedback_kind::adaptive}) {
    trial_plan plan = plan_for("lif");
    const trial chain(plan);
    connection_spec back;
    back.from = "readout";
    back.to = "hidden1";
    back.base_delay = 1;
    plan.network.connections.push_back(back);
    const trial loop(plan);
    const eprop_options options{.feedback = kind};
    const eprop_feedback expected(chain.net, options, chain.parameters), actual(loop.net, options, loop.parameters);
    EXPECT_EQ(actual.offsets(), expected.offsets());
    EXPECT_TRUE(std::ranges::all_of(actual.offsets(), [](double x) { return std::isfinite(x) && x != 0.0; }));
  }
}

TEST(EpropRates, AddTheDerivativeOfTheRunningMeansDistance) {
  trial_plan plan = plan_for("lif");
  plan.objective.logit_scale = 0.0;  // nothing but the rates
  plan.objective.rate_penalty = 0.0;
  plan.lengths = {1};
  plan.rate = 0.6;
  const trial t(plan);
  eprop_options options;
  options.rates = {{"hidden1", 100.0, 2.0}};
  const eprop_result held(t, spike_mode::hard, options);
  // After one step the mean is the spike itself: r_j = coefficient (z_j - 0.1), e_bias = surrogate'(u_j).
  const dense_model<double> m(t.net, t.parameters, spike_mode::hard);
  const dense_sample<double> x = dense_forward(m, t.data, 0);
  double largest_expected = 0.0;
  for (std::size_t n = 0; n < 19; ++n) {
    std::vector<double> state{0.0}, jacobian(2 * (2 + m.at(0).cell->constants));
    m.at(0).cell->exact->jacobian(state.data(), m.constants[0].data() + n * m.at(0).cell->constants,
                                  &x.populations[0].current[n], m.spike_of(0), jacobian.data());
    const double p = jacobian[2 + m.at(0).cell->constants + 1];
    const double expected = 2.0 * (x.populations[0].output[n] - 0.1) * p;
    EXPECT_NEAR(std::as_const(held.gradient).view("hidden1.bias")(0, n), expected, 1e-12);
    largest_expected = std::max(largest_expected, std::fabs(expected));
  }
  EXPECT_GT(largest_expected, 0.1);
}

TEST(EpropRates, DescentHoldsALayerNearItsRate) {
  trial_plan plan = plan_for("lif");
  plan.objective = {};
  plan.objective.logit_scale = 0.0;
  plan.lengths = {200, 200};
  trial t(plan);
  eprop_options options;
  options.rates = {{"hidden1", 50.0, 1.0}};
  const double wanted = 0.05 * 400 * 19;
  const double before = eprop_result(t, spike_mode::hard, options).sum.hidden_spikes;
  for (int n = 0; n < 300; ++n) {
    const eprop_result step(t, spike_mode::hard, options);
    for (const char* name : {"hidden1.weight", "hidden1.bias"}) {
      const auto g = std::as_const(step.gradient).view(name);
      for (std::size_t k = 0; k < g.rows * g.cols; ++k) {
        t.parameters.view(name)(k / g.cols, k % g.cols) -= 1.0 * g(k / g.cols, k % g.cols);
      }
    }
  }
  const double after = eprop_result(t, spike_mode::hard, options).sum.hidden_spikes;
  EXPECT_GT(std::fabs(before - wanted), 0.5 * wanted);
  EXPECT_LT(std::fabs(after - wanted), 0.25 * std::fabs(before - wanted)) << before << " -> " << after;
}

TEST(EpropFloat, EqualsTheDoublePathAndHasTheSameBitsAtAnyThreadCount) {
  for (const std::string& cell : spiking_cells()) {
    for (const bool detach : {true, false}) {  // traces by source, and by synapse
      trial_plan plan = plan_for(cell);
      plan.network.layers[0].recurrent = true;
      plan.network.layers[0].detach_reset = detach;
      plan.lengths = {12, 30, 7, 1, 25, 18, 3};
      const trial t(plan);
      const eprop_options options{.rates = {{"hidden1", 20.0, 0.5}}};
      const eprop_result expected(t, spike_mode::hard, options);
      const eprop_feedback feedback(t.net, options, t.float_parameters());
      arena<float> first(t.net.parameters());
      for (const std::size_t threads : {1u, 2u, 3u, 5u}) {
        thread_pool pool(threads);
        arena<float> gradient(t.net.parameters());
        const arena<float> parameters = t.float_parameters();
        const batch_result result =
            eprop_gradient(t.net, t.objective, parameters, options, feedback, t.batch(), gradient, pool);
        if (threads == 1) {
          expect_same_gradient(gradient, expected.gradient, 1e-4);  // as for the engine
          EXPECT_EQ(static_cast<double>(result.hidden_spikes), expected.sum.hidden_spikes);
          EXPECT_EQ(result.correct, expected.sum.correct);
          EXPECT_NEAR(result.loss, expected.sum.loss, 1e-5 * expected.sum.loss);
          EXPECT_GT(result.hidden_spikes, 50u);
          first = gradient;
        }
        EXPECT_EQ(std::memcmp(first.values().data(), gradient.values().data(), first.values().size_bytes()), 0);
      }
      for (const parameter_info& p : t.net.parameters().entries()) {
        for (std::size_t k = 0; k < p.rows * p.stride; ++k) {
          if (k % p.stride >= p.cols) {
            EXPECT_EQ(first.values()[p.offset + k], 0.0f) << "padding of " << p.name;
          }
        }
      }
    }
  }
}

TEST(EpropRefusals, NameWhatHasNoTraceAndTheRulesThatTakeIt) {
  const auto expect_refused = [](const trial_plan& plan, const eprop_options& options, const std::string& text) {
    const trial t(plan);
    try {
      check_eprop(t.net, options);
      ADD_FAILURE() << "expected a refusal that names " << text;
    } catch (const value_error& e) {
      EXPECT_THAT(e.what(), ::testing::HasSubstr(text));
    }
  };
  trial_plan plan = plan_for("lif");
  check_eprop(network(plan.network), {});
  plan.network.layers[1] = quick_layer("leaky_integrator", 3, true);
  expect_refused(plan, {}, "readout.tau_m");
  expect_refused(plan, {}, "bptt and rtrl");
  plan = plan_for("lif");
  plan.network.layers[1] = quick_layer("double_exponential", 3);
  expect_refused(plan, {}, "leaky_integrator or a spiking cell");
  plan = plan_for("lif");
  expect_refused(plan, {.rates = {{"hidden7", 10.0, 1.0}}}, "hidden7");
  expect_refused(plan, {.rates = {{"hidden1", -1.0, 1.0}}}, "target rate");
  expect_refused(plan, {.rates = {{"hidden1", 1.0, -1.0}}}, "coefficient");
  expect_refused(plan, {.feedback_decay = 1.5}, "feedback_decay");
  expect_refused(plan, {.rate_window = 0.0}, "rate_window");
}

}  // namespace
}  // namespace backspike::testing
