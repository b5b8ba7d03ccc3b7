// Cell parameters for a layer, a channel or a neuron: their gradients, and the values that they start with.

#include "gradient/engine_and_dense.hpp"
#include "gradient/smooth_plan.hpp"

#include <backspike/cell/cell_info.hpp>
#include <backspike/gradient/initialise.hpp>

#include <gmock/gmock.h>

#include <set>

namespace backspike::testing {
namespace {

void share(layer_spec& layer, std::uint32_t channels, parameter_sharing per) {
  layer.channels = channels;
  for (auto& [name, spec] : layer.parameters) {
    spec.per = per;
  }
}

class SharingByChannel : public ::testing::TestWithParam<std::size_t> {
 protected:
  /// Six neurons in three channels; the readout's three are one.
  trial_plan plan(parameter_sharing per = parameter_sharing::channel) const {
    trial_plan p = plan_for(known_cells()[GetParam()]);
    p.network.layers[0].size = 6;
    share(p.network.layers[0], 3, per);
    share(p.network.layers[1], 1, per);
    return p;
  }
};

INSTANTIATE_TEST_SUITE_P(All, SharingByChannel, ::testing::Range(std::size_t{0}, known_cells().size()),
                         [](const auto& tested) { return std::string(known_cells()[tested.param].name); });

TEST_P(SharingByChannel, EqualsFiniteDifferences) { check_every_parameter(plan()); }

/// The chain rule for a shared number: the sum over the neurons that share it.
TEST_P(SharingByChannel, IsTheSumOverItsNeurons) {
  const trial shared(plan());
  trial own(plan(parameter_sharing::neuron));
  for (std::size_t i = 0; i < own.net.parameters().size(); ++i) {
    const auto from = shared.parameters.view(i);
    const auto to = own.parameters.view(i);
    for (std::size_t c = 0; c < to.cols; ++c) {
      for (std::size_t r = 0; r < to.rows; ++r) {
        to(r, c) = from(r, c * from.cols / to.cols);
      }
    }
  }
  arena<double> one(shared.net.parameters()), each(own.net.parameters());
  dense_gradient<double>(shared.net, shared.objective, shared.parameters, shared.batch(), spike_mode::hard, &one);
  dense_gradient<double>(own.net, own.objective, own.parameters, own.batch(), spike_mode::hard, &each);
  double largest_seen = 0.0;
  for (const population& p : shared.net.populations()) {
    for (const std::size_t i : p.parameters) {
      std::vector<double> sum(one.view(i).cols, 0.0);
      for (std::size_t n = 0; n < p.units; ++n) {
        sum[n * sum.size() / p.units] += each.view(i)(0, n);
      }
      for (std::size_t c = 0; c < sum.size(); ++c) {
        EXPECT_NEAR(one.view(i)(0, c), sum[c], 1e-12 + 1e-12 * std::fabs(sum[c])) << shared.net.parameters()[i].name;
        largest_seen = std::max(largest_seen, std::fabs(sum[c]));
      }
    }
  }
  EXPECT_GT(largest_seen, 1e-3);
}

TEST_P(SharingByChannel, InTheEngineEqualsTheDensePath) {
  trial_plan p = plan();
  p.network.inputs = 20;
  p.network.layers[0].size = 36;
  share(p.network.layers[0], 12, parameter_sharing::channel);
  p.lengths = {40, 37, 50};
  p.gain = 3.0;
  trial t(p);
  expect_engine_equals_dense(t);
}

TEST(InitialCellParameters, AreDrawnAsTheSpecificationSays) {
  trial_plan plan = plan_for(find_cell("alif"));
  layer_spec& layer = plan.network.layers[0];
  layer.size = 100;
  layer.channels = 20;
  layer.parameters["tau_m"] = {20.0, true, parameter_sharing::channel, parameter_distribution::uniform, 5.0};
  layer.parameters["tau_a"] = {100.0, true, parameter_sharing::neuron, parameter_distribution::gamma, 30.0};
  cell_parameter_spec beta{0.4, true, parameter_sharing::neuron, parameter_distribution::split};
  layer.parameters["beta"] = beta;  // fifty adaptive neurons and fifty that are not
  const trial t(plan);
  thread_pool pool(1);
  const auto start = [&](std::uint64_t seed) {
    arena<float> parameters(t.net.parameters());
    initialise(t.net, parameters, seed, t.data, pool);
    return parameters;
  };
  const arena<float> a = start(1), again = start(1), other = start(2);
  const auto values = [](const arena<float>& from, const char* name) {
    const auto view = from.view(name);
    return std::vector<float>(view.data, view.data + view.cols);
  };
  const auto tau = values(a, "hidden1.tau_m"), adaptation = values(a, "hidden1.beta");
  EXPECT_EQ(std::set<float>(tau.begin(), tau.end()).size(), 20u);
  EXPECT_TRUE(std::ranges::all_of(tau, [](float x) { return x >= 15.0f && x <= 25.0f; }));
  EXPECT_EQ(std::ranges::count(adaptation, 0.4f), 50);
  EXPECT_EQ(std::ranges::count(adaptation, 0.0f), 50);
  EXPECT_EQ(adaptation.front(), 0.4f);
  EXPECT_EQ(values(a, "hidden1.tau_a").size(), 100u);
  EXPECT_TRUE(std::ranges::equal(a.values(), again.values()));
  EXPECT_NE(tau, values(other, "hidden1.tau_m"));
  EXPECT_NE(values(a, "hidden1.tau_a"), values(other, "hidden1.tau_a"));
  EXPECT_EQ(values(a, "hidden1.v_th"), std::vector<float>(100, 0.8f));
}

}  // namespace
}  // namespace backspike::testing
