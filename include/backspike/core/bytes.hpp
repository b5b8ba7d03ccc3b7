#pragma once
// Numbers of bytes as text.

#include <cstdint>
#include <string>

namespace backspike {

/// "512 B", "12.3 MiB", "4.0 GiB": for people, in tables and messages.
std::string bytes_text(std::uint64_t bytes);

}  // namespace backspike
