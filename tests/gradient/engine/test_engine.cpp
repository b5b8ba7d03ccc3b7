// The float engine and the dense path in hard mode against the hand-written reference of reference.hpp: the same
// spikes, loss and gradient.

#include "gradient/check_gradient.hpp"
#include "gradient/compare.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/engine.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <numeric>
#include <tuple>

namespace backspike::testing {
namespace {

/// Relative to the largest entry of a parameter's gradient; float has 6e-8, a sample some hundred roundings in a row.
constexpr double float_tolerance = 1e-4;
constexpr double double_tolerance = 1e-11;

/// Twenty inputs, hidden layers that are not whole tiles of 16, five classes.
trial_plan plan_for(const std::string& cell, std::size_t hidden_layers = 1) {
  trial_plan plan;
  plan.network.inputs = 20;
  for (std::size_t k = 0; k < hidden_layers; ++k) {
    plan.network.layers.push_back(quick_layer(cell, k == 0 ? 37 : 19, true));
    plan.network.layers.back().surrogate = {surrogate_kind::fast_sigmoid, 0.3, 0.9};
  }
  plan.network.layers.push_back(quick_layer("leaky_integrator", 5, true));
  plan.lengths = {30, 17, 1, 24};
  plan.rate = 0.2;
  plan.gain = cell == "cuba_lif" ? 4.0 : 2.0;
  return plan;
}

/// The last population, if it spikes, is an output and no hidden layer: its spikes are in the rasters too.
void expect_same_spikes(const trial& t, const reference_result& expected, engine& e) {
  const arena<float> parameters = t.float_parameters();
  for (std::size_t i = 0; i < t.samples.size(); ++i) {
    const sample_recording seen = e.record(parameters, t.data, t.samples[i]);
    for (std::size_t q = 0; q + 1 < seen.rasters.size(); ++q) {
      std::vector<double> out(seen.steps * t.net.populations()[q].units, 0.0);
      for (std::size_t k = 0; k < seen.rasters[q + 1].steps.size(); ++k) {
        out[seen.rasters[q + 1].steps[k] * t.net.populations()[q].units + seen.rasters[q + 1].channels[k]] = 1.0;
      }
      EXPECT_EQ(out, expected.samples[i].layers[q].out) << "sample " << t.samples[i] << ", layer " << q;
    }
  }
}

void expect_same_predictions(const trial& t, const reference_result& expected, engine& e) {
  predictions kept;
  const batch_result result = e.evaluate(t.float_parameters(), t.batch(), &kept);
  EXPECT_NEAR(result.loss, expected.loss, 1e-5 * expected.loss);
  for (std::size_t i = 0; i < t.samples.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(kept.labels[i]), expected.samples[i].predicted);
    for (std::size_t c = 0; c < t.net.outputs(); ++c) {
      EXPECT_NEAR(kept.scores[i * t.net.outputs() + c], expected.samples[i].scores[c], 1e-5);
    }
  }
}

void expect_engine_equals_reference(trial& t, double spikes_per_sample = 20.0) {
  drop_close_calls(t);
  const reference_result expected(t);
  expect_alive(t, expected, spikes_per_sample);

  thread_pool pool(2);
  engine e(t.net, t.objective, pool);
  arena<float> gradient(t.net.parameters());
  const batch_result result = e.gradient(t.float_parameters(), t.batch(), gradient);
  EXPECT_NEAR(result.loss, expected.loss, 1e-5 * expected.loss);
  EXPECT_EQ(static_cast<double>(result.hidden_spikes), expected.hidden_spikes);
  expect_same_gradient(gradient, expected.gradient, float_tolerance);
  expect_same_spikes(t, expected, e);
  expect_same_predictions(t, expected, e);

  arena<double> dense(t.net.parameters());
  const auto sum = dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &dense);
  EXPECT_NEAR(sum.loss, expected.loss, 1e-11 * expected.loss);
  EXPECT_EQ(sum.hidden_spikes, expected.hidden_spikes);
  expect_same_gradient(dense, expected.gradient, double_tolerance, false);
}

using engine_case = std::tuple<std::string, surrogate_kind, reset_kind, bool, bool>;

class Engine : public ::testing::TestWithParam<engine_case> {};

