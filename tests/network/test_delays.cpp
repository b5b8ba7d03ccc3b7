// Delays in the network: their parameters, the kernel, the schedule of its width, rounding, and what is refused.

#include <backspike/core/error.hpp>
#include <backspike/network/delay_kernel.hpp>
#include <backspike/network/delays.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

namespace backspike {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

network_spec delayed_spec() {
  network_spec spec;
  spec.inputs = 3;
  spec.layers.resize(2);
  spec.layers[0].size = 4;
  spec.layers[0].recurrent = true;
  spec.layers[0].delay.max = 25;
  spec.layers[0].recurrent_delay.max = 7;
  spec.layers[0].recurrent_delay.per = delay_sharing::source;
  spec.layers[1].cell = "leaky_integrator";
  spec.layers[1].size = 2;
  return spec;
}

/// Cells as their specification says, delays drawn; weights of 0.
arena<float> first_parameters(const network& net) {
  arena<float> parameters(net.parameters());
  for (const population& p : net.populations()) {
    for (std::size_t k = 0; k < p.parameters.size(); ++k) {
      const double value = p.spec.parameters.at(std::string(p.cell->parameters[k].name)).value;
      parameters.view(p.parameters[k])(0, 0) = static_cast<float>(value);
    }
  }
  initialise_delays(net, parameters, 3);
  return parameters;
}

struct kernel_values {
  delay_window window;
  std::vector<double> value, by_delay, by_width;
};

kernel_values kernel_at(delay_kernel kernel, std::size_t max, double delay, double width) {
  kernel_values k;
  k.window = window_of(kernel, max, delay, width);
  for (auto* v : {&k.value, &k.by_delay, &k.by_width}) {
    v->resize(k.window.count);
  }
  fill_taps<double>(kernel, k.window, delay, width, {k.value.data(), k.by_delay.data(), k.by_width.data()});
  return k;
}

TEST(DelayKernel, SumsToOneAndStaysInRange) {
  for (const double width : {0.05, 0.3, 1.0, 4.0, 12.0}) {
    for (const double delay : {0.0, 0.4, 0.5, 3.0, 11.7, 24.9, 25.0}) {
      const auto k = kernel_at(delay_kernel::gaussian, 25, delay, width);
      EXPECT_NEAR(std::accumulate(k.value.begin(), k.value.end(), 0.0), 1.0, 1e-12);
      EXPECT_NEAR(std::accumulate(k.by_delay.begin(), k.by_delay.end(), 0.0), 0.0, 1e-10 / width);
      EXPECT_LE(k.window.first + k.window.count, 26u);
      EXPECT_LE(k.window.count, widest_window(delay_kernel::gaussian, 25, width)) << delay << " " << width;
      EXPECT_GE(k.window.count, 2u);
      if (width >= 0.3 || delay != std::floor(delay)) {  // else it is there, but smaller than a double can be
        const auto [least, most] = std::minmax_element(k.by_delay.begin(), k.by_delay.end());
        EXPECT_GT(std::max(*most, -*least), 0.0);
      }
    }
  }
}

/// What is left out weighs less than the header says.
TEST(DelayKernel, IsCutWhereItIsNegligible) {
  for (const double width : {0.4, 1.0, 3.0}) {
    const auto k = kernel_at(delay_kernel::gaussian, 60, 30.3, width);
    double whole = 0.0, kept = 0.0;
    for (int b = 0; b <= 60; ++b) {
      const double x = (b - 30.3) / width, g = std::exp(-0.5 * x * x);
      whole += g;
      const auto at = static_cast<std::size_t>(b);
      kept += at >= k.window.first && at < k.window.first + k.window.count ? g : 0.0;
    }
    EXPECT_LT(whole - kept, 1e-4 * whole);
    EXPECT_LT(k.window.count, 9.0 * std::max(width, 0.4) + 1.0);
  }
}

TEST(DelayKernel, OfWidthZeroIsTheNextInteger) {
  for (const auto& [delay, bin] : {std::pair{0.4, 0u}, {0.6, 1u}, {24.7, 25u}, {25.0, 25u}}) {
    const auto k = kernel_at(delay_kernel::gaussian, 25, delay, 0.0);
    EXPECT_EQ(k.window.first, bin);
    EXPECT_EQ(k.value, std::vector<double>{1.0});
  }
}

TEST(DelayKernel, LinearSharesBetweenNeighbours) {
  const auto k = kernel_at(delay_kernel::linear, 25, 7.25, 0.0);
  EXPECT_EQ(k.window.first, 7u);
  EXPECT_EQ(k.value, (std::vector<double>{0.75, 0.25}));
  const auto end = kernel_at(delay_kernel::linear, 25, 25.0, 0.0);
  EXPECT_EQ(end.window.first, 24u);
  EXPECT_EQ(end.value, (std::vector<double>{0.0, 1.0}));
}

TEST(Delays, AreParametersInTheirRange) {
  const network net(delayed_spec());
  const auto& delay = net.parameters()[net.parameters().find("hidden1.delay")];
  EXPECT_EQ(delay.extents, (shape{{3, 4}}));
  EXPECT_EQ(delay.low, 0.0);
  EXPECT_EQ(delay.high, 25.0);
  EXPECT_TRUE(delay.learnable);
  EXPECT_EQ(net.parameters()[net.parameters().find("hidden1.recurrent.delay")].extents, (shape{{4}}));
  const auto& width = net.parameters()[net.parameters().find("hidden1.delay_width")];
  EXPECT_EQ(width.extents, (shape{{1}}));
  EXPECT_FALSE(width.learnable);
}

TEST(Delays, LeaveTheOtherParametersWhereTheyAre) {
  network_spec plain = delayed_spec();
  plain.layers[0].delay = plain.layers[0].recurrent_delay = {};
  const network with(delayed_spec()), without(plain);
  for (std::size_t i = 0; i < without.parameters().size(); ++i) {
    EXPECT_EQ(with.parameters()[i].name, without.parameters()[i].name);
  }
  EXPECT_EQ(with.parameters().size(), without.parameters().size() + 4);
}

TEST(Delays, StartWhereTheSpecificationSays) {
  network_spec spec = delayed_spec();
  spec.layers[0].delay.init = delay_init::normal;
  spec.layers[0].delay.value = 25.0;
  spec.layers[0].delay.spread = 3.0;
  spec.layers[0].recurrent_delay.init = delay_init::constant;
  spec.layers[0].recurrent_delay.value = 2.5;
  const network net(spec);
  arena<float> parameters(net.parameters());
  initialise_delays(net, parameters, 5);
  const auto delay = parameters.view("hidden1.delay");
  double below = 0.0;
  for (std::size_t k = 0; k < 12; ++k) {
    const double d = static_cast<double>(delay(k / 4, k % 4));
    EXPECT_LE(d, 25.0);
    EXPECT_GT(d, 10.0);
    below += d < 25.0 ? 1.0 : 0.0;
  }
  EXPECT_GT(below, 2.0);
  EXPECT_LT(below, 11.0);
  EXPECT_EQ(parameters.view("hidden1.recurrent.delay")(0, 3), 2.5f);
  EXPECT_EQ(parameters.view("hidden1.delay_width")(0, 0), 12.0f);
}

TEST(Delays, WidthFollowsItsSchedule) {
  delay_width_spec spec;
  spec.share = 0.5;
  for (const width_schedule kind : {width_schedule::linear, width_schedule::exponential, width_schedule::cosine}) {
    spec.schedule = kind;
    EXPECT_EQ(delay_width_at(spec, 0, 20), 12.0);
    for (std::size_t e = 1; e < 10; ++e) {
      EXPECT_LT(delay_width_at(spec, e, 20), delay_width_at(spec, e - 1, 20));
    }
    EXPECT_GT(delay_width_at(spec, 8, 20), 0.5);
    EXPECT_EQ(delay_width_at(spec, 9, 20), 0.5);
    EXPECT_EQ(delay_width_at(spec, 19, 20), 0.5);
  }
  spec.schedule = width_schedule::constant;
  EXPECT_EQ(delay_width_at(spec, 19, 20), 12.0);
}

TEST(Delays, AnnealUntilTheEndOfTheSchedule) {
  const network net(delayed_spec());
  arena<float> parameters(net.parameters());
  anneal_delays(net, parameters, 2, 40);
  const float width = parameters.view("hidden1.delay_width")(0, 0);
  EXPECT_EQ(width, static_cast<float>(delay_width_at({}, 2, 40)));
  EXPECT_EQ(parameters.view("hidden1.recurrent.delay_width")(0, 0), width);
  EXPECT_TRUE(is_annealing(net, 8, 40));
  EXPECT_FALSE(is_annealing(net, 9, 40));
}

TEST(Delays, RoundToTheNextInteger) {
  const network net(delayed_spec());
  arena<float> parameters = first_parameters(net);
  parameters.view("hidden1.delay")(0, 0) = 24.6f;
  parameters.view("hidden1.delay")(0, 1) = 0.49f;
  round_delays(net, parameters);
  EXPECT_EQ(parameters.view("hidden1.delay")(0, 0), 25.0f);
  EXPECT_EQ(parameters.view("hidden1.delay")(0, 1), 0.0f);
  EXPECT_EQ(parameters.view("hidden1.delay_width")(0, 0), 0.0f);
  EXPECT_NO_THROW(require_in_range(parameters));
  EXPECT_THAT([&] { require_learnable_widths(net, parameters); },
              ThrowsMessage<value_error>(AllOf(HasSubstr("hidden1.delay_width"), HasSubstr("0 steps"))));
}

TEST(DelayErrors, NumbersOutsideTheirRange) {
  const network net(delayed_spec());
  arena<float> parameters = first_parameters(net);
  parameters.view("hidden1.delay")(1, 2) = -0.5f;
  EXPECT_THAT(
      [&] { require_in_range(parameters); },
      ThrowsMessage<value_error>(AllOf(HasSubstr("hidden1.delay[1, 2]"), HasSubstr("-0.5 steps"), HasSubstr("25"))));
  parameters.view("hidden1.delay")(1, 2) = 25.5f;
  EXPECT_THROW(require_in_range(parameters), value_error);
}

void expect_refused(const network_spec& spec, const char* key, const char* value) {
  EXPECT_THAT([&] { const network net(spec); }, ThrowsMessage<value_error>(AllOf(HasSubstr(key), HasSubstr(value))));
}

TEST(DelayErrors, SpecificationsThatMakeNoSense) {
  network_spec spec = delayed_spec();
  spec.layers[0].delay.init = delay_init::constant;
  spec.layers[0].delay.value = 26.0;
  expect_refused(spec, "hidden1.delay.value", "26 steps");
  spec.layers[0].delay.value = -1.0;
  expect_refused(spec, "hidden1.delay.value", "-1 steps");
  spec = delayed_spec();
  spec.layers[0].delay.width.to = 0.0;
  expect_refused(spec, "hidden1.delay.width.to", "0 steps");
  spec = delayed_spec();
  spec.layers[0].recurrent = false;
  expect_refused(spec, "hidden1.recurrent_delay.max", "7 steps");
  spec = delayed_spec();
  spec.layers[0].delay.max = 65536;
  expect_refused(spec, "hidden1.delay.max", "65536 steps");
}

TEST(DelayErrors, DelaysLongerThanEverySample) {
  const network net(delayed_spec());
  EXPECT_NO_THROW(check_delays_fit(net, 26));
  EXPECT_THAT([&] { check_delays_fit(net, 25); },
              ThrowsMessage<value_error>(AllOf(HasSubstr("hidden1.delay max"), HasSubstr("25 steps"))));
}

}  // namespace
}  // namespace backspike
