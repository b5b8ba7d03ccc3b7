#pragma once
// Every metric of spike trains over a layer: neuron by neuron, each output train against its own target, added up over
// neurons and samples.

#include <backspike/metric/spike_matching.hpp>
#include <backspike/metric/spike_synchronisation.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace backspike {

struct raster_metrics_spec {
  double tolerance = 2.0;  // [ms] an output spike answers a target spike that is at most this far
  double cost = 0.1;       // [1/ms] victor_purpura: of moving a spike; up to 2 / cost it pays
  double tau = 10.0;       // [ms] van_rossum: time constant of the exponential kernel
  bool operator==(const raster_metrics_spec&) const = default;
};

/// The spikes of a layer in one sample: [neurons] steps, ascending.
using spike_raster = std::vector<std::vector<double>>;

/// Sums over samples.
struct raster_metrics {
  std::size_t samples = 0;
  spike_matching matching;  // of all neurons and samples
  spike_coincidences coincidences;
  double victor_purpura = 0.0;  // of a sample: sum over the neurons
  double van_rossum = 0.0;      // of a sample: root of the sum of squares over the neurons
  raster_metrics& operator+=(const raster_metrics& other);
};

/// One sample, with steps of `dt` [ms]. Throws shape_error: another number of neurons; value_error: a step that is not
/// after the one before, dt or a setting out of range.
raster_metrics compare_rasters(const spike_raster& target, const spike_raster& output, double dt,
                               const raster_metrics_spec& spec);

/// One figure for people.
struct metric_figure {
  std::string name;     // as in summary.json
  double value = 0.0;   // NaN: not defined, as the jitter where nothing matches
  std::string meaning;  // how it was counted
};

/// The list of metrics, as figures of these samples.
std::vector<metric_figure> figures_of(const raster_metrics& sums, const raster_metrics_spec& spec);

}  // namespace backspike
