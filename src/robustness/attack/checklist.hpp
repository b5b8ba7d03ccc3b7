#pragma once
// The items of the checklist, each a run or two more of the attack.

#include <backspike/robustness/attack_report.hpp>

#include <functional>

namespace backspike {

/// The runs that it makes, of which `progress` is told.
inline constexpr std::size_t checklist_runs = 8;

/// `report` has its points. `other`: a network trained apart from this one, for the transfer; may be null.
std::vector<check_item> check_attack_results(const attack_report& report, const attack_problem& problem,
                                             const attack_samples& samples, const attack_problem* other,
                                             const std::function<void()>& one_more);

}  // namespace backspike
