// Changes surrogates or resets of every layer.

#include "robustness/variants.hpp"

namespace backspike {

network_spec with_width(network_spec spec, double factor) {
  for (layer_spec& layer : spec.layers) {
    layer.surrogate.width *= factor;
  }
  return spec;
}

network_spec relaxed(network_spec spec) {
  for (layer_spec& layer : spec.layers) {
    layer.detach_reset = false;
  }
  return spec;
}

}  // namespace backspike
