#pragma once
// The chaotic series of Mackey & Glass (1977, Science 197, 287-289),
//
//   x'(t) = beta x(t - tau) / (1 + x(t - tau)^n) - gamma x(t),   beta = 0.2, gamma = 0.1, n = 10
//
// from a constant past of 0.7206597, by the classical Runge-Kutta method of fourth order with a fixed step; x(t - tau)
// between two steps is the cubic Hermite polynomial through values and slopes, of fourth order too.

#include <backspike/data/dataset.hpp>
#include <backspike/data/tasks/signal_task_spec.hpp>

#include <cstdint>
#include <vector>

namespace backspike {

/// `points` values from time `start` on, `interval` apart, with `substeps` of the integrator in an interval.
struct mackey_glass_grid {
  double tau = 17.0, interval = 197.0 / 75.0, start = 0.0;
  std::uint32_t substeps = 100;
};

/// Throws value_error: a step of the integrator longer than tau, a number that is not positive.
std::vector<double> mackey_glass_series(const mackey_glass_grid& grid, std::size_t points);

/// One-step predictions: a sample shows the last `taps` points, standardised, for `steps` steps as graded input, the
/// oldest first; in its last step the target is what a linear prediction from them misses, in standard deviations of
/// that. The linear prediction is the least-squares one of the training part, for points with independent noise of
/// `ridge` standard deviations, as echo-state networks have a direct way from input to output; or the last point.
///
/// train  of the training part of the seed's series, `copies` times with noise on what is shown
/// test   of the part after it; `continuations` has the whole part for the network to go on with alone
///
/// Throws value_error naming the setting.
dataset_split make_mackey_glass(const mackey_glass_spec& spec, std::uint64_t seed);

}  // namespace backspike
