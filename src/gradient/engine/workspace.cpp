// Takes the memory of a training step before it starts, and says how many bytes that is.

#include "gradient/engine/workspace.hpp"

#include "gradient/connection/delayed.hpp"

#include <algorithm>

namespace backspike {
namespace {

template <class Vector>
void grow(Vector& v, std::size_t n) {
  if (v.size() < n) {
    v.resize(n);
  }
}

void plan_slot(sample_slot& slot, const network& net, const carry_layout& carry, const segment_plan& plan,
               bool backward, bool count) {
  const auto populations = net.populations();
  slot.spikes.resize(populations.size());
  slot.error_constants.resize(populations.size());
  slot.counts.resize(populations.size());
  slot.prices.resize(populations.size());
  slot.before.assign(carry.spike_words, 0);
  if (!plan.whole() && backward) {
    grow(slot.checkpoints, plan.count * carry.state_floats);
    grow(slot.checkpoint_spikes, plan.count * carry.spike_words);
    grow(slot.carried_state, carry.state_floats);
    grow(slot.carried_current, carry.feedback_floats);
  }
  for (std::size_t p = 0; p < populations.size(); ++p) {
    if (populations[p].learns_constants && backward) {
      slot.error_constants[p].assign(populations[p].cell->constants * populations[p].width, 0.0f);
    }
    if (populations[p].cell->spiking && count) {
      slot.counts[p].assign(populations[p].units, 0);
      slot.prices[p].assign(backward ? populations[p].units : 0, 0.0f);
    }
  }
  slot.hidden_spikes = 0;
}

}  // namespace

void departures::clear() {
  ids.clear();
  at.clear();
  values.clear();
}

void departures::add(const event_row& row, std::size_t place) {
  ids.insert(ids.end(), row.channels.begin(), row.channels.end());
  at.resize(ids.size(), static_cast<std::uint32_t>(place));
  values.insert(values.end(), row.values.begin(), row.values.end());
}

namespace {

bool goes_together(const network& net) {
  return std::ranges::any_of(net.blocks(), [](const block& b) { return b.recurrent; }) ||
         std::ranges::any_of(net.connections(), sends_back_delayed);
}

}  // namespace

std::size_t samples_in_flight(const network& net, std::size_t longest) {
  constexpr std::size_t rows = 8192;  // of steps of all samples
  const bool delayed = std::ranges::any_of(net.connections(), [](const connection& c) { return c.has_delays(); });
  const std::size_t wanted = (delayed ? rows / 2 : rows) / std::max<std::size_t>(longest, 1);  // errors lie there twice
  return std::clamp(wanted / most_together * most_together, most_together, most_in_flight);
}

std::size_t samples_together(const rule_spec& rule, const network& net, std::size_t in_flight, std::size_t threads) {
  const bool alone = rule.kind == rule_kind::rtrl || rule.kind == rule_kind::eprop;
  return goes_together(net) && !alone ? std::clamp<std::size_t>(in_flight / threads, 1, most_together) : 1;
}

carry_layout::carry_layout(const network& net) {
  const auto populations = net.populations();
  words.assign(populations.size(), none);
  width.assign(populations.size(), none);
  for (const population& p : populations) {
    state.push_back(state_floats);
    state_floats += p.cell->states.size() * p.width;
  }
  history.assign(populations.size(), 0);
  later.assign(populations.size(), 0);
  late_target.assign(populations.size(), false);
  for (const connection& c : net.connections()) {
    const std::size_t longest = c.delay + c.late.max;
    if (c.source != network_input) {
      history[c.source] = std::max(history[c.source], longest);
    }
    later[c.target] = std::max(later[c.target], longest);
    late_target[c.target] = late_target[c.target] || c.has_delays();
    reach = std::max(reach, c.has_delays() ? longest : 0);
  }
  for (std::size_t q = 0; q < populations.size(); ++q) {
    if (history[q] > 0) {
      words[q] = spike_words;
      spike_words += history[q] * populations[q].width / lanes;
    }
    if (later[q] > 0) {
      width[q] = feedback_floats;
      feedback_floats += later[q] * populations[q].width;
    }
  }
  left = reach;
  right = reach == 0 ? 0 : reach + kernels::octet_lanes;  // padding of taps
}

namespace {

/// Where each sample's window begins on a line.
void place_lines(chunk& c, const carry_layout& carry) {
  c.line.clear();
  for (std::size_t i = 0; i < c.samples.size(); ++i) {
    c.line.push_back(c.first_row[i] + i * (carry.left + carry.right) + carry.left);
  }
}

}  // namespace

void plan_chunk(chunk& c, const network& net, const carry_layout& carry, const dataset& data,
                std::span<const std::uint32_t> samples, const segment_plan& plan, bool backward, bool count) {
  c.data = &data;
  c.samples = samples;
  c.inputs_added = false;
  c.ranges.assign(samples.size(), {});
  c.first_row.assign(1, 0);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    c.first_row.push_back(c.first_row.back() + std::min(plan.longest, c.length(i)));
  }
  const auto populations = net.populations();
  c.current.resize(populations.size());
  for (std::size_t p = 0; p < populations.size(); ++p) {
    grow(c.current[p], c.rows() * populations[p].width);
  }
  place_lines(c, carry);
  c.line_stride = carry.line_stride(c.rows() + samples.size() * (carry.left + carry.right));
  c.lines.resize(net.populations().size());
  for (std::size_t q = 0; q < c.lines.size() && backward; ++q) {
    grow(c.lines[q], carry.has_lines(q) ? net.populations()[q].units * c.line_stride : 0);
  }
  grow(c.slots, samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    plan_slot(c.slots[i], net, carry, plan, backward, count);
  }
}

