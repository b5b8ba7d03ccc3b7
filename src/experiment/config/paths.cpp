// Makes the paths of data absolute, so that a checkpoint finds its data from any folder.

#include "experiment/config/paths.hpp"

#include <backspike/core/text.hpp>

#include "experiment/config/keys/keys.hpp"

#include <filesystem>

namespace backspike::config {
namespace {

namespace fs = std::filesystem;

/// Without "." and "..", unless a link on the way gives ".." another meaning.
fs::path plain(const fs::path& whole) {
  std::error_code failed;
  const auto shorter = whole.lexically_normal();
  return fs::weakly_canonical(shorter, failed) == fs::weakly_canonical(whole, failed) && !failed ? shorter : whole;
}

std::string absolute(std::string path, const fs::path& folder) {
  if (path.empty() || fs::path(path).is_absolute()) {
    return path;
  }
  path = (folder / path).string();
  std::error_code failed;
  const auto whole = fs::absolute(path, failed);
  // Where there is no current folder any more, or one whose name could not be written into a file, it stays relative.
  if (auto remembered = plain(whole).string();
      !failed && is_valid_utf8(remembered) && !has_control_characters(remembered)) {
    return remembered;
  }
  return path;
}

}  // namespace

void make_paths_absolute(experiment& e, const std::string& folder) {
  for (const auto& table : experiment_keys()) {
    for (const auto& key : table.keys) {
      if (key.is_path) {
        key.set(e, absolute(std::get<std::string>(key.get(e)), folder));
      }
    }
  }
}

}  // namespace backspike::config
