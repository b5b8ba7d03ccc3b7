#pragma once
// What a layer's delays may be: the one check that the network and the reader of experiments share.

#include <backspike/network/network_spec.hpp>

#include <optional>
#include <string>

namespace backspike {

struct delay_problem {
  std::string key, shown, accepted;  // the key within the layer, such as "delay.value"; what it is, with its unit
};

/// The first thing that is wrong with the delays of a layer.
std::optional<delay_problem> find_delay_problem(const layer_spec& layer);

}  // namespace backspike
