#pragma once
// The attacks of the list, each in a file of its own.

#include <backspike/robustness/attack.hpp>

namespace backspike {

// src/robustness/values
attack_info fgsm_entry();
attack_info pgd_entry();
attack_info apgd_entry();
attack_info reach_entry();
attack_info random_noise_entry();

// src/robustness/without_gradient
attack_info random_search_entry();
attack_info spsa_entry();
attack_info boundary_entry();

// src/robustness/spikes
attack_info spike_greedy_entry();
attack_info spike_random_entry();
attack_info spike_pgd_entry();
attack_info spike_spsa_entry();
attack_info spike_decision_entry();

}  // namespace backspike
