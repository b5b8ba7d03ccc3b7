// Compares output spikes with target spikes sample by sample, by the metrics of include/backspike/metric.

#include "experiment/measure/spike_figures.hpp"

#include <algorithm>
#include <string>

namespace backspike {
namespace {

bool counts(const sample_target& wanted, std::size_t step) {
  return wanted.weights.empty() || wanted.weights[step] > 0.0F;
}

spike_raster target_of(const sample_target& wanted, std::size_t neurons) {
  spike_raster raster(neurons);
  for (std::size_t k = 0; k < wanted.values.size(); ++k) {
    const std::size_t step = k / neurons;
    if (wanted.values[k] == 1.0F && counts(wanted, step)) {
      raster[k % neurons].push_back(static_cast<double>(step));
    }
  }
  return raster;
}

spike_raster output_of(const raster& spikes, const sample_target& wanted) {
  spike_raster raster(spikes.neurons);
  for (std::size_t k = 0; k < spikes.steps.size(); ++k) {
    if (counts(wanted, spikes.steps[k])) {
      raster[spikes.channels[k]].push_back(static_cast<double>(spikes.steps[k]));
    }
  }
  return raster;
}

}  // namespace

const raster& raster_of_output(const sample_recording& run, const network& net) {
  const std::string& name = net.populations()[net.output(0).population].spec.name;
  return *std::find_if(run.rasters.rbegin(), run.rasters.rend(), [&](const raster& r) { return r.name == name; });
}

bool has_target_spikes(const network& net, const dataset& data) {
  const auto& values = data.step_targets;
  return net.output(0).target.empty() && gives_spikes(net, net.output(0)) && data.target_width == net.output(0).units &&
         std::ranges::all_of(values, [](float x) { return x == 0.0F || x == 1.0F; }) &&
         std::ranges::find(values, 1.0F) != values.end();
}

raster_metrics compare_with_target(const raster& spikes, const sample_target& wanted, double dt,
                                   const raster_metrics_spec& spec) {
  return compare_rasters(target_of(wanted, spikes.neurons), output_of(spikes, wanted), dt, spec);
}

raster_metrics measure_spikes(engine& e, const arena<float>& parameters, const dataset& data,
                              const raster_metrics_spec& spec) {
  raster_metrics sums;
  for (std::uint32_t s = 0; s < data.size(); ++s) {
    sums += compare_with_target(raster_of_output(e.record(parameters, data, s), e.simulated()), data.target(s), data.dt,
                                spec);
  }
  return sums;
}

std::vector<task_figure> spike_figures(engine& e, const network& net, const arena<float>& parameters,
                                       const dataset& data, const raster_metrics_spec& spec) {
  return has_target_spikes(net, data) ? figures_of(measure_spikes(e, parameters, data, spec), spec)
                                      : std::vector<task_figure>();
}

}  // namespace backspike
