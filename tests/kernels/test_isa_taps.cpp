// The kernels of delays: every instruction set gives the bits of the scalar one, and those are what the comments say.

#include "kernels/kernel_table.hpp"

#include <backspike/core/random.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

namespace backspike {
namespace {

using kernels::table;

constexpr std::size_t stride = 97;  // nothing is aligned
constexpr std::uint32_t most_delay = 20, most_step = 40;

/// One source's taps for some targets, and lines of time for them.
struct problem {
  std::size_t targets, lanes, used;
  aligned_vector<float> taps, lines;
  std::vector<std::uint32_t> first;

  problem(std::size_t n, std::size_t used_taps)
      : targets(n),
        lanes((used_taps + 7) / 8 * 8),
        used(used_taps),
        taps(n * lanes, 0.0f),
        lines(n * stride),
        first(n) {
    random_stream random(77, random_purpose::test, n * 100 + used_taps);
    for (std::size_t j = 0; j < n; ++j) {
      first[j] = random.below(most_delay);
      for (std::size_t k = 0; k < used; ++k) {
        taps[j * lanes + k] = static_cast<float>(random.normal());
      }
    }
    for (float& x : lines) {
      x = static_cast<float>(random.normal());
    }
  }
  kernels::tap_row row() const { return {taps.data(), first.data(), targets, lanes}; }
};

template <class Vector>
bool same_bits(const Vector& a, const Vector& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(a[0])) == 0;
}

const table& scalar() {
  const auto all = kernels::all_tables();
  return **std::ranges::find_if(all, [](const table* t) { return t->name == "scalar"; });
}

class IsaTaps : public ::testing::TestWithParam<const table*> {
 protected:
  void SetUp() override {
    if (!GetParam()->supported()) {
      GTEST_SKIP() << "this processor does not run " << GetParam()->name;
    }
  }
  const table& here() const { return *GetParam(); }

  template <class Check>
  static void on_problems(const Check& check) {
    for (const std::size_t targets : {1u, 3u, 20u}) {
      for (const std::size_t used : {1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u, 9u, 14u, 26u}) {
        SCOPED_TRACE(std::to_string(targets) + " targets, taps " + std::to_string(used));
        check(problem(targets, used));
      }
    }
  }
};

INSTANTIATE_TEST_SUITE_P(All, IsaTaps, ::testing::ValuesIn(kernels::all_tables().begin(), kernels::all_tables().end()),
                         [](const auto& tested) { return std::string(tested.param->name); });

TEST_P(IsaTaps, Add) {
  on_problems([&](const problem& x) {
    for (const float factor : {1.0f, 0.7f}) {
      aligned_vector<float> expected = x.lines, actual = x.lines, by_hand = x.lines;
      scalar().tap_add({expected.data() + 5, stride, x.row(), factor});
      here().tap_add({actual.data() + 5, stride, x.row(), factor});
      for (std::size_t j = 0; j < x.targets; ++j) {
        for (std::size_t k = 0; k < x.used; ++k) {
          by_hand[j * stride + 5 + x.first[j] + k] += factor * x.taps[j * x.lanes + k];
        }
      }
      EXPECT_TRUE(same_bits(actual, expected));
      EXPECT_TRUE(same_bits(expected, by_hand));
      EXPECT_FALSE(same_bits(actual, x.lines));
    }
  });
}

TEST_P(IsaTaps, Gather) {
  on_problems([&](const problem& x) {  // its targets are sources here
    const std::vector<std::uint32_t> at{30, 17, 17, 2, 9, 0, 31};
    std::vector<std::uint32_t> begin(x.targets + 1, 0);
    for (std::size_t i = 0; i < x.targets; ++i) {
      begin[i + 1] = std::min<std::uint32_t>(begin[i] + static_cast<std::uint32_t>(i % 4) + (i == 0 ? 2 : 0), 7);
    }
    const std::vector<float> values{0.5f, 2.0f, -1.0f, 0.3f, 1.0f, 0.1f, 3.0f};
    for (const bool graded : {false, true}) {
      aligned_vector<float> expected(x.targets * x.lanes, 0.25f), actual = expected;
      const float* factors = graded ? values.data() : nullptr;
      const float* line = x.lines.data();
      scalar().tap_gather(
          {expected.data(), x.first.data(), begin.data(), x.targets, x.lanes, line, at.data(), factors});
      here().tap_gather({actual.data(), x.first.data(), begin.data(), x.targets, x.lanes, line, at.data(), factors});
      float first = 0.25f;
      for (std::size_t e = 0; e < 2; ++e) {
        first += (graded ? values[e] : 1.0f) * line[at[e] + x.first[0]];
      }
      EXPECT_EQ(expected[0], first);
      EXPECT_TRUE(same_bits(actual, expected));
    }
  });
}

TEST_P(IsaTaps, DotAndRangeHaveTheSameBits) {
  on_problems([&](const problem& x) {
    std::vector<std::uint32_t> all(most_step);
    std::iota(all.begin(), all.end(), 0u);
    std::vector<float> expected(2 * most_step, 0.5f), dot = expected, range = expected, few = expected;
    scalar().tap_dot({expected.data(), 2, x.lines.data(), stride, x.row(), all.data(), most_step});
    here().tap_dot({dot.data(), 2, x.lines.data(), stride, x.row(), all.data(), most_step});
    if (x.lanes + most_delay + most_step + lanes <= stride) {
      here().tap_range({range.data(), 2, x.lines.data(), stride, x.row(), x.used, most_step});
      EXPECT_TRUE(same_bits(range, expected));
    }
    EXPECT_TRUE(same_bits(dot, expected));
    const std::uint32_t picked[] = {39, 4, 11, 3, 0, 7};
    here().tap_dot({few.data(), 2, x.lines.data(), stride, x.row(), picked, 6});
    double by_hand = 0.5;
    for (std::size_t j = 0; j < x.targets; ++j) {
      for (std::size_t k = 0; k < x.used; ++k) {
        by_hand += static_cast<double>(x.taps[j * x.lanes + k] * x.lines[j * stride + 4 + x.first[j] + k]);
      }
    }
    EXPECT_NEAR(static_cast<double>(few[8]), by_hand, 1e-4);
    for (std::size_t t = 0; t < most_step; ++t) {
      const bool asked = std::ranges::count(picked, t) > 0;
      EXPECT_EQ(few[2 * t], asked ? expected[2 * t] : 0.5f);
      EXPECT_EQ(few[2 * t + 1], 0.5f);
    }
  });
}

}  // namespace
}  // namespace backspike
