#pragma once
// From packed bits (a word of 16 neurons) to ascending indices.

#include <backspike/core/aligned.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace backspike {

/// Writes the set positions below `units` to `out`; returns how many. The padding beyond `units` may be set: it repeats
/// the last neuron's constants, and a threshold that was learned down to its input would let it fire.
inline std::size_t set_positions(const std::uint16_t* words, std::size_t units, std::uint32_t* out) {
  std::size_t n = 0;
  for (std::size_t k = 0; k * lanes < units; ++k) {
    for (unsigned bits = words[k]; bits != 0; bits &= bits - 1) {
      out[n++] = static_cast<std::uint32_t>(k * lanes + static_cast<std::size_t>(std::countr_zero(bits)));
    }
  }
  while (n > 0 && out[n - 1] >= units) {
    --n;
  }
  return n;
}

}  // namespace backspike
