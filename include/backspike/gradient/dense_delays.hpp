#pragma once
// The dense path's delays: one kernel for each synapse, over all integer delays, as arrays of [source][target].

#include <backspike/core/arena.hpp>
#include <backspike/network/delay_kernel.hpp>
#include <backspike/network/network.hpp>

#include <vector>

namespace backspike {

/// The kernels of one connection; nothing for one without delays.
template <class S>
struct dense_kernels {
  std::vector<delay_window> window;          // [source][target]
  std::vector<S> value, by_delay, by_width;  // [source][target][max + 1], zero outside the window
  std::size_t bins = 0;                      // max + 1

  const S* of(std::size_t synapse) const { return value.data() + synapse * bins; }
};

namespace detail {

template <class S>
dense_kernels<S> kernels_of(const connection& c, std::size_t targets, const arena<S>& parameters) {
  dense_kernels<S> all;
  if (!c.has_delays()) {
    return all;
  }
  const std::size_t synapses = c.source_units * targets;
  all.bins = c.late.max + 1;
  for (auto* v : {&all.value, &all.by_delay, &all.by_width}) {
    v->assign(synapses * all.bins, constant<S>(0.0));
  }
  const auto position = parameters.view(c.delay_parameter);
  for (std::size_t i = 0; i < synapses; ++i) {
    const std::size_t row = c.delay_row(i / targets), column = c.delay_column(i / targets, i % targets);
    const S delay = position(row, column);
    S width = constant<S>(0.0);
    if (c.kernel_width_parameter != no_parameter) {
      width = c.late.width.learn ? parameters.view(c.kernel_width_parameter)(row, column)
                                 : parameters.view(c.kernel_width_parameter)(0, 0);
    }
    const delay_window w = window_of(c.late.kernel, c.late.max, plain(delay), plain(width));
    const std::size_t at = i * all.bins + w.first;
    fill_taps<S>(c.late.kernel, w, delay, width,
                 {all.value.data() + at, all.by_delay.data() + at, all.by_width.data() + at});
    all.window.push_back(w);
  }
  return all;
}

/// From the errors on the taps of every synapse, [source][target][max + 1], to those on weights, delays and widths.
template <class S>
void pull_back_taps(const connection& c, std::size_t targets, const arena<S>& parameters, const dense_kernels<S>& all,
                    const std::vector<S>& error, arena<S>& gradient) {
  const auto weight = parameters.view(c.weight);
  const auto into = gradient.view(c.weight);
  for (std::size_t i = 0; i < all.window.size(); ++i) {
    const std::size_t source = i / targets, target = i % targets;
    S by_weight = constant<S>(0.0), by_delay = by_weight, by_width = by_weight;
    for (std::size_t b = 0; b < all.bins; ++b) {
      const std::size_t at = i * all.bins + b;
      by_weight = by_weight + all.value[at] * error[at];
      by_delay = by_delay + all.by_delay[at] * error[at];
      by_width = by_width + all.by_width[at] * error[at];
    }
    const S& w = weight(source, target);
    into(source, target) = into(source, target) + by_weight;
    S& delay = gradient.view(c.delay_parameter)(c.delay_row(source), c.delay_column(source, target));
    delay = delay + w * by_delay;
    if (c.kernel_width_parameter != no_parameter) {
      const bool own = c.late.width.learn;
      S& width = gradient.view(c.kernel_width_parameter)(own ? c.delay_row(source) : 0,
                                                         own ? c.delay_column(source, target) : 0);
      width = width + w * by_width;
    }
  }
}

}  // namespace detail
}  // namespace backspike
