#pragma once
// Weights whose columns are standardised: those of an output channel have a mean of 0 and keep their norm. With v the
// weights of a column and s its norm, the network has
//
//   W = s * (v - mean(v)) / |v - mean(v)|          (Qiao et al. 2019, arXiv 1903.10520, with the norm of the start)
//
// Only the direction of v matters, so that W itself can stand for v: a step moves v = W by dL/dv, and W follows.

#include <backspike/core/arena.hpp>
#include <backspike/core/thread_pool.hpp>

#include <span>
#include <vector>

namespace backspike {

/// Overwrites dL/dW with dL/dv, and returns the norm of every column of W about its mean. Same bits at any thread
/// count.
std::vector<double> project_gradient(const parameter_info& p, const float* value, float* gradient, thread_pool& pool);

/// Gives every column a mean of 0 and its norm; where that is 0, or there is nothing to scale, a mean of 0 only.
void standardise_columns(const parameter_info& p, std::span<const double> norms, float* value, thread_pool& pool);

}  // namespace backspike
