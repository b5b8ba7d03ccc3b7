// Finds the group of each parameter by its name, and groups that match nothing, which are mistakes.

#include "optimise/groups.hpp"

#include <backspike/core/name_ending.hpp>

#include <algorithm>

namespace backspike {
namespace {

/// Whether a group is meant for delays. They can be switched off by one number, `delay.max=0`; the group that gave them
/// their rate is no mistake then.
bool is_for_delays(const parameter_group& group) {
  return group.match.ends_with(".delay") || group.match.ends_with(".delay_width");
}

bool has_delays(const parameter_layout& layout) {
  return std::ranges::any_of(layout.entries(), [](const parameter_info& p) { return p.name.ends_with(".delay"); });
}

}  // namespace

std::vector<std::size_t> groups_of(std::span<const parameter_group> groups, const parameter_layout& layout) {
  std::vector<std::size_t> found(layout.size(), no_group);
  for (std::size_t i = 0; i < layout.size(); ++i) {
    for (std::size_t g = groups.size(); g-- > 0;) {
      found[i] = fits_pattern(groups[g].match, layout[i].name) ? g : found[i];
    }
  }
  return found;
}

std::optional<std::size_t> first_idle_group(std::span<const parameter_group> groups, const parameter_layout& layout) {
  const auto idle = [&](const parameter_group& group) {
    return std::ranges::none_of(
        layout.entries(), [&](const parameter_info& p) { return p.learnable && fits_pattern(group.match, p.name); });
  };
  for (std::size_t g = 0; g < groups.size(); ++g) {
    if (idle(groups[g]) && (has_delays(layout) || !is_for_delays(groups[g]))) {
      return g;
    }
  }
  return std::nullopt;
}

std::string learned_names(const parameter_layout& layout) {
  std::string names;
  for (const parameter_info& p : layout.entries()) {
    if (p.learnable) {
      names += (names.empty() ? "" : ", ") + p.name;
    }
  }
  return names;
}

}  // namespace backspike
