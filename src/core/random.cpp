// The streams of random numbers, on Philox of the library Random123. Uniform, normal and whole numbers, and
// permutations.

#include <backspike/core/random.hpp>

#include <Random123/philox.h>

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace backspike {

random_stream::random_stream(std::uint64_t seed, random_purpose purpose, std::uint64_t index)
    : seed_(seed), index_(index), purpose_(static_cast<std::uint32_t>(purpose)) {}

std::uint32_t random_stream::bits() {
  if (used_ == 4) {
    const r123::Philox4x32::ctr_type counter{
        {counter_++, purpose_, static_cast<std::uint32_t>(index_), static_cast<std::uint32_t>(index_ >> 32)}};
    const r123::Philox4x32::key_type key{{static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32)}};
    const auto block = r123::Philox4x32{}(counter, key);
    for (std::size_t k = 0; k < 4; ++k) {
      block_[k] = block[k];
    }
    used_ = 0;
  }
  return block_[used_++];
}

double random_stream::uniform() { return (static_cast<double>(bits()) + 0.5) * 0x1p-32; }

double random_stream::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2.0 * std::log(uniform()));
  const double angle = 2.0 * std::numbers::pi * uniform();
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

std::uint32_t random_stream::below(std::uint32_t bound) {
  // Lemire 2019: multiply, and reject the few values that would favour small results.
  std::uint64_t product = std::uint64_t{bits()} * bound;
  const std::uint32_t threshold = (0u - bound) % bound;
  while (static_cast<std::uint32_t>(product) < threshold) {
    product = std::uint64_t{bits()} * bound;
  }
  return static_cast<std::uint32_t>(product >> 32);
}

std::vector<std::uint32_t> permutation(std::uint32_t n, random_stream stream) {
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0u);
  for (std::uint32_t i = n; i > 1; --i) {
    std::swap(order[i - 1], order[stream.below(i)]);
  }
  return order;
}

}  // namespace backspike
