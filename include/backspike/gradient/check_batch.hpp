#pragma once
// Whether data fit a network and an objective. The engine, every rule, loading and Python ask here, and so refuse in
// the same words.

#include <backspike/data/dataset.hpp>
#include <backspike/network/network.hpp>
#include <backspike/objective/objective_spec.hpp>

#include <cstddef>

namespace backspike {

/// Whether two widths of a step are the same but for rounding: 0.1 that was once a float is 0.1.
bool is_same_step(double a, double b);

/// Whether data are what a network takes, whatever it is asked to do with them: its channels, its width of a step, and
/// in the picked samples numbers that are readings (core/reading.hpp). Throws shape_error and value_error.
void check_input(const char* operation, const network& net, const dataset& data,
                 std::span<const std::uint32_t> samples);

/// Whether the samples have a target value, which is a reading, for every step and value of this output, and weights of
/// steps of at least 0. Throws shape_error and value_error.
void check_target_values(const char* operation, const network_output& output, const dataset& data,
                         std::span<const std::uint32_t> samples);

/// Throws value_error unless the objective is for as many outputs as the network has, and no loss of spikes is on one
/// whose membrane is read.
void check_outputs(const char* operation, const network& net, const objective_spec& objective);

/// Whether a batch fits a network and an objective; every learning rule asks this first. Throws shape_error (channels,
/// target width) and value_error (no sample, a label out of range, data without the targets that the loss compares
/// with, target spike trains that are negative or, for losses that cannot do without, empty; a weight of a sample that
/// is negative or no reading; class weights that do not fit); `operation` says who refuses.
void check_batch(const char* operation, const network& net, const objective_spec& objective, batch_view batch);

/// Throws value_error: a width or time constant that is not positive, a negative weight, weights that sum to 0.
void check_objective(const char* operation, const objective_spec& objective);

/// Throws value_error: class weights beside losses that read no label, not one for each class, negative or all 0, or
/// still "balanced".
void check_class_weights(const char* operation, const output_objective& objective, std::size_t classes);

}  // namespace backspike
