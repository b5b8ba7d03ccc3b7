#pragma once
// Counter-based random numbers (Philox 4x32-10, library Random123): the n-th number of a stream is a pure function of
// (seed, stream, n). Results depend on the seed only, never on threads or on the order of calls.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace backspike {

/// What a stream of numbers is for. Two purposes never share numbers.
enum class random_purpose : std::uint32_t {
  weights = 1,
  shuffle = 2,
  encoder = 3,
  split = 4,
  test = 5,
  cell_parameters = 6,
  feedback = 7,
  task = 8,
  delays = 9,
  synapses = 10,
  dropout = 11,
  noise = 12,
  episode = 13,
  action = 14,
  augment = 15,
  perturbation = 16,
  device = 17
};

class random_stream {
 public:
  /// `index` separates streams of one purpose (epoch, sample, parameter).
  random_stream(std::uint64_t seed, random_purpose purpose, std::uint64_t index = 0);
  std::uint32_t bits();                      // 32 uniform bits
  double uniform();                          // in (0, 1)
  double normal();                           // standard normal (Box-Muller)
  std::uint32_t below(std::uint32_t bound);  // unbiased, in [0, bound)

 private:
  std::uint64_t seed_, index_;
  std::uint32_t purpose_, counter_ = 0, used_ = 4;
  std::array<std::uint32_t, 4> block_{};
  bool has_spare_ = false;
  double spare_ = 0.0;
};

/// Names a stream whose numbers are asked for by their place, in any order: those of one sample in one epoch. `part`
/// separates streams of one purpose and sample.
struct random_key {
  std::uint32_t words[2]{};

  random_key() = default;
  random_key(std::uint64_t seed, random_purpose purpose, std::uint32_t epoch, std::uint32_t sample, std::uint32_t part);
  /// Numbers 4 n ... 4 n + 3: 32 uniform bits each.
  std::array<std::uint32_t, 4> four(std::uint32_t n) const;
};

/// 0 .. n-1 in random order (Fisher-Yates).
std::vector<std::uint32_t> permutation(std::uint32_t n, random_stream stream);

}  // namespace backspike
