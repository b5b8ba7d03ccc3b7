// Every key as a table for people, aligned within its section; each line starts with the dotted key, so that grep finds
// it.

#include <backspike/cell/cell_info.hpp>
#include <backspike/connection/connection_info.hpp>

#include "experiment/config/keys/hardware_keys.hpp"
#include "experiment/config/keys/keys.hpp"
#include "experiment/config/keys/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace backspike {
namespace {

using namespace config;

constexpr std::size_t columns = 6;
using line = std::array<std::string, columns>;

const std::string preamble =
    "# The keys of an experiment, a TOML file: `[data]` holds the keys data.*, `[data.encoder]` those of "
    "data.encoder.*.\n"
    "# Each layer is a `[[network.layer]]`, in order; NAME is a layer's name, or its number from 0; N the number\n"
    "# of a group or a term, from 0. Connections beside those of the layers are each a `[[network.connection]]`, "
    "called\n"
    "# by name, by TO.FROM or by number.\n"
    "# On the command line: --set KEY=VALUE, for example --set network.layer.hidden1.size=128.\n";

std::string type_name(value_type type) {
  switch (type) {
    case value_type::number:
      return "number";
    case value_type::integer:
      return "integer";
    case value_type::toggle:
      return "true/false";
    case value_type::choice:
      return "choice";
    case value_type::numbers:
      return "numbers";
    case value_type::numbers_or_choice:
      return "numbers/choice";
    case value_type::integers:
      return "integers";
    case value_type::names:
      return "names";
    case value_type::text:
      break;
  }
  return "text";
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string default_text(const value& v, value_type type) {
  if (std::holds_alternative<absent>(v)) {
    return "-";
  }
  return type == value_type::choice ? std::get<std::string>(v) : toml_text(v);
}

template <class Owner>
line line_of(const key<Owner>& k, const std::string& full_key, const Owner& defaults) {
  return {full_key, type_name(k.type), or_dash(k.unit), default_text(k.get(defaults), k.type), or_dash(limits_text(k)),
          k.meaning};
}

std::string table_text(const std::string& title, const std::vector<line>& lines) {
  std::array<std::size_t, columns> widths{};
  for (const auto& l : lines) {
    for (std::size_t c = 0; c < columns; ++c) {
      widths[c] = std::max(widths[c], l[c].size());
    }
  }
  std::string text = "\n# " + title + "\n";
  for (const auto& l : lines) {
    for (std::size_t c = 0; c + 1 < columns; ++c) {
      text += fmt::format("{:<{}}  ", l[c], widths[c]);
    }
    text += l.back() + "\n";
  }
  return text;
}

template <class Owner>
std::string section_text(const section<Owner>& s, const std::string& prefix, const std::string& title) {
  static const Owner defaults{};
  std::vector<line> lines{{"# key", "type", "unit", "default", "accepted", "meaning"}};
  for (const auto& k : s.keys) {
    lines.push_back(line_of(k, join(join(prefix, s.name), k.name), defaults));
  }
  return table_text(title, lines);
}

/// A parameter's value under its own name, which is what most files write; the other keys once for all of them.
std::string cell_text(const cell_info& cell, const std::string& prefix) {
  std::vector<line> lines{{"# key", "type", "unit", "default", "accepted", "meaning"}};
  for (const field& f : cell.parameters) {
    lines.push_back(line_of(parameter_keys(f).front(), join(prefix, std::string(f.name)), default_parameter(f)));
  }
  return table_text(fmt::format("parameters of cell = \"{}\": {}", cell.name, cell.meaning), lines);
}

std::string parameter_text(const std::string& prefix) {
  const auto& any = known_cells().front().parameters.front();
  std::vector<line> lines{{"# key", "type", "unit", "default", "accepted", "meaning"}};
  for (const auto& k : parameter_keys(any)) {
    lines.push_back(line_of(k, join(join(prefix, "PARAMETER"), k.name), cell_parameter_spec{}));
  }
  for (auto& l : lines) {
    if (l[0].ends_with(".value")) {
      l.back() = "as below; PARAMETER = 20.0 is short for PARAMETER = {value = 20.0}";
    }
    if (l[0].ends_with(".value") || l[0].ends_with(".low") || l[0].ends_with(".high")) {
      l[3] = l[4] = "as below";
    }
    l[2] = l[0].starts_with("#") ? l[2] : "-";  // the unit is the parameter's
  }
  return table_text("each parameter of a cell, named below, as a table", lines);
}

std::string layers_text() {
  const std::string prefix = "network.layer.NAME";
  std::string text;
  for (const auto& s : layer_keys()) {
    text += section_text(s, prefix, s.name.empty() ? s.meaning : s.name + ": " + s.meaning);
  }
  text +=
      "\n# KIND = {...}: the kind of the connections that a layer brings, instead of dense ones; kinds and their\n"
      "# settings are listed below. conv2d = {channels = 16, kernel = 5} is one.\n";
  text += parameter_text(prefix);
  for (const auto& cell : known_cells()) {
    text += cell_text(cell, prefix);
  }
  return text;
}

std::string kind_text(const connection_info& kind, const std::string& prefix) {
  section<connection_spec> settings;
  for (const field& f : kind.fields) {
    settings.keys.push_back(setting_key(f));
  }
  if (settings.keys.empty()) {
    return fmt::format("\n# kind = \"{}\": {}; it has no settings\n", kind.name, kind.meaning);
  }
  return section_text(settings, prefix, fmt::format("settings of kind = \"{}\": {}", kind.name, kind.meaning));
}

std::string connections_text() {
  const std::string prefix = "network.connection.NAME";
  std::string text;
  for (const auto& s : connection_keys()) {
    text += section_text(s, prefix, s.name.empty() ? s.meaning : s.name + ": " + s.meaning);
  }
  for (const auto& kind : known_connections()) {
    text += kind_text(kind, prefix);
  }
  return text;
}

}  // namespace

std::string schema_text() {
  auto text = preamble;
  for (const auto& s : experiment_keys()) {
    if (s.name == "network") {
      text += section_text(s, "", fmt::format("[{}] {}", s.name, s.meaning)) + layers_text() + connections_text();
      text += section_text(part_keys().front(), "network.input.N", part_keys().front().meaning);
    } else {
      text += section_text(s, "", s.name.empty() ? s.meaning : fmt::format("[{}] {}", s.name, s.meaning));
    }
    if (s.name == "optimiser") {
      text += section_text(group_keys().front(), "optimiser.group.N", group_keys().front().meaning);
    }
    if (s.name == "hardware") {
      text += section_text(mismatch_keys().front(), "hardware.mismatch.N", mismatch_keys().front().meaning);
    }
    if (s.name == "objective") {
      text += section_text(output_entry_keys().front(), "objective.output.NAME", output_entry_keys().front().meaning);
      text += section_text(term_keys().front(), "objective.term.N", term_keys().front().meaning);
    }
  }
  return text;
}

}  // namespace backspike
