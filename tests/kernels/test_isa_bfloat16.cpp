// The product of bfloat16 pairs: rounding as it is defined, sums in ascending order whichever numbers were paired, and
// the same bits whether the processor has an instruction for it or not.

#include "kernels/kernel_table.hpp"

#include <backspike/core/random.hpp>

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

namespace backspike {
namespace {

using kernels::table;

constexpr std::size_t widths[] = {16, 48, 80, 256}, depths[] = {1, 2, 37, 64};

float upper_half(std::uint32_t bits) { return std::bit_cast<float>(bits & 0xffff0000u); }
float first_of(float pair) { return upper_half(std::bit_cast<std::uint32_t>(pair)); }
float second_of(float pair) { return upper_half(std::bit_cast<std::uint32_t>(pair) << 16); }

/// The nearest number of 16 bits by comparing its two neighbours in double precision; ties to the even one.
float nearest(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const float below = upper_half(bits), above = upper_half(bits + 0x10000u);
  const double down = std::fabs(static_cast<double>(x) - below), up = std::fabs(static_cast<double>(above) - x);
  return down < up || (down == up && (bits >> 16 & 1u) == 0) ? below : above;
}

aligned_vector<float> random_values(std::size_t n, std::uint64_t stream) {
  random_stream random(311, random_purpose::test, stream);
  aligned_vector<float> x(n);
  for (float& v : x) {
    v = static_cast<float>(random.normal());
  }
  return x;
}

/// Around the smallest normal number: sums and products that are flushed, and that just are not.
aligned_vector<float> tiny_values(std::size_t n, std::uint64_t stream, int low, int high) {
  random_stream random(313, random_purpose::test, stream);
  aligned_vector<float> x(n);
  for (float& v : x) {
    const int exponent = low + static_cast<int>(random.uniform() * (high - low + 1));
    const double fraction = 1.0 + std::floor(random.uniform() * 4.0) / 4.0;  // few bits: many exact ties
    v = static_cast<float>((random.uniform() < 0.5 ? -1.0 : 1.0) * std::ldexp(fraction, exponent));
  }
  return x;
}

/// A problem in the form of the kernel: a matrix [depth][width] in panels, rows of factors, sums to start with.
struct problem {
  std::size_t rows, depth, width;
  aligned_vector<float> matrix, factors, sums;

  aligned_vector<float> run(const table& t, std::size_t first_piece) const {
    aligned_vector<float> out = sums;
    for (std::size_t begin = 0; begin < depth; begin += first_piece) {
      multiply(t, begin, std::min(first_piece, depth - begin), out);
    }
    return out;
  }

