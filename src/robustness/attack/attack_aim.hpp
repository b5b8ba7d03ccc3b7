#pragma once
// What an attack wants of a sample, and what the hard network says to a change of it.

#include <backspike/robustness/attack.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace backspike {

/// Another class than the label, or the class `target`, which is then the label whose loss is looked at.
struct attack_aim {
  std::optional<std::int32_t> target;
  std::int32_t label = -1;

  bool reached(std::int32_t predicted) const { return target ? predicted == *target : predicted != label; }
  /// What is to rise, of the loss.
  double sign() const { return target ? -1.0 : 1.0; }
};

/// What rises, and whether the aim is reached.
struct attack_answer {
  double height = 0.0;
  bool reached = false;
};

/// Labels of the samples by the first output.
const std::vector<std::int32_t>& labels_of(const attack_problem& problem, const dataset& data);
attack_aim aim_of(const attack_problem& problem, const dataset& data, std::uint32_t sample,
                  const attack_options& options);
/// With a target the loss that is looked at is that of its class.
void relabel(dataset& data, const attack_problem& problem, const attack_options& options);

}  // namespace backspike
