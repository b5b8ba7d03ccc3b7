#pragma once
// The dense path's delays: one kernel for each synapse, over all integer delays, in the order of the synapses.

#include <backspike/core/arena.hpp>
#include <backspike/network/delay_kernel.hpp>
#include <backspike/network/network.hpp>

#include <vector>

namespace backspike {

/// The kernels of one connection; nothing for one without delays.
template <class S>
struct dense_kernels {
  std::vector<std::size_t> first;            // [sources + 1] synapses of source i begin at first[i]
  std::vector<S> value, by_delay, by_width;  // [synapses][max + 1], zero outside the window
  std::size_t bins = 0;                      // max + 1

  const S* of(std::size_t synapse) const { return value.data() + synapse * bins; }
};

/// x times the factor of a synapse.
template <class S>
S with_factor(const S& x, const synapse& s) {
  return s.factor == 1.0 ? x : x * constant<S>(s.factor);
}

/// The weight of a synapse, with the factor that it always has.
template <class S>
S weight_of(const matrix_view<const S>& weights, const synapse& s) {
  return with_factor<S>(weights(s.row, s.column), s);
}

namespace detail {

/// Delay and width of a synapse.
template <class S>
struct synapse_delay {
  S delay, width;

  synapse_delay(const connection& c, const arena<S>& parameters, std::size_t source, const synapse& s)
      : delay(parameters.view(c.delay_parameter)(c.delay_row(s), c.delay_column(source, s))), width(constant<S>(0.0)) {
    if (c.kernel_width_parameter != no_parameter) {
      const auto widths = parameters.view(c.kernel_width_parameter);
      width = c.late.width.learn ? widths(c.delay_row(s), c.delay_column(source, s)) : widths(0, 0);
    }
  }
};

template <class S>
dense_kernels<S> kernels_of(const connection& c, const arena<S>& parameters) {
  dense_kernels<S> all;
  if (!c.has_delays()) {
    return all;
  }
  const std::size_t synapses = synapse_count(c);
  all.bins = c.late.max + 1;
  all.first.assign(c.source_units + 1, 0);
  for (auto* v : {&all.value, &all.by_delay, &all.by_width}) {
    v->assign(synapses * all.bins, constant<S>(0.0));
  }
  std::size_t i = 0;
  each_synapse(c, [&](std::uint32_t source, const synapse& s) {
    const synapse_delay<S> d(c, parameters, source, s);
    const delay_window w = window_of(c.late.kernel, c.late.max, plain(d.delay), plain(d.width));
    const std::size_t at = i * all.bins + w.first;
    fill_taps<S>(c.late.kernel, w, d.delay, d.width,
                 {all.value.data() + at, all.by_delay.data() + at, all.by_width.data() + at});
    all.first[source + 1] = ++i;
  });
  for (std::size_t n = 0; n < c.source_units; ++n) {  // sources without synapses
    all.first[n + 1] = std::max(all.first[n + 1], all.first[n]);
  }
  return all;
}

/// From the errors on the taps of every synapse, [synapses][max + 1], to those on weights, delays and widths.
template <class S>
void pull_back_taps(const connection& c, const arena<S>& parameters, const dense_kernels<S>& all,
                    const std::vector<S>& error, arena<S>& gradient) {
  const auto weight = parameters.view(c.weight);
  const auto into = gradient.view(c.weight), delays = gradient.view(c.delay_parameter);
  std::size_t i = 0;
  each_synapse(c, [&](std::uint32_t source, const synapse& s) {
    S by_weight = constant<S>(0.0), by_delay = by_weight, by_width = by_weight;
    for (std::size_t b = 0; b < all.bins; ++b) {
      const std::size_t at = i * all.bins + b;
      by_weight = by_weight + all.value[at] * error[at];
      by_delay = by_delay + all.by_delay[at] * error[at];
      by_width = by_width + all.by_width[at] * error[at];
    }
    ++i;
    const S w = weight_of<S>(weight, s);
    into(s.row, s.column) = into(s.row, s.column) + with_factor<S>(by_weight, s);
    const std::size_t row = c.delay_row(s), column = c.delay_column(source, s);
    delays(row, column) = delays(row, column) + w * by_delay;
    if (c.kernel_width_parameter != no_parameter) {
      const bool own = c.late.width.learn;
      S& width = gradient.view(c.kernel_width_parameter)(own ? row : 0, own ? column : 0);
      width = width + w * by_width;
    }
  });
}

}  // namespace detail
}  // namespace backspike
