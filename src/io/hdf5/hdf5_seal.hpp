#pragma once
// The seal of our HDF5 files finds any changed or missing byte before HDF5 itself, which can crash on damage, sees the
// file.

#include <cstddef>
#include <string>

namespace backspike {

inline constexpr std::size_t seal_bytes = 512;  // the smallest user block of HDF5

/// Puts a line with the length and the checksum of all that follows into the first seal_bytes of the file's content.
void seal(std::string& content);

/// Throws format_error if the file begins with a seal that its content does not match; file_error.
void check_seal(const std::string& path);

}  // namespace backspike
