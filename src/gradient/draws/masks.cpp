// The engine's side of dropout: the memory of rows that it has acted on and of errors that it is still to act on, and
// the draws of the samples in flight.

#include "gradient/engine/pass.hpp"

namespace backspike {

void plan_masks(memory_plan& m, sample_slot& slot, const network& net, const segment_plan& plan) {
  slot.draws.plan(m, net);
  m.sets(slot.masked, net.connections().size());
  for (const connection& c : net.connections()) {
    m.list(slot.masked[c.index].row_offsets, c.masked ? plan.longest + 1 : 0);
  }
}

void plan_masks(memory_plan& m, worker_scratch& w, const network& net, const worker_window& window) {
  for (const connection& c : net.connections()) {
    if (c.masked && c.comes_from_input()) {
      m.grow(w.input_ids, kernels::position_room(c.source_units));
      m.grow(w.input_values, kernels::position_room(c.source_units));
    } else if (c.masked && window.backward) {
      m.grow(w.masked_error, window.steps * net.populations()[c.source].padded_units);
    }
  }
}

void draw_samples(const pass& p, in_flight_batch& c, const segment_plan& plan, thread_pool& pool) {
  memory_plan take = memory_plan::take();
  for (std::size_t i = 0; i < c.samples.size() && p.draws.enabled; ++i) {
    plan_masks(take, c.slots[i], *p.net, plan);
  }
  if (p.net->draws()) {
    pool.for_each(c.samples.size(),
                  [&](std::size_t i, std::size_t) { c.slots[i].draws.draw(*p.net, p.draws, c.samples[i]); });
  }
}

}  // namespace backspike
