#pragma once
// The learning rule: which steps of a sample the error reaches, and what has to be kept for it.

#include <cstdint>

namespace backspike {

/// bptt               the whole sample, everything kept
/// checkpointed_bptt  the same gradient, bit by bit: states are kept at every `every`-th step, the rest runs again
/// truncated_bptt     the error of `stride` steps goes back over the last `window` steps, and no further
enum class rule_kind { bptt, checkpointed_bptt, truncated_bptt };

/// How the distance of checkpoints is chosen: `automatic` takes the largest that fits the budget.
enum class checkpoint_kind { automatic, fixed };

struct rule_spec {
  rule_kind kind = rule_kind::bptt;
  checkpoint_kind memory = checkpoint_kind::automatic;  // checkpointed_bptt
  std::uint32_t every = 32;                             // checkpointed_bptt, fixed: steps between checkpoints
  double budget_mib = 0.0;  // checkpointed_bptt, automatic: memory of a run [MiB]; 0: what the machine has
  std::uint32_t window = 64, stride = 32;  // truncated_bptt [steps]
  bool operator==(const rule_spec&) const = default;
};

}  // namespace backspike
