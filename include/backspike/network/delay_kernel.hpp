#pragma once
// How a spike is spread over integer delays. Gaussian (Hammouamri, Khalfaoui-Hassani & Masquelier 2023, eq. 5 and 6,
// after Khalfaoui-Hassani et al. 2023):
//
//   k_b = exp(-(b - d)^2 / (2 s^2)) / sum_c exp(-(c - d)^2 / (2 s^2)),  |b - d| < max(4.5 s, 1.5),  0 <= b <= max
//
// with the delay d and the width s. What lies outside the window weighs less than 4e-5 of the largest and is left out;
// the sum runs over the window, and the derivatives are those of what is computed:
//
//   dk_b/dd = k_b ((b - d) - m1) / s^2,  dk_b/ds = k_b ((b - d)^2 - m2) / s^3,  m_n = sum_c k_c (c - d)^n
//
// Linear: k = 1 - f and f at the two integers around d, f = d - floor(d). Width 0 is the limit: 1 at the next integer.

#include <backspike/cell/scalar.hpp>
#include <backspike/network/delay_spec.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace backspike {

/// The integer delays [first, first + count) that a kernel is not zero at.
struct delay_window {
  std::size_t first, count;
};

/// Farther than this from the delay [steps] a gaussian kernel is left out.
inline double delay_reach(double width) { return std::max(4.5 * width, 1.5); }

inline delay_window window_of(delay_kernel kernel, std::size_t max, double delay, double width) {
  const auto top = static_cast<double>(max);
  if (kernel == delay_kernel::linear) {
    return {static_cast<std::size_t>(std::clamp(std::floor(delay), 0.0, top - 1.0)), 2};
  }
  if (width == 0.0) {
    return {static_cast<std::size_t>(std::clamp(std::floor(delay + 0.5), 0.0, top)), 1};
  }
  const double reach = delay_reach(width);
  const double first = std::clamp(std::floor(delay - reach) + 1.0, 0.0, top);
  const double last = std::clamp(std::ceil(delay + reach) - 1.0, first, top);
  return {static_cast<std::size_t>(first), static_cast<std::size_t>(last - first) + 1};
}

/// The most bins that a window has at this width.
inline std::size_t widest_window(delay_kernel kernel, std::size_t max, double width) {
  if (kernel == delay_kernel::linear) {
    return 2;
  }
  const auto bins = width == 0.0 ? 1 : static_cast<std::size_t>(std::ceil(2.0 * delay_reach(width)));
  return std::min(bins, max + 1);
}

/// One kernel: its values and their derivatives by delay and width, each [window.count].
template <class S>
struct delay_taps {
  S *value, *by_delay, *by_width;
};

namespace detail {

template <class S>
void gaussian_taps(const delay_window& w, const S& delay, const S& width, const delay_taps<S>& out) {
  using std::exp;
  const S square = width * width, zero = constant<S>(0.0);
  const auto distance = [&](std::size_t k) { return constant<S>(static_cast<double>(w.first + k)) - delay; };
  S nearest = distance(0) * distance(0);  // a softmax without overflow
  for (std::size_t k = 1; k < w.count; ++k) {
    const S there = distance(k) * distance(k);
    nearest = there < nearest ? there : nearest;
  }
  S sum = zero;
  for (std::size_t k = 0; k < w.count; ++k) {
    const S x = distance(k);
    out.value[k] = exp((nearest - x * x) / (constant<S>(2.0) * square));
    sum = sum + out.value[k];
  }
  S first = zero, second = zero;
  for (std::size_t k = 0; k < w.count; ++k) {
    const S x = distance(k);
    out.value[k] = out.value[k] / sum;
    first = first + out.value[k] * x;
    second = second + out.value[k] * x * x;
  }
  for (std::size_t k = 0; k < w.count; ++k) {
    const S x = distance(k);
    out.by_delay[k] = out.value[k] * (x - first) / square;
    out.by_width[k] = out.value[k] * (x * x - second) / (square * width);
  }
}

}  // namespace detail

/// Fills `out` over the window of this delay and width; a kernel of width 0 has no derivative and gets zeros.
template <class S>
void fill_taps(delay_kernel kernel, const delay_window& w, const S& delay, const S& width, const delay_taps<S>& out) {
  const S zero = constant<S>(0.0), one = constant<S>(1.0);
  if (kernel == delay_kernel::linear) {
    const S share = delay - constant<S>(static_cast<double>(w.first));
    out.value[0] = one - share;
    out.value[1] = share;
    out.by_delay[0] = zero - one;
    out.by_delay[1] = one;
    out.by_width[0] = out.by_width[1] = zero;
  } else if (w.count == 1) {
    out.value[0] = one;
    out.by_delay[0] = out.by_width[0] = zero;
  } else {
    detail::gaussian_taps(w, delay, width, out);
  }
}

}  // namespace backspike
