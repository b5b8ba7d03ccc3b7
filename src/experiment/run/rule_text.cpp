// Says a learning rule in words, with the numbers that it came down to.

#include <backspike/experiment/rule_text.hpp>

#include <backspike/core/enum_names.hpp>

#include <fmt/format.h>

namespace backspike {

std::string rule_text(const rule_spec& rule, std::size_t longest) {
  std::string text(name_of(rule.kind));
  if (has_forms(rule)) {
    text += fmt::format(", {} form", is_forward(rule) ? "forward" : "backward");
  }
  if (keeps_checkpoints(rule) && rule.every < longest) {
    text += fmt::format(", checkpoints every {} steps", rule.every);
  }
  if (info_of(rule.kind).keeps == kept_states::windows) {
    text += fmt::format(", {} steps back from every {}", rule.window, rule.stride);
  }
  return text;
}

}  // namespace backspike
