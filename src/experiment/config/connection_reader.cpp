// Reads connections: from a list of tables, and from dotted keys that call one by its name or number.

#include "experiment/config/connection_reader.hpp"

#include <backspike/connection/connection_info.hpp>

#include "experiment/config/reader.hpp"

namespace backspike::config {
namespace {

class connection_reader : public table_reader<connection_spec> {
 public:
  connection_reader(connection_spec& connection, std::string id, std::string shown, settings_map& settings)
      : table_reader(connection_keys(), connection, std::move(id), std::move(shown), settings) {}

  /// A [[network.connection]]: its kind first, which decides what settings there are.
  void read_connection(const toml::node& node, const place& where) {
    const auto& table = table_of(node, shown(), where);
    if (const auto* kind = table.get("kind")) {
      read("kind", *kind, place_within(where, table, "kind"));
    }
    if (table.contains(plasticity_section)) {  // {}: with its defaults
      owner().short_term_plasticity.emplace();
    }
    read("", node, where);
  }

 protected:
  bool read_other(const std::string& name, const toml::node& node, const place& where) override {
    for (const field& f : find_connection(owner().kind).fields) {
      if (f.name == name) {
        const auto k = setting_key(f);
        k.set(owner(), checked_value(k, join(shown(), name), node, where));
        settings()[join(id(), name)] = {where, join(shown(), name)};
        return true;
      }
    }
    return false;
  }

  std::vector<std::string> other_names(const std::string& section_name) const override {
    std::vector<std::string> names;
    if (section_name.empty()) {
      for (const field& f : find_connection(owner().kind).fields) {
        names.emplace_back(f.name);
      }
    }
    return names;
  }
};

/// How messages call a connection of a file: as on the command line.
std::string shown_name(const toml::node& node, std::size_t index) {
  connection_spec c;
  if (const auto* table = node.as_table()) {
    c.name = (*table)["name"].value_or(std::string());
    c.from = (*table)["from"].value_or(std::string());
    c.to = (*table)["to"].value_or(std::string());
  }
  return c.name.empty() && (c.from.empty() || c.to.empty()) ? std::to_string(index) : called(c);
}

void read_all(std::vector<connection_spec>& connections, const toml::node& node, const place& where,
              settings_map& settings) {
  const auto& list = list_of(node, connection_list, "connection", where);
  connections.assign(list.size(), {});
  settings[connection_list] = {where, connection_list};
  for (std::size_t i = 0; i < connections.size(); ++i) {
    const place at = place_of_element(list[i], where);
    const auto shown = join(connection_list, shown_name(list[i], i));
    settings[connection_id(i)] = {at, shown};
    connection_reader(connections[i], connection_id(i), shown, settings).read_connection(list[i], at);
  }
}

struct found_connection {
  std::size_t index;
  std::string name, rest;  // as it was called, and what follows
};

/// The one whose name `dotted` begins with, the longest if there are several: names may have dots.
found_connection find(const std::vector<connection_spec>& connections, const std::string& dotted,
                      const std::string& full, const place& where) {
  found_connection found{connections.size(), "", ""};
  std::vector<std::string> known;
  for (std::size_t i = 0; i < connections.size(); ++i) {
    known.push_back(called(connections[i]));
    for (const auto& name : {known.back(), std::to_string(i)}) {
      if ((dotted == name || dotted.starts_with(name + ".")) && name.size() > found.name.size()) {
        found = {i, name, dotted.substr(std::min(dotted.size(), name.size() + 1))};
      }
    }
  }
  if (found.index == connections.size()) {
    throw config_error(where.file, where.line, full,
                       known.empty()
                           ? "no connection; there are none, but for those of the layers"
                           : "no such connection; connections: " + joined(known) + ", or their numbers from 0");
  }
  return found;
}

}  // namespace

std::string connection_id(std::size_t index) { return join(connection_list, std::to_string(index)); }

std::string called(const connection_spec& connection) {
  return connection.name.empty() ? join(connection.to, connection.from) : connection.name;
}

bool read_connections(std::vector<connection_spec>& connections, const std::string& name, const toml::node& node,
                      const place& where, settings_map& settings) {
  const std::string list = connection_list;
  if (name == list) {
    read_all(connections, node, where, settings);
    return true;
  }
  if (!name.starts_with(list + ".")) {
    return false;
  }
  const auto [index, called, rest] = find(connections, name.substr(list.size() + 1), name, where);
  connection_reader reader(connections[index], connection_id(index), join(list, called), settings);
  if (rest.empty()) {
    reader.read_connection(node, where);
  } else {
    reader.read(rest, node, where);
  }
  return true;
}

}  // namespace backspike::config
