// The list of attacks by name.

#include "robustness/attack/attack_list.hpp"

#include <backspike/core/error.hpp>

#include <algorithm>
#include <array>
#include <string>

namespace backspike {

std::span<const attack_info> attack_list() {
  static const std::array list{
      // on values
      fgsm_entry(),
      pgd_entry(),
      apgd_entry(),
      reach_entry(),
      random_noise_entry(),
      random_search_entry(),
      spsa_entry(),
      boundary_entry(),
      // on spikes
      spike_greedy_entry(),
      spike_pgd_entry(),
      spike_random_entry(),
      spike_spsa_entry(),
      spike_decision_entry(),
  };
  return list;
}

const attack_info& attack_named(std::string_view name) {
  const auto list = attack_list();
  const auto found = std::ranges::find(list, name, &attack_info::name);
  if (found == list.end()) {
    std::string names;
    for (const attack_info& a : list) {
      names += (names.empty() ? "" : ", ") + std::string(a.name);
    }
    throw value_error("attack", "attack", std::string(name), names);
  }
  return *found;
}

}  // namespace backspike
