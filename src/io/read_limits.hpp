#pragma once
// How much memory and time a file may take: a multiple of its size, so that a small file that unpacks to gigabytes, or
// that a damaged structure sends in circles, is refused. docs/border.md gives the numbers and the ways round them.

#include <cstdint>
#include <string>

namespace backspike {

struct read_limits {
  std::uint64_t memory = 0;  // [bytes] for what is read and all that reading needs
  double seconds = 0.0;      // of a processor
  double deadline = 0.0;     // [s] by the clock: a drive may be slow, a machine busy
};

/// For a file of so many bytes. The memory is at most what is free.
read_limits limits_for(std::uint64_t file_bytes);

/// Throws resource_error: `what` would need more than the limits give.
void require_memory(const read_limits& limits, const std::string& what, double bytes);

/// What the errors advise.
std::string advice_on_memory();
std::string advice_on_time();

}  // namespace backspike
