#pragma once
// What a kind of connection is told about the two populations that it joins, and what it tells about their synapses.

#include <backspike/connection/patches.hpp>
#include <backspike/core/shape.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace backspike {

/// One synapse of a source neuron.
struct synapse {
  std::uint32_t target;
  std::uint32_t row, column;  // of its number in the weight parameter; synapses with one number share it
  double factor = 1.0;        // that its weight always has
};

/// What is asked for: the numbers of neurons, and the settings in the order of the kind's fields.
struct synapse_request {
  std::size_t sources = 0, targets = 0;  // targets 0: not known yet
  bool loop = false;                     // the two populations are one
  std::span<const double> settings;
  std::span<const std::uint32_t> pair_sources, pair_targets;      // of kinds that take pairs: who is joined to whom
  std::span<const std::uint32_t> source_shape{}, target_shape{};  // grid_shape of those that have one
};

/// What is wrong with a request: the setting, its value and what would be accepted.
struct synapse_problem {
  std::string key, value, accepted;
};

/// The synapses of one connection, planned.
struct synapse_plan {
  std::size_t sources = 0, targets = 0;
  std::vector<std::uint32_t> first{}, target{};  // of kinds that keep a list: targets of source i from first[i] on
  patch_plan patches{};                          // of convolutions and pools
};

/// Rows and columns of a weight parameter.
struct weight_extents {
  std::size_t rows = 0, columns = 0;
};

}  // namespace backspike
