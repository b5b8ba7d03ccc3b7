#pragma once
// The float engine against the dense path in double, hard mode: the same spikes, loss and gradient, for any cell.

#include "gradient/compare.hpp"

#include <backspike/gradient/dense.hpp>
#include <backspike/gradient/engine.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace backspike::testing {

/// Smallest distance of a membrane to its threshold, or to an end of its surrogate where that jumps, in one sample.
inline double closest_call(const dense_model<double>& m, const dense_sample<double>& x) {
  double closest = std::numeric_limits<double>::infinity();
  for (std::size_t q = 0; q < x.populations.size(); ++q) {
    const cell_info& cell = *m.at(q).cell;
    const surrogate_spec& surrogate = m.at(q).spec.surrogate;
    for (std::size_t at = 0; cell.spiking && at < x.steps * m.at(q).units; ++at) {
      std::vector<double> state(cell.states.size());
      std::copy_n(x.populations[q].before.data() + at * state.size(), state.size(), state.data());
      const double* constants = m.constants[q].data() + at % m.at(q).units * cell.constants;
      const double u = cell.exact->distance(state.data(), constants,
                                            x.populations[q].current.data() + at * cell.inputs(), m.spike_of(q));
      const bool jumps = surrogate.kind == surrogate_kind::boxcar;
      closest = std::min({closest, std::fabs(u), jumps ? std::fabs(std::fabs(u) - surrogate.width) : closest});
    }
  }
  return closest;
}

/// Drops the samples in which float may decide otherwise than double; at least half have to stay.
inline void drop_close_calls_of_dense(trial& t, double margin = 1e-5) {
  const dense_model<double> m(t.net, t.parameters, spike_mode::hard);
  std::vector<std::uint32_t> kept;
  for (const std::uint32_t s : t.samples) {
    if (closest_call(m, dense_forward(m, t.data, s, t.draws)) > margin) {
      kept.push_back(s);
    }
  }
  ASSERT_GE(2 * kept.size(), t.samples.size()) << "too many membranes lie on the threshold";
  t.samples = kept;
}

inline void expect_engine_equals_dense(trial& t, double tolerance = 1e-4) {
  drop_close_calls_of_dense(t);
  arena<double> expected(t.net.parameters());
  const auto sum = dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &expected);
  thread_pool pool(2);
  engine e(t.net, t.objective, pool);
  arena<float> gradient(t.net.parameters());
  const batch_result result = e.gradient(t.float_parameters(), t.batch(), gradient);
  ASSERT_GT(sum.hidden_spikes, 20.0 * static_cast<double>(t.samples.size())) << "the hidden layer is silent";
  EXPECT_EQ(static_cast<double>(result.hidden_spikes), sum.hidden_spikes);
  EXPECT_NEAR(result.loss, sum.loss, 1e-5 * sum.loss);
  for (const connection& c : t.net.connections()) {
    EXPECT_GT(largest(std::as_const(expected).view(c.weight)), 1e-4) << t.net.parameters()[c.weight].name;
  }
  expect_same_gradient(gradient, expected, tolerance);
}

}  // namespace backspike::testing
