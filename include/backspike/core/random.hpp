#pragma once
// Counter-based random numbers (Philox 4x32-10, library Random123): the n-th number of a stream is a pure function of
// (seed, stream, n). Results depend on the seed only, never on threads or on the order of calls.

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
  synapses = 10
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
  std::uint32_t block_[4]{};
  bool has_spare_ = false;
  double spare_ = 0.0;
};

/// 0 .. n-1 in random order (Fisher-Yates).
std::vector<std::uint32_t> permutation(std::uint32_t n, random_stream stream);

}  // namespace backspike
