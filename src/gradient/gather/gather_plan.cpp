// Declares the memory of gathering weight gradients.

#include "gradient/gather/gather_plan.hpp"

#include <algorithm>

namespace backspike {
namespace {

/// Sources of the widest connection, and units of the widest target of the input.
struct widest_ends {
  std::size_t source = 0, target_of_input = 0, target_of_analog = 0;
  bool packs = false;  // a layer is so wide that errors of a tile are copied
};

widest_ends widest_ends_of(const network& net) {
  widest_ends widest;
  for (const connection& c : net.connections()) {
    const population& target = net.populations()[c.target];
    widest.source = std::max(widest.source, c.source_units);
    widest.target_of_input = std::max(widest.target_of_input, c.comes_from_input() ? target.units : 0);
    const bool analog = !c.comes_from_input() && !net.populations()[c.source].cell->spiking;
    widest.target_of_analog = std::max(widest.target_of_analog, analog ? target.units : 0);
    widest.packs = widest.packs || target.padded_units >= cached_width;
  }
  return widest;
}

/// Spikes of the steps before a window, of the rows of a block.
std::size_t room_before(const network& net, const gather_size& size) {
  std::size_t room = 0;
  for (const connection& c : net.connections()) {
    const std::size_t rows = std::min({c.base_delay * size.samples, size.rows, block_rows});
    room = std::max(room, rows * kernels::position_room(c.source_units));
  }
  return room;
}

}  // namespace

void plan_gather_worker(memory_plan& m, gather_worker& w, const network& net, const gather_size& size) {
  const widest_ends widest = widest_ends_of(net);
  const std::size_t rows = std::min(size.rows, block_rows);
  m.grow(w.before, room_before(net, size));
  m.grow(w.before_values,
         widest.target_of_analog > 0 || net.has_dropout() || net.has_parts() ? room_before(net, size) : 0);
  m.list(w.next, widest.source);
  m.list(w.events, rows);
  const bool dense = size.dense || widest.target_of_analog > 0;
  m.list(w.dense, dense ? dense_strip * spread_stride(rows) : 0);
  m.grow(w.errors, widest.packs ? block_rows * packed_columns : 0);
  w.product.plan(m, dense ? dense_strip : 0, size.rounded);
}

void plan_gather(memory_plan& m, gather_plan& plan, const network& net, const gather_size& size) {
  const std::size_t blocks = blocks_of(size.rows);
  m.list(plan.rows, size.rows);
  m.list(plan.all_rows, size.rows);
  m.sets(plan.sorted, net.connections().size() * blocks);
  for (std::size_t k = 0; k < net.connections().size() * blocks; ++k) {
    const connection& c = net.connections()[k / blocks];
    m.list(plan.sorted[k].first, c.has_delays() || !c.is_matrix() ? 0 : c.source_units + 1);
  }
  m.sets(plan.near, sorted_together);
  const widest_ends widest = widest_ends_of(net);
  if (const std::size_t columns = std::max(size.dense ? widest.target_of_input : 0, widest.target_of_analog)) {
    plan.errors.plan(m, std::min(size.rows, block_rows), columns, size.rounded);
  }
}

bool multiplies_input(const input_facts& input, bool rounded) {
  return input.density > dense_share || (rounded && input.any_dense && input.all_dense);
}

}  // namespace backspike
