// Applies every metric of spike trains to a raster, neuron by neuron, and adds them up.

#include <backspike/metric/raster_metrics.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/time_grid.hpp>
#include <backspike/metric/van_rossum.hpp>
#include <backspike/metric/victor_purpura.hpp>

#include "core/short_number.hpp"

#include <cmath>
#include <string>

namespace backspike {

raster_metrics& raster_metrics::operator+=(const raster_metrics& other) {
  samples += other.samples;
  matching += other.matching;
  coincidences += other.coincidences;
  victor_purpura += other.victor_purpura;
  van_rossum += other.van_rossum;
  return *this;
}

raster_metrics compare_rasters(const spike_raster& target, const spike_raster& output, double dt,
                               const raster_metrics_spec& spec) {
  if (target.size() != output.size()) {
    throw shape_error("compare_rasters", "output", std::to_string(output.size()) + " neurons",
                      std::to_string(target.size()));
  }
  if (!(dt > 0.0) || std::isinf(dt)) {
    throw value_error("compare_rasters", "dt", short_number(dt), "above 0 ms, finite");
  }
  // In steps, whose differences are exact: two spikes 2 ms apart are within 2 ms, whatever dt is.
  const double tolerance = time_grid(dt).step_of(spec.tolerance);
  raster_metrics sums;
  sums.samples = 1;
  double squares = 0.0;
  for (std::size_t n = 0; n < target.size(); ++n) {
    sums.matching += match_spikes(target[n], output[n], tolerance);
    sums.coincidences += count_coincidences(target[n], output[n]);
    sums.victor_purpura += victor_purpura(target[n], output[n], spec.cost * dt);
    const double distance = van_rossum_distance(target[n], output[n], spec.tau / dt);
    squares += distance * distance;
  }
  sums.van_rossum = std::sqrt(squares);
  sums.matching.offset_sum *= dt;
  sums.matching.offset_squares *= dt * dt;
  return sums;
}

std::vector<metric_figure> figures_of(const raster_metrics& sums, const raster_metrics_spec& spec) {
  const auto& m = sums.matching;
  const auto samples = static_cast<double>(sums.samples);
  return {
      {"matched_spikes", m.matched_share(),
       "of " + std::to_string(m.targets()) + " target spikes, within " + short_number(spec.tolerance) + " ms"},
      {"extra_spikes", m.extra_share(), "output spikes that answer none, over the target spikes"},
      {"jitter", m.jitter(), "ms, standard deviation of the matched spikes around their targets"},
      {"bias", m.bias(), "ms, their mean offset: above 0 they are late"},
      {"spike_synchronisation", sums.coincidences.share(), "coincident spikes over all spikes"},
      {"victor_purpura", sums.victor_purpura / samples, "a sample, at " + short_number(spec.cost) + " per ms"},
      {"van_rossum", sums.van_rossum / samples, "a sample, with tau = " + short_number(spec.tau) + " ms"},
  };
}

}  // namespace backspike
