#pragma once
// The inside of the wall (wall.hpp): what the child gives up before it touches the file.

#include "io/wall/read_limits.hpp"
#include "io/wall/wall_stream.hpp"

#include <sys/types.h>

#include <cstdint>
#include <functional>

namespace backspike {

/// Worked out by the parent, where every call is safe.
struct child_plan {
  int pipe = -1;  // at least 3
  pid_t parent = 0;
  std::uint64_t memory = 0;  // [bytes] of addresses, those that the parent has included
  std::uint64_t seconds = 0;
};

child_plan plan_child(int pipe, const read_limits& limits);

/// Never returns: no handler of exit, no destructor and no buffer of the parent runs in the child.
[[noreturn]] void live_behind_wall(const child_plan& plan, const std::function<void(wall_sink&)>& inside) noexcept;

}  // namespace backspike
