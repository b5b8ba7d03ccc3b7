// A network a step at a time, and in a loop with its own output.

#include "gradient/compare.hpp"
#include "online/allocations.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/online/stream.hpp>

#include <gmock/gmock.h>

#include <cmath>
#include <string>

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

TEST(Stream, HasTheBitsOfTheEngine) {
  for (const std::string readout : {"leaky_integrator", "double_exponential", "lif"}) {
    const trial t(plan_for(readout));
    thread_pool pool(1);
    const sample_recording expected = engine(t.net, {}, pool).record(t.float_parameters(), t.data, 0);
    stream s(t.net, t.float_parameters());
    for (int again = 0; again < 2; ++again) {
      for (std::size_t n = 0; n < 200; ++n) {
        const auto y = s.step(t.data.inputs.spikes.row(n));
        for (std::size_t k = 0; k < 3; ++k) {
          ASSERT_EQ(y[k], expected.readout[k][n]) << readout << " step " << n;
        }
      }
      EXPECT_EQ(s.steps(), 200u);
      s.reset_state();
    }
    EXPECT_GT(expected.rasters[1].steps.size(), 200u);
  }
}

TEST(Stream, TakesDenseInputAndAllocatesNothing) {
  const trial t(plan_for("leaky_integrator"));
  stream events(t.net, t.float_parameters()), dense(t.net, t.float_parameters());
  std::vector<float> values(20);
  bool same = true;
  const std::size_t before = allocations();
  for (std::size_t n = 0; n < 200; ++n) {
    std::ranges::fill(values, 0.0F);
    for (const std::uint32_t c : t.data.inputs.spikes.row(n).channels) {
      values[c] = 1.0F;
    }
    const auto a = events.step(t.data.inputs.spikes.row(n)), b = dense.step(std::span<const float>(values));
    same = same && std::ranges::equal(a, b);
  }
  EXPECT_EQ(allocations(), before);
  EXPECT_TRUE(same);
}

TEST(Stream, RefusesWhatItCannotRun) {
  trial_plan plan = plan_for("leaky_integrator");
  const trial t(plan);
  stream s(t.net, t.float_parameters());
  const std::vector<std::uint32_t> wrong{20};
  EXPECT_THROW(s.step(event_row{wrong, {}}), value_error);
  EXPECT_THROW(s.step(std::span<const float>{}), shape_error);
  plan.network.layers[0].delay.max = 5;
  const network late(plan.network);
  EXPECT_THROW(stream(late, arena<float>(late.parameters())), value_error);
}

/// One leaky integrator that adds its two inputs up: the output of step n is w_0 x_0 + w_1 x_1 times a geometric sum.
struct adder {
  network net;
  arena<float> parameters;

  static network_spec spec(std::uint32_t outputs) {
    network_spec spec;
    spec.inputs = 2;
    layer_spec readout;
    readout.cell = "leaky_integrator";
    readout.size = outputs;
    readout.parameters["tau_m"].value = 1.0 / std::log(2.0);  // halves in a step
    spec.layers = {readout};
    return spec;
  }
  explicit adder(std::uint32_t outputs = 1) : net(spec(outputs)), parameters(net.parameters()) {
    parameters.view("readout.weight")(0, 0) = 0.25F;
    parameters.view("readout.weight")(1, 0) = 0.5F;
    parameters.view("readout.tau_m")(0, 0) = static_cast<float>(1.0 / std::log(2.0));
  }
};

TEST(RollOut, FeedsItsOwnPointsBack) {
  const adder a;
  stream s(a.net, a.parameters);
  series_continuation series;
  series.known = {9.0, 1.0, 2.0};
  series.steps = 2;
  series.centre = 0.5;
  series.scale = 2.0;
  series.linear = {-0.5, 1.25, 0.3};
  series.correction = 0.1;
  std::vector<double> x{1.0, 2.0};
  for (int k = 0; k < 5; ++k) {
    const double older = (x[x.size() - 2] - 0.5) / 2.0, newer = (x.back() - 0.5) / 2.0;
    const double y = (1.0 + 0.5) * (0.25 * older + 0.5 * newer);  // two steps, the first one halved
    x.push_back(0.5 + 2.0 * (-0.5 * older + 1.25 * newer + 0.3 + 0.1 * y));
  }
  const auto predicted = roll_out(s, series, 5);
  ASSERT_EQ(predicted.size(), 5u);
  for (std::size_t k = 0; k < 5; ++k) {
    EXPECT_NEAR(predicted[k], x[k + 2], 1e-5);
  }
  EXPECT_GT(std::fabs(predicted[4] - predicted[0]), 0.5);
}

TEST(RollOut, RefusesASeriesThatDoesNotFit) {
  const adder one, two(2);
  stream s(one.net, one.parameters), pair(two.net, two.parameters);
  series_continuation series;
  series.known = {1.0};
  EXPECT_THAT([&] { roll_out(s, series, 1); },
              ::testing::ThrowsMessage<value_error>(::testing::HasSubstr("at least 2")));
  series.known = {1.0, 2.0};
  EXPECT_THROW(roll_out(s, series, 1), shape_error);
  series.linear = {0.0, 1.0, 0.0};
  EXPECT_EQ(roll_out(s, series, 1).size(), 1u);
  EXPECT_THROW(roll_out(pair, series, 1), value_error);
  series.steps = 0;
  EXPECT_THROW(roll_out(s, series, 1), value_error);
}

}  // namespace
}  // namespace backspike::testing