TEST_P(Engine, EqualsTheReference) {
  const auto [cell, surrogate, reset, detach, recurrent] = GetParam();
  trial_plan plan = plan_for(cell);
  layer_spec& layer = plan.network.layers[0];
  layer.surrogate.kind = surrogate;
  layer.reset = reset;
  layer.detach_reset = detach;
  layer.recurrent = recurrent;
  layer.bias = recurrent;
  trial t(plan);
  expect_engine_equals_reference(t);
}

std::string name_of_case(const ::testing::TestParamInfo<engine_case>& info) {
  const auto [cell, surrogate, reset, detach, recurrent] = info.param;
  return cell + "_" + std::string(name_of(surrogate)) + "_" + std::string(name_of(reset)) +
         (detach ? "_detached" : "") + (recurrent ? "_recurrent" : "");
}

INSTANTIATE_TEST_SUITE_P(All, Engine,
                         ::testing::Combine(::testing::Values("lif", "cuba_lif"),
                                            ::testing::ValuesIn(all_of<surrogate_kind>()),
                                            ::testing::ValuesIn(all_of<reset_kind>()), ::testing::Bool(),
                                            ::testing::Bool()),
                         name_of_case);

class EngineOfCell : public ::testing::TestWithParam<std::string> {};

std::string name_of_cell(const ::testing::TestParamInfo<std::string>& cell) { return cell.param; }

INSTANTIATE_TEST_SUITE_P(All, EngineOfCell, ::testing::Values("lif", "cuba_lif"), name_of_cell);

TEST_P(EngineOfCell, TwoHiddenLayersSecondRecurrent) {
  for (const surrogate_kind kind : {surrogate_kind::arctangent, surrogate_kind::triangle}) {
    trial_plan plan = plan_for(GetParam(), 2);
    plan.network.layers[0].surrogate = {kind, 0.8, 0.9};
    plan.network.layers[1].surrogate = {kind, 0.8, 0.9};
    plan.network.layers[1].recurrent = true;
    plan.network.layers[2].bias = true;
    trial t(plan);
    expect_engine_equals_reference(t);
  }
}

TEST_P(EngineOfCell, ParametersSharedByALayerAndPartlyLearned) {
  trial_plan plan = plan_for(GetParam());
  plan.network.layers[0] = quick_layer(GetParam(), 37, false);
  plan.network.layers[0].parameters["v_th"].learn = false;
  plan.network.layers[1].parameters["tau_m"].learn = false;
  trial t(plan);
  expect_engine_equals_reference(t);
}

TEST_P(EngineOfCell, GradedInput) {
  trial_plan plan = plan_for(GetParam());
  plan.graded = true;
  trial t(plan);
  expect_engine_equals_reference(t);
}

TEST_P(EngineOfCell, EveryReadoutWithSmoothingPenaltyAndScale) {
  for (const readout_kind kind : {readout_kind::max, readout_kind::mean, readout_kind::last, readout_kind::count}) {
    trial_plan plan = plan_for(GetParam());
    plan.objective = objective_of(loss_kind::cross_entropy, kind, 0.8, 0.15, 0.02);
    if (kind == readout_kind::count) {
      plan.objective.logit_scale = 0.05;
    }
    SCOPED_TRACE(static_cast<int>(kind));
    trial t(plan);
    expect_engine_equals_reference(t);
  }
}

TEST_P(EngineOfCell, ReadoutThatCountsSpikes) {
  for (const bool recurrent : {false, true}) {
    trial_plan plan = plan_for(GetParam());
    plan.network.layers[1] = quick_layer(GetParam(), 5, true);
    plan.network.layers[1].recurrent = recurrent;
    plan.objective.readout = readout_kind::count;
    plan.objective.logit_scale = 0.2;
    trial t(plan);
    expect_engine_equals_reference(t);
  }
}

TEST_P(EngineOfCell, MoreSamplesThanAreInFlight) {
  trial_plan plan = plan_for(GetParam());
  plan.lengths.clear();
  for (std::size_t s = 0; s < 150; ++s) {
    plan.lengths.push_back(1 + s * 7 % 29);
  }
  trial t(plan);
  expect_engine_equals_reference(t, 5.0);
  EXPECT_GT(t.samples.size(), 128u);
}

