// Backward through delays, the first part: the errors on currents are written into lines of time. delayed_group.cpp
// sends them on, delayed_gather.cpp makes gradients of them.

#include "gradient/connection/delayed.hpp"
#include "gradient/engine/pass.hpp"

#include <algorithm>
#include <array>

namespace backspike {

void start_lines(const pass& p, in_flight_batch& c, std::size_t i, std::size_t inlet, bool has_later) {
  const population& target = p.net->target_of(p.net->inlets()[inlet]);
  const std::size_t steps = c.ranges[i].steps(), rows = has_later ? p.carry->later[inlet] : 0;
  const float* later = rows > 0 ? c.slots[i].carried_current.data() + p.carry->width[inlet] : nullptr;
  for (std::size_t j = 0; j < target.units; ++j) {
    float* line = c.lines[inlet].data() + j * c.line_stride + c.line[i];
    std::fill(line - p.carry->left, line, 0.0f);
    std::fill_n(line + steps, p.carry->right, 0.0f);
    for (std::size_t t = 0; t < rows; ++t) {
      line[steps + t] = later[t * target.padded_units + j];
    }
  }
}

void write_lines(const pass& p, in_flight_batch& c, std::size_t i, std::size_t inlet, std::size_t first,
                 std::size_t count) {
  const population& target = p.net->target_of(p.net->inlets()[inlet]);
  const float* errors = c.current[inlet].data() + (c.first_row[i] + first) * target.padded_units;
  for (std::size_t t = 0; t < count; t += kernels::interleaved) {
    std::array<const float*, kernels::interleaved> rows{};
    const std::size_t used = std::min(kernels::interleaved, count - t);
    for (std::size_t r = 0; r < used; ++r) {
      rows[r] = errors + (t + r) * target.padded_units;
    }
    p.kernels->interleave(
        {c.lines[inlet].data() + c.line[i] + first + t, c.line_stride, rows.data(), target.units, used});
  }
}

}  // namespace backspike
