// Every cell of the library in the engine, against the dense path; and its initial weights make it fire.

#include "gradient/engine_and_dense.hpp"

#include <backspike/cell/cell_info.hpp>
#include <backspike/gradient/initialise.hpp>

#include <numeric>
#include <tuple>

namespace backspike::testing {
namespace {

trial_plan plan_for(const cell_info& cell) {
  trial_plan plan;
  plan.network.inputs = 20;
  layer_spec hidden = quick_layer(cell.spiking ? std::string(cell.name) : "lif", 37, true);
  hidden.surrogate = {surrogate_kind::fast_sigmoid, 0.3, 0.9};
  hidden.recurrent = hidden.bias = true;
  plan.network.layers = {hidden, quick_layer(cell.spiking ? "leaky_integrator" : std::string(cell.name), 5, true)};
  plan.lengths = {30, 17, 12, 24};
  plan.rate = 0.2;
  plan.gain = 3.0;
  return plan;
}

using cell_case = std::tuple<std::size_t, reset_kind, bool>;

class EveryCell : public ::testing::TestWithParam<cell_case> {};

std::string name_of_case(const ::testing::TestParamInfo<cell_case>& info) {
  const auto [cell, reset, detach] = info.param;
  return std::string(known_cells()[cell].name) + "_" + std::string(name_of(reset)) + (detach ? "_detached" : "");
}

INSTANTIATE_TEST_SUITE_P(All, EveryCell,
                         ::testing::Combine(::testing::Range(std::size_t{0}, known_cells().size()),
                                            ::testing::ValuesIn(all_of<reset_kind>()), ::testing::Bool()),
                         name_of_case);

TEST_P(EveryCell, InTheEngineEqualsTheDensePath) {
  const auto [cell, reset, detach] = GetParam();
  for (const surrogate_kind surrogate : all_of<surrogate_kind>()) {
    SCOPED_TRACE(name_of(surrogate));
    trial_plan plan = plan_for(known_cells()[cell]);
    plan.network.layers[0].surrogate.kind = surrogate;
    plan.network.layers[0].reset = reset;
    plan.network.layers[0].detach_reset = detach;
    trial t(plan);
    expect_engine_equals_dense(t);
  }
}

class InitialWeights : public ::testing::TestWithParam<std::size_t> {};

INSTANTIATE_TEST_SUITE_P(All, InitialWeights, ::testing::Range(std::size_t{0}, known_cells().size()),
                         [](const auto& tested) { return std::string(known_cells()[tested.param].name); });

/// Two layers of the cell with its default parameters, on sparse input: each fires, and not in every step.
TEST_P(InitialWeights, MakeEveryLayerFire) {
  const cell_info& cell = known_cells()[GetParam()];
  if (!cell.spiking) {
    GTEST_SKIP() << "an analog cell emits no spikes";
  }
  trial_plan plan;
  plan.network.inputs = 50;
  layer_spec hidden;
  hidden.cell = std::string(cell.name);
  hidden.size = 60;
  layer_spec second = hidden, readout;
  second.recurrent = true;
  readout.cell = "leaky_integrator";
  readout.size = 3;
  plan.network.layers = {hidden, second, readout};
  plan.lengths.assign(12, 100);
  plan.rate = 0.05;
  const trial t(plan);
  arena<float> parameters(t.net.parameters());
  thread_pool pool(2);
  initialise(t.net, parameters, 5, t.data, pool);
  predictions kept;
  engine(t.net, t.objective, pool).evaluate(parameters, t.batch(), &kept);
  for (std::size_t q = 0; q < 2; ++q) {
    const double spikes = std::accumulate(kept.spikes[q].begin(), kept.spikes[q].end(), 0.0);
    const double rate = spikes / (60.0 * 12.0 * 100.0);
    EXPECT_GT(rate, 0.004) << "layer " << q;
    EXPECT_LT(rate, 0.4) << "layer " << q;
    const auto silent = std::ranges::count(kept.spikes[q], 0u);
    EXPECT_LT(silent, 30) << "neurons of layer " << q << " that never fire";
  }
}

}  // namespace
}  // namespace backspike::testing
