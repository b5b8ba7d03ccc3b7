// Backpropagation through time, whole, from checkpoints or over windows: the engine's own way back.

#include "gradient/rule/rules.hpp"

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

class bptt final : public rule_at_work {
 public:
  explicit bptt(engine& simulator) : engine_(simulator) {}

  batch_result gradient(const arena<float>& parameters, batch_view batch, arena<float>& gradient) override {
    return engine_.gradient(parameters, batch, gradient);
  }

 private:
  engine& engine_;
};

rule_entry entry(rule_kind kind) {
  return {.kind = kind, .make = [](const rule_setting& s) -> std::unique_ptr<rule_at_work> {
            return std::make_unique<bptt>(s.simulator);
          }};
}

/// The distance is the square root of the length: there the memory is least.
std::vector<rule_variant> with_checkpoints(const rule_spec&, std::size_t longest) {
  rule_spec rule{rule_kind::checkpointed_bptt, checkpoint_kind::fixed};
  rule.every = static_cast<std::uint32_t>(std::ceil(std::sqrt(static_cast<double>(longest))));
  return {{"checkpointed_bptt", rule}};
}

rule_variant with_windows(std::size_t longest, std::size_t parts) {
  rule_spec rule{rule_kind::truncated_bptt};
  rule.window = rule.stride = static_cast<std::uint32_t>(std::max<std::size_t>((longest + parts - 1) / parts, 1));
  return {"truncated_bptt T/" + std::to_string(parts), rule};
}

}  // namespace

rule_entry bptt_entry() { return entry(rule_kind::bptt); }

rule_entry checkpointed_bptt_entry() {
  rule_entry e = entry(rule_kind::checkpointed_bptt);
  e.variants = with_checkpoints;
  return e;
}

rule_entry truncated_bptt_entry() {
  rule_entry e = entry(rule_kind::truncated_bptt);
  e.variants = [](const rule_spec&, std::size_t longest) {
    return std::vector{with_windows(longest, 2), with_windows(longest, 8)};
  };
  return e;
}

}  // namespace backspike
