// Asks the system how much memory this process may still take, within the limits of its control group, and how much it
// has.

#include <backspike/core/resources.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

namespace backspike {
namespace {

constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

std::uint64_t free_memory() {
  std::ifstream file("/proc/meminfo");
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("MemAvailable:")) {
      return std::stoull(line.substr(13)) * 1024;
    }
  }
  return no_limit;
}

/// The number in a control group's file; "max" and a file that is not there mean no limit.
std::uint64_t limit_in(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::uint64_t value = 0;
  return file >> value ? value : no_limit;
}

/// The lowest limit from a group up to the root of its hierarchy.
std::uint64_t lowest_limit(const std::filesystem::path& mount, std::filesystem::path group, const char* name) {
  auto lowest = limit_in(mount / name);
  for (group = group.relative_path(); !group.empty(); group = group.parent_path()) {
    lowest = std::min(lowest, limit_in(mount / group / name));
  }
  return lowest;
}

/// Lines of /proc/self/cgroup: "0::/group" (version 2) or "4:memory:/group" (version 1).
std::uint64_t group_limit() {
  auto lowest = no_limit;
  std::ifstream file("/proc/self/cgroup");
  std::string line;
  while (std::getline(file, line)) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) {
      continue;
    }
    const auto controllers = line.substr(first + 1, second - first - 1);
    const auto group = line.substr(second + 1);
    if (controllers.empty()) {
      lowest = std::min(lowest, lowest_limit("/sys/fs/cgroup", group, "memory.max"));
    } else if (controllers == "memory") {
      lowest = std::min(lowest, lowest_limit("/sys/fs/cgroup/memory", group, "memory.limit_in_bytes"));
    }
  }
  return lowest;
}

}  // namespace

std::uint64_t available_memory() {
  const auto free = free_memory();
  return std::min(free == no_limit ? no_limit : free + resident_memory(), group_limit());
}

std::uint64_t resident_memory() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t total = 0, resident = 0;
  file >> total >> resident;
  return file ? resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

std::uint64_t peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace backspike
