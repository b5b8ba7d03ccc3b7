// Declares the memory of a training step, which is taken before it starts.

#include "gradient/engine/workspace.hpp"

#include "gradient/connection/delayed.hpp"

#include <algorithm>

namespace backspike {

void plan_slot(memory_plan& m, sample_slot& slot, const network& net, const carry_layout& carry,
               const segment_plan& plan, bool backward, bool count) {
  const auto populations = net.populations();
  m.sets(slot.spikes, populations.size());
  m.sets(slot.error_constants, populations.size());
  m.sets(slot.counts, populations.size());
  m.sets(slot.prices, populations.size());
  m.sets(slot.power, populations.size());
  std::ranges::fill(slot.power, 0.0);
  m.zeros(slot.before, carry.spike_words);
  m.zeros(slot.before_values, carry.value_floats);
  if (!plan.whole() && backward) {
    m.grow(slot.checkpoints, plan.count * carry.state_floats);
    m.grow(slot.checkpoint_spikes, plan.count * carry.spike_words);
    m.grow(slot.checkpoint_values, plan.count * carry.value_floats);
    m.grow(slot.carried_state, carry.state_floats);
    m.grow(slot.carried_current, carry.feedback_floats);
  }
  for (std::size_t p = 0; p < populations.size(); ++p) {
    if (populations[p].learns_constants && backward) {
      m.zeros(slot.error_constants[p], populations[p].cell->constants * populations[p].padded_units);
    }
    const bool spiking = populations[p].cell->spiking;
    if (spiking || populations[p].sends) {
      m.list(slot.spikes[p].row_offsets, plan.longest + 1);
    }
    if (!spiking && populations[p].sends) {
      m.list(slot.spikes[p].channels, plan.longest * populations[p].units);
      m.list(slot.spikes[p].values, plan.longest * populations[p].units);
    }
    if (spiking && count) {
      m.zeros(slot.counts[p], populations[p].units);
      m.zeros(slot.prices[p], backward ? populations[p].units : 0);
    }
  }
}

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
  return std::ranges::any_of(net.components(), [](const component& b) { return b.recurrent; }) ||
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
  return goes_together(net) && !info_of(rule.kind).samples_alone
             ? std::clamp<std::size_t>(in_flight / threads, 1, most_together)
             : 1;
}

carry_layout::carry_layout(const network& net) {
  const auto populations = net.populations();
  words.assign(populations.size(), none);
  values.assign(populations.size(), none);
  width.assign(net.inlets().size(), none);
  for (const population& p : populations) {
    state.push_back(state_floats);
    state_floats += p.cell->states.size() * p.padded_units;
  }
  history.assign(populations.size(), 0);
  later.assign(net.inlets().size(), 0);
  late_target.assign(net.inlets().size(), false);
  for (const connection& c : net.connections()) {
    const std::size_t longest = c.base_delay + c.late.max;
    if (c.source != network_input) {
      history[c.source] = std::max(history[c.source], longest);
    }
    later[c.inlet] = std::max(later[c.inlet], longest);
    late_target[c.inlet] = late_target[c.inlet] || c.has_delays();
    reach = std::max(reach, c.has_delays() ? longest : 0);
  }
  for (std::size_t q = 0; q < populations.size(); ++q) {
    if (history[q] > 0 && !populations[q].cell->spiking) {
      values[q] = value_floats;
      value_floats += history[q] * populations[q].padded_units;
    } else if (history[q] > 0) {
      words[q] = spike_words;
      spike_words += history[q] * populations[q].padded_units / lanes;
    }
  }
  for (std::size_t i = 0; i < later.size(); ++i) {
    if (later[i] > 0) {
      width[i] = feedback_floats;
      feedback_floats += later[i] * net.target_of(net.inlets()[i]).padded_units;
    }
  }
  left = reach;
  right = reach == 0 ? 0 : reach + kernels::vec8_lanes;  // padding of taps
}

namespace {

/// Where each sample's window begins on a line.
void place_lines(in_flight_batch& c, const carry_layout& carry) {
  c.line.clear();
  for (std::size_t i = 0; i < c.samples.size(); ++i) {
    c.line.push_back(c.first_row[i] + i * (carry.left + carry.right) + carry.left);
  }
}

}  // namespace

