// Metrics over the neurons of a layer: sums of those of single trains, in ms whatever the step.

#include <backspike/metric/raster_metrics.hpp>

#include <backspike/core/error.hpp>
#include <backspike/metric/van_rossum.hpp>
#include <backspike/metric/victor_purpura.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace backspike {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const spike_raster target{{3, 20}, {7}, {}}, output{{4, 24}, {7, 30}, {}};

TEST(RasterMetrics, AddUpOverNeuronsInMilliseconds) {
  const auto sums = compare_rasters(target, output, 0.5, {2.0, 0.3, 5.0});
  EXPECT_EQ(sums.samples, 1u);
  EXPECT_EQ(sums.matching.matched, 3u);  // 20 and 24 are 2 ms apart
  EXPECT_EQ(sums.matching.missed, 0u);
  EXPECT_EQ(sums.matching.extra, 1u);
  EXPECT_DOUBLE_EQ(sums.matching.jitter(), std::sqrt((0.25 + 4.0) / 3.0));
  EXPECT_DOUBLE_EQ(sums.matching.bias(), 2.5 / 3.0);
  EXPECT_EQ(sums.coincidences.coincident, 6u);
  EXPECT_EQ(sums.coincidences.spikes, 7u);
  EXPECT_DOUBLE_EQ(sums.victor_purpura, 0.3 * 0.5 + 0.3 * 2.0 + 1.0);
  const double first = van_rossum_distance(std::vector<double>{1.5, 10}, std::vector<double>{2, 12}, 5.0);
  EXPECT_DOUBLE_EQ(sums.van_rossum, std::sqrt(first * first + 0.5));
}

TEST(RasterMetrics, ToleranceIncludesItsEndAtAnyStep) {
  for (const double dt : {0.1, 0.25, 0.3, 0.7, 1.0}) {
    for (int steps = 1; steps < 40; ++steps) {
      const spike_raster here{{13}}, there{{13.0 + steps}};
      EXPECT_EQ(compare_rasters(here, there, dt, {steps * dt, 1.0, 1.0}).matching.matched, 1u);
      EXPECT_EQ(compare_rasters(here, there, dt, {(steps - 0.5) * dt, 1.0, 1.0}).matching.matched, 0u);
    }
  }
}

TEST(RasterMetrics, AddUpOverSamples) {
  auto sums = compare_rasters(target, output, 1.0, {});
  sums += compare_rasters(target, target, 1.0, {});
  EXPECT_EQ(sums.samples, 2u);
  EXPECT_EQ(sums.matching.matched, 2u + 3u);
  EXPECT_EQ(sums.coincidences.spikes, 7u + 6u);
  EXPECT_DOUBLE_EQ(sums.victor_purpura, compare_rasters(target, output, 1.0, {}).victor_purpura);
  EXPECT_DOUBLE_EQ(sums.van_rossum, compare_rasters(target, output, 1.0, {}).van_rossum);
}

TEST(RasterMetrics, RefuseWhatTheyCannotCompare) {
  EXPECT_THAT([] { compare_rasters(target, {{1}}, 1.0, {}); },
              ThrowsMessage<shape_error>(AllOf(HasSubstr("1 neurons"), HasSubstr("expected 3"))));
  EXPECT_THAT([] { compare_rasters(target, output, 0.0, {}); }, ThrowsMessage<value_error>(HasSubstr("dt = 0")));
  EXPECT_THAT(
      [] {
        compare_rasters(target, output, 1.0, {-1.0, 1.0, 1.0});
      },
      ThrowsMessage<value_error>(HasSubstr("tolerance = -1")));
  EXPECT_THAT(
      [] {
        compare_rasters(target, {{4, 4}, {}, {}}, 1.0, {});
      },
      ThrowsMessage<value_error>(HasSubstr("output[1] = 4")));
}

}  // namespace
}  // namespace backspike
