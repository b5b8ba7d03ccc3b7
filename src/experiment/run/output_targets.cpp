// Makes the targets of outputs from those that the data have.

#include <backspike/experiment/output_targets.hpp>

#include <backspike/core/error.hpp>
#include <backspike/data/classes.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace backspike {
namespace {

std::string name_of(const network_output_spec& o) { return o.name.empty() ? o.from : o.name; }

std::string where_of(const network_output_spec& o) { return "objective.output." + name_of(o); }

void add_mapped(const network_output_spec& o, dataset& data) {
  auto mapped = mapped_classes(data.targets(o.target), o.classes_from, o.class_names, name_of(o), where_of(o));
  const auto there = std::ranges::find(data.further, mapped.name, &named_targets::name);
  if (there == data.further.end()) {
    data.further.push_back(std::move(mapped));
  } else {
    *there = std::move(mapped);
  }
}

void add_target(const network_output_spec& o, dataset& data) {
  if (!o.classes_from.empty()) {
    add_mapped(o, data);
    return;
  }
  data.targets(o.target);  // throws if it is not there
  for (named_targets& set : data.further) {
    if (set.name == o.target && !o.class_names.empty()) {
      adopt_classes(data, set, o.class_names, where_of(o));
    }
  }
}

using places = std::map<std::string, std::string>;

/// What is refused says where the key stands, if that is known.
void add_targets(const network_spec& network, const places& known, dataset& data) {
  for (std::size_t k = 0; k < network.outputs.size(); ++k) {
    try {
      add_target(network.outputs[k], data);
    } catch (const value_error& e) {
      const auto at = known.find("objective.output." + std::to_string(k) + "." + e.argument);
      if (at == known.end()) {
        throw;
      }
      throw value_error(at->second + ": " + e.operation, e.argument, e.value, e.accepted);
    }
  }
}

void add_targets(const network_spec& network, const places& known, dataset_split& data) {
  add_targets(network, known, data.train);
  for (dataset* part : {&data.validation, &data.test}) {
    if (part->size() > 0) {
      add_targets(network, known, *part);
    } else {  // it may not even know the classes
      part->further = subset(data.train, {}).further;
    }
  }
}

}  // namespace

void add_targets(const network_spec& network, dataset& data) { add_targets(network, {}, data); }

void add_targets(const network_spec& network, dataset_split& data) { add_targets(network, {}, data); }

void add_targets(const experiment& e, dataset_split& data) { add_targets(e.network, e.places, data); }

const target_set& targets_of_output(const network_spec& network, std::size_t output, const dataset& data) {
  if (output >= network.outputs.size()) {
    return data;
  }
  const network_output_spec& o = network.outputs[output];
  return data.targets(o.classes_from.empty() ? o.target : name_of(o));
}

std::vector<std::size_t> values_of_outputs(const network_spec& network, const dataset& data) {
  std::vector<std::size_t> values;
  for (std::size_t k = 0; k < std::max<std::size_t>(network.outputs.size(), 1); ++k) {
    values.push_back(targets_of_output(network, k, data).outputs());
  }
  return values;
}

}  // namespace backspike
