#pragma once
// What a connection's source sent in a step of the window, or so many steps before it: from the input, from the spikes
// or values of the window, or from what was kept of the steps before it.

#include "gradient/engine/pass.hpp"

#include <cstddef>
#include <cstdint>

namespace backspike {

/// Memory for a row of before the window: kernels::position_room of the source's neurons.
struct row_memory {
  std::uint32_t* ids;
  float* values;
};

/// Whether what a connection carries has values.
inline bool is_graded(const pass& p, const in_flight_batch& c, const connection& k) {
  return k.comes_from_input() ? c.data->inputs.spikes.graded() : !p.net->populations()[k.source].cell->spiking;
}

/// What population q sent `ago` steps before the window of sample i began, at least 1. Nothing before the sample.
inline event_row sent_before(const pass& p, const in_flight_batch& c, std::size_t i, std::size_t q, std::size_t ago,
                             const row_memory& to) {
  const population& source = p.net->populations()[q];
  const sample_slot& slot = c.slots[i];
  if (source.cell->spiking) {
    const std::uint16_t* bits = slot.before.data() + p.carry->words[q] + (ago - 1) * (source.padded_units / lanes);
    return {{to.ids, p.kernels->compact_spikes(bits, source.units, to.ids)}, {}};
  }
  const float* row = slot.before_values.data() + p.carry->values[q] + (ago - 1) * source.padded_units;
  const auto found = p.kernels->nonzeros({row, source.units, to.ids, to.values});
  return {{to.ids, found.count}, {to.values, found.count}};
}

/// What arrives over connection k in step t of the window without delays of its own: it was sent base_delay steps
/// before.
inline event_row sent_events(const pass& p, const in_flight_batch& c, std::size_t i, const connection& k, std::size_t t,
                             const row_memory& to) {
  if (k.comes_from_input()) {
    const std::size_t step = c.ranges[i].begin + t;
    return step < k.base_delay
               ? event_row{}
               : c.data->inputs.spikes.row(c.data->inputs.sample_rows[c.samples[i]] + step - k.base_delay);
  }
  return t >= k.base_delay ? c.slots[i].spikes[k.source].row(t - k.base_delay)
                           : sent_before(p, c, i, k.source, k.base_delay - t, to);
}

}  // namespace backspike
