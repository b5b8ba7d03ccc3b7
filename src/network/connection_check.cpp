// Settings of a connection against its kind: names, ranges, pairs, and what the kind itself refuses.

#include "network/connection_check.hpp"

#include <backspike/core/error.hpp>

#include "core/short_number.hpp"
#include "network/delay_check.hpp"

#include <algorithm>
#include <vector>

namespace backspike {
namespace {

[[noreturn]] void refuse(const std::string& key, const std::string& value, const std::string& accepted) {
  throw value_error("network", key, value, accepted);
}

std::string names_of(std::span<const field> fields) {
  std::string names;
  for (const field& f : fields) {
    names += (names.empty() ? "" : ", ") + std::string(f.name);
  }
  return names.empty() ? "none: this kind has no settings" : names;
}

/// In the order of the kind's fields.
std::vector<double> settings_of(const connection_info& kind, const connection_spec& spec, const std::string& where) {
  for (const auto& [name, unused] : spec.settings) {
    if (std::ranges::none_of(kind.fields, [&, &key = name](const field& f) { return f.name == key; })) {
      refuse(where + name, name, "a setting of the kind " + spec.kind + ": " + names_of(kind.fields));
    }
  }
  std::vector<double> values;
  for (const field& f : kind.fields) {
    const auto given = spec.settings.find(std::string(f.name));
    values.push_back(given == spec.settings.end() ? f.initial : given->second);
    if (!(values.back() >= f.low && values.back() <= f.high)) {
      refuse(where + std::string(f.name), short_number(values.back()),
             short_number(f.low) + " to " + short_number(f.high));
    }
  }
  return values;
}

void check_identity(const connection_spec& spec, const connection_ends& ends, const std::string& where) {
  if (spec.init == weight_init::identity && ends.sources != ends.targets) {
    refuse(where + "init", "identity",
           "auto or fluctuation: " + std::to_string(ends.sources) + " neurons before it and " +
               std::to_string(ends.targets) + " of its own have no numbering in common");
  }
}

}  // namespace

std::size_t find_receptor(const cell_info& cell, const std::optional<std::string>& name, const std::string& key) {
  if (!name) {
    return 0;
  }
  std::string known;
  for (std::size_t r = 0; r < cell.receptors.size(); ++r) {
    if (cell.receptors[r].name == *name) {
      return r;
    }
    known += (known.empty() ? "" : ", ") + std::string(cell.receptors[r].name);
  }
  refuse(key, *name,
         known.empty() ? "none: neurons of " + std::string(cell.name) + " have one kind of input"
                       : "a receptor of " + std::string(cell.name) + ": " + known);
}

void check_connection(const connection_spec& spec, const std::string& where) {
  if (spec.base_delay && *spec.base_delay > most_base_delay) {
    refuse(where + "base_delay", std::to_string(*spec.base_delay) + " steps",
           "at most " + std::to_string(most_base_delay) + " steps");
  }
  if (spec.init_sigma && !(*spec.init_sigma >= 0.0 && *spec.init_sigma <= most_init_sigma)) {
    refuse(where + "init_sigma", short_number(*spec.init_sigma), "0 to " + short_number(most_init_sigma));
  }
  if (!(spec.dropout >= 0.0 && spec.dropout < 1.0)) {
    refuse(where + "dropout", short_number(spec.dropout), "0 to 1 exclusive");
  }
  if (spec.init == weight_init::identity && spec.sign == weight_sign::inhibitory) {
    refuse(where + "init", "identity", "auto or fluctuation: weights of 1 do not inhibit");
  }
  if (const auto problem = find_delay_problem("delay", spec.delay)) {
    refuse(where + problem->key, problem->shown, problem->accepted);
  }
}

void check_transform(const connection_spec& spec, const connection_info& kind, const weight_extents& weights,
                     const std::string& where) {
  if (spec.transform == weight_transform::none) {
    return;
  }
  const auto refuse_because = [&](const std::string& why) {
    refuse(where + "weight_transform", std::string(name_of(spec.transform)), "none: " + why);
  };
  if (kind.fixed || !(kind.matrix || kind.has_patches)) {
    refuse_because("a column of the weights of the kind " + spec.kind + " is not what one channel or neuron receives");
  }
  if (!spec.learn) {
    refuse_because("the weights do not learn");
  }
  if (spec.sign != weight_sign::any) {
    refuse_because("weights of one sign have no mean of 0");
  }
  if (spec.init == weight_init::identity) {
    refuse_because("weights that start as the identity have no mean of 0");
  }
  if (weights.rows < 2) {
    refuse_because("one weight for each channel or neuron has no mean and no deviation");
  }
}

grid_shape found_shape(const connection_info& kind, const connection_spec& spec, const connection_ends& ends,
                       const std::string& where) {
  const std::vector<double> settings = settings_of(kind, spec, where);
  const synapse_request request{ends.sources, ends.targets, ends.loop, settings, {}, {}, ends.source_shape};
  if (const auto problem = kind.problem(request)) {
    refuse(where + problem->key, problem->value, problem->accepted);
  }
  return kind.target_shape(request);
}

synapse_plan planned_synapses(const connection_info& kind, const connection_spec& spec, const connection_ends& ends,
                              const std::string& where) {
  const std::vector<double> settings = settings_of(kind, spec, where);
  if (!kind.takes_pairs && !(spec.sources.empty() && spec.targets.empty())) {
    refuse(where + "sources", std::to_string(spec.sources.size()) + " neurons",
           "none: the kind " + spec.kind + " says itself who is joined to whom");
  }
  check_identity(spec, ends, where);
  if (kind.fixed && spec.sign == weight_sign::inhibitory) {
    refuse(where + "sign", "inhibitory", "any or excitatory: the weight of the kind " + spec.kind + " is 1");
  }
  const synapse_request request{ends.sources, ends.targets, ends.loop,         settings,
                                spec.sources, spec.targets, ends.source_shape, ends.target_shape};
  if (const auto problem = kind.problem(request)) {
    refuse(where + problem->key, problem->value, problem->accepted);
  }
  synapse_plan plan{ends.sources, ends.targets};
  kind.plan(request, plan);
  return plan;
}

}  // namespace backspike
