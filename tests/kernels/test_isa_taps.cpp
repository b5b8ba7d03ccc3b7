// The kernels of delays: every instruction set gives the bits of the scalar one, and those are what the comments say.

#include "kernels/kernel_table.hpp"

#include <backspike/core/random.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

namespace backspike {
namespace {

using kernels::table;

constexpr std::size_t stride = 97;  // nothing is aligned
constexpr std::uint32_t most_delay = 20;
constexpr std::size_t sources = 7, group_stride = (kernels::block_steps + most_delay + 32) * 8;

/// The taps of some sources for some targets, and lines of time for the targets: of one sample, and of eight.
struct problem {
  std::size_t targets, lanes, used;
  aligned_vector<float> taps, lines, group;
  std::vector<std::uint32_t> first;

  problem(std::size_t n, std::size_t used_taps)
      : targets(n),
        lanes((used_taps + 7) / 8 * 8),
        used(used_taps),
        taps(sources * n * lanes, 0.0f),
        lines(std::max(n, sources) * stride),
        group(n * group_stride),
        first(sources * n) {
    random_stream random(77, random_purpose::test, n * 100 + used_taps);
    for (std::size_t j = 0; j < first.size(); ++j) {
      first[j] = random.below(most_delay);
      for (std::size_t k = 0; k < used; ++k) {
        taps[j * lanes + k] = static_cast<float>(random.normal());
      }
    }
    for (aligned_vector<float>* values : {&lines, &group}) {
      for (float& x : *values) {
        x = static_cast<float>(random.normal());
      }
    }
  }
  kernels::tap_rows rows() const { return {taps.data(), first.data(), targets, targets, lanes}; }
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
    const std::uint32_t ids[] = {1, 0, 1, 1}, at[] = {5, 0, 6, 3};  // one over the other
    const float values[] = {0.7f, -1.0f, 2.0f, 0.5f};
    for (const float* factors : {static_cast<const float*>(nullptr), values}) {
      aligned_vector<float> expected = x.lines, actual = x.lines, by_hand = x.lines;
      scalar().tap_add({expected.data(), stride, x.rows(), ids, at, factors, 4});
      here().tap_add({actual.data(), stride, x.rows(), ids, at, factors, 4});
      for (std::size_t e = 0; e < 4; ++e) {
        for (std::size_t j = 0; j < x.targets; ++j) {
          for (std::size_t k = 0; k < x.used; ++k) {
            const float tap = x.taps[(ids[e] * x.targets + j) * x.lanes + k];
            by_hand[j * stride + at[e] + x.first[ids[e] * x.targets + j] + k] +=
                factors == nullptr ? tap : factors[e] * tap;
          }
        }
      }
      EXPECT_TRUE(same_bits(actual, expected));
      EXPECT_TRUE(same_bits(expected, by_hand));
      EXPECT_FALSE(same_bits(actual, x.lines));
    }
  });
}

TEST_P(IsaTaps, Gather) {
  on_problems(
      [&](const problem& x) {  // its sources are targets here, of which there are seven, and its targets sources
        const std::vector<std::uint32_t> at{30, 17, 17, 2, 9, 0, 31};
        std::vector<std::uint32_t> begin(x.targets + 1, 0);
        for (std::size_t i = 0; i < x.targets; ++i) {
          begin[i + 1] = std::min<std::uint32_t>(begin[i] + static_cast<std::uint32_t>(i % 4) + (i == 0 ? 2 : 0), 7);
        }
        const std::vector<float> values{0.5f, 2.0f, -1.0f, 0.3f, 1.0f, 0.1f, 3.0f};
        for (const bool graded : {false, true}) {
          aligned_vector<float> expected(sources * x.targets * x.lanes, 0.25f), actual = expected, by_hand = expected;
          const float* factors = graded ? values.data() : nullptr;
          const auto args = [&](aligned_vector<float>& sum) {
            return kernels::tap_gather_args{sum.data(), x.first.data(), begin.data(), x.targets, sources,
                                            x.lanes,    x.lines.data(), stride,       at.data(), factors};
          };
          scalar().tap_gather(args(expected));
          here().tap_gather(args(actual));
          for (std::size_t n = 0; n < by_hand.size(); ++n) {
            const std::size_t k = n % x.lanes, i = n / x.lanes % x.targets, j = n / x.lanes / x.targets;
            for (std::size_t e = begin[i]; e < begin[i + 1]; ++e) {
              by_hand[n] += (graded ? values[e] : 1.0f) * x.lines[j * stride + at[e] + x.first[j * x.targets + i] + k];
            }
          }
          EXPECT_TRUE(same_bits(actual, expected));
          EXPECT_TRUE(same_bits(expected, by_hand));
        }
      });
}

