#pragma once
// Whether numbers are finite, over many of them.

#include <bit>
#include <cstddef>
#include <cstdint>

namespace backspike {

/// All of them; without a branch per value, since it runs over the states of every sample.
inline bool all_finite(const float* values, std::size_t n) {
  constexpr std::uint32_t exponent = 0x7f800000;
  std::uint32_t bad = 0;
  for (std::size_t i = 0; i < n; ++i) {
    bad |= (std::bit_cast<std::uint32_t>(values[i]) & exponent) == exponent ? 1u : 0u;
  }
  return bad == 0;
}

}  // namespace backspike