 private:
  void multiply(const table& t, std::size_t begin, std::size_t count, aligned_vector<float>& out) const {
    const std::size_t pairs = (count + 1) / 2;
    aligned_vector<float> panels(width * count), rounded(rows * pairs);
    std::vector<float*> to;
    std::vector<const float*> from;
    for (std::size_t j = 0; j < width / lanes; ++j) {
      for (std::size_t k = 0; k < count; ++k) {
        std::copy_n(matrix.data() + (begin + k) * width + j * lanes, lanes, panels.data() + (j * count + k) * lanes);
      }
      t.panel_pairs({panels.data() + j * count * lanes, count});
    }
    for (std::size_t r = 0; r < rows; ++r) {
      t.pairs({factors.data() + r * depth + begin, count, rounded.data() + r * pairs});
      to.push_back(out.data() + r * width);
      from.push_back(rounded.data() + r * pairs);
    }
    t.pair_product({to.data(), from.data(), rows, panels.data(), count, pairs, width});
  }
};

bool same_bits(const aligned_vector<float>& a, const aligned_vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

class IsaBfloat16 : public ::testing::TestWithParam<const table*> {
 protected:
  void SetUp() override {
    if (!GetParam()->supported()) {
      GTEST_SKIP() << "this processor does not run " << GetParam()->name;
    }
  }
  static const table& scalar() { return *kernels::all_tables().back(); }
};

INSTANTIATE_TEST_SUITE_P(All, IsaBfloat16,
                         ::testing::ValuesIn(kernels::all_tables().begin(), kernels::all_tables().end()),
                         [](const auto& tested) { return std::string(tested.param->name); });

TEST_P(IsaBfloat16, RoundsToTheNearest) {
  aligned_vector<float> x = random_values(1001, 1);
  for (const std::uint32_t tie : {0x3f808000u, 0x3f818000u, 0xbf808000u, 0x3f80ffffu, 0x7f7effffu, 0x00800000u}) {
    x.push_back(std::bit_cast<float>(tie));
  }
  aligned_vector<float> pairs((x.size() + 1) / 2);
  GetParam()->pairs({x.data(), x.size(), pairs.data()});
  for (std::size_t k = 0; k < x.size(); ++k) {
    ASSERT_EQ(k % 2 == 0 ? first_of(pairs[k / 2]) : second_of(pairs[k / 2]), nearest(x[k])) << x[k];
  }
  EXPECT_EQ(x.size() % 2, 1u);
  EXPECT_EQ(second_of(pairs.back()), 0.0f) << "beyond the last one";
}

TEST_P(IsaBfloat16, KeepsWhatIsNotFiniteAndFlushesWhatIsNotNormal) {
  const float infinite = std::numeric_limits<float>::infinity(), smallest = std::numeric_limits<float>::min();
  const aligned_vector<float> x{
      infinite,      -infinite,        std::bit_cast<float>(0x7fffffffu), std::bit_cast<float>(0x7f800001u),
      -smallest / 2, smallest * 0.999f};
  aligned_vector<float> pairs(3);
  GetParam()->pairs({x.data(), x.size(), pairs.data()});
  EXPECT_EQ(first_of(pairs[0]), infinite);
  EXPECT_EQ(second_of(pairs[0]), -infinite);
  EXPECT_TRUE(std::isnan(first_of(pairs[1])));
  EXPECT_TRUE(std::isnan(second_of(pairs[1])));
  EXPECT_EQ(std::bit_cast<std::uint32_t>(first_of(pairs[2])), 0x80000000u);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(second_of(pairs[2])), 0u);
}

TEST_P(IsaBfloat16, SumsInAscendingOrderRoundingOnce) {
  for (const std::size_t width : widths) {
    for (const std::size_t depth : depths) {
      for (const std::size_t rows : {1, 2, 3, 8, 13, 14, 15, 31}) {
        const problem p{rows,
                        depth,
                        width,
                        random_values(depth * width, width),
                        random_values(rows * depth, 5),
                        random_values(rows * width, 7)};
        aligned_vector<float> expected = p.sums;
        for (std::size_t r = 0; r < rows; ++r) {
          for (std::size_t c = 0; c < width; ++c) {
            for (std::size_t k = 0; k < depth; ++k) {
              float& sum = expected[r * width + c];
              sum = std::fma(nearest(p.factors[r * depth + k]), nearest(p.matrix[k * width + c]), sum);
            }
          }
        }
        EXPECT_TRUE(same_bits(p.run(*GetParam(), depth), expected)) << rows << " rows, " << depth << " x " << width;
        EXPECT_TRUE(same_bits(p.run(*GetParam(), 17), expected))
            << rows << " rows, " << depth << " x " << width << ", in pieces of an odd length";
        EXPECT_FALSE(same_bits(expected, p.sums));
      }
    }
  }
}

TEST_P(IsaBfloat16, FlushesTheSameSums) {
  std::size_t zeros = 0, others = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const problem p{5,
                    6,
                    48,
                    tiny_values(6 * 48, seed, -66, -60),
                    tiny_values(5 * 6, seed + 100, -66, -60),
                    tiny_values(5 * 48, seed + 200, -127, -124)};
    const auto expected = p.run(scalar(), 6), actual = p.run(*GetParam(), 6);
    ASSERT_TRUE(same_bits(actual, expected)) << seed;
    for (const float x : actual) {
      ASSERT_TRUE(x == 0.0f || std::isnormal(x));
      ++(x == 0.0f ? zeros : others);
    }
  }
  EXPECT_GT(zeros, 100u);
  EXPECT_GT(others, 100u);
}

}  // namespace
}  // namespace backspike
