// What goes from one window of a sample to the next: states, the last spikes and mean rates forward.

#include "gradient/engine/pass.hpp"
#include "gradient/rule/eprop/broadcast.hpp"

#include <algorithm>

namespace backspike {
namespace {

std::size_t state_size(const population& p) { return p.cell->states.size() * p.padded_units; }

/// The last rows of a window of so many steps become those of before the next one, the last step first; of a short
/// window what was there moves back.
template <class T>
void keep_last(const T* rows, std::size_t steps, std::size_t row, std::size_t history, T* before) {
  for (std::size_t ago = history; ago-- > 0;) {
    const T* from = ago < steps ? rows + (steps - 1 - ago) * row : before + (ago - steps) * row;
    std::copy_n(from, row, before + ago * row);
  }
}

}  // namespace

void start_sample(const pass& p, in_flight_batch& c, std::size_t i, worker_scratch& w) {
  for (std::size_t q = 0; q < p.net->populations().size(); ++q) {
    std::fill_n(w.populations[q].state.begin(), state_size(p.net->populations()[q]), 0.0f);
  }
  std::ranges::fill(c.slots[i].before, std::uint16_t{0});
  std::ranges::fill(c.slots[i].before_values, 0.0f);
  if (p.signals != nullptr) {
    p.signals->rates.start(c.slots[i]);
  }
}

void resume_sample(const pass& p, in_flight_batch& c, std::size_t i, std::size_t j, worker_scratch& w) {
  sample_slot& slot = c.slots[i];
  const float* state = slot.checkpoints.data() + j * p.carry->state_floats;
  for (std::size_t q = 0; q < p.net->populations().size(); ++q) {
    std::copy_n(state + p.carry->state[q], state_size(p.net->populations()[q]), w.populations[q].state.begin());
  }
  std::copy_n(slot.checkpoint_spikes.data() + j * p.carry->spike_words, p.carry->spike_words, slot.before.begin());
  std::copy_n(slot.checkpoint_values.data() + j * p.carry->value_floats, p.carry->value_floats,
              slot.before_values.begin());
  if (p.signals != nullptr) {
    p.signals->rates.resume(slot, j);
  }
}

void keep_checkpoint(const pass& p, in_flight_batch& c, std::size_t i, std::size_t j, const worker_scratch& w) {
  sample_slot& slot = c.slots[i];
  float* state = slot.checkpoints.data() + j * p.carry->state_floats;
  for (std::size_t q = 0; q < p.net->populations().size(); ++q) {
    std::copy_n(w.populations[q].state.begin(), state_size(p.net->populations()[q]), state + p.carry->state[q]);
  }
  std::copy_n(slot.before.begin(), p.carry->spike_words, slot.checkpoint_spikes.data() + j * p.carry->spike_words);
  std::copy_n(slot.before_values.begin(), p.carry->value_floats,
              slot.checkpoint_values.data() + j * p.carry->value_floats);
  if (p.signals != nullptr) {
    p.signals->rates.keep(slot, j);
  }
}

void move_on(const pass& p, in_flight_batch& c, std::size_t i, const worker_scratch& w) {
  const std::size_t steps = c.ranges[i].steps();
  if (p.signals != nullptr) {
    p.signals->rates.follow(c, i);
  }
  for (std::size_t q = 0; q < p.net->populations().size() && steps > 0; ++q) {
    const std::size_t width = p.net->populations()[q].padded_units, history = p.carry->history[q];
    if (p.carry->words[q] != carry_layout::none) {
      keep_last(w.populations[q].spikes.data(), steps, width / lanes, history,
                c.slots[i].before.data() + p.carry->words[q]);
    } else if (p.carry->values[q] != carry_layout::none) {
      keep_last(w.populations[q].output.data(), steps, width, history,
                c.slots[i].before_values.data() + p.carry->values[q]);
    }
  }
}

}  // namespace backspike
