#pragma once
// What a connection's source sent in a step of the window, or so many steps before it: from the input, from the spikes
// or values of the window, or from what was kept of the steps before it.

#include "gradient/engine/pass.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace backspike {

/// Memory for a row of before the window: kernels::position_room of the source's neurons.
struct row_memory {
  std::uint32_t* ids;
  float* values;
};

/// Whether what a connection carries has values.
inline bool is_graded(const pass& p, const in_flight_batch& c, const connection& k) {
  return p.has_own_rows(k) ||
         (k.comes_from_input() ? c.data->inputs.spikes.graded() : !p.net->populations()[k.source].cell->spiking);
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

/// The events of the sources of a connection, numbered from its first one.
inline event_row part_of(const event_row& row, const connection& k, std::uint32_t* ids) {
  const auto from = std::ranges::lower_bound(row.channels, k.first_source) - row.channels.begin();
  const auto end = std::ranges::lower_bound(row.channels, k.first_source + k.source_units) - row.channels.begin();
  const auto begin = static_cast<std::size_t>(from), n = static_cast<std::size_t>(end - from);
  std::ranges::transform(row.channels.subspan(begin, n), ids,
                         [&](std::uint32_t c) { return c - static_cast<std::uint32_t>(k.first_source); });
  return {{ids, n}, row.values.empty() ? row.values : row.values.subspan(begin, n)};
}

/// What its part and its dropout leave of a row that a connection carries; the row may lie where it is written to.
/// factors: those of dropout; empty: 1.
inline event_row own_row(const event_row& whole, const connection& k, std::span<const float> factors,
                         const row_memory& to) {
  const event_row row = k.of_part ? part_of(whole, k, to.ids) : whole;
  std::size_t n = 0;
  for (std::size_t e = 0; e < row.channels.size(); ++e) {
    const std::uint32_t channel = row.channels[e];
    const float factor = factors.empty() ? 1.0f : factors[channel];
    to.ids[n] = channel;
    to.values[n] = row.values.empty() ? factor : row.values[e] * factor;
    n += factor != 0.0f ? 1u : 0u;
  }
  return {{to.ids, n}, {to.values, n}};
}

/// Adds it to the rows of the window that the connection keeps.
inline void keep_own_row(const event_row& row, const connection& k, std::span<const float> factors, events& to) {
  const std::size_t first = to.channels.size();
  to.channels.resize(first + row.channels.size());
  to.values.resize(first + row.channels.size());
  const std::size_t n =
      own_row(row, k, factors, {to.channels.data() + first, to.values.data() + first}).channels.size();
  to.channels.resize(first + n);
  to.values.resize(first + n);
  to.end_row();
}

/// What connection k carries of step t of the window, which may be before it, not before the sample; `to`: memory for a
/// row of before the window.
inline event_row carried(const pass& p, const in_flight_batch& c, std::size_t i, const connection& k, std::ptrdiff_t t,
                         const row_memory& to) {
  const sample_slot& slot = c.slots[i];
  const bool own = p.has_own_rows(k);
  if (t >= 0 && own) {
    return slot.own_rows[k.index].row(static_cast<std::size_t>(t));
  }
  if (t >= 0 && !k.comes_from_input()) {
    return slot.spikes[k.source].row(static_cast<std::size_t>(t));
  }
  const std::uint64_t first = c.data->inputs.sample_rows[c.samples[i]] + c.ranges[i].begin;
  const event_row row = k.comes_from_input() ? c.data->inputs.spikes.row(first + static_cast<std::uint64_t>(t))
                                             : sent_before(p, c, i, k.source, static_cast<std::size_t>(-t), to);
  return own ? own_row(row, k, slot.draws.factors(k.index), to) : row;
}

/// What arrives over connection k in step t of the window without delays of its own: it was sent base_delay steps
/// before.
inline event_row sent_events(const pass& p, const in_flight_batch& c, std::size_t i, const connection& k, std::size_t t,
                             const row_memory& to) {
  if (k.comes_from_input() && c.ranges[i].begin + t < k.base_delay) {
    return {};
  }
  return carried(p, c, i, k, static_cast<std::ptrdiff_t>(t) - static_cast<std::ptrdiff_t>(k.base_delay), to);
}

}  // namespace backspike
