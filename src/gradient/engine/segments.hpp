#pragma once
// Time is a range: the windows of a sample that are run forward, and backward, one after the other. Full BPTT is one
// window; checkpointed BPTT has windows that meet and hand the error on; truncated BPTT has windows that overlap, each
// with the errors of its last steps only.

#include <backspike/gradient/rule_spec.hpp>

#include <cstddef>

namespace backspike {

struct step_range {
  std::size_t begin = 0, end = 0;
  std::size_t steps() const { return end - begin; }
};

/// A window, and the step from which on the objective's error is sent back from it.
struct segment {
  step_range steps;
  std::size_t loss_begin = 0;
  bool empty() const { return steps.end == steps.begin; }
};

/// A window's place depends on the sample's own length alone, never on those of the samples beside it.
struct segment_plan {
  rule_kind kind = rule_kind::bptt;
  std::size_t window = 0, stride = 0;  // [steps]; bptt: not used
  std::size_t count = 1;               // windows of the longest sample
  std::size_t longest = 0;             // steps of a window, at most

  bool whole() const { return kind == rule_kind::bptt; }
  /// The error on states goes on into the window before.
  bool carries_gradient() const { return kind == rule_kind::checkpointed_bptt; }
  /// Window j of a sample; empty if the sample ends before.
  segment at(std::size_t j, std::size_t sample_steps) const;
};

/// Throws value_error: a window or stride of 0, a stride past the window.
void check_rule(const rule_spec& rule);

/// For samples of up to `steps` steps.
segment_plan plan_segments(const rule_spec& rule, std::size_t steps);

/// Forward only: in pieces, where the rule is there to save memory.
segment_plan plan_evaluation(const rule_spec& rule, std::size_t steps);

}  // namespace backspike
