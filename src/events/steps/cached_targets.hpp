#pragma once
// The targets in files of tonic's cache on disk (DiskCachedDataset).

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace backspike {

/// The whole number target/0 of each file, which is the sample's class. HDF5 is read behind the wall, so its source is
/// in io/events. Throws format_error naming the file: no HDF5, no such number; file_error.
std::vector<std::int64_t> cached_targets(std::span<const std::string> paths);

}  // namespace backspike
