#pragma once
// Loss, accuracy and rates of all data, a batch at a time.

#include <backspike/data/dataset.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/hardware/deployment.hpp>

namespace backspike {

/// Populations whose cells spike, by their index.
std::vector<std::size_t> spiking_layers(const network& net);

device_result measure(engine& simulator, const arena<float>& parameters, const dataset& data, std::size_t batch);

}  // namespace backspike
