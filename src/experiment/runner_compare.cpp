#include "experiment/config_toml.hpp"
#include "experiment/runner_checkpoint.hpp"
#include "experiment/runner_directory.hpp"

#include <algorithm>
#include <sstream>
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

settings settings_of(const std::string& text) {
  settings out;
  flatten(config::parse_toml(text, experiment_file), "", out);
  return out;
}

std::string describe(const std::string& key, const std::string& before, const std::string& after) {
  return key + " (" + before + " before, " + after + " now)";
}

/// Null if the key is not there.
const std::string* value_of(const settings& all, const std::string& key) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& setting) { return setting.first == key; });
  return found == all.end() ? nullptr : &found->second;
}

}  // namespace

std::string first_difference(const std::string& before, const std::string& after) {
  if (before == after) {
    return "";
  }
  const auto old_settings = settings_of(before), new_settings = settings_of(after);
  for (const auto& [key, value] : old_settings) {
    const auto* now = value_of(new_settings, key);
    if (now == nullptr || *now != value) {
      return describe(key, value, now == nullptr ? "absent" : *now);
    }
  }
  for (const auto& [key, value] : new_settings) {
    if (value_of(old_settings, key) == nullptr) {
      return describe(key, "absent", value);
    }
  }
  return "";
}

}  // namespace backspike
