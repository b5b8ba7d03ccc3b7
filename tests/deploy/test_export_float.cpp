// Exported C in single precision prints what the engine gives, one by one: every cell, every kind of connection.

#include "deploy/c_program.hpp"
#include "deploy/plans.hpp"
#include "gradient/graph/graph_plan.hpp"

namespace backspike::testing {
namespace {

TEST(ExportFloat, EveryCellAndResetWithItsValues) {
  trial_plan plan = every_cell_plan(spiking_cells());
  feed_receptors(plan);
  const trial t(plan);
  const auto traces = expect_equal(t, sanitized);
  for (std::size_t k = 0; k < t.net.output_list().size(); ++k) {
    EXPECT_NE(spikes_of(t, traces, k), 0.0) << t.net.output(k).name;
  }
}

TEST(ExportFloat, InputWithValues) {
  trial_plan plan = every_cell_plan({"lif", "alif"});
  plan.graded = true;
  plan.seed = 3;
  const trial t(plan);
  EXPECT_GT(spikes_of(t, expect_equal(t, sanitized), 0), 10.0);
}

TEST(ExportFloat, WindowsAndPools) {
  for (const trial_plan& plan : window_plans()) {
    SCOPED_TRACE(plan.network.layers[0].kind);
    trial t(plan);
    open_pools(t);
    const auto traces = expect_equal(t, sanitized);
    EXPECT_TRUE(std::ranges::any_of(traces, [](double x) { return x != 0.0; }));
  }
}

/// Loops, delays of every form, sparse and one-to-one connections, parts of the input, receptors, plasticity.
TEST(ExportFloat, RandomGraphs) {
  std::size_t alive = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    trial_plan plan = graph_plan(seed);
    plan.draws = {};
    const trial t(plan);
    const auto traces = expect_equal(t, seed == 1 ? as_documented : sanitized);
    alive += std::ranges::count_if(traces, [](double x) { return x != 0.0; }) > 20 ? 1 : 0;
  }
  EXPECT_GE(alive, 4u);
}

}  // namespace
}  // namespace backspike::testing
