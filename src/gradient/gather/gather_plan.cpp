// Declares the memory of gathering weight gradients.

#include "gradient/gather/gather_plan.hpp"

#include <algorithm>

namespace backspike {
namespace {

/// Sources of the widest connection, and units of the widest target of the input.
struct widest_ends {
  std::size_t source = 0, target_of_input = 0;
  bool packs = false;  // a layer is so wide that errors of a tile are copied
};

widest_ends widest_ends_of(const network& net) {
  widest_ends widest;
  for (const connection& c : net.connections()) {
    const population& target = net.populations()[c.target];
    widest.source = std::max(widest.source, c.source_units);
    widest.target_of_input = std::max(widest.target_of_input, c.source == network_input ? target.units : 0);
    widest.packs = widest.packs || target.padded_units >= cached_width;
  }
  return widest;
}

/// Spikes of the step before a window, of all samples at once.
std::size_t room_before(const network& net, std::size_t samples) {
  std::size_t room = 0;
  for (const connection& c : net.connections()) {
    room = std::max(room, c.base_delay * samples * kernels::position_room(c.source_units));
  }
  return room;
}

}  // namespace

void plan_gather_worker(memory_plan& m, gather_worker& w, const network& net, const gather_size& size) {
  const widest_ends widest = widest_ends_of(net);
  const std::size_t rows = std::min(size.rows, block_rows);
  m.grow(w.before, room_before(net, size.samples));
  m.list(w.next, widest.source);
  m.list(w.events, rows);
  m.list(w.dense, size.dense ? dense_strip * spread_stride(rows) : 0);
  m.grow(w.errors, widest.packs ? block_rows * packed_columns : 0);
  w.product.plan(m, size.dense ? dense_strip : 0, size.rounded);
}

void plan_gather(memory_plan& m, gather_plan& plan, const network& net, const gather_size& size) {
  const std::size_t blocks = blocks_of(size.rows);
  m.list(plan.rows, size.rows);
  m.list(plan.all_rows, size.rows);
  m.sets(plan.sorted, net.connections().size() * blocks);
  for (std::size_t k = 0; k < net.connections().size() * blocks; ++k) {
    const connection& c = net.connections()[k / blocks];
    m.list(plan.sorted[k].first, c.has_delays() ? 0 : c.source_units + 1);
  }
  if (size.dense) {
    plan.errors.plan(m, std::min(size.rows, block_rows), widest_ends_of(net).target_of_input, size.rounded);
  }
}

bool multiplies_input(const input_facts& input, bool rounded) {
  return input.density > dense_share || (rounded && input.any_dense && input.all_dense);
}

}  // namespace backspike
