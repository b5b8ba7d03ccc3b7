// Cuts a sample into the windows of a learning rule: one, windows that meet, or windows that overlap.

#include "gradient/engine/segments.hpp"

#include <backspike/core/error.hpp>

#include <algorithm>
#include <string>

namespace backspike {
namespace {

void require_steps(const char* name, std::size_t value) {
  if (value == 0) {
    throw value_error("learning rule", name, "0 steps", "at least 1 step");
  }
}

}  // namespace

void check_rule(const rule_spec& rule) {
  if (keeps_checkpoints(rule) && rule.memory == checkpoint_kind::fixed) {
    require_steps("rule.every", rule.every);
  }
  if (rule.kind == rule_kind::truncated_bptt) {
    require_steps("rule.window", rule.window);
    require_steps("rule.stride", rule.stride);
    if (rule.stride > rule.window) {
      throw value_error("learning rule", "rule.stride", std::to_string(rule.stride) + " steps",
                        "at most rule.window, " + std::to_string(rule.window) +
                            " steps: the error of the steps between would reach no window");
    }
  }
}

segment segment_plan::at(std::size_t j, std::size_t sample_steps) const {
  if (kind == rule_kind::bptt) {
    return {{0, sample_steps}, 0};
  }
  const std::size_t first = std::min(j * stride, sample_steps), end = std::min(first + stride, sample_steps);
  if (first == end || kind == rule_kind::checkpointed_bptt) {
    return {{first, end}, first};
  }
  return {{end > window ? end - window : 0, end}, first};
}

segment_plan plan_segments(const rule_spec& asked, std::size_t steps) {
  rule_spec rule = asked;
  if (is_forward(asked)) {  // what the engine does beside such a rule must not grow with the sample either
    rule.every = 256;
  }
  if (is_forward(asked) || keeps_checkpoints(asked)) {
    rule.kind = rule_kind::checkpointed_bptt;
  }
  const std::size_t window = rule.kind == rule_kind::truncated_bptt ? rule.window : rule.every;
  if (rule.kind == rule_kind::bptt || (rule.kind == rule_kind::checkpointed_bptt && window >= steps)) {
    return {rule_kind::bptt, 0, 0, 1, steps};
  }
  const std::size_t stride = rule.kind == rule_kind::truncated_bptt ? rule.stride : rule.every;
  return {rule.kind, window, stride, (steps + stride - 1) / stride, std::min(window, steps)};
}

segment_plan plan_evaluation(const rule_spec& rule, std::size_t steps) {
  rule_spec pieces = rule;
  if (rule.kind == rule_kind::truncated_bptt) {
    pieces.kind = rule_kind::checkpointed_bptt;
    pieces.every = rule.window;
  }
  return plan_segments(pieces, steps);
}

}  // namespace backspike
