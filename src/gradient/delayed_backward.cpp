#include "gradient/delayed.hpp"
#include "gradient/pass.hpp"

#include <algorithm>
#include <bit>

namespace backspike {
namespace {

/// Steps of a neuron that its error is asked for, from which share on all of them are cheaper: sixteen steps at once.
constexpr std::size_t asked_share = 4;

/// The lines of a connection's target, shifted to where what sets out in step 0 of the window arrives without delay.
const float* lines_of(const pass& p, const chunk& c, std::size_t i, std::size_t k) {
  const connection& connection = p.net->connections()[k];
  return c.lines[connection.target].data() + c.line[i] + connection.delay;
}

/// The steps of each neuron of a tile of sixteen that lie inside the surrogate's support.
void list_support(const std::uint16_t* support, std::size_t words, std::size_t tile, std::size_t steps,
                  std::uint32_t* asked_for, std::size_t (&count)[lanes]) {
  std::fill_n(count, lanes, 0);
  for (std::size_t t = 0; t < steps; ++t) {
    for (unsigned bits = support[t * words + tile]; bits != 0; bits &= bits - 1) {
      const auto n = static_cast<std::size_t>(std::countr_zero(bits));
      asked_for[n * steps + count[n]++] = static_cast<std::uint32_t>(t);
    }
  }
}

}  // namespace

void start_lines(const pass& p, chunk& c, std::size_t i, std::size_t q, bool has_later) {
  const population& target = p.net->populations()[q];
  const std::size_t steps = c.ranges[i].steps(), rows = has_later ? p.carry->later[q] : 0;
  const float* later = c.slots[i].carried_current.data() + p.carry->width[q];
  for (std::size_t j = 0; j < target.units; ++j) {
    float* line = c.lines[q].data() + j * c.line_stride + c.line[i];
    std::fill(line - p.carry->left, line, 0.0f);
    std::fill_n(line + steps, p.carry->right, 0.0f);
    for (std::size_t t = 0; t < rows; ++t) {
      line[steps + t] = later[t * target.width + j];
    }
  }
}

void write_lines(const pass& p, chunk& c, std::size_t i, std::size_t q, std::size_t first, std::size_t count) {
  const population& target = p.net->populations()[q];
  const float* errors = c.current[q].data() + (c.first_row[i] + first) * target.width;
  for (std::size_t j = 0; j < target.units; ++j) {
    float* line = c.lines[q].data() + j * c.line_stride + c.line[i] + first;
    for (std::size_t t = 0; t < count; ++t) {
      line[t] = errors[t * target.width + j];
    }
  }
}

void send_back_delayed(const pass& p, const chunk& c, std::size_t i, std::size_t k, worker_scratch& w) {
  const connection& connection = p.net->connections()[k];
  const population& source = p.net->populations()[connection.source];
  const std::size_t steps = c.ranges[i].steps(), words = source.width / lanes;
  const delayed_taps& d = p.delayed[k];
  const float* lines = lines_of(p, c, i, k);
  float* out = w.populations[connection.source].error_output.data();
  const bool compact = has_compact_support(source.spec.surrogate.kind);
  for (std::size_t tile = 0; tile < words; ++tile) {
    std::size_t count[lanes];
    std::fill_n(count, lanes, steps);
    if (compact) {
      list_support(w.populations[connection.source].support.data(), words, tile, steps, w.asked_for.data(), count);
    }
    for (std::size_t n = 0; n < lanes && tile * lanes + n < source.units; ++n) {
      const std::size_t neuron = tile * lanes + n;
      const kernels::tap_row row = d.row(neuron, 0, d.targets);
      if (count[n] * asked_share >= steps) {
        p.kernels->tap_range({out + neuron, source.width, lines, c.line_stride, row, d.used, steps});
      } else {
        p.kernels->tap_dot(
            {out + neuron, source.width, lines, c.line_stride, row, w.asked_for.data() + n * steps, count[n]});
      }
    }
  }
}

void send_back_delayed(const pass& p, const chunk& c, std::size_t i, std::size_t k, worker_scratch& w, std::size_t t) {
  const connection& connection = p.net->connections()[k];
  const population& source = p.net->populations()[connection.source];
  const delayed_taps& d = p.delayed[k];
  const float* lines = lines_of(p, c, i, k) + t;
  float* out = w.populations[connection.source].error_output.data() + t * source.width;
  const std::uint32_t here = 0;
  const auto send = [&](std::size_t neuron) {
    p.kernels->tap_dot({out + neuron, 1, lines, c.line_stride, d.row(neuron, 0, d.targets), &here, 1});
  };
  if (!has_compact_support(source.spec.surrogate.kind)) {
    for (std::size_t neuron = 0; neuron < source.units; ++neuron) {
      send(neuron);
    }
    return;
  }
  population_scratch& scratch = w.populations[connection.source];
  const std::uint16_t* support = scratch.support.data() + t * source.width / lanes;
  const std::size_t n = p.kernels->positions(support, source.units, scratch.active.data());
  for (std::size_t e = 0; e < n; ++e) {
    send(scratch.active[e]);
  }
}

void send_back_delayed_input(const pass& p, const chunk& c, std::size_t i, std::size_t k, float* out) {
  const std::size_t inputs = p.net->connections()[k].source_units;
  const delayed_taps& d = p.delayed[k];
  for (std::size_t n = 0; n < inputs; ++n) {
    p.kernels->tap_range(
        {out + n, inputs, lines_of(p, c, i, k), c.line_stride, d.row(n, 0, d.targets), d.used, c.ranges[i].steps()});
  }
}

std::uint64_t delayed_worker_bytes(const network& net, std::size_t steps) {
  const carry_layout carry(net);
  std::size_t targets = 0;
  for (std::size_t q = 0; q < net.populations().size(); ++q) {
    targets = carry.has_lines(q) ? std::max(targets, net.populations()[q].units) : targets;
  }
  return targets * carry.line_stride(steps) * sizeof(float);
}

std::uint64_t delayed_chunk_bytes(const network& net, std::size_t samples, std::size_t rows) {
  const carry_layout carry(net);
  std::size_t targets = 0;
  for (std::size_t q = 0; q < net.populations().size(); ++q) {
    targets += carry.has_lines(q) ? net.populations()[q].units : 0;
  }
  return targets * carry.line_stride(rows + samples * (carry.left + carry.right)) * sizeof(float);
}

}  // namespace backspike
