#pragma once
// The operations of fixed point, the same in our simulator and in the exported C: results that no longer fit stay at
// the end of the range, products are rounded to the nearest, halves upwards.

#include <algorithm>
#include <cstdint>
#include <limits>

namespace backspike::deploy {

inline std::int64_t limited(std::int64_t x) {
  return std::clamp<std::int64_t>(x, std::numeric_limits<std::int32_t>::min(),
                                  std::numeric_limits<std::int32_t>::max());
}

inline std::int64_t fixed_add(std::int64_t a, std::int64_t b) { return limited(a + b); }
inline std::int64_t fixed_subtract(std::int64_t a, std::int64_t b) { return limited(a - b); }

/// x * factor / 2^shift.
inline std::int64_t fixed_scale(std::int64_t x, std::int64_t factor, int shift) {
  const std::int64_t product = x * factor;
  return limited(shift > 0 ? (product + (std::int64_t{1} << (shift - 1))) >> shift : product);
}

/// Sums of stored weights stay below this, so that their product with a factor fits 64 bits.
inline constexpr std::int64_t most_sum = std::int64_t{1} << 38, most_factor = std::int64_t{1} << 24;

inline std::int64_t fixed_weigh(std::int64_t sum, std::int64_t factor, int shift) {
  return fixed_scale(std::clamp(sum, -most_sum, most_sum), factor, shift);
}

/// A state of so many bits.
inline std::int64_t fixed_keep(std::int64_t x, int bits) {
  const std::int64_t most = (std::int64_t{1} << (bits - 1)) - 1;
  return std::clamp(x, -most - 1, most);
}

}  // namespace backspike::deploy
