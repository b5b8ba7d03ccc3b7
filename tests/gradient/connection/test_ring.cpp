// Rounded delays against what would be deployed: one ring buffer for each connection, events only, the same bits.

#include "gradient/connection/ring_network.hpp"

#include <backspike/gradient/engine.hpp>
#include <backspike/network/delays.hpp>

#include <gtest/gtest.h>

#include <tuple>

namespace backspike::testing {
namespace {

using ring_case = std::tuple<delay_sharing, delay_kernel, bool>;

class RingBuffer : public ::testing::TestWithParam<ring_case> {
 protected:
  delay_spec delays(std::uint32_t max) const {
    delay_spec d;
    d.per = std::get<0>(GetParam());
    d.kernel = std::get<1>(GetParam());
    d.max = max;
    d.width.from = 2.5;
    return d;
  }

  trial_plan plan() const {
    trial_plan plan;
    plan.network.inputs = 9;
    layer_spec first = quick_layer("lif", 37, true), second = quick_layer("lif", 18);
    first.recurrent = first.bias = second.bias = true;
    first.delay = delays(11);
    first.recurrent_delay = delays(6);
    second.delay = delays(3);
    layer_spec readout = quick_layer("leaky_integrator", 3);
    readout.delay = delays(9);
    plan.network.layers = {first, second, readout};
    plan.lengths = {31, 1, 0, 47, 20};
    plan.gain = 3.0;
    plan.graded = std::get<2>(GetParam());
    return plan;
  }
};

TEST_P(RingBuffer, HasTheBitsOfTheEngine) {
  const trial t(plan());
  auto parameters = t.float_parameters();
  round_delays(t.net, parameters);
  thread_pool pool(2);
  engine simulation(t.net, t.objective, pool);
  std::size_t hidden_spikes = 0, different = 0;
  for (const std::uint32_t s : t.samples) {
    const sample_recording expected = simulation.record(parameters, t.data, s);
    ring_network device(t.net, parameters);
    std::vector<std::size_t> seen(t.net.populations().size());
    for (std::size_t n = 0; n < expected.steps; ++n) {
      const auto y = device.step(t.data.inputs.spikes.row(t.data.inputs.sample_rows[s] + n));
      for (std::size_t k = 0; k < y.size(); ++k) {
        ASSERT_EQ(y[k], expected.readout[k][n]) << "sample " << s << " step " << n;
        different += y[k] != y[0] ? 1 : 0;
      }
      for (std::size_t q = 0; q + 1 < seen.size(); ++q) {
        const raster& r = expected.rasters[q + 1];
        for (const std::uint32_t neuron : device.spikes(q)) {
          ASSERT_LT(seen[q], r.steps.size());
          EXPECT_EQ(r.steps[seen[q]], n);
          EXPECT_EQ(r.channels[seen[q]++], neuron);
        }
      }
    }
    for (std::size_t q = 0; q + 1 < seen.size(); ++q) {
      EXPECT_EQ(seen[q], expected.rasters[q + 1].steps.size());
      hidden_spikes += seen[q];
    }
  }
  EXPECT_GT(hidden_spikes, 200u);
  EXPECT_GT(different, 50u);
}

std::string name_of_case(const ::testing::TestParamInfo<ring_case>& info) {
  const auto [per, kernel, graded] = info.param;
  return std::string(name_of(per)) + "_" + std::string(name_of(kernel)) + (graded ? "_graded" : "");
}

INSTANTIATE_TEST_SUITE_P(All, RingBuffer,
                         ::testing::Combine(::testing::ValuesIn(all_of<delay_sharing>()),
                                            ::testing::ValuesIn(all_of<delay_kernel>()), ::testing::Bool()),
                         name_of_case);

}  // namespace
}  // namespace backspike::testing
