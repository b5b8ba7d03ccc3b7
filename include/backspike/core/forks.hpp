#pragma once
// Whether this process is a child of the one that made an object: fork() copies objects, but only the thread that calls
// it, so that what waits for another thread would wait for ever.

#include <cstdint>

namespace backspike {

/// How many forks lie between the start of the program and this process, counted from the first call on. An object that
/// remembers the number it was made at knows that it was copied by fork() when the number has changed.
std::uint64_t fork_generation();

}  // namespace backspike
