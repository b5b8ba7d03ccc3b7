// Figures of an analog last layer, on networks whose output is known.

#include "experiment/measure/signal_figures.hpp"

#include <backspike/gradient/initialise.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

namespace backspike {
namespace {

/// Two channels, straight to two leaky integrators that forget at once; two samples of 4 steps.
struct fixture {
  dataset data;
  network net;
  arena<float> parameters;
  thread_pool pool{1};
  objective_spec objective;

  static network_spec spec() {
    network_spec spec;
    spec.inputs = 2;
    layer_spec readout;
    readout.cell = "leaky_integrator";
    readout.size = 2;
    readout.init = weight_init::identity;
    readout.parameters["tau_m"] = {0.01, true, parameter_sharing::neuron};
    spec.layers = {readout};
    return spec;
  }

  fixture() : net(spec()), parameters(net.parameters()) {
    objective.loss = loss_kind::mean_squared;
    data.channels = data.target_width = 2;
    for (std::uint32_t s = 0; s < 2; ++s) {
      for (std::uint32_t t = 0; t < 4; ++t) {
        if (t % 2 == 0) {
          data.inputs.spikes.channels.push_back(0);
          data.inputs.spikes.channels.push_back(1);
        }
        data.inputs.spikes.end_row();
        data.step_targets.push_back(t % 2 == 0 ? 1.0F : 0.0F);  // as the output is
        data.step_targets.push_back(t % 2 == 0 ? 1.5F : 0.5F);  // always 0.5 above it
      }
      data.inputs.end_sample();
    }
    initialise(net, parameters, 1, data, pool);
  }
  std::map<std::string, double> measure() {
    engine e(net, objective, pool);
    std::map<std::string, double> values;
    for (const auto& figure : measure_task(e, net, parameters, data, {}).figures) {
      EXPECT_FALSE(figure.meaning.empty());
      values[figure.name] = figure.value;
    }
    return values;
  }
};

TEST(SignalFigures, ErrorIsAShareOfTheVariance) {
  fixture f;
  const auto values = f.measure();
  ASSERT_EQ(values.size(), 2u);
  EXPECT_NEAR(values.at("worst_normalised_mse"), 0.25 / 0.25, 1e-6);
  EXPECT_NEAR(values.at("normalised_mse"), 0.5, 1e-6);
}

TEST(SignalFigures, StepsWithoutAWeightDoNotCount) {
  fixture f;
  f.data.step_weights.assign(8, 1.0F);
  f.data.step_weights[0] = f.data.step_weights[4] = 0.0F;
  for (const std::size_t row : {0u, 4u}) {
    f.data.step_targets[row * 2 + 1] = 100.0F;
  }
  const auto values = f.measure();  // targets 0.5, 1.5, 0.5: variance 2 / 9
  EXPECT_NEAR(values.at("worst_normalised_mse"), 0.25 * 9.0 / 2.0, 1e-5);
}

TEST(SignalFigures, ATargetThatNeverChangesHasNoError) {
  fixture f;
  for (std::size_t k = 1; k < f.data.step_targets.size(); k += 2) {
    f.data.step_targets[k] = 1.0F;
  }
  EXPECT_TRUE(std::isnan(f.measure().at("normalised_mse")));
}

TEST(SignalFigures, PlantedValuesAreComparedOneByOne) {
  fixture f;
  f.parameters.view("readout.tau_m")(0, 0) = 11.0F;
  f.parameters.view("readout.tau_m")(0, 1) = 15.0F;
  f.data.planted = {{"tau_m", {10.0F, 20.0F}}, {"tau_rise", {1.0F, 2.0F}}};
  const auto values = f.measure();
  EXPECT_NEAR(values.at("tau_m_error"), 0.25, 1e-6);
  EXPECT_NEAR(values.at("tau_m_median_error"), 0.25, 1e-6);
  EXPECT_FALSE(values.contains("tau_rise_error")) << "the cell has none";
  f.data.planted = {{"tau_m", {10.0F}}};
  EXPECT_FALSE(f.measure().contains("tau_m_error")) << "another number of values";
}

/// One input, one output that repeats it: the series grows by its own value at every point.
TEST(SignalFigures, ContinuationsAreMeasuredByTheirRelativeError) {
  network_spec spec = fixture::spec();
  spec.inputs = spec.layers[0].size = 1;
  const network net(spec);
  arena<float> parameters(net.parameters());
  parameters.view("readout.weight")(0, 0) = 1.0F;
  parameters.view("readout.tau_m")(0, 0) = 0.01F;
  dataset data;
  series_continuation doubling;
  doubling.known = {1.0};
  doubling.linear = {1.0, 0.0};
  doubling.truth = {2.0, 4.0, 16.0};  // predicted: 2, 4, 8
  data.continuations = {doubling};
  const auto figures = continuation_figures(net, parameters, data);
  ASSERT_EQ(figures.size(), 2u);
  EXPECT_EQ(figures[0].name, "smape");
  EXPECT_NEAR(figures[0].value, 200.0 * (8.0 / 24.0) / 3.0, 1e-4);
  EXPECT_EQ(figures[1].name, "valid_points");
  EXPECT_EQ(figures[1].value, 2.0);
  data.continuations.clear();
  EXPECT_TRUE(continuation_figures(net, parameters, data).empty());
}

}  // namespace
}  // namespace backspike
