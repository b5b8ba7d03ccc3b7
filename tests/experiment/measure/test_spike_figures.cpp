// Spikes of the last layer against target spikes, on a network whose spikes are those of its input.

#include "experiment/measure/spike_figures.hpp"

#include <backspike/gradient/initialise.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace backspike {
namespace {

/// A sample: spikes (step, channel) in and wanted. Samples of 5 steps.
using spikes = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
constexpr std::uint32_t steps = 5, channels = 2;

void add_sample(dataset& data, const spikes& in, const spikes& wanted) {
  const auto first = data.inputs.spikes.rows();
  for (std::uint32_t t = 0; t < steps; ++t) {
    for (const auto& [step, channel] : in) {
      if (step == t) {
        data.inputs.spikes.channels.push_back(channel);
      }
    }
    data.inputs.spikes.end_row();
  }
  data.inputs.end_sample();
  data.step_targets.resize((first + steps) * channels);
  for (const auto& [step, channel] : wanted) {
    data.step_targets[(first + step) * channels + channel] = 1.0F;
  }
}

dataset two_samples() {
  dataset data;
  data.channels = data.target_width = channels;
  data.dt = 0.5;
  add_sample(data, {{0, 0}, {3, 0}, {3, 1}}, {{0, 0}, {4, 1}});
  add_sample(data, {{2, 1}}, {{2, 1}, {4, 0}});
  return data;
}

network_spec relay(const std::string& cell) {
  network_spec spec;
  spec.inputs = channels;
  spec.dt = 0.5;
  spec.layers.resize(1);
  spec.layers[0].cell = cell;
  spec.layers[0].size = channels;
  spec.layers[0].reset = reset_kind::to_value;
  return spec;
}

struct fixture {
  dataset data = two_samples();
  network net{relay("lif")};
  arena<float> parameters{net.parameters()};
  thread_pool pool{1};
  objective_spec objective;

  fixture() {
    objective.loss = loss_kind::mean_squared;
    initialise(net, parameters, 1, data, pool);
    for (std::size_t k = 0; k < net.parameters().size(); ++k) {
      if (net.parameters()[k].name.ends_with(".weight")) {
        const auto weight = parameters.view(k);
        for (std::size_t r = 0; r < channels; ++r) {
          for (std::size_t c = 0; c < channels; ++c) {
            weight(r, c) = r == c ? 5.0F : 0.0F;  // always fires, and the reset forgets it
          }
        }
      }
    }
  }
  raster_metrics measure(const raster_metrics_spec& spec) {
    engine e(net, objective, pool);
    return measure_spikes(e, parameters, data, spec);
  }
};

TEST(SpikeFigures, CompareTheLastLayerWithTheTargets) {
  fixture f;
  ASSERT_TRUE(has_target_spikes(f.net, f.data));
  const auto sums = f.measure({0.5, 1.0, 10.0});
  EXPECT_EQ(sums.samples, 2u);
  EXPECT_EQ(sums.matching.matched, 3u);
  EXPECT_EQ(sums.matching.missed, 1u);  // neuron 0 at step 4 of the second sample
  EXPECT_EQ(sums.matching.extra, 1u);   // neuron 0 at step 3 of the first
  EXPECT_DOUBLE_EQ(sums.matching.offset_sum, -0.5);
  EXPECT_EQ(sums.coincidences.spikes, 8u);
  EXPECT_DOUBLE_EQ(sums.victor_purpura, 1.0 + 0.5 + 1.0);
}

TEST(SpikeFigures, LeaveOutStepsThatDoNotCount) {
  fixture f;
  f.data.step_weights.assign(2 * steps, 1.0F);
  f.data.step_weights[3] = f.data.step_weights[4] = f.data.step_weights[steps + 4] = 0.0F;
  const auto sums = f.measure({});
  EXPECT_EQ(sums.matching.matched, 2u);
  EXPECT_EQ(sums.matching.missed, 0u);
  EXPECT_EQ(sums.matching.extra, 0u);
  EXPECT_EQ(sums.victor_purpura, 0.0);
  EXPECT_EQ(sums.van_rossum, 0.0);
}

TEST(SpikeFigures, AreOnlyThereWhereTargetsAreSpikes) {
  fixture f;
  EXPECT_FALSE(has_target_spikes(network(relay("leaky_integrator")), f.data));
  dataset other = f.data;
  other.step_targets[3] = 0.5F;
  EXPECT_FALSE(has_target_spikes(f.net, other));
  other.step_targets.assign(other.step_targets.size(), 0.0F);
  EXPECT_FALSE(has_target_spikes(f.net, other));
  other.step_targets.clear();
  other.target_width = 0;
  EXPECT_FALSE(has_target_spikes(f.net, other));
}

TEST(SpikeFigures, HaveTheirNamesAndUnits) {
  fixture f;
  engine e(f.net, f.objective, f.pool);
  const auto measured = measure_task(e, f.net, f.parameters, f.data, {0.5, 1.0, 10.0});
  std::vector<std::string> names;
  std::map<std::string, double> values;
  for (const auto& figure : measured.figures) {
    names.push_back(figure.name);
    values[figure.name] = figure.value;
    EXPECT_FALSE(figure.meaning.empty());
  }
  EXPECT_THAT(names, ::testing::ElementsAre("matched_spikes", "extra_spikes", "jitter", "bias", "spike_synchronisation",
                                            "victor_purpura", "van_rossum"));
  EXPECT_DOUBLE_EQ(values["matched_spikes"], 0.75);
  EXPECT_DOUBLE_EQ(values["extra_spikes"], 0.25);
  EXPECT_DOUBLE_EQ(values["jitter"], std::sqrt(0.25 / 3.0));
  EXPECT_DOUBLE_EQ(values["bias"], -0.5 / 3.0);
  EXPECT_DOUBLE_EQ(values["victor_purpura"], 1.25);  // of a sample
  EXPECT_EQ(figure_text(measured.figures[0]), "matched_spikes 0.75");
  EXPECT_EQ(measured.figures[0].meaning, "of 4 target spikes, within 0.5 ms");
}

TEST(SpikeFigures, AreNotMeasuredForOtherData) {
  fixture f;
  f.data.step_targets[3] = 0.5F;
  engine e(f.net, f.objective, f.pool);
  EXPECT_TRUE(measure_task(e, f.net, f.parameters, f.data, {}).figures.empty());
}

}  // namespace
}  // namespace backspike
