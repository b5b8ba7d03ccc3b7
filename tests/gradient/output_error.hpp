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
    const trace_view<const float> y{outputs.data() + first_row[i] * width, steps, width, width};
    sample_objective<float> objective;
    objective.begin(t.objective, t.data.target(t.samples[i]), steps, width);
    const auto x = dense_forward(m, t.data, t.samples[i]);
    objective.read(0, y, detail::dense_reach(reach, x, t.data, t.samples[i]).first());
    objective.finish();
    objective.error(0, y, 1.0 / static_cast<double>(t.samples.size()),
                    {error.data() + first_row[i] * width, steps, width, width});
  }
  return error;
}

}  // namespace backspike::testing
