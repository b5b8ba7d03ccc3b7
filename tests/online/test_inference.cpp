// A stream that does not learn: any readout, the bits of the engine, no allocation.

#include "gradient/compare.hpp"
#include "online/allocations.hpp"

#include <backspike/gradient/engine.hpp>
#include <backspike/online/online_learner.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace backspike::testing {
namespace {

trial_plan plan_for(const std::string& readout) {
  trial_plan plan;
  plan.network.inputs = 20;
  layer_spec hidden = quick_layer("cuba_lif", 37);
  hidden.recurrent = hidden.bias = true;
  plan.network.layers = {hidden, quick_layer(readout, 3)};
  plan.lengths = {200};
  plan.rate = 0.15;
  plan.gain = 4.0;
  return plan;
}

online_options inference() {
  online_options o;
  o.learns = false;
  return o;
}

class Inference : public ::testing::TestWithParam<const char*> {};

TEST_P(Inference, HasTheBitsOfTheEngine) {
  const trial t(plan_for(GetParam()));
  thread_pool pool(1);
  const sample_recording expected = engine(t.net, {}, pool).record(t.float_parameters(), t.data, 0);
  online_learner stream(t.net, {}, t.float_parameters(), inference());
  for (int again = 0; again < 2; ++again) {
    for (std::size_t n = 0; n < 200; ++n) {
      const auto y = stream.infer(t.data.inputs.spikes.row(n));
      for (std::size_t k = 0; k < 3; ++k) {
        ASSERT_EQ(y[k], expected.readout[k][n]) << "step " << n;
      }
    }
    stream.reset_state();
  }
  EXPECT_GT(expected.rasters[1].steps.size(), 200u);
}

TEST_P(Inference, TakesDenseInputAndAllocatesNothing) {
  const trial t(plan_for(GetParam()));
  online_learner events(t.net, {}, t.float_parameters(), inference()),
      dense(t.net, {}, t.float_parameters(), inference());
  std::vector<float> values(20);
  bool same = true;
  const std::size_t before = allocations();
  for (std::size_t n = 0; n < 200; ++n) {
    std::ranges::fill(values, 0.0F);
    for (const std::uint32_t c : t.data.inputs.spikes.row(n).channels) {
      values[c] = 1.0F;
    }
    const auto a = events.infer(t.data.inputs.spikes.row(n)), b = dense.infer(std::span<const float>(values));
    same = same && std::ranges::equal(a, b);
  }
  EXPECT_EQ(allocations(), before);
  EXPECT_TRUE(same);
}

INSTANTIATE_TEST_SUITE_P(Readouts, Inference, ::testing::Values("leaky_integrator", "double_exponential", "lif"),
                         [](const auto& about) { return std::string(about.param); });

}  // namespace
}  // namespace backspike::testing
