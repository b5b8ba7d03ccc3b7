#pragma once
// The readers of an experiment, of its layers and of their cell parameters; connection_reader.hpp has that of
// connections.

#include <backspike/experiment/experiment.hpp>

#include "experiment/config/keys/keys.hpp"
#include "experiment/config/keys/table.hpp"

#include <string>
#include <vector>

namespace backspike::config {

/// The elements of a [[list]].
const toml::array& list_of(const toml::node& node, const std::string& name, const std::string& what,
                           const place& where);

/// Of an element of a [[list]] at `list`.
place place_of_element(const toml::node& element, const place& list);

class layer_reader : public table_reader<layer_spec> {
 public:
  layer_reader(layer_spec& layer, std::string id, std::string shown, settings_map& settings)
      : table_reader(layer_keys(), layer, std::move(id), std::move(shown), settings) {}

  /// A [[network.layer]]: its cell first, which decides what parameters there are.
  void read_layer(const toml::node& node, const place& where);

 protected:
  bool read_other(const std::string& name, const toml::node& node, const place& where) override;
  std::vector<std::string> other_names(const std::string& section_name) const override;

 private:
  bool read_own_kind(const std::string& kind, const std::string& rest, const toml::node& node, const place& where);
};

class experiment_reader : public table_reader<experiment> {
 public:
  experiment_reader(experiment& e, settings_map& settings) : table_reader(experiment_keys(), e, "", "", settings) {}

  /// When everything has been read: gives the experiment its outputs and terms. What an output does not say of its loss
  /// is what [objective] says.
  void settle_outputs();

 protected:
  bool read_other(const std::string& name, const toml::node& node, const place& where) override;
  std::vector<std::string> other_names(const std::string& section_name) const override;

 private:
  void read_layers(const toml::node& node, const place& where);
  bool read_layer_key(const std::string& name, const toml::node& node, const place& where);
  template <class Element>
  bool read_list(std::vector<Element>& elements, const key_table<Element>& keys, const std::string& list_name,
                 const char* what, const std::string& name, const toml::node& node, const place& where);
  std::size_t find_layer(const std::string& name, const std::string& shown, const place& where) const;
  bool read_output(const std::string& name, const toml::node& node, const place& where);
  output_objective settled(std::size_t output) const;
  void settle_term(std::size_t term);

  std::vector<output_entry> outputs_;
  std::vector<term_entry> terms_;
};

}  // namespace backspike::config
