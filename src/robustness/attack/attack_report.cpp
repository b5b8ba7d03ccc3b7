// Runs an attack at every budget and sums up what came.

#include <backspike/core/error.hpp>
#include <backspike/robustness/attack_report.hpp>

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

double mean_of(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double v : values) {
    sum += v;
  }
  return values.empty() ? std::nan("") : sum / static_cast<double>(values.size());
}

double median_of(std::vector<double> values) {
  if (values.empty()) {
    return std::nan("");
  }
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : 0.5 * (values[half - 1] + values[half]);
}

/// f of every sample that was attacked and that `counted` takes.
template <class Counted, class F>
std::vector<double> over(const attack_result& r, const Counted& counted, const F& f) {
  std::vector<double> values;
  for (const attacked_sample& a : r.samples) {
    if (a.attacked && counted(a)) {
      values.push_back(f(a));
    }
  }
  return values;
}

}  // namespace

attack_point point_of(const attack_result& r) {
  const auto every = [](const attacked_sample&) { return true; };
  const auto won = [](const attacked_sample& a) { return a.success; };
  const auto size = [](const attacked_sample& a) { return a.size; };
  return {
      .budget = r.options.budget,
      .accuracy = r.accuracy(),
      .success_rate = r.success_rate(),
      .mean_size = mean_of(over(r, won, size)),
      .median_size = median_of(over(r, won, size)),
      .predicted = mean_of(over(r, every, [](const attacked_sample& a) { return a.predicted; })),
      .actual = mean_of(over(r, every, [](const attacked_sample& a) { return a.loss_after - a.loss_before; })),
      .queries = mean_of(over(r, every, [](const attacked_sample& a) { return static_cast<double>(a.queries); })),
      .gradients = mean_of(over(r, every, [](const attacked_sample& a) { return static_cast<double>(a.gradients); })),
      .seconds = r.seconds};
}

attack_report measure_attack(const std::string& name, const attack_problem& problem, const attack_samples& samples,
                             const attack_options& options, std::vector<double> budgets,
                             const attack_progress& progress) {
  if (budgets.empty()) {
    throw value_error("attack", "budget", "none", "at least one");
  }
  std::ranges::sort(budgets);
  attack_report report{.name = name,
                       .options = options,
                       .space = attack_named(options.attack).space,
                       .samples = samples.data.size(),
                       .class_names = samples.data.class_names};
  for (std::size_t k = 0; k < budgets.size(); ++k) {
    report.options.budget = budgets[k];
    const attack_result r = run_attack(problem, samples, report.options, [&](std::size_t done, std::size_t total) {
      if (progress) {
        progress(k * total + done, budgets.size() * total);
      }
    });
    report.accuracy = r.accuracy_before();
    report.points.push_back(point_of(r));
    report.attacked = r.samples;
  }
  return report;
}

}  // namespace backspike