/// The first seed with which every hidden layer fires at least `spikes` times: one neuron alone may stay silent.
std::unique_ptr<trial> firing_trial(trial_plan plan, double spikes) {
  for (int tries = 0; tries < 1000; ++tries, ++plan.seed) {
    auto t = std::make_unique<trial>(plan);
    const reference_result r(*t);
    double fewest = spikes;
    for (std::size_t q = 0; q + 1 < plan.network.layers.size(); ++q) {
      double fired = 0.0;
      for (const reference_sample& x : r.samples) {
        fired = std::accumulate(x.layers[q].out.begin(), x.layers[q].out.end(), fired);
      }
      fewest = std::min(fewest, fired);
    }
    if (fewest >= spikes) {
      return t;
    }
  }
  return nullptr;
}

TEST_P(EngineOfCell, LayersOfOneNeuronAndOfWholeTiles) {
  for (const std::uint32_t size : {1u, 16u, 64u, 131u}) {
    trial_plan plan = plan_for(GetParam(), 2);
    plan.network.layers[0].size = size;
    plan.network.layers[0].recurrent = true;
    SCOPED_TRACE(size);
    const auto t = firing_trial(plan, 5.0);
    ASSERT_NE(t, nullptr);
    expect_engine_equals_reference(*t, 1.0);
  }
}

TEST(EngineSamples, WithoutSpikesAndWithoutSteps) {
  trial_plan plan = plan_for("lif");
  plan.lengths = {12, 0, 9, 1};
  trial t(plan);
  events& e = t.data.inputs.spikes;  // silence the first sample
  const std::uint64_t gone = e.row_offsets[12];
  e.channels.erase(e.channels.begin(), e.channels.begin() + static_cast<std::ptrdiff_t>(gone));
  for (std::size_t r = 0; r < e.row_offsets.size(); ++r) {
    e.row_offsets[r] = e.row_offsets[r] < gone ? 0 : e.row_offsets[r] - gone;
  }
  e.validate(t.data.channels);
  expect_engine_equals_reference(t, 1.0);
  const double even = std::log(5.0);
  const reference_result r(t);
  EXPECT_NEAR(r.samples[0].loss, even, 1e-12);
  EXPECT_NEAR(r.samples[1].loss, even, 1e-12);
}

TEST(EngineSamples, ABatchIsASelectionInAnyOrderWithRepeats) {
  trial t(plan_for("lif"));
  t.samples = {3, 0, 3, 1};
  expect_engine_equals_reference(t);
}

/// What an earlier, longer or learning batch left in the buffers must not be seen by the next.
TEST(EngineSamples, AnEngineForgetsTheBatchBefore) {
  trial_plan plan = plan_for("cuba_lif", 2);
  plan.network.layers[1].recurrent = true;
  const trial t(plan);
  const arena<float> parameters = t.float_parameters();
  thread_pool pool(2);
  engine used(t.net, t.objective, pool), fresh(t.net, t.objective, pool);
  arena<float> first(t.net.parameters()), again(t.net.parameters()), expected(t.net.parameters());
  used.gradient(parameters, t.batch(), first);
  used.evaluate(parameters, t.batch());
  const std::uint32_t short_ones[] = {2, 1};
  used.gradient(parameters, {&t.data, short_ones}, again);
  fresh.gradient(parameters, {&t.data, short_ones}, expected);
  EXPECT_TRUE(std::ranges::equal(again.values(), expected.values()));
  EXPECT_FALSE(std::ranges::equal(again.values(), first.values()));
}

TEST(EngineParameters, GradientIsZeroWhereNothingIsLearned) {
  trial_plan plan = plan_for("lif");
  plan.network.layers[0].parameters["v_th"].learn = false;
  const trial t(plan);
  thread_pool pool(1);
  engine e(t.net, t.objective, pool);
  arena<float> gradient(t.net.parameters());
  e.gradient(t.float_parameters(), t.batch(), gradient);
  const auto fixed = gradient.view("hidden1.v_th"), learned = gradient.view("hidden1.tau_m");
  EXPECT_TRUE(std::all_of(fixed.data, fixed.data + fixed.cols, [](float g) { return g == 0.0f; }));
  EXPECT_TRUE(std::any_of(learned.data, learned.data + learned.cols, [](float g) { return g != 0.0f; }));
}