void enter_window(chunk& c, const carry_layout& carry, const segment_plan& plan, std::size_t j) {
  for (std::size_t i = 0; i < c.samples.size(); ++i) {
    c.ranges[i] = plan.at(j, c.length(i)).steps;
    c.first_row[i + 1] = c.first_row[i] + c.ranges[i].steps();
  }
  place_lines(c, carry);
}

void plan_worker(worker_scratch& w, const network& net, std::size_t steps, bool backward) {
  const auto populations = net.populations();
  w.populations.resize(populations.size());
  for (std::size_t p = 0; p < populations.size(); ++p) {
    const std::size_t width = populations[p].width, states = populations[p].cell->states.size();
    population_scratch& s = w.populations[p];
    grow(s.state, states * width);
    grow(s.error_state, states * width);
    grow(s.active, kernels::position_room(width));
    if (populations[p].cell->spiking) {
      grow(s.spikes, steps * width / lanes);
      grow(s.support, steps * width / lanes);
    }
    if (p + 1 == populations.size()) {
      grow(s.output, steps * width);
    }
    if (backward) {
      grow(s.trajectory, steps * states * width);
      grow(s.error_output, steps * width);
    }
  }
  if (backward) {
    grow(w.tile_support, steps);
    grow(w.asked_for, kernels::position_room(steps * lanes));
  }
  grow(w.lines, delayed_worker_bytes(net, steps) / sizeof(float));
}

std::uint64_t worker_bytes(const network& net, std::size_t steps) {
  std::uint64_t bytes = 0;
  for (std::size_t p = 0; p < net.populations().size(); ++p) {
    const population& q = net.populations()[p];
    const std::uint64_t states = q.cell->states.size();
    const std::uint64_t floats = states + 1 + (p + 1 == net.populations().size() ? 1 : 0);
    bytes += steps * q.width * floats * sizeof(float) + 2 * states * q.width * sizeof(float);
    bytes += q.cell->spiking ? 2 * steps * q.width / lanes * sizeof(std::uint16_t) : 0;
  }
  return bytes + delayed_worker_bytes(net, steps);
}

std::uint64_t chunk_bytes(const network& net, std::size_t rows) {
  std::uint64_t bytes = 0;
  for (const population& p : net.populations()) {
    bytes += rows * p.width * sizeof(float);
  }
  return bytes;
}

std::uint64_t checkpoint_bytes(const network& net, const segment_plan& plan) {
  const carry_layout carry(net);
  const std::uint64_t state = carry.state_floats * sizeof(float), spikes = carry.spike_words * sizeof(std::uint16_t);
  return plan.whole() ? spikes : plan.count * (state + spikes) + spikes + state + carry.feedback_floats * sizeof(float);
}

}  // namespace backspike
