// From a file to an experiment, in this order: TOML, keys, paths, overrides, and the checks of finish.hpp. Start here
// to see how a key is read.

#include <backspike/core/file.hpp>

#include "experiment/config/finish.hpp"
#include "experiment/config/overrides.hpp"
#include "experiment/config/paths.hpp"

#include <filesystem>
#include <map>

namespace backspike {
namespace {

/// Of outputs, as far as they are from the file and not from an override.
std::map<std::string, std::string> places_of_outputs(const config::settings_map& settings) {
  std::map<std::string, std::string> places;
  for (const auto& [id, setting] : settings) {
    if (id.starts_with("objective.output.") && setting.where.line != 0) {
      places[id] = setting.where.file + ":" + std::to_string(setting.where.line);
    }
  }
  return places;
}

/// `folder` is where relative paths of the text start; empty: the current one.
experiment parse_within(const std::string& folder, const std::string& text, const std::string& origin,
                        const std::vector<std::string>& overrides) {
  const auto root = config::parse_toml(text, origin);
  experiment e;
  config::settings_map settings;
  config::experiment_reader reader(e, settings);
  reader.read("", root, {origin, 1, ""});
  config::make_paths_absolute(e, folder);
  for (const auto& override_text : overrides) {
    config::read_override(reader, override_text);
  }
  config::make_paths_absolute(e, "");  // those that overrides have set
  reader.settle_outputs();
  if (e.name.empty()) {
    e.name = std::filesystem::path(origin).stem().string();
  }
  config::finish(e, settings, origin);
  e.places = places_of_outputs(settings);
  return e;
}

}  // namespace

experiment parse_experiment(const std::string& text, const std::string& origin,
                            const std::vector<std::string>& overrides) {
  return parse_within("", text, origin, overrides);
}

experiment load_experiment(const std::string& path, const std::vector<std::string>& overrides) {
  return parse_within(std::filesystem::path(path).parent_path().string(), read_text_file(path), path, overrides);
}

}  // namespace backspike
