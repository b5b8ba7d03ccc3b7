#pragma once
// Truncated BPTT of the dense path in double, cut by hand.

#include "gradient/trial.hpp"

#include <backspike/gradient/dense.hpp>
#include <backspike/objective/sample_objective.hpp>

namespace backspike::testing {

/// The dense path with its backward pass cut into windows by hand: an oracle that shares no code with the engine's.
inline arena<double> dense_truncated(const trial& t, std::size_t window, std::size_t stride) {
  arena<double> gradient(t.net.parameters());
  const dense_model<double> m(t.net, t.parameters, spike_mode::hard);
  auto e = dense_no_errors(m);
  const activity_plan activity = plan_activity(t.net, t.objective);
  const reach_plan reach = plan_reach(t.net, t.objective, t.parameters);
  const double weight = 1.0 / static_cast<double>(t.samples.size());
  for (const std::uint32_t s : t.samples) {
    const auto x = dense_forward(m, t.data, s, t.draws);
    const output_reach reached = detail::dense_reach(reach, x, t.data, s);
    std::vector<dense_errors<double>> error(e.size());
    for (std::size_t q = 0; q < e.size(); ++q) {
      error[q].output.assign(x.populations[q].output.size(), 0.0);
      error[q].membrane.assign(x.populations[q].membrane.size(), 0.0);
    }
    for (std::size_t k = 0; k < t.net.output_list().size(); ++k) {
      const network_output& o = t.net.output(k);
      const trace_view<const double> y = x.read(o);
      sample_objective<double> objective;
      objective.begin(t.objective.of(k), t.data.target(s, t.data.targets(o.target)), x.steps, o.units);
      objective.read(0, y, reached.first(o));
      objective.finish();
      objective.add_error(0, y, weight, error_on(o, error, x.steps));
    }
    spike_counts<double> price(e.size());
    for (std::size_t q = 0; q < e.size(); ++q) {
      const bool hidden = !t.net.populations()[q].is_output && t.net.populations()[q].cell->spiking;
      price[q].assign(t.net.populations()[q].units, hidden ? t.objective.rate_penalty * weight : 0.0);
    }
    activity_prices(activity, detail::dense_counts(t.net, activity, x), x.steps,
                    [&](std::size_t q, std::size_t n, double each) { price[q][n] += each * weight; });
    for (std::size_t first = 0; first < x.steps; first += stride) {
      const std::size_t end = std::min(first + stride, x.steps), begin = end > window ? end - window : 0;
      for (std::size_t q = 0; q < e.size(); ++q) {
        e[q].current.assign(x.populations[q].current.size(), 0.0);
        e[q].state.assign(x.populations[q].state.size(), 0.0);
        e[q].output.assign(x.populations[q].output.size(), 0.0);
        e[q].membrane.assign(x.populations[q].membrane.size(), 0.0);
        const std::size_t units = m.at(q).units;
        for (std::size_t k = first * units; k < end * units; ++k) {
          e[q].output[k] = error[q].output[k] + price[q][k % units];
        }
        for (std::size_t k = first * units; k < end * units && !e[q].membrane.empty(); ++k) {
          e[q].membrane[k] = error[q].membrane[k];
        }
      }
      for (std::size_t step = end; step-- > begin;) {
        for (std::size_t j = t.net.order().size(); j-- > 0;) {
          const std::size_t q = t.net.order()[j];
          detail::dense_back_step(m, q, x.populations[q], e[q], step);
          detail::send_back_current(m, q, x, t.data, s, step, e, gradient);
        }
      }
    }
  }
  dense_pull_back(m, e, gradient);
  return gradient;
}

}  // namespace backspike::testing