void plan_rows(memory_plan& m, in_flight_batch& c, const network& net, const carry_layout& carry, std::size_t samples,
               std::size_t rows, bool backward) {
  const auto inlets = net.inlets();
  m.sets(c.current, inlets.size());
  m.sets(c.lines, inlets.size());
  m.sets(c.slots, samples);
  c.line_stride = carry.line_stride(rows + samples * (carry.left + carry.right));
  for (std::size_t i = 0; i < inlets.size(); ++i) {
    const population& target = net.target_of(inlets[i]);
    m.grow(c.current[i], rows * target.padded_units);
    m.grow(c.lines[i], backward && carry.has_lines(i) ? target.units * c.line_stride : 0);
  }
}

void plan_in_flight(in_flight_batch& c, const network& net, const carry_layout& carry, const dataset& data,
                    std::span<const std::uint32_t> samples, const segment_plan& plan, bool backward, bool count) {
  c.data = &data;
  c.samples = samples;
  c.inputs_added = false;
  c.ranges.assign(samples.size(), {});
  c.first_row.assign(1, 0);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    c.first_row.push_back(c.first_row.back() + std::min(plan.longest, c.length(i)));
  }
  place_lines(c, carry);
  memory_plan take = memory_plan::take();
  plan_rows(take, c, net, carry, samples.size(), c.rows(), backward);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    plan_slot(take, c.slots[i], net, carry, plan, backward, count);
    c.slots[i].hidden_spikes = 0;
  }
}

void enter_window(in_flight_batch& c, const carry_layout& carry, const segment_plan& plan, std::size_t j) {
  for (std::size_t i = 0; i < c.samples.size(); ++i) {
    c.ranges[i] = plan.at(j, c.length(i)).steps;
    c.first_row[i + 1] = c.first_row[i] + c.ranges[i].steps();
  }
  place_lines(c, carry);
}

namespace {

void plan_population(memory_plan& m, population_scratch& s, const population& p, const worker_window& window) {
  const std::size_t states = p.cell->states.size(), steps = window.steps;
  m.grow(s.state, states * p.padded_units);
  m.grow(s.error_state, states * p.padded_units);
  m.grow(s.active, kernels::position_room(p.padded_units));
  if ((!p.cell->spiking && p.sends) || (window.draws && p.masked)) {
    m.grow(s.active_values, kernels::position_room(p.padded_units));
  }
  if (p.cell->spiking) {
    m.grow(s.spikes, steps * p.padded_units / lanes);
    m.grow(s.support, steps * p.padded_units / lanes);
  }
  if (p.is_output || !p.cell->spiking) {
    m.grow(s.output, steps * p.padded_units);
  }
  if (window.backward || p.shows_membrane) {
    m.grow(s.trajectory, steps * states * p.padded_units);
  }
  if (window.backward) {
    m.grow(s.error_output, steps * p.padded_units);
  }
  if (p.shows_membrane) {
    m.grow(s.membrane, steps * p.padded_units);
    m.grow(s.error_membrane, window.backward ? steps * p.padded_units : 0);
  }
}

/// Neurons of the largest population that delays lead to from outside its component.
std::size_t most_late_targets(const network& net) {
  std::size_t targets = 0;
  for (const connection& c : net.connections()) {
    targets = c.has_delays() && !c.inner ? std::max(targets, net.populations()[c.target].units) : targets;
  }
  return targets;
}

}  // namespace

void plan_worker(memory_plan& m, worker_scratch& w, const network& net, const carry_layout& carry,
                 const worker_window& window) {
  const auto populations = net.populations();
  m.sets(w.populations, populations.size());
  for (std::size_t p = 0; p < populations.size(); ++p) {
    plan_population(m, w.populations[p], populations[p], window);
  }
  const std::size_t dense = window.dense_input ? std::min(window.steps, dense_steps_together) : 0;
  if (window.draws || net.has_parts()) {
    plan_own_rows(m, w, net, window);
  }
  w.rows.plan(m, window.backward ? std::max(window.steps, most_together) : dense, window.rounded);
  m.list(w.steps, window.steps);
  m.list(w.dense, dense * spread_stride(net.spec().inputs));
  if (window.backward) {
    m.grow(w.tile_support, window.steps);
    m.grow(w.asked_for, kernels::position_room(window.steps * lanes));
  }
  m.grow(w.lines, most_late_targets(net) * carry.line_stride(window.steps));
  m.sets(w.loop_lines, carry.reach > 0 ? net.connections().size() : 0);
  for (std::size_t k = 0; k < w.loop_lines.size(); ++k) {
    const connection& c = net.connections()[k];
    const std::size_t targets = c.inner && c.has_delays() ? net.populations()[c.target].units : 0;
    m.grow(w.loop_lines[k], targets * carry.line_stride(window.steps));
  }
}

}  // namespace backspike
