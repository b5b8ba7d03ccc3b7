// Which numbers may reach a network, and that one bad one is found wherever it is.

#include <backspike/core/reading.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace backspike {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();

TEST(Reading, FiniteNumbersUpToItsLargest) {
  for (const float x : {0.0f, -0.0f, 1.0f, -1e18f, 1e18f, 1e-45f}) {
    EXPECT_TRUE(is_reading(x)) << x;
  }
  for (const float x : {infinity, -infinity, nan, -nan, 1.1e18f, -3e38f}) {
    EXPECT_FALSE(is_reading(x)) << x;
  }
}

TEST(Reading, TheFirstBadOneIsFoundWhereverItIs) {
  EXPECT_EQ(first_no_reading({}), 0u);
  for (std::size_t n : {1u, 3u, 16u, 67u}) {
    std::vector<float> values(n, -2.5f);
    EXPECT_EQ(first_no_reading(values), n);
    for (std::size_t at = 0; at < n; ++at) {
      for (const float bad : {nan, -infinity, 2e18f}) {
        values[at] = bad;
        values[n - 1] = bad;
        EXPECT_EQ(first_no_reading(values), at);
        values[at] = values[n - 1] = -2.5f;
      }
    }
  }
}

}  // namespace
}  // namespace backspike
