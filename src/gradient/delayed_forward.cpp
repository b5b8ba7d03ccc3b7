#include "gradient/delayed.hpp"
#include "gradient/delayed_events.hpp"
#include "gradient/pass.hpp"

#include <algorithm>

namespace backspike {
namespace {

constexpr std::size_t tile = 32;  // targets: their lines stay in the first cache, their taps in the second

/// Spikes of step t of the window set out for some targets; t < 0: before the window.
void depart(const pass& p, std::size_t k, const event_row& row, float* lines, std::size_t stride, std::size_t first,
            std::size_t count) {
  const delayed_taps& d = p.delayed[k];
  for (std::size_t e = 0; e < row.channels.size(); ++e) {
    p.kernels->tap_add(
        {lines, stride, d.row(row.channels[e], first, count), row.values.empty() ? 1.0f : row.values[e]});
  }
}

/// The place of a line at which what sets out in step t arrives without any delay of its own.
std::ptrdiff_t place_of(const pass& p, const connection& c, std::ptrdiff_t t) {
  return static_cast<std::ptrdiff_t>(p.carry->left + c.delay) + t;
}

}  // namespace

void add_delayed(const pass& p, chunk& c, std::size_t i, std::size_t k, worker_scratch& w, const float* start) {
  const connection& connection = p.net->connections()[k];
  const std::size_t steps = c.ranges[i].steps(), width = p.net->populations()[connection.target].width;
  const std::size_t targets = p.delayed[k].targets, stride = p.carry->line_stride(steps);
  float* current = c.current[connection.target].data() + c.first_row[i] * width;
  const delayed_events events(p, c, i, k, w.departed);
  for (std::size_t first = 0; first < width; first += tile) {
    const std::size_t count = std::min(tile, targets - first);
    std::fill_n(w.lines.data(), count * stride, 0.0f);
    for (std::ptrdiff_t t = -events.before(); t < static_cast<std::ptrdiff_t>(steps); ++t) {
      depart(p, k, events.row(t), w.lines.data() + place_of(p, connection, t), stride, first, count);
    }
    const std::size_t end = std::min(first + tile, width);
    for (std::size_t t = 0; t < steps; ++t) {
      const float* here = w.lines.data() + p.carry->left + t;
      for (std::size_t j = first; j < end; ++j) {
        const float arrived = j < targets ? here[(j - first) * stride] : 0.0f;
        current[t * width + j] = start[j] + arrived;
      }
    }
  }
}

delayed_loop::delayed_loop(const pass& p, chunk& c, std::size_t i, std::size_t k, worker_scratch& w)
    : p_(p), c_(c), i_(i), k_(k), lines_(w.lines.data()), stride_(p.carry->line_stride(c.ranges[i].steps())) {
  const delayed_events events(p, c, i, k, w.departed);
  const std::size_t targets = p.delayed[k].targets;
  std::fill_n(lines_, targets * stride_, 0.0f);
  for (std::ptrdiff_t t = -events.before(); t < 0; ++t) {
    backspike::depart(p, k, events.row(t), lines_ + place_of(p, p.net->connections()[k], t), stride_, 0, targets);
  }
}

void delayed_loop::arrive(std::size_t t) {
  const population& target = p_.net->populations()[p_.net->connections()[k_].target];
  float* current = c_.current[p_.net->connections()[k_].target].data() + (c_.first_row[i_] + t) * target.width;
  const float* here = lines_ + p_.carry->left + t;
  for (std::size_t j = 0; j < target.units; ++j) {
    current[j] += here[j * stride_];
  }
}

void delayed_loop::depart(std::size_t t) {
  const connection& connection = p_.net->connections()[k_];
  backspike::depart(p_, k_, c_.slots[i_].spikes[connection.source].row(t),
                    lines_ + place_of(p_, connection, static_cast<std::ptrdiff_t>(t)), stride_, 0,
                    p_.delayed[k_].targets);
}

}  // namespace backspike
