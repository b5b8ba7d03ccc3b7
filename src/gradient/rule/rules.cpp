// The list of learning rules, in the order in which a comparison shows them.

#include "gradient/rule/rules.hpp"

#include <algorithm>
#include <array>

namespace backspike {

void rule_at_work::start(const arena<float>&) {}
void rule_at_work::updated() {}

std::span<const rule_entry> rules() {
  static const auto list = std::to_array<rule_entry>(
      {bptt_entry(), checkpointed_bptt_entry(), truncated_bptt_entry(), rtrl_entry(), eprop_entry()});
  static_assert(std::tuple_size_v<std::remove_const_t<decltype(list)>> == rule_list.size(), "a rule is missing");
  return list;
}

const rule_entry& find_rule(rule_kind kind) { return *std::ranges::find(rules(), kind, &rule_entry::kind); }

}  // namespace backspike
