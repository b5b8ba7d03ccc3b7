// Means and deviations over the seeds of each point, and the point that saves most.

#include <backspike/core/error.hpp>
#include <backspike/experiment/sweep.hpp>

#include "experiment/sweep/quantities.hpp"

#include <fmt/format.h>

#include <cmath>

namespace backspike {
namespace {

constexpr auto accuracy = static_cast<std::size_t>(sweep_quantity::accuracy);
constexpr auto spikes = static_cast<std::size_t>(sweep_quantity::spikes_per_sample);

/// Of the finished members of one point, in the order of the plan.
sweep_figure figure_of(const std::vector<const sweep_outcome*>& finished, std::size_t quantity) {
  std::vector<double> values;
  for (const auto* outcome : finished) {
    const double value = outcome->figures[quantity];
    if (!std::isnan(value)) {
      values.push_back(value);
    }
  }
  const auto n = static_cast<double>(values.size());
  sweep_figure figure;
  for (const double value : values) {
    figure.mean += value / n;
  }
  for (const double value : values) {
    figure.deviation += (value - figure.mean) * (value - figure.mean) / (n - 1);
  }
  figure.mean = values.empty() ? std::nan("") : figure.mean;
  figure.deviation = values.size() < 2 ? std::nan("") : std::sqrt(figure.deviation);
  return figure;
}

}  // namespace

sweep_table tabulate(const sweep_plan& plan, const std::vector<sweep_outcome>& outcomes) {
  if (outcomes.size() != plan.members.size()) {
    throw shape_error("tabulate", "outcomes", fmt::format("[{}]", outcomes.size()),
                      fmt::format("[{}]", plan.members.size()));
  }
  sweep_table t{plan, outcomes, std::vector<sweep_point>(plan.points.size())};
  std::vector<std::vector<const sweep_outcome*>> finished(plan.points.size());
  for (std::size_t m = 0; m < outcomes.size(); ++m) {
    if (outcomes[m].ended == sweep_outcome::state::finished) {
      finished[plan.members[m].point].push_back(&outcomes[m]);
    }
    auto& point = t.points[plan.members[m].point];
    const auto ended = outcomes[m].ended;
    point.finished += ended == sweep_outcome::state::finished ? 1 : 0;
    point.failed += ended == sweep_outcome::state::failed ? 1 : 0;
    point.unfinished += ended == sweep_outcome::state::unfinished ? 1 : 0;
  }
  for (std::size_t p = 0; p < t.points.size(); ++p) {
    for (std::size_t q = 0; q < sweep_quantities; ++q) {
      t.points[p].figures[q] = figure_of(finished[p], q);
    }
  }
  return t;
}

std::string sparsest_text(const sweep_table& t) {
  if (is_of_agents(t.plan)) {
    return "";
  }
  const auto& first = t.points.front().figures;
  std::size_t best = 0;
  for (std::size_t p = 1; p < t.points.size(); ++p) {
    const auto& figures = t.points[p].figures;
    const bool good = figures[accuracy].mean > first[accuracy].mean - 0.01;  // false for NaN
    best = good && figures[spikes].mean < t.points[best].figures[spikes].mean ? p : best;
  }
  const auto& chosen = t.points[best].figures;
  if (best == 0 || !(chosen[spikes].mean > 0)) {
    return "";
  }
  return fmt::format(
      "Of the points less than one point of accuracy below {} ({:.2f} %, {:.4g} spikes per sample), {} spikes least: "
      "{:.4g} spikes per sample, {:.1f} times fewer, at {:.2f} %.",
      point_text(t.plan, 0), 100 * first[accuracy].mean, first[spikes].mean, point_text(t.plan, best),
      chosen[spikes].mean, first[spikes].mean / chosen[spikes].mean, 100 * chosen[accuracy].mean);
}

}  // namespace backspike
