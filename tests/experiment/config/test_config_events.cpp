// Keys of recordings of event cameras, and of cross-validation.

#include <backspike/core/error.hpp>
#include <backspike/experiment/experiment.hpp>

#include <gmock/gmock.h>

namespace backspike {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string text = R"([data]
source = "nmnist"
path = "/recordings"
bin_ms = 5.0
folds = 10
fold = 3
[data.events]
crop = [1, 2, 30, 20]
polarity = "merged"
step_by = "both"
events_per_step = 500
format = "bs2"
strict = true
[data.augment]
shift = 2.0
mix = 0.25
[[network.layer]]
cell = "leaky_integrator"
)";

std::string refusal(const std::vector<std::string>& overrides) {
  try {
    parse_experiment(text, "exp.toml", overrides);
  } catch (const config_error& e) {
    return e.what();
  }
  return "was accepted";
}

TEST(ConfigEvents, KeysReachTheirMembersAndComeBack) {
  const auto e = parse_experiment(text, "exp.toml");
  EXPECT_EQ(e.data.source, data_source::nmnist);
  EXPECT_EQ(e.data.folds, 10U);
  EXPECT_EQ(e.data.fold, 3U);
  EXPECT_THAT(e.data.events.crop, ElementsAre(1, 2, 30, 20));
  EXPECT_EQ(e.data.events.polarity, polarity_channels::merged);
  EXPECT_EQ(e.data.events.step_by, step_rule::both);
  EXPECT_EQ(e.data.events.events_per_step, 500U);
  EXPECT_EQ(e.data.events.format, event_format::bs2);
  EXPECT_TRUE(e.data.events.strict);
  EXPECT_EQ(e.data.augment.shift, 2.0);
  EXPECT_EQ(e.data.augment.mix, 0.25);
  EXPECT_EQ(parse_experiment(to_toml(e), "again").data, e.data);
}

TEST(ConfigEvents, FoldsThatAreNotThere) {
  EXPECT_THAT(refusal({"data.folds=1"}), HasSubstr("data.folds: is 1; accepted: 2 or more, or 0"));
  EXPECT_THAT(refusal({"data.fold=11"}), HasSubstr("data.fold: is 11; accepted: 1 to data.folds, 10"));
  EXPECT_THAT(refusal({"data.folds=0"}), HasSubstr("data.fold: is 3; accepted: with data.folds, 2 or more"));
  EXPECT_THAT(refusal({"data.held_out_speaker=\"theo\""}), HasSubstr("accepted: one of the two"));
  EXPECT_THAT(refusal({"data.events.polarity=\"red\""}), HasSubstr("both, merged, on, off"));
}

TEST(ConfigEvents, WhatNothingAugmentsIsRefused) {
  EXPECT_THAT(refusal({"data.folds=0", "data.fold=1", "data.source=\"event_camera\""}),
              HasSubstr("data.augment: is given with data.source = event_camera; accepted with events, nmnist"));
}

}  // namespace
}  // namespace backspike
