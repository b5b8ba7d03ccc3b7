// Writes parameters into the tensors of a checkpoint, and reads them back with checks of name, shape and range.

#include "experiment/folder/checkpoint.hpp"

#include "core/finite.hpp"
#include "experiment/config/keys/value.hpp"

#include <backspike/core/error.hpp>
#include <backspike/data/digest.hpp>
#include <backspike/experiment/version.hpp>

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

const named_tensor& find_tensor(const std::string& path, const std::vector<named_tensor>& tensors,
                                const std::string& name) {
  const auto found = std::find_if(tensors.begin(), tensors.end(), [&](const auto& t) { return t.name == name; });
  if (found == tensors.end()) {
    throw checkpoint_error(path, "holds no '" + name + "': it belongs to another network");
  }
  return *found;
}

void require_shape(const std::string& path, const named_tensor& tensor, const parameter_info& info) {
  const shape actual{tensor.extents};
  if (actual != info.extents || tensor.values.size() != info.size()) {
    throw checkpoint_error(path, "'" + tensor.name + "' has shape " + actual.text() + ", the network's has " +
                                     info.extents.text() + ": it belongs to another network");
  }
}

void require_finite(const std::string& path, const named_tensor& tensor, std::uint64_t step) {
  if (!all_finite(tensor.values.data(), tensor.values.size())) {
    throw numeric_error(tensor.name, "holds a value that is not finite in the checkpoint " + path, step);
  }
}

}  // namespace

std::vector<named_tensor> tensors_of(const arena<float>& values, const std::string& prefix) {
  std::vector<named_tensor> tensors;
  for (std::size_t i = 0; i < values.layout().size(); ++i) {
    const auto& info = values.layout()[i];
    const auto view = values.view(i);
    named_tensor tensor{prefix + info.name, info.extents.extents, {}};
    for (std::size_t r = 0; r < view.rows; ++r) {
      tensor.values.insert(tensor.values.end(), view.row(r), view.row(r) + view.cols);
    }
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

void restore_tensors(const std::string& path, const std::vector<named_tensor>& tensors, const std::string& prefix,
                     std::uint64_t step, arena<float>& values) {
  for (const auto& tensor : tensors) {
    const auto known = std::any_of(values.layout().entries().begin(), values.layout().entries().end(),
                                   [&](const auto& info) { return prefix + info.name == tensor.name; });
    if (tensor.name.starts_with(prefix) && !known) {
      throw checkpoint_error(path, "holds '" + tensor.name + "', which the network lacks");
    }
  }
  for (std::size_t i = 0; i < values.layout().size(); ++i) {
    const auto& tensor = find_tensor(path, tensors, prefix + values.layout()[i].name);
    require_shape(path, tensor, values.layout()[i]);
    require_finite(path, tensor, step);
    const auto view = values.view(i);
    for (std::size_t r = 0; r < view.rows; ++r) {
      std::copy_n(tensor.values.data() + r * view.cols, view.cols, view.row(r));
    }
  }
}

void restore_parameters(const std::string& path, const checkpoint& c, arena<float>& parameters) {
  restore_tensors(path, c.parameters, "", c.step, parameters);
  if (const auto problem = find_out_of_range(parameters)) {
    throw checkpoint_error(path, problem->number + " is " + problem->value + "; accepted: " + problem->accepted);
  }
}

learned_from identity_of(const dataset_split& data) {
  return {
      data.train.class_names,
      {{"train", digest_of(data.train)}, {"validation", digest_of(data.validation)}, {"test", digest_of(data.test)}}};
}

void require_same_data(const std::string& path, const checkpoint& c, const learned_from& data) {
  std::string changed;
  for (const auto& [part, digest] : c.data_digests) {
    const auto now = data.digests.find(part);
    if (now == data.digests.end() || now->second != digest) {
      changed += (changed.empty() ? "" : ", ") + part;
    }
  }
  if (!changed.empty()) {
    throw checkpoint_error(path,
                           "the data have changed since the run began (" + changed +
                               "): going on would mix two data sets. Bring back what the run began with, or start "
                               "anew: --overwrite, or another --out");
  }
}

namespace {

/// What the state calls an extent of the input's shape.
std::string shape_state(std::size_t axis) { return "input_shape" + std::to_string(axis); }

}  // namespace

checkpoint blank_checkpoint(const experiment& e, const network& net, const learned_from& data) {
  checkpoint c;
  c.version = version();
  c.experiment = to_toml(e);
  c.seed = e.seed;
  c.scalars["inputs"] = net.spec().inputs;
  c.scalars["dt"] = net.spec().dt;
  const grid_shape& s = net.spec().input_shape;
  for (std::size_t k = 0; k < s.size(); ++k) {
    c.scalars[shape_state(k)] = s[k];
  }
  c.scalars["classes"] = static_cast<double>(net.output(0).units);
  for (const network_output& o : net.output_list().subspan(1)) {
    c.scalars["classes." + o.name] = static_cast<double>(o.units);
  }
  c.class_names = data.class_names;
  c.data_digests = data.digests;
  return c;
}

grid_shape input_shape_in_state(const std::string& path, const checkpoint& c) {
  grid_shape s;
  while (c.scalars.contains(shape_state(s.size()))) {
    s.push_back(static_cast<std::uint32_t>(count_in_state(path, c, shape_state(s.size()), 1, 4294967295)));
  }
  return s;
}

double state_of(const std::string& path, const checkpoint& c, const std::string& name) {
  const auto found = c.scalars.find(name);
  if (found == c.scalars.end()) {
    throw checkpoint_error(path, "holds no state '" + name + "'");
  }
  return found->second;
}

std::uint64_t count_in_state(const std::string& path, const checkpoint& c, const std::string& name, std::uint64_t low,
                             std::uint64_t high) {
  const double value = state_of(path, c, name);
  // NaN fails both comparisons; a number beyond the integers' range must not reach the conversion.
  if (!(value >= static_cast<double>(low) && value <= static_cast<double>(high)) || value != std::floor(value)) {
    throw checkpoint_error(path, "its state '" + name + "' is " + config::number_text(value) +
                                     "; accepted: a whole number, " + std::to_string(low) + " to " +
                                     std::to_string(high));
  }
  return static_cast<std::uint64_t>(value);
}

double positive_in_state(const std::string& path, const checkpoint& c, const std::string& name) {
  const double value = state_of(path, c, name);
  if (!(value > 0.0) || std::isinf(value)) {
    throw checkpoint_error(path, "its state '" + name + "' is " + config::number_text(value) + "; accepted: above 0");
  }
  return value;
}

void require_tensors(const std::string& path, const std::vector<named_tensor>& tensors,
                     const parameter_layout& parameters) {
  for (const auto& info : parameters.entries()) {
    require_shape(path, find_tensor(path, tensors, info.name), info);
  }
}

}  // namespace backspike
