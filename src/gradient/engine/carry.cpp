// What goes from one window of a sample to the next: states, the last spikes and mean rates forward.

#include "gradient/engine/pass.hpp"
#include "gradient/rule/eprop/broadcast.hpp"

#include <algorithm>

namespace backspike {
namespace {

std::size_t state_size(const population& p) { return p.cell->states.size() * p.padded_units; }

}  // namespace

void start_sample(const pass& p, in_flight_batch& c, std::size_t i, worker_scratch& w) {
  for (std::size_t q = 0; q < p.net->populations().size(); ++q) {
    std::fill_n(w.populations[q].state.begin(), state_size(p.net->populations()[q]), 0.0f);
  }
  std::ranges::fill(c.slots[i].before, std::uint16_t{0});
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
    if (p.carry->feeds_back(q)) {
      const std::size_t words = p.net->populations()[q].padded_units / lanes;
      std::uint16_t* before = c.slots[i].before.data() + p.carry->words[q];
      for (std::size_t ago = p.carry->history[q]; ago-- > 0;) {  // of a short window, what was there moves back
        const std::uint16_t* from =
            ago < steps ? w.populations[q].spikes.data() + (steps - 1 - ago) * words : before + (ago - steps) * words;
        std::copy_n(from, words, before + ago * words);
      }
    }
  }
}

}  // namespace backspike
