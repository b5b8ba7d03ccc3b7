#pragma once
// The reader of [[network.connection]]: keys that every kind has, and the settings of the kind.

#include "experiment/config/keys/keys.hpp"
#include "experiment/config/keys/table.hpp"

#include <string>
#include <vector>

namespace backspike::config {

inline constexpr const char* connection_list = "network.connection";
inline constexpr const char* part_list = "network.input";

/// The dotted name of a connection, with its number.
std::string connection_id(std::size_t index);

/// What a connection is called: its name, or TO.FROM.
std::string called(const connection_spec& connection);

/// Reads `name` if it is the whole list of connections or a key of one of them, by its name or number; false: it is
/// neither.
bool read_connections(std::vector<connection_spec>& connections, const std::string& name, const toml::node& node,
                      const place& where, settings_map& settings);

}  // namespace backspike::config
