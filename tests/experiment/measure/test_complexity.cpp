// What running a network costs, against a count by hand on a network of four neurons.

#include <backspike/experiment/complexity.hpp>

#include <backspike/core/error.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/gradient/initialise.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace backspike {
namespace {

using testing::HasSubstr;

/// Two samples of 4 and 2 steps; channels 0; 0 and 1; none; 2 | 1; none.
dataset two_samples(bool graded) {
  dataset data;
  data.channels = 3;
  data.class_names = {"left", "right"};
  data.labels = {0, 1};
  auto& spikes = data.inputs.spikes;
  const std::vector<std::vector<std::vector<std::uint32_t>>> samples{{{0}, {0, 1}, {}, {2}}, {{1}, {}}};
  for (const auto& sample : samples) {
    for (const auto& row : sample) {
      spikes.channels.insert(spikes.channels.end(), row.begin(), row.end());
      spikes.end_row();
    }
    data.inputs.end_sample();
  }
  if (graded) {
    spikes.values.assign(spikes.channels.size(), 0.5F);
  }
  return data;
}

network_spec small_network() {
  network_spec spec;
  spec.inputs = 3;
  spec.layers.resize(2);
  spec.layers[0].cell = "lif";
  spec.layers[0].size = 2;
  spec.layers[0].recurrent = true;
  spec.layers[0].reset = reset_kind::to_value;
  spec.layers[1].cell = "leaky_integrator";
  spec.layers[1].size = 2;
  return spec;
}

void set(arena<float>& parameters, const char* name, const std::vector<std::vector<float>>& rows) {
  const auto view = parameters.view(name);
  ASSERT_EQ(view.rows, rows.size());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    ASSERT_EQ(view.cols, rows[r].size());
    std::copy(rows[r].begin(), rows[r].end(), view.row(r));
  }
}

struct fixture {
  dataset data;
  network net;
  arena<float> parameters{net.parameters()};
  thread_pool pool{2};
  evaluation activity;

  explicit fixture(bool graded = false) : data(two_samples(graded)), net(small_network()) {
    initialise(net, parameters, 1, data, pool);
    // A weight of 5 always fires and the reset forgets it; one of 0.25 never does.
    set(parameters, "hidden1.weight", {{5, 0}, {5, 5}, {0, 0}});
    set(parameters, "readout.weight", {{1, 1}, {0, -1}});
    set(parameters, "hidden1.recurrent.weight", {{0, 0.25F}, {0, 0}});
    engine simulation(net, {}, pool);
    activity = evaluate_all(simulation, parameters, data, 1);
  }
  complexity cost() const { return measure_complexity(net, parameters, data, activity); }
};

TEST(Complexity, IsTheCountByHand) {
  const fixture f;
  ASSERT_EQ(f.activity.kept.spikes.at(0), (std::vector<std::uint64_t>{3, 2})) << "the spikes that the rest counts on";
  const auto c = f.cost();
  ASSERT_EQ(c.connections.size(), 3u);
  const auto additions = [&](const std::string& source, const std::string& target) {
    const auto found = std::find_if(c.connections.begin(), c.connections.end(),
                                    [&](const auto& link) { return link.source == source && link.target == target; });
    return found == c.connections.end() ? -1 : 2 * found->counted.effective_acs;  // of both samples together
  };
  EXPECT_EQ(additions("input", "hidden1"), 2 * 1 + 2 * 2 + 1 * 0);
  EXPECT_EQ(additions("hidden1", "hidden1"), 3 * 1 + 2 * 0);
  EXPECT_EQ(additions("hidden1", "readout"), 3 * 2 + 2 * 1);
  EXPECT_EQ(c.operations.effective_acs, (6 + 3 + 8) / 2.0);
  EXPECT_EQ(c.operations.effective_macs, 0);
  EXPECT_EQ(c.operations.dense, (3 * 2 + 2 * 2 + 2 * 2) * 6 / 2.0);
  EXPECT_EQ(c.membrane_updates, 4 * 6 / 2.0);
  EXPECT_DOUBLE_EQ(c.activation_sparsity, 1 - 5.0 / (2 * 6));
  EXPECT_DOUBLE_EQ(c.connection_sparsity, 7.0 / 14);
  EXPECT_EQ(c.footprint, (14u + 4 + 1 + 4) * 4) << "weights, parameters of both cells, a membrane for each neuron";
}

TEST(Complexity, GradedInputMultiplies) {
  fixture f(true);
  auto c = f.cost();
  EXPECT_EQ(c.operations.effective_macs, 6 / 2.0);
  EXPECT_EQ(c.operations.effective_acs, (3 + 8) / 2.0) << "spikes still add";
  f.data.inputs.spikes.values.assign(5, -1.0F);
  c = f.cost();
  EXPECT_EQ(c.operations.effective_macs, 0) << "values of +-1 add or subtract";
  EXPECT_EQ(c.operations.effective_acs, (6 + 3 + 8) / 2.0);
  f.data.inputs.spikes.values[0] = 0.0F;  // channel 0, which reaches one neuron
  EXPECT_EQ(f.cost().operations.effective_acs, (5 + 3 + 8) / 2.0) << "a value of 0 is no event";
}

TEST(Complexity, WithoutSpikingLayersThereIsNoActivationSparsity) {
  auto spec = small_network();
  spec.layers.erase(spec.layers.begin());
  const network net(spec);
  const auto data = two_samples(false);
  arena<float> parameters(net.parameters());
  thread_pool pool(1);
  initialise(net, parameters, 1, data, pool);
  engine simulation(net, {}, pool);
  const auto c = measure_complexity(net, parameters, data, evaluate_all(simulation, parameters, data, 2));
  EXPECT_EQ(c.operations.effective_acs, 5 * 2 / 2.0);
  EXPECT_TRUE(std::isnan(c.activation_sparsity));
  EXPECT_TRUE(nlohmann::json::parse(to_json(c)).at("activation_sparsity").is_null());
}

TEST(Complexity, TableAndJsonSayTheSame) {
  const auto c = fixture().cost();
  const auto object = nlohmann::json::parse(to_json(c));
  EXPECT_EQ(object.at("synaptic_operations").at("effective_acs"), 8.5);
  EXPECT_EQ(object.at("synaptic_operations").at("dense"), 42);
  EXPECT_EQ(object.at("footprint"), 92);
  const auto rows = energy_table(c);
  ASSERT_EQ(rows.size(), 7u);
  EXPECT_EQ(rows[4].name, "activation sparsity");
  EXPECT_EQ(rows[4].value, "0.5833");
  const auto text = energy_text(c);
  for (const auto& row : rows) {
    EXPECT_THAT(text, HasSubstr(row.name));
    EXPECT_THAT(text, HasSubstr(row.value));
    EXPECT_THAT(text, HasSubstr(row.meaning));
  }
  EXPECT_THAT(text, HasSubstr("92 bytes"));
}

TEST(Complexity, AnEvaluationOfOtherDataIsRefused) {
  fixture f;
  ++f.activity.samples;
  EXPECT_THROW(f.cost(), shape_error);
}

}  // namespace
}  // namespace backspike
