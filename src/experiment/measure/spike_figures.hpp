#pragma once
// How close the spikes of the first output come to those that the data ask for.

#include <backspike/experiment/task_figures.hpp>

namespace backspike {

/// The spikes of the first output, which has some.
const raster& raster_of_output(const sample_recording& run, const network& net);

/// True where the first output spikes and every target value of a step is 0 or 1, some of them 1.
bool has_target_spikes(const network& net, const dataset& data);

/// What that output did with one sample; steps whose weight is 0 do not count.
raster_metrics compare_with_target(const raster& spikes, const sample_target& wanted, double dt,
                                   const raster_metrics_spec& spec);

/// Every sample once through the network. Only where has_target_spikes().
raster_metrics measure_spikes(engine& e, const arena<float>& parameters, const dataset& data,
                              const raster_metrics_spec& spec);

/// The list of metrics of metric/raster_metrics.hpp; nothing unless has_target_spikes().
std::vector<task_figure> spike_figures(engine& e, const network& net, const arena<float>& parameters,
                                       const dataset& data, const raster_metrics_spec& spec);

}  // namespace backspike
