// The streams of random numbers, on Philox of the library Random123. Uniform, normal and whole numbers, and
// permutations.

#include <backspike/core/random.hpp>

#include <Random123/philox.h>

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace backspike {

namespace {

using philox = r123::Philox4x32;

std::array<std::uint32_t, 4> numbers_of(const philox::key_type& key, const philox::ctr_type& counter) {
  const auto block = philox{}(counter, key);
  return {block[0], block[1], block[2], block[3]};
}

philox::key_type key_of(std::uint64_t seed) {
  return {{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}};
}

}  // namespace

random_stream::random_stream(std::uint64_t seed, random_purpose purpose, std::uint64_t index)
    : seed_(seed), index_(index), purpose_(static_cast<std::uint32_t>(purpose)) {}

std::uint32_t random_stream::bits() {
  if (used_ == 4) {
    const philox::ctr_type counter{
        {counter_++, purpose_, static_cast<std::uint32_t>(index_), static_cast<std::uint32_t>(index_ >> 32)}};
    block_ = numbers_of(key_of(seed_), counter);
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

random_key::random_key(std::uint64_t seed, random_purpose purpose, std::uint32_t epoch, std::uint32_t sample,
                       std::uint32_t part) {
  const auto block = numbers_of(key_of(seed), {{epoch, static_cast<std::uint32_t>(purpose), sample, part}});
  words[0] = block[0];
  words[1] = block[1];
}

std::array<std::uint32_t, 4> random_key::four(std::uint32_t n) const {
  return numbers_of({{words[0], words[1]}}, {{n, 0, 0, 0}});
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
