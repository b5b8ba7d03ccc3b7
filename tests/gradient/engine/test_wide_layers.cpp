// Layers whose weights or errors no near cache holds go other ways: tiles are copied to one place first. The dense path
// in double knows nothing of that; windows copy other tiles than the whole sample, and have its bits.

#include "gradient/engine_and_dense.hpp"
#include "gradient/trial.hpp"

#include <backspike/gradient/engine.hpp>

#include <gtest/gtest.h>

#include <algorithm>

namespace backspike::testing {
namespace {

/// Neither number of units is a whole number of tiles.
trial_plan wide(std::uint32_t inputs, std::uint32_t units, double rate, double gain) {
  trial_plan plan;
  plan.network.inputs = inputs;
  plan.network.layers = {quick_layer("lif", units, false), quick_layer("leaky_integrator", 3)};
  plan.lengths = {6, 9, 7};
  plan.rate = rate;
  plan.gain = gain;
  return plan;
}

void expect_windows_have_the_bits(const trial& t) {
  arena<float> whole(t.net.parameters()), windows(t.net.parameters());
  thread_pool pool(3);
  rule_spec checkpointed;
  checkpointed.kind = rule_kind::checkpointed_bptt;
  checkpointed.memory = checkpoint_kind::fixed;
  checkpointed.every = 4;
  engine(t.net, t.objective, pool).gradient(t.float_parameters(), t.batch(), whole);
  engine(t.net, t.objective, pool, checkpointed).gradient(t.float_parameters(), t.batch(), windows);
  EXPECT_TRUE(std::ranges::equal(whole.values(), windows.values()));
}

TEST(WideLayers, ErrorsAreCopiedTileByTile) {
  for (const bool graded : {false, true}) {
    SCOPED_TRACE(graded);
    trial_plan plan = wide(70, 565, 0.3, 2.0);
    plan.graded = graded;
    trial t(plan);
    expect_engine_equals_dense(t);
    expect_windows_have_the_bits(t);
  }
}

TEST(WideLayers, InputWeightsAreCopiedTileByTile) {
  trial t(wide(4200, 1045, 0.02, 14.0));
  ASSERT_GE(t.net.parameters().floats() * sizeof(float), 16u << 20);
  expect_engine_equals_dense(t);
  expect_windows_have_the_bits(t);
}

}  // namespace
}  // namespace backspike::testing
