#pragma once
// What comparisons of graphs have in common: samples that float and double decide alike, and how large a gradient is.

#include "gradient/engine_and_dense.hpp"
#include "gradient/trial.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace backspike::testing {

/// Drops the samples in which float may decide otherwise than double; false if none is left.
inline bool keep_clear_samples(trial& t, double margin = 1e-4) {
  const dense_model<double> m(t.net, t.parameters, spike_mode::hard);
  std::erase_if(t.samples,
                [&](std::uint32_t s) { return !(closest_call(m, dense_forward(m, t.data, s, t.draws)) > margin); });
  return !t.samples.empty();
}

inline double largest_of(const arena<double>& gradient) {
  double top = 0.0;
  for (const double g : gradient.values()) {
    top = std::max(top, std::fabs(g));
  }
  return top;
}

}  // namespace backspike::testing
