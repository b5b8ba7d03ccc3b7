#pragma once
// Between arenas and the tensors of a checkpoint.

#include <backspike/core/arena.hpp>
#include <backspike/data/checkpoint.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/experiment/experiment.hpp>
#include <backspike/network/network.hpp>
#include <backspike/optimise/optimiser.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace backspike {

/// Every parameter of an arena without padding, named as in the layout behind `prefix`.
std::vector<named_tensor> tensors_of(const arena<float>& values, const std::string& prefix = "");

/// Copies tensors back. Throws checkpoint_error naming `path` and the tensor if one is missing, left over or of another
/// shape, and numeric_error if a value is not finite.
void restore_tensors(const std::string& path, const std::vector<named_tensor>& tensors, const std::string& prefix,
                     std::uint64_t step, arena<float>& values);

/// The parameters of a network; checkpoint_error, too, if a number is out of its range.
void restore_parameters(const std::string& path, const checkpoint& c, arena<float>& parameters);

/// What a checkpoint remembers of the data that a network learned from.
struct learned_from {
  std::vector<std::string> class_names;
  std::map<std::string, std::uint64_t> digests;  // of the parts; empty: not a run's data
};

learned_from identity_of(const dataset_split& data);

/// Throws checkpoint_error unless a checkpoint belongs to these data; one of before digests were kept is let through.
void require_same_data(const std::string& path, const checkpoint& c, const learned_from& data);

/// What every checkpoint of a run has in common: version, experiment, seed and what came from the data.
checkpoint blank_checkpoint(const experiment& e, const network& net, const learned_from& data);

/// A number of the state: who wrote the checkpoint is not known, so it is not believed. Throws checkpoint_error naming
/// it if it is missing; the second form also if it is not a whole number from `low` to `high`, the third if it is not
/// above 0 and finite.
double state_of(const std::string& path, const checkpoint& c, const std::string& name);
std::uint64_t count_in_state(const std::string& path, const checkpoint& c, const std::string& name, std::uint64_t low,
                             std::uint64_t high);
/// Of the input channels; none in networks whose inputs have a number only.
grid_shape input_shape_in_state(const std::string& path, const checkpoint& c);
double positive_in_state(const std::string& path, const checkpoint& c, const std::string& name);

/// Throws checkpoint_error unless every parameter of the network is among the tensors, in its shape: before memory is
/// taken for a network whose sizes only the checkpoint knows.
void require_tensors(const std::string& path, const std::vector<named_tensor>& tensors,
                     const parameter_layout& parameters);

inline constexpr const char* eprop_backward_state = "eprop_backward";  // of e-prop's two forms: 1 or 0
inline constexpr const char* first_moment_prefix = "first_moment.";
inline constexpr const char* second_moment_prefix = "second_moment.";

/// The dotted key in which two experiments (TOML text) differ first, with both values; empty if they are the same.
/// Throws config_error for what is not TOML; `origin` is the file that `before` was read from.
std::string first_difference(const std::string& before, const std::string& after,
                             const std::string& origin = "experiment.toml");

}  // namespace backspike
