// The resolved experiment as TOML. The order is that of the key table.

#include <backspike/cell/cell_info.hpp>
#include <backspike/connection/connection_info.hpp>
#include <backspike/core/error.hpp>

#include "experiment/config/connection_reader.hpp"
#include "experiment/config/keys/agent_keys.hpp"
#include "experiment/config/keys/hardware_keys.hpp"
#include "experiment/config/keys/value.hpp"
#include "experiment/config/reader.hpp"
#include "experiment/config/toml.hpp"
#include "network/parameter_check.hpp"

namespace backspike {
namespace {

using namespace config;

/// No pairs of neurons are what most connections have.
bool is_written(const value& v) {
  return !std::holds_alternative<absent>(v) && v != value(std::vector<std::int64_t>{});
}

template <class Owner>
std::string lines_of(const std::vector<key<Owner>>& keys, const Owner& owner) {
  std::string text;
  for (const auto& k : keys) {
    if (const value v = k.get(owner); is_written(v)) {
      text += k.name + " = " + toml_text(v) + "\n";
    }
  }
  return text;
}

template <class Owner>
std::string inline_table(const std::vector<key<Owner>>& keys, const Owner& owner) {
  std::string text;
  for (const auto& k : keys) {
    const value v = k.get(owner);
    if (is_written(v) && v != value(std::vector<double>{})) {  // no list is what a parameter has that is one number
      text += (text.empty() ? "{" : ", ") + k.name + " = " + toml_text(v);
    }
  }
  return text + "}";
}

/// A section as an inline table; the sections within it, which TOML cannot add to one later, inside.
template <class Owner>
std::string nested_table(const key_table<Owner>& table, const section<Owner>& outer, const Owner& owner) {
  std::string text = inline_table(outer.keys, owner);
  for (const auto& s : table) {
    if (s.name.starts_with(outer.name + ".")) {
      text.pop_back();
      text += ", " + s.name.substr(outer.name.size() + 1) + " = " + inline_table(s.keys, owner) + "}";
    }
  }
  return text;
}

/// An element of a [[list]]: its keys, then a line for each section.
template <class Owner>
std::string element_text(const key_table<Owner>& table, const Owner& owner) {
  std::string text;
  for (const auto& s : table) {
    if (s.name.empty()) {
      text += lines_of(s.keys, owner);
    } else if (s.name.find('.') == std::string::npos) {
      text += s.name + " = " + nested_table(table, s, owner) + "\n";
    }
  }
  return text;
}

std::string connection_text(connection_spec connection) {
  connection.name = called(connection);
  std::vector<key<connection_spec>> settings;
  for (const field& f : find_connection(connection.kind).fields) {
    settings.push_back(setting_key(f));
  }
  auto table = connection_keys();
  std::erase_if(table,
                [&](const auto& s) { return s.name == plasticity_section && !connection.short_term_plasticity; });
  return "\n[[network.connection]]\n" + element_text(table, connection) + lines_of(settings, connection);
}

/// The kind of the connections that a layer brings, as a key: conv2d = {channels = 16.0, ...}; nothing of dense ones.
std::string own_kind_text(const layer_spec& layer) {
  if (layer.kind == connection_spec{}.kind) {
    return "";
  }
  connection_spec own;
  own.settings = layer.settings;
  std::vector<key<connection_spec>> settings;
  for (const field& f : find_connection(layer.kind).fields) {
    settings.push_back(setting_key(f));
  }
  return layer.kind + " = " + inline_table(settings, own) + "\n";
}

std::string layer_text(const layer_spec& layer) {
  std::string text = "\n[[network.layer]]\n" + element_text(layer_keys(), layer) + own_kind_text(layer);
  for (const field& f : find_cell(layer.cell).parameters) {
    const auto given = layer.parameters.find(std::string(f.name));
    const auto spec = with_range(given == layer.parameters.end() ? default_parameter(f) : given->second, f);
    text += std::string(f.name) + " = " + inline_table(parameter_keys(f), spec) + "\n";
  }
  return text;
}

/// The outputs and further losses of an objective.
std::string outputs_text(const experiment& e) {
  std::string text;
  const auto name_of = [](const network_output_spec& o) { return o.name.empty() ? o.from : o.name; };
  for (std::size_t k = 0; k < e.network.outputs.size(); ++k) {
    output_entry entry;
    static_cast<network_output_spec&>(entry) = e.network.outputs[k];
    static_cast<output_objective&>(entry) = e.objective.of(k);
    entry.name = name_of(entry);
    text += "\n[[objective.output]]\n" + lines_of(output_entry_keys().front().keys, entry);
  }
  for (std::size_t k = 0; k < e.objective.outputs(); ++k) {
    for (const loss_spec& term : e.objective.of(k).terms) {
      term_entry entry{term};
      entry.output = k == 0 ? std::nullopt : std::optional(name_of(e.network.outputs.at(k)));
      text += "\n[[objective.term]]\n" + lines_of(term_keys().front().keys, entry);
    }
  }
  return text;
}

/// Sections that say nothing, of data where an agent acts or the other way round, are left out.
bool says_something(const experiment& e, const std::string& section) {
  return e.acts() ? !is_of_data(section) : !is_of_agent(section);
}

/// What could not be read again is not written: a run would end with checkpoints that nothing opens.
void require_readable(const std::string& text) {
  if (const auto problem = find_toml_problem(text)) {
    throw value_error("to_toml", "experiment", problem->message,
                      "as many keys and lists of values as can be read again (docs/border.md)");
  }
}

}  // namespace

std::string to_toml(const experiment& e) {
  if (e.seed > largest_seed) {
    throw value_error("to_toml", "seed", std::to_string(e.seed), "0 to " + std::to_string(largest_seed));
  }
  auto named = e;
  name_layers(named.network.layers);
  std::string text;
  for (const auto& s : experiment_keys()) {
    if (!says_something(e, s.name)) {
      continue;
    }
    if (const auto lines = lines_of(s.keys, e); !lines.empty()) {
      text += (s.name.empty() ? "" : "\n[" + s.name + "]\n") + lines;
    }
    for (std::size_t g = 0; s.name == "optimiser" && g < e.optimiser.groups.size(); ++g) {
      text += "\n[[optimiser.group]]\n" + lines_of(group_keys().front().keys, e.optimiser.groups[g]);
    }
    for (std::size_t k = 0; s.name == "hardware" && k < e.hardware.mismatch.size(); ++k) {
      text += "\n[[hardware.mismatch]]\n" + lines_of(mismatch_keys().front().keys, e.hardware.mismatch[k]);
    }
    if (s.name == "objective") {
      text += outputs_text(e);
    }
    if (s.name == "network") {
      for (const auto& part : named.network.parts) {
        text += "\n[[network.input]]\n" + lines_of(part_keys().front().keys, part);
      }
      for (const auto& layer : named.network.layers) {
        text += layer_text(layer);
      }
      for (const auto& connection : named.network.connections) {
        text += connection_text(connection);
      }
    }
  }
  require_readable(text);
  return text;
}

}  // namespace backspike
