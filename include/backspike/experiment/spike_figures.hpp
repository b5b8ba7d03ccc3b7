#pragma once
// How close the spikes of the last layer come to those that the data ask for.

#include <backspike/core/arena.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/metric/raster_metrics.hpp>
#include <backspike/network/network.hpp>

namespace backspike {

/// True where the last layer spikes and every target value of a step is 0 or 1, some of them 1.
bool has_target_spikes(const network& net, const dataset& data);

/// Every sample once through the network; steps whose weight is 0 do not count. Only where has_target_spikes().
raster_metrics measure_spikes(engine& e, const arena<float>& parameters, const dataset& data,
                              const raster_metrics_spec& spec);

}  // namespace backspike
