#pragma once
// Values of samples, and a network that only tells what it makes of them: losses and classes, no gradient.

#include <backspike/robustness/sample_losses.hpp>

#include "robustness/attack/attack_aim.hpp"
#include "robustness/values/movable_values.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace backspike {

class asked_values {
 public:
  /// The samples are copied; problem and options must outlive it.
  asked_values(const attack_problem& problem, const attack_samples& samples, const attack_options& options);

  std::size_t samples() const { return aims_.size(); }
  const std::vector<float>& start() const { return movable_.start(); }
  value_range range() const { return movable_.range(); }
  template <class T>
  std::span<T> of(std::span<T> values, std::size_t sample) const {
    return movable_.of(values, sample);
  }

  /// What the network says to these values: all samples, or those picked; [samples] valid where picked.
  const std::vector<attack_answer>& ask(std::span<const float> values, std::span<const std::uint32_t> picked);
  const std::vector<std::uint64_t>& queries() const { return queries_; }
  /// Samples whose aim is not reached by these answers.
  static std::vector<std::uint32_t> open(std::span<const attack_answer> answers);

  /// The proposal in which the values are these.
  attack_proposal propose(std::vector<float> values);

 private:
  const attack_problem& problem_;
  const attack_options& options_;
  attack_samples samples_;
  movable_values movable_;
  sample_losses network_;
  std::vector<attack_aim> aims_;
  std::vector<attack_answer> answers_;
  std::vector<std::uint64_t> queries_;
};

}  // namespace backspike
