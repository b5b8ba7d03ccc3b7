// Evaluates a copy of the network whose delays are rounded, as a chip would run it.

#include <backspike/experiment/rounding.hpp>
#include <backspike/network/delays.hpp>

#include "experiment/folder/json_text.hpp"

#include <fmt/format.h>

#include <cmath>

namespace backspike {

std::optional<rounded_result> measure_rounded(
    engine& e, const network& net, const arena<float>& parameters, const dataset& data, std::size_t batch,
    const raster_metrics_spec& spikes, const std::function<void(std::size_t done, std::size_t total)>& progress) {
  if (!has_delays(net)) {
    return std::nullopt;
  }
  arena<float> whole(parameters);
  round_delays(net, whole);
  const evaluation measured = evaluate_all(e, whole, data, batch, progress);
  return rounded_result{measured.loss, measured.accuracy, measured.spikes_per_sample,
                        measure_task(e, net, whole, data, spikes).figures};
}

std::string rounded_text(const rounded_result& rounded) {
  auto text =
      fmt::format("with delays rounded: {}loss {:.4f}\n",
                  std::isnan(rounded.accuracy) ? "" : fmt::format("accuracy {:.4f}, ", rounded.accuracy), rounded.loss);
  for (const auto& figure : rounded.figures) {
    text += fmt::format("with delays rounded: {}\n", figure_text(figure));
  }
  return text;
}

std::string to_json(const rounded_result& rounded) {
  nlohmann::ordered_json text{{"accuracy", rounded.accuracy},
                              {"loss", rounded.loss},
                              {"spikes_per_sample", rounded.spikes_per_sample},
                              {"figures", nlohmann::ordered_json::object()}};
  for (const auto& figure : rounded.figures) {
    text["figures"][figure.name] = figure.value;
  }
  return json_ascii(text);
}

}  // namespace backspike
