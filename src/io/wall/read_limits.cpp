// Sets the memory and the time that a file may take, from its size and from two variables of the environment.

#include "io/wall/read_limits.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/resources.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace backspike {
namespace {

constexpr double memory_floor = 1024.0 * 1024.0 * 1024.0;  // [bytes]
constexpr double memory_factor = 64.0;                     // times the size of the file
constexpr double seconds_floor = 10.0, seconds_per_byte = 1e-6;
constexpr double deadline_factor = 10.0;
constexpr double copies = 2.0;  // of a result on its way through the wall

constexpr const char *memory_variable = "BACKSPIKE_FILE_MEMORY", *time_variable = "BACKSPIKE_FILE_SECONDS";

/// A positive number in the environment, or 0.
double number_from(const char* variable) {
  const char* text = std::getenv(variable);
  const double value = text == nullptr ? 0.0 : std::strtod(text, nullptr);
  return value > 0.0 && value < 1e12 ? value : 0.0;
}

double free_memory() {
  const auto there = available_memory(), held = resident_memory();
  return static_cast<double>(there > held ? there - held : 0);
}

}  // namespace

read_limits limits_for(std::uint64_t file_bytes, std::size_t files) {
  const auto size = static_cast<double>(file_bytes), count = static_cast<double>(files);
  const double asked = count * number_from(memory_variable) * 1024.0 * 1024.0 * 1024.0;
  const double memory = asked > 0.0 ? asked : memory_floor + memory_factor * size;
  const double given = count * number_from(time_variable);
  const double seconds = std::ceil(given > 0.0 ? given : seconds_floor + seconds_per_byte * size);
  return {static_cast<std::uint64_t>(std::min(memory, free_memory() / copies)), static_cast<std::uint64_t>(seconds),
          deadline_factor * seconds};
}

void require_memory(const read_limits& limits, const std::string& what, double bytes) {
  if (!(bytes <= static_cast<double>(limits.memory))) {
    constexpr double most = 9e18;
    throw resource_error(what, static_cast<std::uint64_t>(std::min(bytes, most)), limits.memory, advice_on_memory());
  }
}

std::string advice_on_memory() {
  return std::string(
             "a file may take 1 GiB and 64 times its size, and half of what is free at most; if this one is in order, "
             "set ") +
         memory_variable + " to a number of GiB";
}

std::string advice_on_time() {
  return std::string("if the file is in order, set ") + time_variable + " to a number of seconds";
}

}  // namespace backspike
