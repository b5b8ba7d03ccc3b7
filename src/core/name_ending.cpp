#include <backspike/core/name_ending.hpp>

#include <algorithm>
#include <filesystem>
#include <system_error>

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
  std::error_code failed;  // what cannot be looked into holds nothing
  if (std::filesystem::exists(path, failed)) {
    return path;
  }
  const std::filesystem::path wanted(path);
  const auto folder = wanted.parent_path();
  std::string found;
  const auto begin = std::filesystem::directory_iterator(folder.empty() ? "." : folder, failed);
  for (auto entry = begin; !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
    const auto name = entry->path().filename().string();
    if (same_letters(name, wanted.filename().string()) && (found.empty() || name < found)) {
      found = name;
    }
  }
  return found.empty() ? "" : (folder / found).string();
}

}  // namespace backspike
