#pragma once
// What the machine gives this process, so that a run that cannot fit is refused before it starts.

#include <cstdint>

namespace backspike {

/// Bytes that this process may use in total, what it already holds included: the kernel's estimate of free memory
/// (MemAvailable) and the limits of the control groups that the process is in, whichever is lowest.
std::uint64_t available_memory();

/// Memory that this process holds now [bytes]; 0 where the system does not say.
std::uint64_t resident_memory();

/// The most memory this process has held so far [bytes].
std::uint64_t peak_memory();

}  // namespace backspike
