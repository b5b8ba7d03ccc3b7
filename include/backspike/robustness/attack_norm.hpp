#pragma once
// How the change of a sample is measured.

#include <backspike/core/enum_names.hpp>

#include <array>

namespace backspike {

/// How the change of a sample is measured against the budget. Attacks on spikes count them: l0.
enum class attack_norm { linf, l2, l1, l0 };
template <>
inline constexpr auto enum_names<attack_norm> = std::to_array<enum_name<attack_norm>>({
    {attack_norm::linf, "linf"},
    {attack_norm::l2, "l2"},
    {attack_norm::l1, "l1"},
    {attack_norm::l0, "l0"},
});

}  // namespace backspike
