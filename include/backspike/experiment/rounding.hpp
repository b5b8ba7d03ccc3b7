#pragma once
// What deployment costs a network with delays: the same data with every delay at the integer next to it, and no width.

#include <backspike/experiment/task_figures.hpp>
#include <backspike/experiment/trained.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace backspike {

/// A network whose delays are rounded, measured as it was measured before.
struct rounded_result {
  double loss = 0, accuracy = 0;  // as those of evaluation
  double spikes_per_sample = 0;
  std::vector<task_figure> figures;
};

/// The data once more through the network after round_delays(), `batch` samples at a time; nothing for a network
/// without delays. `progress` as in evaluate_all().
std::optional<rounded_result> measure_rounded(engine& e, const network& net, const arena<float>& parameters,
                                              const dataset& data, std::size_t batch, const raster_metrics_spec& spikes,
                                              const std::function<void(std::size_t done, std::size_t total)>& progress);

/// Lines for a terminal: "with delays rounded: accuracy 0.9712, loss 0.1041", then one for each figure.
std::string rounded_text(const rounded_result& rounded);

/// One JSON object: accuracy, loss, spikes_per_sample, figures.
std::string to_json(const rounded_result& rounded);

}  // namespace backspike
