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

#include <backspike/network/delay_spec.hpp>
#include <backspike/scalar/scalar.hpp>

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

/// One kernel: its values and their derivatives by delay and width, each [window.count]; by_delay null: values alone.
template <class S>
struct delay_taps {
  S *value, *by_delay, *by_width;
};

namespace detail {

/// exp(-x^2 / (2 s^2)) over exp of the nearest bin's, outwards from there: neighbours differ by a factor which itself
/// changes by exp(-1 / s^2) from bin to bin. All are at most 1, so that nothing overflows, however narrow.
template <class S>
void gaussian_values(const delay_window& w, std::size_t nearest, const S& x, const S& precision, S* value) {
  using std::exp;
  const S one = constant<S>(1.0), two = constant<S>(2.0), half = constant<S>(0.5);
  const S change = exp(constant<S>(0.0) - precision);
  value[nearest] = one;
  S factor = exp(constant<S>(0.0) - (two * x + one) * half * precision);
  for (std::size_t k = nearest + 1; k < w.count; ++k) {
    value[k] = value[k - 1] * factor;
    factor = factor * change;
  }
  factor = exp((two * x - one) * half * precision);
  for (std::size_t k = nearest; k-- > 0;) {
    value[k] = value[k + 1] * factor;
    factor = factor * change;
  }
}

template <class S>
void gaussian_taps(const delay_window& w, const S& delay, const S& width, const delay_taps<S>& out) {
  const S zero = constant<S>(0.0), one = constant<S>(1.0), precision = one / (width * width);
  const auto distance = [&](std::size_t k) { return constant<S>(static_cast<double>(w.first + k)) - delay; };
  std::size_t nearest = 0;
  for (std::size_t k = 1; k < w.count; ++k) {
    nearest = distance(k) * distance(k) < distance(nearest) * distance(nearest) ? k : nearest;
  }
  gaussian_values(w, nearest, distance(nearest), precision, out.value);
  S sum = zero, first = zero, second = zero;
  for (std::size_t k = 0; k < w.count; ++k) {
    sum = sum + out.value[k];
  }
  const S share = one / sum;
  for (std::size_t k = 0; k < w.count; ++k) {
    out.value[k] = out.value[k] * share;
  }
  if (out.by_delay == nullptr) {
    return;
  }
  for (std::size_t k = 0; k < w.count; ++k) {
    const S x = distance(k);
    first = first + out.value[k] * x;
    second = second + out.value[k] * x * x;
  }
  const S by_width = precision / width;
  for (std::size_t k = 0; k < w.count; ++k) {
    const S x = distance(k);
    out.by_delay[k] = out.value[k] * (x - first) * precision;
    out.by_width[k] = out.value[k] * (x * x - second) * by_width;
  }
}

}  // namespace detail

/// Fills `out` over the window of this delay and width; a kernel of width 0 has no derivative and gets zeros.
template <class S>
void fill_taps(delay_kernel kernel, const delay_window& w, const S& delay, const S& width, const delay_taps<S>& out) {
  const S zero = constant<S>(0.0), one = constant<S>(1.0);
  const bool derivatives = out.by_delay != nullptr;
  if (kernel == delay_kernel::linear) {
    const S share = delay - constant<S>(static_cast<double>(w.first));
    out.value[0] = one - share;
    out.value[1] = share;
    for (std::size_t k = 0; k < 2 && derivatives; ++k) {
      out.by_delay[k] = k == 0 ? zero - one : one;
      out.by_width[k] = zero;
    }
  } else if (w.count == 1) {
    out.value[0] = one;
    if (derivatives) {
      out.by_delay[0] = out.by_width[0] = zero;
    }
  } else {
    detail::gaussian_taps(w, delay, width, out);
  }
}

}  // namespace backspike
