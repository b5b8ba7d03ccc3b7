// Runs an attack at every budget and sums up what came.

#include <backspike/core/error.hpp>
#include <backspike/robustness/attack_report.hpp>

#include "robustness/attack/checklist.hpp"

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

namespace {

constexpr std::size_t most_examples = 8;

std::vector<std::array<std::uint32_t, 2>> spikes_of(const ragged_events& inputs, std::size_t sample) {
  std::vector<std::array<std::uint32_t, 2>> spikes;
  for (std::uint32_t t = 0; t < inputs.length(sample); ++t) {
    for (const std::uint32_t c : inputs.spikes.row(inputs.sample_rows[sample] + t).channels) {
      spikes.push_back({t, c});
    }
  }
  return spikes;
}

std::vector<float> values_of(const encoded_values& raw, std::size_t sample) {
  const auto values = raw.of(sample);
  return {values.begin(), values.end()};
}

std::vector<float> values_of(const dataset& data, std::size_t sample) {
  std::vector<float> values(data.inputs.length(sample) * data.channels, 0.0f);
  for (std::size_t t = 0; t < data.inputs.length(sample); ++t) {
    const event_row row = data.inputs.spikes.row(data.inputs.sample_rows[sample] + t);
    for (std::size_t k = 0; k < row.channels.size(); ++k) {
      values[t * data.channels + row.channels[k]] = row.values.empty() ? 1.0f : row.values[k];
    }
  }
  return values;
}

attack_example example_of(const attack_samples& before, const attack_result& r, attack_space space, std::size_t s) {
  attack_example e{.told = r.samples[s], .rows = before.data.inputs.length(s), .columns = before.data.channels};
  if (space == attack_space::spikes) {
    e.spikes_before = spikes_of(before.data.inputs, s);
    e.spikes_after = spikes_of(r.changed.data.inputs, s);
  } else if (before.values) {
    e.rows = before.values->rows;
    e.columns = before.values->columns;
    e.before = values_of(*before.values, s);
    e.after = values_of(*r.changed.values, s);
  } else {
    e.before = values_of(before.data, s);
    e.after = values_of(r.changed.data, s);
  }
  return e;
}

std::vector<attack_example> examples_of(const attack_samples& before, const attack_result& r, attack_space space) {
  std::vector<attack_example> examples;
  for (const bool fooled : {true, false}) {
    for (std::size_t s = 0; s < r.samples.size() && examples.size() < most_examples; ++s) {
      if (r.samples[s].attacked && r.samples[s].success == fooled) {
        examples.push_back(example_of(before, r, space, s));
      }
    }
  }
  return examples;
}

}  // namespace

attack_report measure_attack(const std::string& name, const attack_problem& problem, const attack_samples& samples,
                             const attack_options& options, const attack_plan& plan, const attack_progress& progress) {
  if (plan.budgets.empty()) {
    throw value_error("attack", "budget", "none", "at least one");
  }
  std::vector<double> budgets = plan.budgets;
  std::ranges::sort(budgets);
  attack_report report{.name = name,
                       .options = options,
                       .space = attack_named(options.attack).space,
                       .samples = samples.data.size(),
                       .class_names = samples.data.class_names};
  if (report.space == attack_space::spikes) {
    report.options.norm = attack_norm::l0;
  }
  const std::size_t runs = budgets.size() + (plan.checklist ? checklist_runs : 0);
  std::size_t made = 0;
  for (const double budget : budgets) {
    report.options.budget = budget;
    const attack_result r = run_attack(problem, samples, report.options, [&](std::size_t done, std::size_t total) {
      if (progress) {
        progress(made * total + done, runs * total);
      }
    });
    ++made;
    report.accuracy = r.accuracy_before();
    report.points.push_back(point_of(r));
    report.attacked = r.samples;
    if (made == budgets.size()) {
      report.examples = examples_of(samples, r, report.space);
      report.changed = r.changed;
    }
  }
  if (plan.checklist) {
    report.checklist = check_attack_results(report, problem, samples, plan.other, [&] {
      ++made;
      if (progress) {
        progress(std::min(made, runs), runs);
      }
    });
  }
  return report;
}

}  // namespace backspike
