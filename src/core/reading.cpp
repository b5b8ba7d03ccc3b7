// Tells numbers that may reach a network from those that may not. It compares bits as integers, so that long arrays are
// searched quickly.

#include <backspike/core/reading.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>

namespace backspike {
namespace {

constexpr std::uint32_t without_sign = 0x7fffffff, largest = std::bit_cast<std::uint32_t>(largest_reading);

/// As integers, by which infinity and NaN are the largest.
std::uint32_t size_of(float x) { return std::bit_cast<std::uint32_t>(x) & without_sign; }

}  // namespace

bool is_reading(float x) { return size_of(x) <= largest; }

std::size_t first_no_reading(std::span<const float> values) {
  std::uint32_t most = 0;  // without a branch for each, so that it runs in vectors
  for (const float x : values) {
    most = std::max(most, size_of(x));
  }
  if (most <= largest) {
    return values.size();
  }
  return static_cast<std::size_t>(std::ranges::find_if_not(values, is_reading) - values.begin());
}

std::string reading_text() { return "a finite number, at most 1e18 in size"; }

}  // namespace backspike
