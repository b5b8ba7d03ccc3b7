#pragma once
// How much memory and time a file may take: a multiple of its size, so that a small file that unpacks to gigabytes, or
// that a damaged structure sends in circles, is refused. docs/border.md gives the numbers and the ways round them.

#include <cstddef>
#include <cstdint>
#include <string>

namespace backspike {

struct read_limits {
  std::uint64_t memory = 0;   // [bytes] for what is read and all that reading needs
  std::uint64_t seconds = 0;  // of a processor; whole ones, as the system counts them
  double deadline = 0.0;      // [s] by the clock: a drive may be slow, a machine busy
};

/// For so many bytes in so many files together; what the environment asks for is for each. The memory is at most half
/// of what is free: while the result comes through the wall, both sides hold it.
read_limits limits_for(std::uint64_t file_bytes, std::size_t files = 1);

/// Throws resource_error: `what` would need more than the limits give.
void require_memory(const read_limits& limits, const std::string& what, double bytes);

/// What the errors advise.
std::string advice_on_memory();
std::string advice_on_time();

}  // namespace backspike
