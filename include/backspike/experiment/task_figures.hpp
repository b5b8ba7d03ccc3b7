#pragma once
// What a task is judged by beside its loss: the figures that papers quote.

#include <backspike/core/arena.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/metric/raster_metrics.hpp>
#include <backspike/network/network.hpp>

#include <string>
#include <vector>

namespace backspike {

using task_figure = metric_figure;

struct task_figures {
  std::vector<task_figure> figures;
};

/// Of these data and parameters:
///
/// target spikes  where the last layer spikes and every target value is 0 or 1: matched_spikes and extra_spikes, as
///                shares of the target spikes, jitter [ms] and bias [ms] of metric/spike_matching.hpp over all neurons
///                and samples; spike_synchronisation over them; victor_purpura and van_rossum, means over the samples.
/// target values  where the last layer is analog and the data have no classes: normalised_mse, the mean squared error
///                of an output over the variance of its target, mean over the outputs; worst_normalised_mse of them.
/// planted values NAME_error and NAME_median_error, the largest and the median relative error of the last layer's
///                parameter NAME where training was to find it.
/// continuations  smape, 200 mean |p - x| / (|p| + |x|) of the points p that the network predicts alone; valid_points,
///                how many of them until the first one that is off by more than a fifth of the standard deviation.
///
/// Nothing for data that have none of them: it costs nothing there. Throws value_error: a setting out of range.
task_figures measure_task(engine& e, const network& net, const arena<float>& parameters, const dataset& data,
                          const raster_metrics_spec& spikes);

/// "jitter 0.6123"; numbers to four digits.
std::string figure_text(const task_figure& figure);

}  // namespace backspike
