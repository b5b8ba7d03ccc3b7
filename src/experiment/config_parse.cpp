#include <backspike/core/file.hpp>

#include "experiment/config_finish.hpp"
#include "experiment/config_overrides.hpp"

#include <filesystem>

namespace backspike {
experiment parse_experiment(const std::string& text, const std::string& origin,
                            const std::vector<std::string>& overrides) {
  const auto root = config::parse_toml(text, origin);
  experiment e;
  config::settings_map settings;
  config::experiment_reader reader(e, settings);
  reader.read("", root, {origin, 1, ""});
  for (const auto& override_text : overrides) {
    config::read_override(reader, override_text);
  }
  if (e.name.empty()) {
    e.name = std::filesystem::path(origin).stem().string();
  }
  config::finish(e, settings, origin);
  return e;
}

experiment load_experiment(const std::string& path, const std::vector<std::string>& overrides) {
  return parse_experiment(read_text_file(path), path, overrides);
}

}  // namespace backspike
