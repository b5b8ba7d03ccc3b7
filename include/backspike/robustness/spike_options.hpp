#pragma once
// What an attack on spikes may change, and how its budget counts. The size of a change is the number of bins (a channel
// in a step) that differ from the sample, so a shift counts twice.

#include <backspike/core/enum_names.hpp>

#include <array>
#include <cstdint>
#include <vector>

namespace backspike {

/// add: a spike in an empty bin; remove: one is taken away; shift: one goes to an empty bin nearby, in time or among
/// neighbouring channels.
enum class spike_change { add, remove, shift };
template <>
inline constexpr auto enum_names<spike_change> = std::to_array<enum_name<spike_change>>({
    {spike_change::add, "add"},
    {spike_change::remove, "remove"},
    {spike_change::shift, "shift"},
});

struct spike_options {
  std::vector<spike_change> changes{spike_change::add, spike_change::remove, spike_change::shift};
  std::uint32_t window = 0;       // [steps] the budget is that of each window of so many; 0: of the whole sample
  std::uint32_t reach = 2;        // [steps] and [channels] of a shift; on a grid so many rows and columns
  std::uint32_t candidates = 16;  // changes that a gradient ranks first, tried on the hard network before one is kept
  bool prunes = true;             // takes back what is not needed once the class is wrong

  bool allows(spike_change change) const;
};

}  // namespace backspike
