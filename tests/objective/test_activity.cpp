// Losses on the number of spikes: by hand.

#include <backspike/objective/activity.hpp>

#include <gmock/gmock.h>

#include <cstdint>
#include <vector>

namespace backspike {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;

/// Ten steps of 2 ms: a spike is 50 Hz.
constexpr std::size_t steps = 10;
const spike_counts<std::uint32_t> counts{{0, 1, 4}, {2, 2}};

activity_plan plan_of(const activity_spec& first, const synaptic_operations_spec& operations = {}) {
  return {{{first, {2.0, 2.0, 2.0}}, {{}, {5.0, 5.0}}}, operations, 2.0};
}

double cost(const activity_spec& first) { return activity_cost(plan_of(first), counts, steps); }

std::vector<double> prices(const activity_plan& plan) {
  std::vector<double> all;
  activity_prices(plan, counts, steps, [&](std::size_t, std::size_t, double price) { all.push_back(price); });
  return all;
}

TEST(ActivityObjective, L1AndL2) {
  const activity_spec l1{0.5}, l2{0.0, 0.5};
  EXPECT_DOUBLE_EQ(cost(l1), 0.5 * 5.0);
  EXPECT_EQ(prices(plan_of(l1)), (std::vector<double>{0.5, 0.5, 0.5}));
  EXPECT_DOUBLE_EQ(cost(l2), 0.5 * 17.0);
  EXPECT_EQ(prices(plan_of(l2)), (std::vector<double>{0.0, 1.0, 4.0}));
}

/// Rates of 0, 50 and 200 Hz.
TEST(ActivityObjective, BoundsAndTarget) {
  activity_spec lower{};
  lower.lower = 60.0;
  lower.lower_weight = 3.0;
  EXPECT_DOUBLE_EQ(cost(lower), 60.0 * 60.0 + 10.0 * 10.0);
  EXPECT_THAT(prices(plan_of(lower)), ElementsAre(DoubleEq(-100.0 * 60.0), DoubleEq(-100.0 * 10.0), 0.0));
  activity_spec upper{};
  upper.upper = 60.0;
  upper.upper_weight = 3.0;
  EXPECT_DOUBLE_EQ(cost(upper), 140.0 * 140.0);
  EXPECT_THAT(prices(plan_of(upper)), ElementsAre(0.0, 0.0, DoubleEq(100.0 * 140.0)));
  activity_spec target{};
  target.target = 60.0;
  target.target_weight = 3.0;
  EXPECT_DOUBLE_EQ(cost(target), 60.0 * 60.0 + 10.0 * 10.0 + 140.0 * 140.0);
  EXPECT_THAT(prices(plan_of(target)),
              ElementsAre(DoubleEq(-100.0 * 60.0), DoubleEq(-100.0 * 10.0), DoubleEq(100.0 * 140.0)));
}

/// 5 spikes to 2 synapses and 4 to 5: 30 operations.
TEST(ActivityObjective, Operations) {
  const activity_plan over = plan_of({}, {20.0, 8.0}), within = plan_of({}, {30.0, 8.0});
  EXPECT_DOUBLE_EQ(activity_cost(over, counts, steps), 8.0 * 0.5 * 0.5);
  const auto of = prices(over);
  ASSERT_EQ(of.size(), 5U);
  EXPECT_DOUBLE_EQ(of[0], 2.0 * 2.0 * 8.0 * 0.5 / 20.0);
  EXPECT_DOUBLE_EQ(of[4], 5.0 * 2.0 * 8.0 * 0.5 / 20.0);
  EXPECT_EQ(activity_cost(within, counts, steps), 0.0);
  EXPECT_EQ(prices(within), std::vector<double>(5, 0.0));
}

TEST(ActivityObjective, ReadsWhatItNeeds) {
  const activity_plan nothing = plan_of({}), layer = plan_of({1.0}), all = plan_of({}, {20.0, 8.0});
  EXPECT_FALSE(nothing.any());
  EXPECT_TRUE(layer.reads(0));
  EXPECT_FALSE(layer.reads(1));
  EXPECT_TRUE(all.reads(0) && all.reads(1));
  EXPECT_FALSE(all.reads(2)) << "no such layer";
  EXPECT_EQ(activity_cost(layer, counts, 0), 0.0) << "a sample without steps";
}

}  // namespace
}  // namespace backspike
