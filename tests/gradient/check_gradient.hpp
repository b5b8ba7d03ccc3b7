#pragma once
// The one finite-difference harness: six-point central differences in double. It refuses to compare two things that
// are both silent: first the outputs and the gradient have to be alive.

#include "gradient/trial.hpp"

#include <backspike/gradient/dense.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace backspike::testing {

struct gradient_tolerances {
  double step = 1e-4;       // of the stencil, times max(1, |x|); truncation is O(step^6)
  double relative = 1e-7;   // of the larger of the two derivatives
  double absolute = 1e-10;  // rounding of the function over the step: 1e-16 / 1e-4, with room for the sum over steps
  double floor = 1e-5;      // a derivative is alive above it
  double share = 0.35;      // of all entries that have to be alive
};

using scalar_function = std::function<double(std::span<const double>)>;

/// df/dx_i with the stencil (-1, 9, -45, 0, 45, -9, 1) / (60 h).
inline double six_point_difference(const scalar_function& f, std::vector<double> x, std::size_t i, double h) {
  constexpr double weight[] = {-1.0, 9.0, -45.0, 0.0, 45.0, -9.0, 1.0};
  const double here = x[i];
  double sum = 0.0;
  for (int k = -3; k <= 3; ++k) {
    if (k != 0) {
      x[i] = here + k * h;
      sum += weight[k + 3] * f(x);
    }
  }
  return sum / (60.0 * h);
}

/// Compares `gradient` with finite differences of f around x; `names` says what an entry is.
inline void check_gradient(const scalar_function& f, const std::vector<double>& x, const std::vector<double>& gradient,
                           const std::vector<std::string>& names, const gradient_tolerances& tolerances = {}) {
  ASSERT_EQ(x.size(), gradient.size());
  ASSERT_FALSE(x.empty());
  std::size_t alive = 0;
  for (const double g : gradient) {
    alive += std::fabs(g) > tolerances.floor ? 1 : 0;
  }
  ASSERT_GE(static_cast<double>(alive), tolerances.share * static_cast<double>(x.size())) << "the gradient is silent";
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double expected = six_point_difference(f, x, i, tolerances.step * std::max(1.0, std::fabs(x[i])));
    const double scale = std::max(std::fabs(expected), std::fabs(gradient[i]));
    EXPECT_NEAR(gradient[i], expected, tolerances.absolute + tolerances.relative * scale) << names[i];
  }
}

/// Position of every number of an arena that is not padding, with a name.
struct arena_entries {
  std::vector<std::size_t> at;
  std::vector<std::string> names;

  explicit arena_entries(const parameter_layout& layout) {
    for (const parameter_info& p : layout.entries()) {
      for (std::size_t r = 0; r < p.rows; ++r) {
        for (std::size_t c = 0; c < p.cols; ++c) {
          at.push_back(p.offset + r * p.stride + c);
          names.push_back(p.name + "(" + std::to_string(r) + ", " + std::to_string(c) + ")");
        }
      }
    }
  }

  std::vector<double> pick(const arena<double>& a) const {
    std::vector<double> x;
    for (const std::size_t i : at) {
      x.push_back(a.values()[i]);
    }
    return x;
  }
};

inline double mean_loss(const trial& t, const arena<double>& parameters) {
  const auto sum = dense_gradient<double>(t.net, t.objective, parameters, t.batch(), spike_mode::smooth, nullptr);
  return sum.loss / static_cast<double>(t.samples.size());
}

/// Whether some population that is no output spikes.
inline bool has_hidden_spikes(const network& net) {
  return std::ranges::any_of(net.populations(), [](const population& p) { return p.cell->spiking && !p.is_output; });
}

/// The gradient of the mean loss in smooth mode with respect to every parameter of the trial's network.
inline void check_network_gradient(const trial& t, const gradient_tolerances& tolerances = {}) {
  arena<double> gradient(t.net.parameters());
  const auto sum = dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::smooth, &gradient);
  if (has_hidden_spikes(t.net)) {
    const double least = t.net.output_list().size() > 1 ? 0.1 : 1.0;  // some of the layers are outputs then
    ASSERT_GT(sum.hidden_spikes, least) << "the hidden layers are silent";
  }
  ASSERT_GT(sum.loss, 1e-3) << "the readout is silent";
  const arena_entries entries(t.net.parameters());
  arena<double> moved = t.parameters;
  const scalar_function loss = [&](std::span<const double> x) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      moved.values()[entries.at[i]] = x[i];
    }
    return mean_loss(t, moved);
  };
  check_gradient(loss, entries.pick(t.parameters), entries.pick(gradient), entries.names, tolerances);
}

}  // namespace backspike::testing
