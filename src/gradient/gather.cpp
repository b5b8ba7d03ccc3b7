// Weight gradients. dW[source, :] is the sum of the error rows of all steps that a spike of `source` reached. The
// events of a window are first sorted by source (a counting sort that keeps their order), then every tile of the
// weights is summed by one owner, row after row. The order is the last step first and, within a step, that of the
// samples: it depends neither on threads nor on the windows that a sample is cut into.

#include "gradient/bits.hpp"
#include "gradient/constants.hpp"
#include "gradient/pass.hpp"

#include <algorithm>

namespace backspike {
namespace {

/// The events of one connection by source: those of channel s are entries [first[s], first[s + 1]).
struct by_source {
  std::vector<std::size_t> first;
  std::vector<std::uint32_t> rows;  // the row of the error that the event reached
  std::vector<float> values;        // empty unless graded
};

std::size_t longest_range(const chunk& c) {
  std::size_t steps = 0;
  for (const step_range& r : c.ranges) {
    steps = std::max(steps, r.steps());
  }
  return steps;
}

/// Calls f(sample, its step in the window, row) for every row of the window, in the order of summation.
template <class F>
void for_each_row(const chunk& c, F&& f) {
  for (std::size_t t = longest_range(c); t-- > 0;) {
    for (std::size_t i = 0; i < c.samples.size(); ++i) {
      if (t < c.ranges[i].steps()) {
        f(i, t, static_cast<std::uint32_t>(c.first_row[i] + t));
      }
    }
  }
}

/// Calls f(channel, row, value) for every event that reaches a row of the window, in the order of summation.
template <class F>
void for_each_event(const chunk& c, const carry_layout& carry, const connection& connection, F&& f) {
  const bool input = connection.source == network_input;
  std::vector<std::uint32_t> before(input ? 0 : connection.source_units);
  for_each_row(c, [&](std::size_t i, std::size_t t, std::uint32_t reached) {
    if (t < connection.delay) {  // the spikes of the step before the window
      const std::uint16_t* words = c.slots[i].before.data() + carry.words[connection.source];
      const std::size_t n = set_positions(words, connection.source_units, before.data());
      for (std::size_t k = 0; k < n; ++k) {
        f(before[k], reached, 1.0f);
      }
      return;
    }
    const events& e = input ? c.data->inputs.spikes : c.slots[i].spikes[connection.source];
    const std::uint64_t first = input ? c.data->inputs.sample_rows[c.samples[i]] + c.ranges[i].begin : 0;
    const event_row row = e.row(first + t - connection.delay);
    for (std::size_t k = 0; k < row.channels.size(); ++k) {
      f(row.channels[k], reached, row.values.empty() ? 1.0f : row.values[k]);
    }
  });
}

void sort_by_source(const chunk& c, const carry_layout& carry, const connection& connection, by_source& out) {
  out.first.assign(connection.source_units + 1, 0);
  for_each_event(c, carry, connection, [&](std::uint32_t channel, std::uint32_t, float) { ++out.first[channel + 1]; });
  for (std::size_t s = 0; s < connection.source_units; ++s) {
    out.first[s + 1] += out.first[s];
  }
  const bool graded = connection.source == network_input && c.data->inputs.spikes.graded();
  out.rows.resize(out.first.back());
  out.values.resize(graded ? out.first.back() : 0);
  std::vector<std::size_t> next(out.first.begin(), out.first.end() - 1);
  for_each_event(c, carry, connection, [&](std::uint32_t channel, std::uint32_t row, float value) {
    const std::size_t at = next[channel]++;
    out.rows[at] = row;
    if (graded) {
      out.values[at] = value;
    }
  });
}

/// A tile's columns: their error rows of the whole chunk should stay in a core's second-level cache.
std::size_t tile_columns(std::size_t rows, std::size_t width) {
  constexpr std::size_t cache_floats = 128 * 1024;
  const std::size_t fitting = std::max<std::size_t>(cache_floats / std::max<std::size_t>(rows, 1) / lanes * lanes, 64);
  return std::min(fitting, width);
}

class gatherer {
 public:
  gatherer(const pass& p, const chunk& c, thread_pool& pool, arena<float>& gradient)
      : p_(p), c_(c), pool_(pool), gradient_(gradient) {}

  void run() {
    const auto connections = p_.net->connections();
    std::vector<by_source> sorted(connections.size());
    pool_.for_each(connections.size(),
                   [&](std::size_t k, std::size_t) { sort_by_source(c_, *p_.carry, connections[k], sorted[k]); });
    for (std::size_t k = 0; k < connections.size(); ++k) {
      gather_weight(connections[k], sorted[k]);
    }
    gather_biases();
  }

 private:
  void gather_weight(const connection& connection, const by_source& sorted) {
    const auto gradient = gradient_.view(connection.weight);
    const std::size_t width = gradient.stride, columns = tile_columns(c_.rows(), width);
    const std::size_t tiles = (width + columns - 1) / columns;
    constexpr std::size_t sources = 64;
    const std::size_t strips = (gradient.rows + sources - 1) / sources;
    pool_.for_each(tiles * strips, [&](std::size_t item, std::size_t) {
      const std::size_t column = item / strips * columns, first = item % strips * sources;
      for (std::size_t s = first; s < std::min(first + sources, gradient.rows); ++s) {
        const std::size_t at = sorted.first[s], n = sorted.first[s + 1] - at;
        if (n > 0) {
          p_.kernels->accumulate({gradient.row(s) + column, c_.current[connection.target].data() + column, width,
                                  std::min(columns, width - column), sorted.rows.data() + at,
                                  sorted.values.empty() ? nullptr : sorted.values.data() + at, n});
        }
      }
    });
  }

  void gather_biases() {
    std::vector<std::uint32_t> rows;
    for (const connection& connection : p_.net->connections()) {
      if (connection.bias == no_parameter) {
        continue;
      }
      if (rows.empty()) {
        rows.reserve(c_.rows());
        for_each_row(c_, [&](std::size_t, std::size_t, std::uint32_t row) { rows.push_back(row); });
      }
      const auto gradient = gradient_.view(connection.bias);
      p_.kernels->accumulate({gradient.data, c_.current[connection.target].data(), gradient.stride, gradient.stride,
                              rows.data(), nullptr, rows.size()});
    }
  }

  const pass& p_;
  const chunk& c_;
  thread_pool& pool_;
  arena<float>& gradient_;
};

}  // namespace

void gather_window(const pass& p, const chunk& c, thread_pool& pool, arena<float>& gradient) {
  gatherer(p, c, pool, gradient).run();
}

void gather_constants(const pass& p, const chunk& c, arena<float>& gradient) {
  for (std::size_t q = 0; q < p.net->populations().size(); ++q) {
    const population& layer = p.net->populations()[q];
    if (!layer.learns_constants) {
      continue;
    }
    aligned_vector<float> sum(layer.cell->constants * layer.width, 0.0f);
    for (std::size_t i = 0; i < c.samples.size(); ++i) {
      for (std::size_t k = 0; k < sum.size(); ++k) {
        sum[k] += c.slots[i].error_constants[q][k];
      }
    }
    pull_back_constants(layer, *p.parameters, p.net->spec().dt, sum, gradient);
  }
}

}  // namespace backspike
