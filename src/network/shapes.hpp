#pragma once
// Shapes of layers: those that are given, and those that follow from what leads to them.

#include <backspike/network/network_spec.hpp>

namespace backspike {

/// The kind of a layer's own connections, as messages begin the names of its settings: "hidden1.conv2d."; of dense
/// ones "hidden1.".
std::string own_settings_name(const layer_spec& layer);

/// Completes `input_shape`, sizes and shapes as far as they can be known; `inputs` and the last layer's size may still
/// be missing. Throws value_error for a shape that does not fit a size, and for a connection that finds no shape.
void work_out_shapes(network_spec& spec);

}  // namespace backspike