/// out by the definition, in double.
double sent_by_hand(const problem& x, std::size_t i, std::size_t t, std::size_t s) {
  double sum = 0.5;
  for (std::size_t j = 0; j < x.targets; ++j) {
    for (std::size_t k = 0; k < x.used; ++k) {
      const std::size_t at = i * x.targets + j;
      sum += static_cast<double>(x.taps[at * x.lanes + k] * x.group[j * group_stride + (t + x.first[at] + k) * 8 + s]);
    }
  }
  return sum;
}

TEST_P(IsaTaps, ABlockOfStepsAndOneStepHaveTheSameBits) {
  on_problems([&](const problem& x) {
    constexpr std::size_t steps = kernels::block_steps, out_stride = steps * 8;
    aligned_vector<float> expected(sources * out_stride, 0.5f), block = expected, single = expected;
    scalar().tap_block({expected.data(), out_stride, x.group.data(), group_stride, x.rows(), sources, x.used});
    here().tap_block({block.data(), out_stride, x.group.data(), group_stride, x.rows(), sources, x.used});
    for (std::size_t t = 0; t < steps; ++t) {
      here().tap_step(
          {single.data() + t * 8, out_stride, x.group.data() + t * 8, group_stride, x.rows(), sources, x.used});
    }
    EXPECT_TRUE(same_bits(block, expected));
    EXPECT_TRUE(same_bits(single, expected));
    for (std::size_t n = 0; n < expected.size(); n += 37) {
      const std::size_t i = n / out_stride, t = n % out_stride / 8, s = n % 8;
      EXPECT_NEAR(static_cast<double>(expected[n]), sent_by_hand(x, i, t, s), 1e-4);
    }
  });
}

/// Eight rows that begin anywhere, some of them missing.
struct eight_rows {
  static constexpr std::size_t room = 60;
  aligned_vector<float> values = aligned_vector<float>(8 * room);
  std::array<float*, 8> rows{};

  explicit eight_rows(unsigned missing) {
    random_stream random(78, random_purpose::test, missing);
    for (float& x : values) {
      x = static_cast<float>(random.normal());
    }
    for (std::size_t r = 0; r < 8; ++r) {
      rows[r] = (missing >> r & 1u) != 0 ? nullptr : values.data() + r * room + r;
    }
  }
};

TEST_P(IsaTaps, RowsAreInterleavedAndAddedApart) {
  constexpr std::size_t step = 11;
  for (const std::size_t count : {0u, 1u, 8u, 21u, 48u}) {
    for (const unsigned missing : {0u, 0x12u, 0xfeu}) {
      const eight_rows from(missing);
      for (const std::size_t used : {8u, 3u}) {
        aligned_vector<float> out(count * step + 8, -1.0f), expected = out;
        std::array<const float*, 8> rows{};
        std::ranges::copy(from.rows, rows.begin());
        here().interleave({out.data(), step, rows.data(), count, used});
        for (std::size_t n = 0; n < count * used; ++n) {
          const std::size_t r = n % used;
          expected[n / used * step + r] = rows[r] == nullptr ? 0.0f : rows[r][n / used];
        }
        EXPECT_TRUE(same_bits(out, expected)) << count << ' ' << missing << ' ' << used;
      }
      eight_rows sum(missing), by_hand(missing);
      const aligned_vector<float> in(from.values);
      here().add_apart({sum.rows.data(), in.data(), step - 3, count});
      for (std::size_t n = 0; n < count * 8; ++n) {
        if (by_hand.rows[n % 8] != nullptr) {
          by_hand.rows[n % 8][n / 8] += in[n / 8 * (step - 3) + n % 8];
        }
      }
      EXPECT_TRUE(same_bits(sum.values, by_hand.values)) << count << ' ' << missing;
    }
  }
}

}  // namespace
}  // namespace backspike
