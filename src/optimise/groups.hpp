#pragma once
// Which group of the optimiser a parameter belongs to.

#include <backspike/core/arena.hpp>
#include <backspike/optimise/optimiser_spec.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace backspike {

inline constexpr std::size_t no_group = static_cast<std::size_t>(-1);

/// For each parameter of a layout the first group whose pattern its name matches, or no_group.
std::vector<std::size_t> groups_of(std::span<const parameter_group> groups, const parameter_layout& layout);

/// The first group whose pattern no learned parameter's name matches.
std::optional<std::size_t> first_idle_group(std::span<const parameter_group> groups, const parameter_layout& layout);

/// "hidden1.weight, hidden1.tau_m, ...": what a group can be for.
std::string learned_names(const parameter_layout& layout);

}  // namespace backspike
