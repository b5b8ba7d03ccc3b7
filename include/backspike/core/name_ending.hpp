#pragma once
// Endings of file names, whatever the case of their letters: cameras, recorders and Windows write .WAV and .Wav.

#include <algorithm>
#include <string_view>

namespace backspike {

/// `ending` in small letters, with its dot.
inline bool has_ending(std::string_view name, std::string_view ending) {
  const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return name.size() >= ending.size() &&
         std::equal(ending.begin(), ending.end(), name.end() - static_cast<std::ptrdiff_t>(ending.size()),
                    [&](char wanted, char c) { return small(c) == wanted; });
}

}  // namespace backspike
