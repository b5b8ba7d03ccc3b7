// The rows that a connection carries where they are not those of its source: what dropout leaves of them, or a part of
// the input. Their memory, that of errors which dropout is still to act on, and the draws of the samples in flight.

#include "gradient/engine/pass.hpp"

namespace backspike {

void plan_own_rows(memory_plan& m, sample_slot& slot, const network& net, const segment_plan& plan, bool draws) {
  if (draws) {
    slot.draws.plan(m, net);
  }
  m.sets(slot.own_rows, net.connections().size());
  for (const connection& c : net.connections()) {
    m.list(slot.own_rows[c.index].row_offsets, c.of_part || (draws && c.masked) ? plan.longest + 1 : 0);
  }
}

void plan_own_rows(memory_plan& m, worker_scratch& w, const network& net, const worker_window& window) {
  for (const connection& c : net.connections()) {
    const bool masked = window.draws && c.masked;
    if (c.comes_from_input() && (c.of_part || masked)) {
      m.grow(w.input_ids, kernels::position_room(c.source_units));
      m.grow(w.input_values, kernels::position_room(c.source_units));
    } else if (masked && window.backward) {
      m.grow(w.masked_error, window.steps * net.populations()[c.source].padded_units);
    }
  }
}

void draw_samples(const pass& p, in_flight_batch& c, const segment_plan& plan, thread_pool& pool) {
  memory_plan take = memory_plan::take();
  for (std::size_t i = 0; i < c.samples.size() && (p.draws.enabled || p.net->has_parts()); ++i) {
    plan_own_rows(take, c.slots[i], *p.net, plan, p.draws.enabled);
  }
  if (p.net->draws()) {
    pool.for_each(c.samples.size(),
                  [&](std::size_t i, std::size_t) { c.slots[i].draws.draw(*p.net, p.draws, c.samples[i]); });
  }
}

}  // namespace backspike
