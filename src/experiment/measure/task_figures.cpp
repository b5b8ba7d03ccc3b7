// Puts together the figures that suit the data: of spikes, of signals, of hidden values, of a continued series.

#include <backspike/experiment/task_figures.hpp>

#include "experiment/measure/signal_figures.hpp"
#include "experiment/measure/spike_figures.hpp"

#include <fmt/format.h>

namespace backspike {

task_figures measure_task(engine& e, const network& net, const arena<float>& parameters, const dataset& data,
                          const raster_metrics_spec& spikes) {
  task_figures measured;
  const auto append = [&](const std::vector<task_figure>& more) {
    measured.figures.insert(measured.figures.end(), more.begin(), more.end());
  };
  append(spike_figures(e, net, parameters, data, spikes));
  append(error_figures(e, net, parameters, data));
  append(recovery_figures(net, parameters, data));
  append(continuation_figures(net, parameters, data));
  return measured;
}

std::string figure_text(const task_figure& figure) { return fmt::format("{} {:.4g}", figure.name, figure.value); }

}  // namespace backspike
