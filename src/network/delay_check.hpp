#pragma once
// What delays may be: the one check that the network and the reader of experiments share.

#include <backspike/network/network_spec.hpp>

#include <optional>
#include <string>

namespace backspike {

struct delay_problem {
  std::string key, shown, accepted;  // the key within the layer, such as "delay.value"; what it is, with its unit
};

/// The first thing that is wrong with one set of delays, whose keys begin with `name`.
std::optional<delay_problem> find_delay_problem(const std::string& name, const delay_spec& d);

/// The first thing that is wrong with the delays of a layer.
std::optional<delay_problem> find_delay_problem(const layer_spec& layer);

}  // namespace backspike
