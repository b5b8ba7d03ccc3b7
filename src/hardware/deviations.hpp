#pragma once
// Numbers of mean 0 and deviation 1 by their place, fast enough to be drawn anew for every weight in every batch:
// sixteen random bits look one up in a table of quantiles.

#include <backspike/core/random.hpp>
#include <backspike/hardware/device_spec.hpp>

#include <cstdint>
#include <span>

namespace backspike {

inline constexpr double most_deviations = 3.0;  // of a normal number where a parameter has a range

class deviations {
 public:
  /// `bounded`: those of a normal distribution that is cut at most_deviations.
  deviations(mismatch_distribution of, bool bounded);

  /// Numbers 8 n ... 8 n + 7 of a stream.
  void eight(const random_key& stream, std::uint32_t n, std::span<float, 8> values) const;

 private:
  std::span<const float> quantiles_;  // [65536]
};

}  // namespace backspike
