#pragma once
// What running a network costs, in the quantities and by the names of NeuroBench (Yik et al. 2025, Nature
// Communications 16:1545), counted from the spikes of an evaluation. docs/energy.md has the definitions and what is
// assumed.

#include <backspike/core/arena.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/experiment/trained.hpp>
#include <backspike/network/network.hpp>
#include <backspike/report/report.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace backspike {

/// Means over the samples. Operations with weights that are 0 are dense ones only; biases are in none.
struct synaptic_operations {
  double effective_acs = 0;   // additions: a spike, or a graded value of +-1, times the weights that leave its neuron
  double effective_macs = 0;  // multiplications and additions: values that are not binary
  double dense = 0;           // of a network that multiplies every weight in every step
  double effective() const { return effective_acs + effective_macs; }
};

struct connection_operations {
  std::string source, target;  // "input" or a layer's name
  double events = 0;           // values other than 0 that its source sends in a sample
  synaptic_operations counted;
};

struct complexity {
  synaptic_operations operations;
  std::vector<connection_operations> connections;  // in the network's order
  double membrane_updates = 0;                     // mean over the samples: every neuron is updated in every step
  double activation_sparsity = 0;  // share of the neuron-steps of spiking layers without a spike; NaN: none spikes
  double connection_sparsity = 0;  // share of the weights that are 0
  std::uint64_t footprint = 0;     // [bytes] parameters and the state of one sample, 4 bytes a number
};

/// `activity` is the evaluation of all of `data` with these parameters. Throws shape_error if it is not.
complexity measure_complexity(const network& net, const arena<float>& parameters, const dataset& data,
                              const evaluation& activity);

/// The rows of the report's table: name, value, and how it was counted.
std::vector<energy_row> energy_table(const complexity& c);

/// The same rows for a terminal.
std::string energy_text(const complexity& c);

/// One JSON object.
std::string to_json(const complexity& c);

}  // namespace backspike
