#pragma once
// Names of files in any case of letters (cameras, recorders and Windows write .WAV and .Gz), and names by a pattern.

#include <string>
#include <string_view>

namespace backspike {

/// `ending` in small letters, with its dot.
bool has_ending(std::string_view name, std::string_view ending);

/// The path itself if it is there, otherwise the first one in its folder whose last part differs only in the case of
/// (ASCII) letters; "" if there is none.
std::string path_in_any_case(const std::string& path);

/// Whether a name such as hidden1.tau_m fits a pattern: * and ? stand for any letters, [..] for one of some.
bool fits_pattern(const std::string& pattern, const std::string& name);

}  // namespace backspike
