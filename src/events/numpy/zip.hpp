#pragma once
// Archives of arrays: the part of ZIP that NumPy writes, stored or deflated.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace backspike {

struct zip_entry {
  std::string name;
  std::uint32_t method = 0, checksum = 0;
  std::uint64_t packed = 0, size = 0, header = 0;  // [bytes], and where its own header stands
};

/// The list at the end of the archive. Throws format_error: damaged, encrypted, in several files.
std::vector<zip_entry> zip_entries(const std::string& path, std::span<const std::uint8_t> archive);

/// What an entry holds: a part of the archive, or `unpacked` where it was deflated. Throws format_error (damaged, a
/// wrong checksum, another method) and resource_error.
std::span<const std::uint8_t> zip_content(const std::string& path, std::span<const std::uint8_t> archive,
                                          const zip_entry& entry, std::vector<std::uint8_t>& unpacked);

}  // namespace backspike
