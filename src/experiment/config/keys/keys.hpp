#pragma once
// The one table of every key of an experiment. Parsing, validation, the resolved file and `schema` all read it;
// defaults are those of the structs, cell parameters those of the cells.

#include <backspike/experiment/experiment.hpp>

#include "experiment/config/keys/key.hpp"

#include <optional>
#include <string>
#include <vector>

namespace backspike::config {

inline constexpr std::uint64_t largest_seed = std::uint64_t{1} << 62;  // TOML's integers are signed

/// In the order in which they are written. The section "network" has no keys of its own: its layers are `layer_keys`,
/// its connections `connection_keys`.
const key_table<experiment>& experiment_keys();

/// The keys of one [[network.layer]], without the parameters of its cell.
const key_table<layer_spec>& layer_keys();

/// The keys of one [[network.connection]], without the settings of its kind.
const key_table<connection_spec>& connection_keys();

/// The section of them that a connection may lack.
inline constexpr const char* plasticity_section = "short_term_plasticity";

/// The key of a setting that a kind of connection declares.
key<connection_spec> setting_key(const field& f);

/// The keys of one [[optimiser.group]].
const key_table<parameter_group>& group_keys();

/// Those of a [[network.input]].
const key_table<input_part>& part_keys();

/// The keys of one loss.
const key_table<loss_spec>& loss_table();

/// One [[objective.term]]: a loss, and the name of the output that it is on; absent: the first.
struct term_entry : loss_spec {
  std::optional<std::string> output{};
};
const key_table<term_entry>& term_keys();

/// One [[objective.output]]: what the network and the objective say of an output.
struct output_entry : network_output_spec, output_objective {};
const key_table<output_entry>& output_entry_keys();

/// The keys of one cell parameter written as a table; `value` is the one that a plain number stands for.
std::vector<key<cell_parameter_spec>> parameter_keys(const field& f);

}  // namespace backspike::config