TEST(EngineErrors, PaddingOfTheGradientStaysZero) {
  const trial t(plan_for("lif"));
  thread_pool pool(1);
  engine e(t.net, t.objective, pool);
  arena<float> gradient(t.net.parameters());
  e.gradient(t.float_parameters(), t.batch(), gradient);
  const arena_entries entries(t.net.parameters());
  for (const std::size_t i : entries.at) {
    gradient.values()[i] = 0.0f;
  }
  EXPECT_TRUE(std::ranges::all_of(gradient.values(), [](float g) { return g == 0.0f; }));
}

/// Both paths refuse the same batches with the same type and the shapes in the text.
TEST(EngineErrors, BatchesThatDoNotFitAreRefusedByBothPaths) {
  trial t(plan_for("lif"));
  thread_pool pool(1);
  engine e(t.net, t.objective, pool);
  const arena<float> parameters = t.float_parameters();
  arena<float> gradient(t.net.parameters());
  const auto run = [&] { e.gradient(parameters, t.batch(), gradient); };
  const auto run_dense = [&] {
    dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, nullptr);
  };
  t.data.labels[1] = 5;
  EXPECT_THAT(run, ::testing::ThrowsMessage<value_error>(::testing::HasSubstr("label of sample 1 = 5")));
  EXPECT_THAT(run_dense, ::testing::ThrowsMessage<value_error>(::testing::HasSubstr("label of sample 1 = 5")));
  t.data.labels[1] = 0;
  t.data.channels = 21;
  EXPECT_THAT(run, ::testing::ThrowsMessage<shape_error>(::testing::HasSubstr("[21 channels]")));
  EXPECT_THAT(run_dense, ::testing::ThrowsMessage<shape_error>(::testing::HasSubstr("[21 channels]")));
  t.data.channels = 20;
  t.samples.clear();
  EXPECT_THROW(run(), value_error);
  EXPECT_THROW(run_dense(), value_error);
}

class EngineNotFinite : public ::testing::TestWithParam<std::tuple<std::string, float>> {};

/// A value that is not finite is named, wherever it is: in hidden weights it need not reach the loss.
TEST_P(EngineNotFinite, IsRefusedWithTheNameOfTheLayer) {
  const auto [name, value] = GetParam();
  trial_plan plan = plan_for("lif");
  plan.network.layers[0].recurrent = true;
  plan.network.layers[0].bias = true;
  const trial t(plan);
  thread_pool pool(1);
  engine e(t.net, t.objective, pool);
  arena<float> parameters = t.float_parameters(), gradient(t.net.parameters());
  parameters.view(name)(0, 3) = value;
  const std::string layer = name.substr(0, name.find('.'));
  const auto names_layer = ::testing::ThrowsMessage<numeric_error>(::testing::HasSubstr(layer));
  EXPECT_THAT([&] { e.gradient(parameters, t.batch(), gradient); }, names_layer);
  EXPECT_THAT([&] { e.evaluate(parameters, t.batch()); }, names_layer);
}

INSTANTIATE_TEST_SUITE_P(All, EngineNotFinite,
                         ::testing::Combine(::testing::Values("hidden1.weight", "hidden1.bias",
                                                              "hidden1.recurrent.weight", "readout.weight"),
                                            ::testing::Values(std::numeric_limits<float>::quiet_NaN(),
                                                              std::numeric_limits<float>::infinity())));

/// Finite weights whose sum is not: no parameter is to blame, so the layer and the step are named.
TEST(EngineErrors, AMembraneThatOverflowsIsRefused) {
  const trial t(plan_for("lif"));
  thread_pool pool(1);
  engine e(t.net, t.objective, pool);
  arena<float> parameters = t.float_parameters(), gradient(t.net.parameters());
  const auto weight = parameters.view("hidden1.weight");
  for (std::size_t r = 0; r < weight.rows; ++r) {
    weight(r, 5) = -std::numeric_limits<float>::max();  // far below threshold: the neuron never fires
  }
  const auto names = ::testing::ThrowsMessage<numeric_error>(
      ::testing::AllOf(::testing::HasSubstr("hidden1: "), ::testing::HasSubstr("neuron 5 of sample 0"),
                       ::testing::HasSubstr("in time step ")));
  EXPECT_THAT([&] { e.gradient(parameters, t.batch(), gradient); }, names);
  EXPECT_THAT([&] { e.evaluate(parameters, t.batch()); }, names);
}

}  // namespace
}  // namespace backspike::testing
