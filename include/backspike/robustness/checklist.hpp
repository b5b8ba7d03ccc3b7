#pragma once
// Whether the figures of an attack can be believed: what every sound evaluation has to pass. A network whose gradients
// point nowhere looks robust; each item is a way in which that shows. [Athalye et al. 2018, ICML; Carlini et al. 2019,
// arXiv 1902.06705]

#include <backspike/core/enum_names.hpp>

#include <array>
#include <string>
#include <vector>

namespace backspike {

enum class check_state { passed, failed, left_out };
template <>
inline constexpr auto enum_names<check_state> = std::to_array<enum_name<check_state>>({
    {check_state::passed, "passed"},
    {check_state::failed, "failed"},
    {check_state::left_out, "left_out"},
});

struct check_item {
  std::string item;   // monotone, unbounded, iterated, plateau, transfer, random, without_gradient
  std::string claim;  // what has to hold
  check_state state = check_state::left_out;
  std::string seen;   // the figures; left out: why
  std::string cause;  // failed: what is likely wrong
};

/// No item failed.
bool is_reliable(const std::vector<check_item>& list);

}  // namespace backspike
