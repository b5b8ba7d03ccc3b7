// Compares the endings of file names without regard to capital letters, finds a file whose name is written in either,
// and holds names against patterns.

#include <backspike/core/file.hpp>
#include <backspike/core/name_ending.hpp>

#include <fnmatch.h>

#include <algorithm>
#include <filesystem>

namespace backspike {
namespace {

bool same_letters(std::string_view a, std::string_view b) {
  const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, [&](char x, char y) { return small(x) == small(y); });
}

}  // namespace

bool has_ending(std::string_view name, std::string_view ending) {
  return name.size() >= ending.size() && same_letters(name.substr(name.size() - ending.size()), ending);
}

std::string path_in_any_case(const std::string& path) {
  if (is_there(path)) {
    return path;
  }
  const std::filesystem::path wanted(path);
  const std::string folder = wanted.has_parent_path() ? wanted.parent_path().string() : ".";
  if (!is_folder(folder)) {
    return "";
  }
  for (const auto& name : names_in(folder)) {
    if (same_letters(name, wanted.filename().string())) {
      return (wanted.parent_path() / name).string();
    }
  }
  return "";
}

bool fits_pattern(const std::string& pattern, const std::string& name) {
  return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

}  // namespace backspike
