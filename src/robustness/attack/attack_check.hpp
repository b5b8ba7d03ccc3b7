#pragma once
// What is refused before an attack begins.

#include <backspike/robustness/attack.hpp>

namespace backspike {

/// Throws value_error, as run_attack says.
void check_attack(const attack_info& info, const attack_problem& problem, const attack_samples& samples,
                  const attack_options& options);

}  // namespace backspike
