// Refractory periods of every spiking cell: the dense path with finite differences, the engine with the dense path, and
// what a run of them looks like.

#include "gradient/engine_and_dense.hpp"
#include "gradient/random_graph.hpp"
#include "gradient/smooth_plan.hpp"

#include <backspike/cell/cell_info.hpp>
#include <backspike/gradient/recording.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace backspike::testing {
namespace {

class RefractoryCell : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(All, RefractoryCell, ::testing::ValuesIn(spiking_cells()),
                         [](const auto& tested) { return tested.param; });

/// Neurons of the first layer that are refractory before some step of a smooth run.
std::size_t refractory_steps(const trial& t) {
  const dense_model<double> m(t.net, t.parameters, spike_mode::smooth);
  const std::size_t states = t.net.populations()[0].cell->states.size();
  std::size_t count = 0;
  for (const std::uint32_t s : t.samples) {
    const auto before = dense_forward(m, t.data, s).populations[0].before;
    for (std::size_t k = 0; k < before.size(); k += states) {
      count += before[k] > 0.0 ? 1 : 0;
    }
  }
  return count;
}

TEST_P(RefractoryCell, GradientEqualsFiniteDifferences) {
  for (const surrogate_kind surrogate : {surrogate_kind::arctangent, surrogate_kind::gaussian}) {
    for (const reset_kind reset : all_of<reset_kind>()) {
      for (const bool recurrent : {false, true}) {
        SCOPED_TRACE(std::string(name_of(reset)) + (recurrent ? ", recurrent" : ""));
        trial_plan plan = plan_for(find_cell(GetParam()), surrogate);
        plan.network.layers[0].reset = reset;
        plan.network.layers[0].recurrent = recurrent;
        plan.network.layers[0].refractory = 2.0;
        plan.lengths = {9, 12};
        plan.gain = 4.0;
        gradient_tolerances tolerances;
        tolerances.share = 0.2;  // held membranes are not moved
        check(plan, tolerances);
        const auto t = away_from_kinks(plan);
        EXPECT_GT(refractory_steps(*t), 5u);
      }
    }
  }
}

TEST_P(RefractoryCell, EngineEqualsTheDensePath) {
  for (const surrogate_kind surrogate : all_of<surrogate_kind>()) {
    for (const bool detach : {false, true}) {
      for (const reset_kind reset : all_of<reset_kind>()) {
        SCOPED_TRACE(std::string(name_of(surrogate)) + ", " + std::string(name_of(reset)));
        trial_plan plan;
        plan.network.inputs = 20;
        layer_spec hidden = quick_layer(GetParam(), 37, true);
        hidden.surrogate = {surrogate, 0.3, 0.9};
        hidden.recurrent = hidden.bias = true;
        hidden.reset = reset;
        hidden.detach_reset = detach;
        hidden.refractory = 2.0;
        plan.network.layers = {hidden, quick_layer("leaky_integrator", 5, true)};
        plan.lengths = {30, 17, 12, 24};
        plan.rate = 0.2;
        plan.gain = 3.0;
        trial t(plan);
        expect_engine_equals_dense(t);
      }
    }
  }
}

/// The recorded spikes of the engine keep their distance, and some neuron comes close to it.
TEST_P(RefractoryCell, SpikesKeepTheirDistance) {
  trial_plan plan;
  plan.network.inputs = 20;
  layer_spec hidden = quick_layer(GetParam(), 20);
  hidden.recurrent = true;
  hidden.refractory = 3.4;  // at 1 ms a step: 3 steps
  plan.network.layers = {hidden, quick_layer("leaky_integrator", 3)};
  plan.lengths = {200};
  plan.gain = 8.0;
  const trial t(plan);
  thread_pool pool(1);
  engine e(t.net, t.objective, pool);
  const sample_recording r = e.record(t.float_parameters(), t.data, 0);
  const raster& spikes = r.rasters[1];
  std::vector<std::int64_t> last(20, -100);
  std::int64_t shortest = 1000;
  for (std::size_t k = 0; k < spikes.steps.size(); ++k) {
    std::int64_t& before = last[spikes.channels[k]];
    shortest = std::min(shortest, std::int64_t{spikes.steps[k]} - before);
    before = spikes.steps[k];
  }
  EXPECT_EQ(shortest, 4);
}

}  // namespace
}  // namespace backspike::testing
