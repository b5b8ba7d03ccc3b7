// Errors of analog outputs, how well hidden values were recovered, and how long a series was continued.

#include "experiment/measure/signal_figures.hpp"

#include <backspike/core/error.hpp>
#include <backspike/online/roll_out.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace backspike {
namespace {

/// Weighted sums over the steps of one output.
struct output_sums {
  double weight = 0.0, squared_error = 0.0, target = 0.0, squared_target = 0.0;

  void add(double w, double y, double wanted) {
    weight += w;
    squared_error += w * (y - wanted) * (y - wanted);
    target += w * wanted;
    squared_target += w * wanted * wanted;
  }
  /// NaN where the target never changes.
  double normalised() const {
    const double variance = squared_target / weight - target / weight * (target / weight);
    return variance > 0.0 ? squared_error / weight / variance : std::numeric_limits<double>::quiet_NaN();
  }
};

bool has_target_values(const network& net, const dataset& data) {
  return net.output(0).target.empty() && !gives_spikes(net, net.output(0)) && data.class_names.empty() &&
         !data.step_targets.empty() && data.target_width == net.output(0).units;
}

std::vector<double> normalised_errors(engine& e, const arena<float>& parameters, const dataset& data) {
  const std::size_t outputs = data.target_width;
  std::vector<output_sums> sums(outputs);
  for (std::uint32_t s = 0; s < data.size(); ++s) {
    const auto readout = e.record(parameters, data, s).readout;
    const auto wanted = data.target(s);
    for (std::size_t t = 0; t < data.inputs.length(s); ++t) {
      const double w = wanted.weights.empty() ? 1.0 : static_cast<double>(wanted.weights[t]);
      for (std::size_t k = 0; k < outputs && w > 0.0; ++k) {
        sums[k].add(w, static_cast<double>(readout[k][t]), static_cast<double>(wanted.values[t * outputs + k]));
      }
    }
  }
  std::vector<double> errors;
  errors.reserve(outputs);
  for (const output_sums& sum : sums) {
    errors.push_back(sum.normalised());
  }
  return errors;
}

std::vector<double> relative_errors(std::span<const float> wanted, const float* found) {
  std::vector<double> errors;
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    errors.push_back(std::fabs(static_cast<double>(found[k]) / static_cast<double>(wanted[k]) - 1.0));
  }
  std::ranges::sort(errors);
  return errors;
}

double smape(std::span<const double> wanted, std::span<const double> predicted) {
  double sum = 0.0;
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    sum += std::fabs(predicted[k] - wanted[k]) / (std::fabs(predicted[k]) + std::fabs(wanted[k]));
  }
  return 200.0 * sum / static_cast<double>(wanted.size());
}

/// Points until a prediction is off by more than a fifth of the series' deviation for the first time.
double valid_points(const series_continuation& series, std::span<const double> predicted) {
  const auto off = [&](std::size_t k) {
    return !(std::fabs(predicted[k] - series.truth[k]) <= 0.2 * series.scale);  // NaN is off
  };
  std::size_t k = 0;
  while (k < predicted.size() && !off(k)) {
    ++k;
  }
  return static_cast<double>(k);
}

}  // namespace

std::vector<task_figure> error_figures(engine& e, const network& net, const arena<float>& parameters,
                                       const dataset& data) {
  if (!has_target_values(net, data)) {
    return {};
  }
  const auto errors = normalised_errors(e, parameters, data);
  const double mean = std::reduce(errors.begin(), errors.end(), 0.0) / static_cast<double>(errors.size());
  std::vector<task_figure> figures{
      {"normalised_mse", mean, "mean squared error over the variance of the target, mean over the outputs"}};
  if (errors.size() > 1) {
    figures.push_back({"worst_normalised_mse", *std::ranges::max_element(errors), "the same of the worst output"});
  }
  return figures;
}

std::vector<task_figure> recovery_figures(const network& net, const arena<float>& parameters, const dataset& data) {
  std::vector<task_figure> figures;
  for (const planted_values& hidden : data.planted) {
    const auto name = net.populations()[net.output(0).population].spec.name + "." + hidden.parameter;
    const auto& all = net.parameters().entries();
    const auto found = std::ranges::find(all, name, &parameter_info::name);
    if (found == all.end() || found->size() != hidden.values.size()) {
      continue;  // a network that does not know this parameter, or shares it
    }
    const auto errors = relative_errors(hidden.values, parameters.view(name).data);
    figures.push_back({hidden.parameter + "_error", errors.back(),
                       fmt::format("largest relative error of {} hidden values", errors.size())});
    figures.push_back({hidden.parameter + "_median_error", errors[errors.size() / 2], "median of them"});
  }
  return figures;
}

std::vector<task_figure> continuation_figures(const network& net, const arena<float>& parameters, const dataset& data) {
  if (data.continuations.empty()) {
    return {};
  }
  double error = 0.0, valid = 0.0, points = 0.0;
  for (const series_continuation& series : data.continuations) {
    const auto predicted = roll_out(net, parameters, series, series.truth.size());
    error += smape(series.truth, predicted);
    valid += valid_points(series, predicted);
    points += static_cast<double>(series.truth.size());
  }
  const auto n = static_cast<double>(data.continuations.size());
  return {
      {"smape", error / n,
       fmt::format("of 200, over {:g} points that the network predicts alone, from its own predictions", points / n)},
      {"valid_points", valid / n, "until it is off by a fifth of the standard deviation"}};
}

}  // namespace backspike
