#pragma once
// Softmax, a trace of values over time, and the cross-entropy of one row of them:
//
//   p = softmax(z),  q = (1 - smoothing) * onehot + smoothing / C,  L = -sum_c q_c log p_c,  dL/dz_c = p_c - q_c

#include <backspike/scalar/dual.hpp>

#include <cstddef>
#include <span>

namespace backspike {

/// A dense trace [steps][classes]; rows are `stride` apart.
template <class S>
struct trace_view {
  S* data = nullptr;
  std::size_t steps = 0, classes = 0, stride = 0;
  S& operator()(std::size_t t, std::size_t c) const { return data[t * stride + c]; }
  S* row(std::size_t t) const { return data + t * stride; }
};

/// Softmax of z in place of z; returns log(sum exp z), computed without overflow.
template <class S>
S softmax(std::span<S> z) {
  using std::exp;
  using std::log;
  S top = z[0];
  for (const S& x : z) {
    top = x > top ? x : top;
  }
  S sum = constant<S>(0.0);
  for (S& x : z) {
    sum = sum + S(exp(x - top));
  }
  const S log_sum = top + S(log(sum));
  for (S& x : z) {
    x = S(exp(x - log_sum));
  }
  return log_sum;
}

/// Index of the largest value, the first of several.
template <class S>
std::size_t largest_of(std::span<S> z) {
  std::size_t best = 0;
  for (std::size_t c = 1; c < z.size(); ++c) {
    best = z[c] > z[best] ? c : best;
  }
  return best;
}

/// The loss of one row of logits; afterwards z holds the softmax.
template <class S>
S softmax_cross_entropy(std::span<S> z, std::size_t label, double smoothing) {
  const S each = constant<S>(smoothing / static_cast<double>(z.size()));
  S expected = constant<S>(1.0 - smoothing) * z[label];
  for (const S& x : z) {
    expected = expected + each * x;
  }
  return softmax(z) - expected;
}

/// dL/dz_c for the softmax p_c.
template <class S>
S softmax_slope(const S& p, bool is_label, std::size_t classes, double smoothing) {
  return p - constant<S>(smoothing / static_cast<double>(classes) + (is_label ? 1.0 - smoothing : 0.0));
}

}  // namespace backspike
