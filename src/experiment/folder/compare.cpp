// Finds the first key in which two experiments differ, so that a refused `--resume` can name it.

#include "experiment/config/toml.hpp"
#include "experiment/folder/checkpoint.hpp"
#include "experiment/folder/directory.hpp"

#include <sstream>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace backspike {
namespace {

using settings = std::vector<std::pair<std::string, std::string>>;

void flatten(const toml::node& node, const std::string& key, settings& out) {
  if (const auto* table = node.as_table()) {
    for (const auto& [name, child] : *table) {
      flatten(child, key.empty() ? std::string(name.str()) : key + "." + std::string(name.str()), out);
    }
  } else if (const auto* array = node.as_array()) {
    for (std::size_t i = 0; i < array->size(); ++i) {
      flatten((*array)[i], key + "[" + std::to_string(i) + "]", out);
    }
  } else {
    std::ostringstream text;
    node.visit([&](const auto& value) { text << value; });
    out.emplace_back(key, text.str());
  }
}

settings settings_of(const std::string& text, const std::string& origin) {
  settings out;
  flatten(config::parse_toml(text, origin), "", out);
  return out;
}

std::string describe(const std::string& key, const std::string& before, const std::string& after) {
  return key + " (" + before + " before, " + after + " now)";
}

/// The same by key: a list of values has a setting for each neuron, and each is looked for.
class settings_index {
 public:
  explicit settings_index(const settings& all) {
    for (const auto& [key, value] : all) {
      values_.emplace(key, &value);
    }
  }

  /// Null if the key is not there.
  const std::string* find(const std::string& key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? nullptr : found->second;
  }

 private:
  std::unordered_map<std::string_view, const std::string*> values_;
};

}  // namespace

std::string first_difference(const std::string& before, const std::string& after, const std::string& origin) {
  if (before == after) {
    return "";
  }
  const auto old_settings = settings_of(before, origin), new_settings = settings_of(after, experiment_file);
  const settings_index old_index(old_settings), new_index(new_settings);
  for (const auto& [key, value] : old_settings) {
    const auto* now = new_index.find(key);
    if (now == nullptr || *now != value) {
      return describe(key, value, now == nullptr ? "absent" : *now);
    }
  }
  for (const auto& [key, value] : new_settings) {
    if (old_index.find(key) == nullptr) {
      return describe(key, "absent", value);
    }
  }
  return "";
}

}  // namespace backspike
