// Forward through delays: every spike adds its taps to a line of each target, from which each step then reads its
// current.

#include "gradient/connection/delayed.hpp"
#include "gradient/connection/delayed_events.hpp"
#include "gradient/engine/pass.hpp"

#include <algorithm>
#include <array>

namespace backspike {
namespace {

// Targets whose lines wait together. Spikes follow each other on a line closely: with fewer targets one would wait for
// what the spike before it has written there, with more their lines leave the first cache.
constexpr std::size_t tile = 64;

/// Spikes set out for some targets.
void depart(const pass& p, std::size_t k, const departures& d, float* lines, std::size_t stride, std::size_t first,
            std::size_t count) {
  p.kernels->tap_add({lines, stride, p.delayed[k].rows(first, count), d.ids.data(), d.at.data(),
                      d.values.empty() ? nullptr : d.values.data(), d.ids.size()});
}

/// The place of a line at which what sets out in step t arrives without any delay of its own.
std::size_t place_of(const pass& p, const connection& c, std::ptrdiff_t t) {
  return static_cast<std::size_t>(static_cast<std::ptrdiff_t>(p.carry->left + c.base_delay) + t);
}

/// What sets out for the window of sample i in steps [-before, end), in the order of the sums.
void collect(const pass& p, const in_flight_batch& c, std::size_t i, std::size_t k, std::ptrdiff_t end, departures& d) {
  d.clear();
  const delayed_events events(p, c, i, k, d.active, d.active_values);
  for (std::ptrdiff_t t = -events.before(); t < end; ++t) {
    d.add(events.row(t), place_of(p, p.net->connections()[k], t));
  }
}

}  // namespace

void add_delayed(const pass& p, in_flight_batch& c, std::size_t i, std::size_t k, worker_scratch& w,
                 const float* start) {
  const connection& connection = p.net->connections()[k];
  const std::size_t steps = c.ranges[i].steps(), width = p.net->populations()[connection.target].padded_units;
  const std::size_t targets = p.delayed[k].targets, stride = p.carry->line_stride(steps);
  float* current = c.current[connection.inlet].data() + c.first_row[i] * width;
  collect(p, c, i, k, static_cast<std::ptrdiff_t>(steps), w.departed);
  for (std::size_t first = 0; first < width; first += tile) {
    const std::size_t count = std::min(tile, targets - first);
    std::fill_n(w.lines.data(), count * stride, 0.0f);
    depart(p, k, w.departed, w.lines.data(), stride, first, count);
    const std::size_t end = std::min(first + tile, width);
    for (std::size_t t = 0; t < steps; t += kernels::interleaved) {
      std::array<float*, kernels::interleaved> rows{};
      for (std::size_t r = 0; r < std::min(kernels::interleaved, steps - t); ++r) {
        rows[r] = current + (t + r) * width + first;
        if (start != nullptr) {
          std::copy(start + first, start + end, rows[r]);
        }
      }
      p.kernels->add_apart({rows.data(), w.lines.data() + p.carry->left + t, stride, count});
    }
  }
}

delayed_loop::delayed_loop(const pass& p, in_flight_batch& c, std::size_t i, std::size_t k, worker_scratch& w)
    : p_(p),
      c_(c),
      i_(i),
      k_(k),
      w_(w),
      lines_(w.loop_lines[k].data()),
      stride_(p.carry->line_stride(c.ranges[i].steps())) {}

void delayed_loop::start() {
  const std::size_t targets = p_.delayed[k_].targets;
  std::fill_n(lines_, targets * stride_, 0.0f);
  collect(p_, c_, i_, k_, 0, w_.departed);
  backspike::depart(p_, k_, w_.departed, lines_, stride_, 0, targets);
}

void delayed_loop::arrive(std::size_t t) {
  const connection& connection = p_.net->connections()[k_];
  const population& target = p_.net->populations()[connection.target];
  float* current = c_.current[connection.inlet].data() + (c_.first_row[i_] + t) * target.padded_units;
  const float* here = lines_ + p_.carry->left + t;
  for (std::size_t j = 0; j < target.units; ++j) {
    current[j] += here[j * stride_];
  }
}

void delayed_loop::depart(std::size_t t) {
  const connection& connection = p_.net->connections()[k_];
  w_.departed.clear();
  const auto step = static_cast<std::ptrdiff_t>(t);
  w_.departed.add(carried(p_, c_, i_, connection, step, {}), place_of(p_, connection, step));
  backspike::depart(p_, k_, w_.departed, lines_, stride_, 0, p_.delayed[k_].targets);
}

}  // namespace backspike
