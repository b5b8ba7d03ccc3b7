// A network in a loop with its own output.

#include <backspike/core/error.hpp>
#include <backspike/online/roll_out.hpp>

#include <gmock/gmock.h>

#include <cmath>
#include <string>

namespace backspike::testing {
namespace {

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
  const auto predicted = roll_out(a.net, a.parameters, series, 5);
  ASSERT_EQ(predicted.size(), 5u);
  for (std::size_t k = 0; k < 5; ++k) {
    EXPECT_NEAR(predicted[k], x[k + 2], 1e-5);
  }
  EXPECT_GT(std::fabs(predicted[4] - predicted[0]), 0.5);
}

TEST(RollOut, RefusesASeriesThatDoesNotFit) {
  const adder one, two(2);
  series_continuation series;
  series.known = {1.0};
  EXPECT_THAT([&] { roll_out(one.net, one.parameters, series, 1); },
              ::testing::ThrowsMessage<value_error>(::testing::HasSubstr("at least 2")));
  series.known = {1.0, 2.0};
  EXPECT_THROW(roll_out(one.net, one.parameters, series, 1), shape_error);
  series.linear = {0.0, 1.0, 0.0};
  EXPECT_EQ(roll_out(one.net, one.parameters, series, 1).size(), 1u);
  EXPECT_THROW(roll_out(two.net, two.parameters, series, 1), value_error);
  series.steps = 0;
  EXPECT_THROW(roll_out(one.net, one.parameters, series, 1), value_error);
}

}  // namespace
}  // namespace backspike::testing
