#pragma once
// The error that an objective has on the outputs of a network that has run elsewhere, for tests of what takes one.

#include "gradient/trial.hpp"

#include <backspike/gradient/dense.hpp>
#include <backspike/gradient/reach.hpp>
#include <backspike/objective/sample_objective.hpp>

#include <span>
#include <vector>

namespace backspike::testing {

/// The objective's error on outputs [rows][outputs], as the engine finds it.
inline std::vector<float> error_of(const trial& t, std::span<const float> outputs,
                                   std::span<const std::size_t> first_row) {
  std::vector<float> error(outputs.size(), 0.0f);
  const std::size_t width = t.net.outputs();
  const reach_plan reach = plan_reach(t.net, t.objective, t.parameters);
  const dense_model<double> m(t.net, t.parameters, spike_mode::hard);
  for (std::size_t i = 0; i < t.samples.size(); ++i) {
    const std::size_t steps = first_row[i + 1] - first_row[i];
    const auto x = dense_forward(m, t.data, t.samples[i]);
    const output_reach reached = detail::dense_reach(reach, x, t.data, t.samples[i]);
    for (std::size_t k = 0; k < t.net.output_list().size(); ++k) {
      const network_output& o = t.net.output(k);
      const std::size_t at = first_row[i] * width + o.first;
      const trace_view<const float> y{outputs.data() + at, steps, o.units, width};
      sample_objective<float> objective;
      objective.begin(t.objective.of(k), t.data.target(t.samples[i], t.data.targets(o.target)), steps, o.units);
      objective.read(0, y, reached.first(o));
      objective.finish();
      objective.error(0, y, 1.0 / static_cast<double>(t.samples.size()), {error.data() + at, steps, o.units, width});
    }
  }
  return error;
}

}  // namespace backspike::testing
