// Weight gradients. dW[source, :] is the sum of the error rows of all steps that a spike of `source` reached. The
// events of a chunk are first sorted by source (a counting sort that keeps the order of rows), then every tile of the
// weights is summed by one owner, row after row: the order never depends on threads, nor on how samples were chunked.

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

/// Calls f(channel, row, value) for every event that reaches a step of its sample, in the order of rows.
template <class F>
void for_each_event(const chunk& c, const connection& connection, F&& f) {
  for (std::size_t i = 0; i < c.samples.size(); ++i) {
    const bool input = connection.source == network_input;
    const events& e = input ? c.data->inputs.spikes : c.slots[i].spikes[connection.source];
    const std::uint64_t first = input ? c.data->inputs.sample_rows[c.samples[i]] : 0;
    for (std::size_t t = 0; t + connection.delay < c.steps(i); ++t) {
      const event_row row = e.row(first + t);
      const auto reached = static_cast<std::uint32_t>(c.first_row[i] + t + connection.delay);
      for (std::size_t k = 0; k < row.channels.size(); ++k) {
        f(row.channels[k], reached, row.values.empty() ? 1.0f : row.values[k]);
      }
    }
  }
}

void sort_by_source(const chunk& c, const connection& connection, by_source& out) {
  out.first.assign(connection.source_units + 1, 0);
  for_each_event(c, connection, [&](std::uint32_t channel, std::uint32_t, float) { ++out.first[channel + 1]; });
  for (std::size_t s = 0; s < connection.source_units; ++s) {
    out.first[s + 1] += out.first[s];
  }
  const bool graded = connection.source == network_input && c.data->inputs.spikes.graded();
  out.rows.resize(out.first.back());
  out.values.resize(graded ? out.first.back() : 0);
  std::vector<std::size_t> next(out.first.begin(), out.first.end() - 1);
  for_each_event(c, connection, [&](std::uint32_t channel, std::uint32_t row, float value) {
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
                   [&](std::size_t k, std::size_t) { sort_by_source(c_, connections[k], sorted[k]); });
    for (std::size_t k = 0; k < connections.size(); ++k) {
      gather_weight(connections[k], sorted[k]);
      gather_bias(connections[k]);
    }
    for (std::size_t q = 0; q < p_.net->populations().size(); ++q) {
      gather_constants(q);
    }
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

  void gather_bias(const connection& connection) {
    if (connection.bias != no_parameter) {
      const auto gradient = gradient_.view(connection.bias);
      p_.kernels->accumulate({gradient.data, c_.current[connection.target].data(), gradient.stride, gradient.stride,
                              p_.identity.data(), nullptr, c_.rows()});
    }
  }

  void gather_constants(std::size_t q) {
    const population& layer = p_.net->populations()[q];
    if (!layer.learns_constants) {
      return;
    }
    aligned_vector<float> sum(layer.cell->constants * layer.width, 0.0f);
    for (std::size_t i = 0; i < c_.samples.size(); ++i) {
      for (std::size_t k = 0; k < sum.size(); ++k) {
        sum[k] += c_.slots[i].error_constants[q][k];
      }
    }
    pull_back_constants(layer, *p_.parameters, p_.net->spec().dt, sum, gradient_);
  }

  const pass& p_;
  const chunk& c_;
  thread_pool& pool_;
  arena<float>& gradient_;
};

}  // namespace

void gather_chunk(const pass& p, const chunk& c, thread_pool& pool, arena<float>& gradient) {
  gatherer(p, c, pool, gradient).run();
}

}  // namespace backspike
