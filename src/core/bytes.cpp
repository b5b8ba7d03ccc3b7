// Writes a number of bytes in the unit that people would choose, for tables and messages.

#include <backspike/core/bytes.hpp>

#include <array>
#include <cstdio>

namespace backspike {

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1023.95 && unit + 1 < units.size(); ++unit) {  // 1023.95 would be printed as 1024.0
    value /= 1024.0;
  }
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
  return text;
}

}  // namespace backspike
