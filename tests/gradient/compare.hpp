#pragma once
// Runs the hand-written reference over a trial, and compares gradients parameter by parameter.

#include "gradient/reference.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace backspike::testing {

struct reference_result {
  double loss = 0.0, hidden_spikes = 0.0;
  std::vector<reference_sample> samples;
  arena<double> gradient;

  explicit reference_result(const trial& t) : gradient(t.net.parameters()) {
    reference_network reference(t);
    for (const std::uint32_t s : t.samples) {
      samples.push_back(reference.forward(s));
      loss += samples.back().loss;
      hidden_spikes += samples.back().hidden_spikes;
      reference.backward(s, samples.back(), 1.0 / static_cast<double>(t.samples.size()));
    }
    reference.write(gradient);
  }
};

/// Drops the samples in which a membrane of the reference comes so close to its threshold that float may decide
/// otherwise; at least half have to stay.
inline void drop_close_calls(trial& t, double margin = 1e-5) {
  const reference_network reference(t);
  std::vector<std::uint32_t> kept;
  for (const std::uint32_t s : t.samples) {
    if (reference.forward(s).margin > margin) {
      kept.push_back(s);
    }
  }
  ASSERT_GE(2 * kept.size(), t.samples.size()) << "too many membranes lie on the threshold";
  t.samples = kept;
}

template <class S>
inline double largest(const matrix_view<const S>& v) {
  double top = 0.0;
  for (std::size_t r = 0; r < v.rows; ++r) {
    for (std::size_t c = 0; c < v.cols; ++c) {
      top = std::max(top, std::fabs(static_cast<double>(v(r, c))));
    }
  }
  return top;
}

/// |actual - expected| <= tolerance * (largest entry of the parameter's expected gradient) + floor, entry by entry;
/// reports the first that is not. Parameters that are not learned may be left out by the actual gradient.
template <class S>
void expect_same_gradient(const arena<S>& actual, const arena<double>& expected, double tolerance,
                          bool learned_only = true, double floor = 1e-12) {
  for (std::size_t i = 0; i < expected.layout().size(); ++i) {
    const parameter_info& info = expected.layout()[i];
    if (learned_only && !info.learnable) {
      continue;
    }
    const auto a = actual.view(i);
    const auto b = expected.view(i);
    const double allowed = tolerance * largest(b) + floor;
    for (std::size_t k = 0; k < info.size(); ++k) {
      const std::size_t r = k / info.cols, c = k % info.cols;
      const double difference = std::fabs(static_cast<double>(a(r, c)) - b(r, c));
      if (!(difference <= allowed)) {
        ADD_FAILURE() << info.name << "(" << r << ", " << c << ") is " << a(r, c) << ", the reference has " << b(r, c)
                      << "; largest " << largest(b);
        break;
      }
    }
  }
}

/// The reference fires and has a gradient for every weight matrix: a comparison with it means something.
inline void expect_alive(const trial& t, const reference_result& r, double spikes_per_sample) {
  EXPECT_GT(r.hidden_spikes, spikes_per_sample * static_cast<double>(t.samples.size()));
  for (std::size_t i = 0; i < t.net.parameters().size(); ++i) {
    if (t.net.parameters()[i].name.ends_with("weight")) {
      EXPECT_GT(largest(r.gradient.view(i)), 1e-4) << t.net.parameters()[i].name;
    }
  }
}

}  // namespace backspike::testing
