// Normal numbers of a counter: the same bits on every instruction set, those of Philox, and normal in double precision
// too.

#include "kernels/kernel_table.hpp"

#include <Random123/philox.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

namespace backspike {
namespace {

aligned_vector<float> drawn(const kernels::table& table, std::size_t count, std::uint32_t step) {
  aligned_vector<float> row(count);
  for (std::size_t k = 0; k < count; ++k) {
    row[k] = 0.01f * static_cast<float>(k);  // it adds
  }
  table.normals({row.data(), count, {0x12345678u, 0x9abcdef0u}, step, 0.7f});
  return row;
}

TEST(NormalKernels, EveryInstructionSetHasTheSameBits) {
  for (const std::size_t count : {16u, 48u, 64u, 80u, 256u}) {
    for (const std::uint32_t step : {0u, 1u, 4294967295u}) {
      const auto expected = drawn(*kernels::all_tables().back(), count, step);
      for (const kernels::table* table : kernels::all_tables()) {
        if (table->supported()) {
          const auto actual = drawn(*table, count, step);
          EXPECT_EQ(std::memcmp(actual.data(), expected.data(), count * sizeof(float)), 0) << table->name;
        }
      }
    }
  }
}

/// Number n of step 5 in double precision, from the words of the library.
double exact(std::uint32_t n) {
  const auto words = r123::Philox4x32{}({{n / 64 * 16 + n % 16, 5, 0, 0}}, {{0x12345678u, 0x9abcdef0u}});
  const std::uint32_t pair = n / 32 % 2, second = n / 16 % 2;
  const std::uint32_t a = words[2 * pair], b = words[2 * pair + 1];
  const double radius = std::sqrt(-2.0 * std::log((static_cast<double>(a >> 8) + 0.5) / 0x1p24));
  const double angle = static_cast<double>(static_cast<std::int32_t>(b << 2)) * 0x1p-32 * std::numbers::pi / 2.0;
  const bool swap = (b >> 30 & 1u) != 0, minus = (b >> 31) != 0;
  return (minus ? -0.7 : 0.7) * radius * (swap == (second == 1) ? std::cos(angle) : std::sin(angle));
}

TEST(NormalKernels, NumbersAreThoseOfTheirCounter) {
  const auto row = drawn(kernels::active_table(), 4096, 5);
  for (std::uint32_t n = 0; n < row.size(); ++n) {
    EXPECT_NEAR(static_cast<double>(row[n]) - static_cast<double>(0.01f * static_cast<float>(n)), exact(n), 1e-5) << n;
  }
}

TEST(NormalKernels, MoreNumbersLeaveTheFirstAsTheyAre) {
  const auto few = drawn(kernels::active_table(), 48, 9), many = drawn(kernels::active_table(), 256, 9);
  EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin()));
}

}  // namespace
}  // namespace backspike
