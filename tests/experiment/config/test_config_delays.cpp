// Delays in an experiment: every key, the way back to text, and what is refused with the line that says it.

#include <backspike/core/error.hpp>
#include <backspike/experiment/experiment.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace backspike {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const std::string two_layers = R"([[network.layer]]
size = 12
recurrent = true
delay = {per = "source", max = 25, init = "normal", value = 3, spread = 2.5, learn = false, kernel = "gaussian", width = {from = 6, to = 0.4, schedule = "cosine", share = 0.5, learn = true}}
recurrent_delay = {max = 9, kernel = "linear"}
[[network.layer]]
cell = "leaky_integrator"
)";

TEST(ConfigDelays, AreReadAndWrittenBack) {
  const auto e = parse_experiment(two_layers, "e.toml");
  const layer_spec& layer = e.network.layers[0];
  delay_spec expected;
  expected.per = delay_sharing::source;
  expected.max = 25;
  expected.init = delay_init::normal;
  expected.value = 3.0;
  expected.spread = 2.5;
  expected.learn = false;
  expected.width = {6.0, 0.4, width_schedule::cosine, 0.5, true};
  EXPECT_EQ(layer.delay, expected);
  EXPECT_EQ(layer.recurrent_delay.max, 9u);
  EXPECT_EQ(layer.recurrent_delay.kernel, delay_kernel::linear);
  EXPECT_EQ(e.network.layers[1].delay.max, 0u);
  const auto again = parse_experiment(to_toml(e), "again.toml");
  EXPECT_EQ(again.network.layers[0], e.network.layers[0]);
  EXPECT_EQ(to_toml(again), to_toml(e));
}

TEST(ConfigDelays, AreSetByDottedKeys) {
  const auto e = parse_experiment(two_layers, "e.toml",
                                  {"network.layer.hidden1.delay.max=30", "network.layer.hidden1.delay.width.to=1.5",
                                   "network.layer.readout.delay={max = 4, width = {from = 2}}"});
  EXPECT_EQ(e.network.layers[0].delay.max, 30u);
  EXPECT_EQ(e.network.layers[0].delay.width.to, 1.5);
  EXPECT_EQ(e.network.layers[1].delay.max, 4u);
  EXPECT_EQ(e.network.layers[1].delay.width.from, 2.0);
}

void expect_refused(const std::string& set, const std::string& key, const std::string& value) {
  EXPECT_THAT([&] { parse_experiment(two_layers, "e.toml", {"network.layer.hidden1." + set}); },
              ThrowsMessage<config_error>(AllOf(HasSubstr("network.layer.hidden1." + key), HasSubstr(value))));
}

TEST(ConfigDelays, WhatMakesNoSenseIsRefused) {
  expect_refused("delay.max=2", "delay.value", "is 3 steps; accepted: 0 to delay.max, 2 steps");
  expect_refused("delay.value=-1", "delay.value", "is -1.0 steps");
  expect_refused("delay.max=-1", "delay.max", "is -1 steps");
  expect_refused("delay.width.to=0", "delay.width.to", "is 0.0 steps; accepted: a number, 0.05 to 1e6 steps");
  expect_refused("recurrent=false", "recurrent_delay.max", "is 9 steps; accepted: 0: the layer is not recurrent");
  expect_refused("delay.kernel='gausian'", "delay.kernel", "did you mean gaussian?");
  expect_refused("delay.widht=1", "delay.widht", "did you mean width?");
}

/// Delays and widths are parameters of their own, which groups of the optimiser can find.
TEST(ConfigDelays, HaveLearningRatesOfTheirOwn) {
  const std::string group = "[[optimiser.group]]\nmatch = \"*.delay_width\"\nlearning_rate_factor = 10\n";
  EXPECT_EQ(parse_experiment(two_layers + group, "e.toml").optimiser.groups.size(), 1u);
  EXPECT_THROW(parse_experiment(two_layers + group, "e.toml", {"network.layer.hidden1.delay.width.learn=false"}),
               config_error);
}

}  // namespace
}  // namespace backspike
