// Sends errors back through delays for up to eight samples at once; the same step of all of them is one vector.

#include "gradient/connection/delayed_group.hpp"

#include "gradient/connection/delayed.hpp"
#include "gradient/engine/pass.hpp"

#include <algorithm>
#include <array>

namespace backspike {
namespace {

constexpr std::size_t side = kernels::vec8_lanes;
static_assert(side == most_together);

constexpr std::size_t tile = 32;  // targets: what a block of steps reads of their lines stays in the first cache

/// Whether errors go back from the lines of an inlet.
bool has_group_lines(const network& net, std::size_t inlet, bool with_input) {
  return std::ranges::any_of(net.connections(), [&](const connection& c) {
    return c.inlet == inlet && (sends_back_delayed(c) || (with_input && c.has_delays()));
  });
}

/// A block of steps may begin in the last one of the window, and its last spike arrives `reach` steps later.
std::size_t rows_of(const carry_layout& carry, std::size_t steps) { return padded(steps) + carry.reach + 1; }

std::size_t out_floats(const network& net) {
  std::size_t sources = 0;
  for (const connection& c : net.connections()) {
    sources = std::max(sources, c.has_delays() ? c.source_units : 0);
  }
  return sources * kernels::block_steps * side;
}

/// The sums of connection k, of a block of steps from t on or of step t alone, tile by tile.
void add_taps(const pass& p, std::size_t k, std::size_t t, std::size_t steps, delayed_group& g) {
  const connection& connection = p.net->connections()[k];
  const delayed_taps& d = p.delayed[k];
  constexpr std::size_t out_stride = kernels::block_steps * side;
  const auto kernel = steps == 1 ? p.kernels->tap_step : p.kernels->tap_block;
  for (std::size_t i = 0; i < connection.source_units; ++i) {
    std::fill_n(g.out.data() + i * out_stride, steps * side, 0.0f);
  }
  const float* lines = g.lines[connection.inlet].data() + (connection.base_delay + t) * side;
  for (std::size_t first = 0; first < d.targets; first += tile) {
    kernel({g.out.data(), out_stride, lines + first * g.stride, g.stride,
            d.rows(first, std::min(tile, d.targets - first)), connection.source_units, d.used});
  }
}

/// From the sums of some steps to each sample's errors.
void hand_out(const pass& p, std::size_t k, std::span<const delayed_receiver> to, std::size_t first, std::size_t count,
              const delayed_group& g) {
  const connection& c = p.net->connections()[k];
  const std::size_t width = c.source == network_input ? c.source_units : p.net->populations()[c.source].padded_units;
  for (std::size_t t = 0; t < count; ++t) {
    std::array<float*, side> rows{};
    for (std::size_t s = 0; s < to.size(); ++s) {
      rows[s] = first + t < to[s].steps ? to[s].error_output + (first + t) * width : nullptr;
    }
    p.kernels->add_apart({rows.data(), g.out.data() + t * side, kernels::block_steps * side, c.source_units});
  }
}

const float* row_of(const delayed_sender& from, std::size_t t, std::size_t width) {
  if (t < from.steps) {
    return from.errors + t * width;
  }
  return t - from.steps < from.later_steps ? from.later + (t - from.steps) * width : nullptr;
}

}  // namespace

void plan_group(memory_plan& m, delayed_group& g, const network& net, const carry_layout& carry, std::size_t steps,
                bool with_input) {
  g.rows = rows_of(carry, steps);
  g.stride = spread_stride(g.rows * side);
  m.sets(g.lines, net.inlets().size());
  bool any = false;
  for (std::size_t i = 0; i < g.lines.size(); ++i) {
    if (has_group_lines(net, i, with_input)) {
      m.grow(g.lines[i], net.target_of(net.inlets()[i]).units * g.stride);
      any = true;
    }
  }
  m.grow(g.out, any ? out_floats(net) : 0);
}

void start_group(const pass& p, std::size_t inlet, std::span<const delayed_sender> from, delayed_group& g) {
  std::size_t shortest = g.rows;
  for (const delayed_sender& s : from) {
    shortest = std::min(shortest, s.steps);
  }
  write_group(p, inlet, from, shortest, g.rows - shortest, g);
}

void write_group(const pass& p, std::size_t inlet, std::span<const delayed_sender> from, std::size_t first,
                 std::size_t count, delayed_group& g) {
  const population& target = p.net->target_of(p.net->inlets()[inlet]);
  for (std::size_t t = first; t < first + count; ++t) {
    std::array<const float*, side> rows{};
    for (std::size_t s = 0; s < from.size(); ++s) {
      rows[s] = row_of(from[s], t, target.padded_units);
    }
    p.kernels->interleave({g.lines[inlet].data() + t * side, g.stride, rows.data(), target.units});
  }
}

void send_back_delayed(const pass& p, std::size_t k, std::span<const delayed_receiver> to, delayed_group& g) {
  std::size_t steps = 0;
  for (const delayed_receiver& r : to) {
    steps = std::max(steps, r.steps);
  }
  for (std::size_t t = 0; t < steps; t += kernels::block_steps) {
    add_taps(p, k, t, kernels::block_steps, g);
    hand_out(p, k, to, t, kernels::block_steps, g);
  }
}

void send_back_delayed(const pass& p, std::size_t k, std::span<const delayed_receiver> to, delayed_group& g,
                       std::size_t t) {
  add_taps(p, k, t, 1, g);
  hand_out(p, k, to, t, 1, g);
}

}  // namespace backspike
