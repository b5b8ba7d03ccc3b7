// Reads one number of each file, a hundred files behind one wall.

#include "events/steps/cached_targets.hpp"

#include <backspike/core/input_file.hpp>

#include "io/hdf5/hdf5_file.hpp"
#include "io/wall/wall.hpp"

#include <algorithm>

namespace backspike {
namespace {

constexpr std::size_t files_at_once = 100;

std::int64_t target_in(const std::string& path, const read_limits& limits) {
  const hdf5_input in(path, limits);
  const auto a = in.array("target/0");
  std::int64_t value = 0;
  if (a.kind != H5T_INTEGER || a.size() != 1) {
    in.fail(a.part, "not one whole number; accepted: the number of a class");
  }
  in.read(a, H5T_NATIVE_INT64, &value);
  return value;
}

void read_some(std::span<const std::string> paths, std::vector<std::int64_t>& targets) {
  std::uint64_t bytes = 0;
  for (const auto& path : paths) {
    bytes += regular_file_size(path);
  }
  const auto limits = limits_for(bytes, paths.size());
  run_behind_wall({paths.front(), "HDF5", limits,
                   [&](wall_sink& sink) {
                     for (const auto& path : paths) {
                       const auto target = target_in(path, limits);
                       sink.begin_item();
                       sink(target);
                     }
                   },
                   [&](wall_source& source) {
                     for (const auto& path : paths) {
                       source.expect(path);
                       source.begin_item();
                       std::int64_t target = 0;
                       source(target);
                       targets.push_back(target);
                     }
                   }});
}

}  // namespace

std::vector<std::int64_t> cached_targets(std::span<const std::string> paths) {
  std::vector<std::int64_t> targets;
  for (std::size_t first = 0; first < paths.size(); first += files_at_once) {
    read_some(paths.subspan(first, std::min(files_at_once, paths.size() - first)), targets);
  }
  return targets;
}

}  // namespace backspike
