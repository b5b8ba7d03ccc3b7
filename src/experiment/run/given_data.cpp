// The data settings for a file that a user gives to a trained network; overrides that would do nothing are refused.

#include <backspike/experiment/given_data.hpp>

#include <backspike/core/error.hpp>

#include "experiment/config/spelling.hpp"
#include "io/load/sources.hpp"

#include <algorithm>

namespace backspike {
namespace {

/// The tables and keys by which a source understands a file.
std::vector<std::string> keys_of_files(data_source source) {
  std::vector<std::string> keys{"data.source"};
  const auto own = entry_of(source).file_keys;
  keys.insert(keys.end(), own.begin(), own.end());
  return keys;
}

/// "KEY" and "VALUE" of "KEY=VALUE", without the blanks between.
std::pair<std::string, std::string> taken_apart(const std::string& text) {
  const auto equals = text.find('=');
  auto key = text.substr(0, equals);
  std::erase(key, ' ');
  const auto value = equals == std::string::npos ? text.size() : text.find_first_not_of(' ', equals + 1);
  return {key, text.substr(std::min(value, text.size()))};
}

void require_used(data_source source, const std::string& path, const std::vector<std::string>& overrides) {
  const auto keys = keys_of_files(source);
  for (const auto& text : overrides) {
    const auto [key, value] = taken_apart(text);
    const auto used = [&, &given = key](const std::string& known) {
      return given == known || given.starts_with(known + ".");
    };
    if (std::ranges::none_of(keys, used)) {
      throw value_error("load " + path, key, value, config::joined(keys) + ": all samples of " + path + " are taken");
    }
  }
}

}  // namespace

data_spec given_data(const experiment& trained, const std::string& path, const std::vector<std::string>& overrides) {
  auto settings = parse_experiment(to_toml(trained), "experiment", overrides).data;
  require_used(settings.source, path, overrides);
  settings.path = path;
  return settings;
}

}  // namespace backspike
