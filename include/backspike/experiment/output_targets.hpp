#pragma once
// What the outputs of a network are to give: the targets that an experiment makes of those of its data.

#include <backspike/data/dataset.hpp>
#include <backspike/experiment/experiment.hpp>
#include <backspike/network/network_spec.hpp>

#include <cstddef>
#include <vector>

namespace backspike {

/// Adds the targets of outputs whose classes come from others (network_output_spec::classes_from), and gives targets
/// by name the classes that an output names. Twice does what once does. Throws value_error: a target that the data do
/// not have, a mapping that does not fit its classes.
void add_targets(const network_spec& network, dataset& data);
void add_targets(const network_spec& network, dataset_split& data);
/// The same for an experiment, whose file and line the message then says, too.
void add_targets(const experiment& e, dataset_split& data);

/// Those of one output, of such data.
const target_set& targets_of_output(const network_spec& network, std::size_t output, const dataset& data);

/// Values that each output has to tell, [outputs], of data that add_targets has seen; without outputs in the
/// specification those of the last layer.
std::vector<std::size_t> values_of_outputs(const network_spec& network, const dataset& data);

}  // namespace backspike
