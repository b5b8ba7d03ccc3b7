#pragma once
// Between arenas and the tensors of a checkpoint.

#include <backspike/core/arena.hpp>
#include <backspike/data/checkpoint.hpp>
#include <backspike/experiment/experiment.hpp>
#include <backspike/network/network.hpp>
#include <backspike/optimise/optimiser.hpp>

#include <string>
#include <vector>

namespace backspike {

/// Every parameter of an arena without padding, named as in the layout behind `prefix`.
std::vector<named_tensor> tensors_of(const arena<float>& values, const std::string& prefix = "");

/// Copies tensors back. Throws checkpoint_error naming `path` and the tensor if one is missing, left over or of another
/// shape, and numeric_error if a value is not finite.
void restore_tensors(const std::string& path, const std::vector<named_tensor>& tensors, const std::string& prefix,
                     std::uint64_t step, arena<float>& values);

/// What every checkpoint of a run has in common: version, experiment, seed and the sizes that came from the data.
checkpoint blank_checkpoint(const experiment& e, const network& net);

/// A number of the state. Throws checkpoint_error naming it if it is missing.
double state_of(const std::string& path, const checkpoint& c, const std::string& name);

inline constexpr const char* first_moment_prefix = "first_moment.";
inline constexpr const char* second_moment_prefix = "second_moment.";

/// The dotted key in which two experiments (TOML text) differ first, with both values; empty if they are the same.
std::string first_difference(const std::string& before, const std::string& after);

}  // namespace backspike
