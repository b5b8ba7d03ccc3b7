// Follows the mean rate of neurons through the windows of a sample, for the rate regularisation of e-prop's backward
// form.

#include "gradient/rule/eprop/held_rates.hpp"

#include <algorithm>
#include <span>

namespace backspike {

void held_rates::prepare(const network& net, const eprop_options& options) {
  rates_ = holds_of(net, options);
  window_ = options.rate_window / net.spec().dt;
  first_.assign(1, 0);
  for (std::size_t q = 0; q < rates_.size(); ++q) {
    first_.push_back(first_.back() + (holds(q) ? net.populations()[q].units : 0));
  }
}

void held_rates::plan(memory_plan& m, sample_slot& slot, const segment_plan& windows) const {
  m.exactly(slot.rates, first_.back());
  m.exactly(slot.checkpoint_rates, windows.whole() ? 0 : windows.count * first_.back());
}

/// Calls f(step of the window, means of that step's end) for every step, the first one first.
template <class F>
void held_rates::each_step(in_flight_batch& c, std::size_t i, std::size_t q, const F& f) const {
  const std::span rates(c.slots[i].rates.data() + first_[q], first_[q + 1] - first_[q]);
  for (std::size_t t = 0; t < c.ranges[i].steps(); ++t) {
    const auto steps = static_cast<double>(c.ranges[i].begin + t + 1);
    const float share = static_cast<float>(1.0 / std::min(steps, window_));
    for (float& rate : rates) {
      rate -= share * rate;
    }
    for (const std::uint32_t n : c.slots[i].spikes[q].row(t).channels) {
      rates[n] += share;
    }
    f(t, rates);
  }
}

void held_rates::follow(in_flight_batch& c, std::size_t i) const {
  for (std::size_t q = 0; q < rates_.size(); ++q) {
    if (holds(q)) {
      each_step(c, i, q, [](std::size_t, std::span<const float>) {});
    }
  }
}

void held_rates::keep(sample_slot& slot, std::size_t j) const {
  std::ranges::copy(slot.rates, slot.checkpoint_rates.begin() + static_cast<std::ptrdiff_t>(j * first_.back()));
}

void held_rates::resume(sample_slot& slot, std::size_t j) const {
  std::copy_n(slot.checkpoint_rates.begin() + static_cast<std::ptrdiff_t>(j * first_.back()), first_.back(),
              slot.rates.begin());
}

void held_rates::add_errors(const pass& p, in_flight_batch& c, std::size_t i, std::size_t q,
                            float* error_output) const {
  if (!holds(q)) {
    return;
  }
  const std::size_t width = p.net->populations()[q].padded_units;
  const auto strength = static_cast<float>(p.sample_weight / static_cast<double>(c.length(i)) * rates_[q].coefficient);
  const auto target = static_cast<float>(rates_[q].target);
  each_step(c, i, q, [&](std::size_t t, std::span<const float> rates) {
    for (std::size_t n = 0; n < rates.size(); ++n) {
      error_output[t * width + n] += strength * (rates[n] - target);
    }
  });
}

}  // namespace backspike
