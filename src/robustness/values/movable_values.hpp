#pragma once
// The values of samples that an attack moves, whatever they are: pixels that an encoder reads, or graded input.

#include <backspike/robustness/attack.hpp>

#include "robustness/values/steps.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace backspike {

class movable_values {
 public:
  /// The samples must outlive it.
  explicit movable_values(const attack_samples& samples);

  std::size_t samples() const { return first_.size() - 1; }
  const std::vector<float>& start() const { return start_; }
  value_range range() const { return range_; }
  template <class T>
  std::span<T> of(std::span<T> values, std::size_t sample) const {
    return values.subspan(first_[sample], first_[sample + 1] - first_[sample]);
  }

  /// What the network reads where the values are these, with the samples' labels. Valid until the next call. `draw`:
  /// of a random encoder.
  const dataset& encode(std::span<const float> values, std::uint32_t draw, thread_pool& pool);

  /// Writes dL/dvalues of one sample to `gradient`, given dL/dinput [steps][channels]. From any thread.
  void pull_back(std::span<const float> values, std::span<const float> error_input, double encoder_width,
                 std::vector<float>& gradient) const;

  /// The proposal in which the values are these.
  attack_proposal propose(std::vector<float> values, thread_pool& pool);

 private:
  const attack_samples& samples_;
  std::vector<float> start_;
  std::vector<std::size_t> first_;  // [samples + 1] of each sample's values
  value_range range_;
  dataset read_;
};

}  // namespace backspike
