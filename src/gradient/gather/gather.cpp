// Weight gradients. dW[source, :] is the sum of the error rows of all steps that a spike of `source` reached. The rows
// of a window are cut into blocks whose errors stay in the second-level cache; the events of a block are sorted by
// source (a counting sort that keeps their order), then every tile of the weights is summed by one owner, row after
// row. The order is the last step first and, within a step, that of the samples: it depends neither on threads nor on
// blocks nor on the windows that a sample is cut into. A block with so many events that it is a matrix is multiplied as
// one, with the same bits.

#include "gradient/connection/sent_events.hpp"
#include "gradient/engine/constants.hpp"
#include "gradient/engine/pass.hpp"
#include "gradient/gather/gather_plan.hpp"

#include <algorithm>
#include <numeric>

namespace backspike {
namespace {

constexpr std::size_t tile_columns = 256;  // of errors: a block's are 1 MiB

/// Whether errors are worth a copy: a row of them is read more often than that, and those of a block, rows of a wide
/// layer far from each other, would not stay in the second-level cache, where rows a power of two apart share places.
bool is_worth_packing(std::size_t events, std::size_t rows, std::size_t width) {
  constexpr std::size_t readings = 8;
  return width >= cached_width && events >= readings * rows;
}

/// The rows of the window in the order of summation.
void order_rows(const in_flight_batch& c, std::vector<gather_row>& rows) {
  rows.clear();
  std::size_t steps = 0;
  for (const step_range& r : c.ranges) {
    steps = std::max(steps, r.steps());
  }
  for (std::size_t t = steps; t-- > 0;) {
    for (std::size_t i = 0; i < c.samples.size(); ++i) {
      if (t < c.ranges[i].steps()) {
        rows.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(t),
                        static_cast<std::uint32_t>(c.first_row[i] + t)});
      }
    }
  }
}

class gatherer {
 public:
  gatherer(const pass& p, const in_flight_batch& c, thread_pool& pool, gather_plan& plan, arena<float>& gradient)
      : p_(p), c_(c), pool_(pool), plan_(plan), gradient_(gradient) {}

  void run() {
    const auto connections = p_.net->connections();
    take_memory();
    order_rows(c_, plan_.rows);
    plan_.blocks = blocks_of(plan_.rows.size());
    pool_.for_each(connections.size() * plan_.blocks, [&](std::size_t item, std::size_t worker) {
      const connection& c = connections[item / plan_.blocks];
      if (gathers(c) && c.is_matrix()) {
        sort_by_source(c, item % plan_.blocks, plan_.sorted[item], plan_.workers[worker]);
      }
    });
    for (std::size_t k = 0; k < connections.size(); ++k) {
      if (gathers(connections[k])) {
        connections[k].is_matrix()    ? gather_weight(k)
        : p_.patches[k].sums()        ? gather_channels(k)
        : has_patches(connections[k]) ? gather_patches(k)
                                      : gather_listed(k);
      }
    }
    gather_delayed(p_, c_, pool_, plan_);
    gather_biases();
  }

 private:
  /// Weights that are not learned have no gradient; those with delays are gathered by their taps.
  bool gathers(const connection& c) const { return !c.has_delays() && p_.net->parameters()[c.weight].learnable; }

  void take_memory() {
    const gather_size size{c_.samples.size(), c_.rows(), multiplies_input(p_.input, p_.rounds()), p_.rounds()};
    memory_plan take = memory_plan::take();
    plan_gather(take, plan_, *p_.net, size);
    plan_.workers.resize(pool_.threads());
    for (gather_worker& w : plan_.workers) {
      plan_gather_worker(take, w, *p_.net, size);
    }
  }

  std::span<const gather_row> rows_of(std::size_t block) const {
    return std::span(std::as_const(plan_.rows))
        .subspan(block * block_rows, std::min(block_rows, plan_.rows.size() - block * block_rows));
  }

  /// The events that reached a row; those of before the window are written to `before`.
  event_row events_of(const connection& connection, const gather_row& r, const row_memory& before) const {
    return sent_events(p_, c_, r.sample, connection, r.step, before);
  }

  /// Memory for rows of before the window, `earlier` of them taken already.
  row_memory memory_of(const connection& connection, gather_worker& w, std::size_t earlier) const {
    const std::size_t room = kernels::position_room(connection.source_units);
    w.before.resize(std::max(w.before.size(), (earlier + 1) * room));
    if (p_.has_own_rows(connection) || is_analog(connection)) {
      w.before_values.resize(std::max(w.before_values.size(), (earlier + 1) * room));
    }
    return {w.before.data() + earlier * room, w.before_values.data() + (w.before_values.empty() ? 0 : earlier * room)};
  }

  bool is_analog(const connection& c) const {
    return !c.comes_from_input() && !p_.net->populations()[c.source].cell->spiking;
  }

  void sort_by_source(const connection& connection, std::size_t block, by_source& out, gather_worker& w) const {
    const auto rows = rows_of(block);
    const bool graded = is_graded(p_, c_, connection);
    const std::size_t events = find_events(connection, rows, w);
    if (rounds(connection) ||
        static_cast<double>(events) > dense_share * static_cast<double>(rows.size() * connection.source_units)) {
      out.how = by_source::way::dense;
      return;
    }
    const bool packed = is_worth_packing(events, rows.size(), p_.net->populations()[connection.target].padded_units);
    out.how = packed ? by_source::way::packed : by_source::way::plain;
    out.first.assign(connection.source_units + 1, 0);
    std::uint32_t* after = out.first.data() + 1;  // where the next source begins
    for (const event_row& row : w.events) {
      for (const std::uint32_t channel : row.channels) {
        ++after[channel];
      }
    }
    for (std::size_t s = 0; s < connection.source_units; ++s) {
      out.first[s + 1] += out.first[s];
    }
    w.next.assign(out.first.begin(), out.first.end() - 1);
    out.rows.resize(events);
    out.values.resize(graded ? events : 0);
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const std::uint32_t reached = packed ? static_cast<std::uint32_t>(k) : rows[k].row;
      graded ? place_graded(w.events[k], reached, out, w.next.data())
             : place(w.events[k].channels, reached, out.rows.data(), w.next.data());
    }
  }

  /// Rounded products have other bits than sums of events, and which blocks are dense depends on the window: so all of
  /// a batch go that way or none.
  bool rounds(const connection& c) const { return p_.rounds() && p_.input.all_dense && c.source == network_input; }

  /// The events of the rows of a block; returns their number.
  std::size_t find_events(const connection& connection, std::span<const gather_row> rows, gather_worker& w) const {
    std::size_t events = 0, earlier = 0;
    const bool writes = !connection.comes_from_input() || p_.has_own_rows(connection);
    const auto is_early = [&](const gather_row& r) { return r.step < connection.base_delay; };
    if (writes) {  // all at once: rows must not move
      const auto count = static_cast<std::size_t>(std::ranges::count_if(rows, is_early));
      memory_of(connection, w, std::max<std::size_t>(count, 1) - 1);
    }
    w.events.clear();
    for (const gather_row& r : rows) {
      const bool early = writes && is_early(r);
      w.events.push_back(events_of(connection, r, early ? memory_of(connection, w, earlier) : row_memory{}));
      events += w.events.back().channels.size();
      earlier += early ? 1 : 0;
    }
    return events;
  }

  static void place(std::span<const std::uint32_t> channels, std::uint32_t row, std::uint32_t* rows,
                    std::uint32_t* next) {
    for (const std::uint32_t channel : channels) {
      rows[next[channel]++] = row;
    }
  }

  static void place_graded(const event_row& events, std::uint32_t row, by_source& to, std::uint32_t* next) {
    for (std::size_t e = 0; e < events.channels.size(); ++e) {
      to.values[next[events.channels[e]]] = events.values[e];
    }
    place(events.channels, row, to.rows.data(), next);
  }

  /// Runs of blocks that go the same way, each dense one by itself: the order of blocks is that of the sum.
  void gather_weight(std::size_t k) {
    const by_source* sorted = plan_.sorted.data() + k * plan_.blocks;
    for (std::size_t begin = 0; begin < plan_.blocks;) {
      std::size_t end = begin + 1;
      if (sorted[begin].how == by_source::way::dense) {
        multiply_block(p_.net->connections()[k], begin);
      } else {
        while (end < plan_.blocks && sorted[end].how == sorted[begin].how) {
          ++end;
        }
        gather_blocks(p_.net->connections()[k], begin, {sorted + begin, sorted + end});
      }
      begin = end;
    }
  }

  void gather_blocks(const connection& connection, std::size_t first_block, std::span<const by_source> blocks) {
    const auto gradient = gradient_.view(connection.weight);
    const bool packed = blocks.front().how == by_source::way::packed;
    const std::size_t width = gradient.stride, tile = packed ? packed_columns : tile_columns;
    const std::size_t tiles = (width + tile - 1) / tile, shares = packed ? 2 : 4;  // of a thread; a strip packs anew
    const std::size_t wanted = std::max<std::size_t>(shares * pool_.threads() / tiles, 1);
    const std::size_t sources = std::max<std::size_t>((gradient.rows + wanted - 1) / wanted, 32);
    const std::size_t strips = (gradient.rows + sources - 1) / sources;
    pool_.for_each(tiles * strips, [&](std::size_t item, std::size_t worker) {
      const std::size_t column = item / strips * tile, first = item % strips * sources;
      const std::size_t last = std::min(first + sources, gradient.rows), columns = std::min(tile, width - column);
      error_tile errors{c_.current[connection.inlet].data() + column, width};
      for (std::size_t b = 0; b < blocks.size(); ++b) {
        if (packed) {
          errors = pack_errors(connection, rows_of(first_block + b), column, columns, plan_.workers[worker].errors);
        }
        gather_sources(blocks[b], gradient, errors, {first, last}, column, columns);
      }
    });
  }

  /// Some columns of the errors of a block, or of all rows.
  struct error_tile {
    const float* data;
    std::size_t stride;
  };

  error_tile pack_errors(const connection& connection, std::span<const gather_row> rows, std::size_t column,
                         std::size_t columns, aligned_vector<float>& to) const {
    const std::size_t width = p_.net->populations()[connection.target].padded_units;
    const float* from = c_.current[connection.inlet].data() + column;
    for (std::size_t k = 0; k < rows.size(); ++k) {
      std::copy_n(from + rows[k].row * width, columns, to.data() + k * columns);
    }
    return {to.data(), columns};
  }

  struct source_range {
    std::size_t first, last;
  };

  void gather_sources(const by_source& sorted, const matrix_view<float>& gradient, const error_tile& errors,
                      source_range sources, std::size_t column, std::size_t columns) const {
    for (std::size_t s = sources.first; s < sources.last; ++s) {
      const std::size_t at = sorted.first[s], n = sorted.first[s + 1] - at;
      if (n > 0) {
        p_.kernels->accumulate({gradient.row(s) + column, errors.data, errors.stride, columns, sorted.rows.data() + at,
                                sorted.values.empty() ? nullptr : sorted.values.data() + at, n});
      }
    }
  }

  /// dW += transposed events * errors, as matrices: the errors of the block in panels, strips of sources as factors.
  void multiply_block(const connection& connection, std::size_t block) {
    const auto gradient = gradient_.view(connection.weight);
    const auto rows = rows_of(block);
    const float* errors = c_.current[connection.inlet].data();
    memory_plan take = memory_plan::take();
    plan_.errors.plan(take, rows.size(), gradient.cols, rounds(connection));
    pool_.for_each(plan_.errors.count(), [&](std::size_t j, std::size_t) {
      float* to = plan_.errors.panel(j);
      for (const gather_row& r : rows) {
        to = std::copy_n(errors + r.row * gradient.stride + j * lanes, lanes, to);
      }
      finish_panel(*p_.kernels, plan_.errors, j);
    });
    constexpr std::size_t strip = dense_strip;
    pool_.for_each((gradient.rows + strip - 1) / strip, [&](std::size_t item, std::size_t worker) {
      gather_worker& w = plan_.workers[worker];
      const std::size_t first = item * strip, last = std::min(first + strip, gradient.rows);
      write_dense(connection, rows, first, last, w);
      for (std::size_t s = first; s < last; ++s) {
        w.product.add(gradient.row(s), w.dense.data() + (s - first) * spread_stride(rows.size()));
      }
      w.product.multiply(*p_.kernels, plan_.errors);
    });
  }

  /// [last - first][stride of rows] what the sources sent to each row.
  void write_dense(const connection& connection, std::span<const gather_row> rows, std::size_t first, std::size_t last,
                   gather_worker& w) const {
    const std::size_t stride = spread_stride(rows.size());
    w.dense.assign((last - first) * stride, 0.0f);
    const row_memory memory = memory_of(connection, w, 0);
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const event_row row = events_of(connection, rows[r], memory);
      const auto from = std::ranges::lower_bound(row.channels, static_cast<std::uint32_t>(first));
      for (auto e = static_cast<std::size_t>(from - row.channels.begin());
           e < row.channels.size() && row.channels[e] < last; ++e) {
        w.dense[(row.channels[e] - first) * stride + r] = row.values.empty() ? 1.0f : row.values[e];
      }
    }
  }

  /// From the list of synapses: strips of sources, whose weights no other strip has, or all at once where weights are
  /// shared; row after row, in the order of summation.
  void gather_listed(std::size_t k) {
    const connection& c = p_.net->connections()[k];
    const std::size_t strips = c.info->shares_weights ? 1 : std::min(4 * pool_.threads(), c.source_units);
    const std::size_t width = p_.net->populations()[c.target].padded_units;
    float* gradient = gradient_.view(c.weight).data;
    pool_.for_each(strips, [&](std::size_t strip, std::size_t worker) {
      const auto begin = static_cast<std::uint32_t>(strip * c.source_units / strips);
      const auto end = static_cast<std::uint32_t>((strip + 1) * c.source_units / strips);
      const row_memory memory = memory_of(c, plan_.workers[worker], 0);
      for (const gather_row& r : plan_.rows) {
        p_.tables[k].gather(events_of(c, r, memory), begin, end, c_.current[c.inlet].data() + r.row * width, gradient);
      }
    });
  }

  /// Channel by channel of the source, the weights of each in registers over some rows of errors, which are near.
  void gather_channels(std::size_t k) {
    const connection& c = p_.net->connections()[k];
    const patch_table& patches = p_.patches[k];
    const std::size_t width = p_.net->populations()[c.target].padded_units, all = plan_.rows.size();
    const std::size_t rows = std::clamp<std::size_t>(near_bytes / (width * sizeof(float)), 1, block_rows);
    const std::size_t blocks = (all + rows - 1) / rows;
    for (std::size_t first = 0; first < blocks; first += sorted_together) {
      const std::size_t count = std::min(sorted_together, blocks - first);
      pool_.for_each(count, [&](std::size_t b, std::size_t worker) {
        const std::size_t begin = (first + b) * rows;
        sort_by_channel(c, patches, std::span(plan_.rows).subspan(begin, std::min(rows, all - begin)), plan_.near[b],
                        plan_.workers[worker]);
      });
      sum_channels(c, patches, std::span(plan_.near).first(count));
    }
  }

  /// Where there are more threads than channels, they share the rows of the kernel, too.
  void sum_channels(const connection& c, const patch_table& patches, std::span<const by_channel> near) {
    const std::size_t tiles = patches.shape.length / lanes, channels = patches.shape.channels;
    const std::size_t parts = channels * tiles >= pool_.threads() ? 1 : patches.kernel_rows;
    const std::size_t part_rows = patches.kernel_rows / parts;
    float* gradient = gradient_.view(c.weight).data;
    const float* errors = c_.current[c.inlet].data();
    pool_.for_each(channels * tiles * parts, [&](std::size_t item, std::size_t) {
      const std::size_t channel = item / (tiles * parts), column = item / parts % tiles * lanes, row = item % parts;
      for (const by_channel& b : near) {
        const std::size_t at = b.first[channel], n = b.first[channel + 1] - at;
        if (n > 0) {
          patches.sum(*p_.patch_kernels, channel, column, std::span(b.events).subspan(at, n),
                      b.values.empty() ? nullptr : b.values.data() + at, row, row + part_rows, errors, gradient);
        }
      }
    });
  }

  /// A counting sort that keeps the order of the sum.
  void sort_by_channel(const connection& c, const patch_table& patches, std::span<const gather_row> rows,
                       by_channel& to, gather_worker& w) const {
    const auto width = static_cast<std::int64_t>(p_.net->populations()[c.target].padded_units);
    const std::uint32_t channels = patches.shape.channels;
    const row_memory memory = memory_of(c, w, 0);
    to.first.assign(channels + 1, 0);
    for (const gather_row& r : rows) {
      for (const std::uint32_t source : events_of(c, r, memory).channels) {
        ++to.first[source % channels + 1];
      }
    }
    std::partial_sum(to.first.begin(), to.first.end(), to.first.begin());
    w.next.assign(to.first.begin(), to.first.end() - 1);
    to.events.resize(to.first.back());
    to.values.resize(is_graded(p_, c_, c) ? to.first.back() : 0);
    for (const gather_row& r : rows) {
      const event_row row = events_of(c, r, memory);
      for (std::size_t e = 0; e < row.channels.size(); ++e) {
        const std::uint32_t at = w.next[row.channels[e] % channels]++;
        to.events[at] = patches.spots[row.channels[e] / channels];
        to.events[at].at += r.row * width;
        if (!to.values.empty()) {
          to.values[at] = row.values[e];
        }
      }
    }
  }

  /// Rows of a convolution's kernel, each by one owner; where there are more threads than rows, tiles of their columns.
  void gather_patches(std::size_t k) {
    const connection& c = p_.net->connections()[k];
    const patch_table& patches = p_.patches[k];
    const std::size_t width = p_.net->populations()[c.target].padded_units, length = patches.shape.length;
    const bool one_group = c.synapses.patches.groups == 1;
    const std::size_t wanted = one_group ? 2 * pool_.threads() / patches.kernel_rows : 1;
    const std::size_t tiles = std::clamp<std::size_t>(wanted, 1, std::max<std::size_t>(length / lanes, 1));
    const std::size_t tile = tiles == 1 ? length : padded((length + tiles - 1) / tiles);
    float* gradient = gradient_.view(c.weight).data;
    pool_.for_each(patches.kernel_rows * tiles, [&](std::size_t item, std::size_t worker) {
      const std::size_t row = item / tiles, column = item % tiles * tile;
      const row_memory memory = memory_of(c, plan_.workers[worker], 0);
      if (column < length) {
        patch_table part;
        part.shape = patches.shape;
        part.shape.length = std::min(tile, length - column);
        part.row_floats = patches.row_floats;
        for (const gather_row& r : plan_.rows) {
          part.gather(*p_.patch_kernels, events_of(c, r, memory), row, row + 1,
                      c_.current[c.inlet].data() + r.row * width + column, gradient + column);
        }
      }
    });
  }

  void gather_biases() {
    plan_.all_rows.clear();
    for (const gather_row& r : plan_.rows) {
      plan_.all_rows.push_back(r.row);
    }
    for (std::size_t q = 0; q < p_.net->populations().size(); ++q) {
      const population& layer = p_.net->populations()[q];
      if (layer.bias != no_parameter) {
        const auto gradient = gradient_.view(layer.bias);
        layer.bias_columns == layer.units ? gather_bias(q, gradient) : gather_shared_bias(q, gradient);
      }
    }
  }

  void gather_bias(std::size_t q, const matrix_view<float>& gradient) {
    const std::size_t width = gradient.stride, tile = std::min(packed_columns, width);
    pool_.for_each((width + tile - 1) / tile, [&](std::size_t item, std::size_t) {
      const std::size_t column = item * tile;
      p_.kernels->accumulate({gradient.data + column, c_.current[p_.net->populations()[q].first_inlet].data() + column,
                              width, std::min(tile, width - column), plan_.all_rows.data(), nullptr,
                              plan_.all_rows.size()});
    });
  }

  /// Row after row and neuron after neuron, so that no window changes the sum.
  void gather_shared_bias(std::size_t q, const matrix_view<float>& gradient) {
    const population& layer = p_.net->populations()[q];
    const std::size_t columns = layer.bias_columns, tile = lanes;
    pool_.for_each((columns + tile - 1) / tile, [&](std::size_t item, std::size_t) {
      const std::size_t first = item * tile, last = std::min(first + tile, columns);
      for (const gather_row& r : plan_.rows) {
        const float* errors = c_.current[p_.net->populations()[q].first_inlet].data() + r.row * layer.padded_units;
        layer.spec.shape.empty() ? add_groups(errors, layer.units / columns, first, last, gradient.data)
                                 : add_places(errors, layer.units, columns, first, last, gradient.data);
      }
    });
  }

  /// The neurons of a column are neighbours.
  static void add_groups(const float* errors, std::size_t neurons, std::size_t first, std::size_t last, float* sum) {
    for (std::size_t column = first; column < last; ++column) {
      for (std::size_t n = column * neurons; n < (column + 1) * neurons; ++n) {
        sum[column] += errors[n];
      }
    }
  }

  /// The columns of a place are neighbours.
  static void add_places(const float* errors, std::size_t units, std::size_t columns, std::size_t first,
                         std::size_t last, float* sum) {
    for (std::size_t place = 0; place < units; place += columns) {
      for (std::size_t column = first; column < last; ++column) {
        sum[column] += errors[place + column];
      }
    }
  }

  const pass& p_;
  const in_flight_batch& c_;
  thread_pool& pool_;
  gather_plan& plan_;
  arena<float>& gradient_;
};

}  // namespace

void gather_window(const pass& p, const in_flight_batch& c, thread_pool& pool, gather_plan& plan,
                   arena<float>& gradient) {
  gatherer(p, c, pool, plan, gradient).run();
}

void gather_constants(const pass& p, const in_flight_batch& c, arena<float>& gradient) {
  for (std::size_t q = 0; q < p.net->populations().size(); ++q) {
    const population& layer = p.net->populations()[q];
    if (!layer.learns_constants) {
      continue;
    }
    aligned_vector<float> sum(layer.cell->constants * layer.padded_units, 0.0f);
    for (std::size_t i = 0; i < c.samples.size(); ++i) {
      for (std::size_t k = 0; k < sum.size(); ++k) {
        sum[k] += c.slots[i].error_constants[q][k];
      }
    }
    pull_back_constants(layer, *p.parameters, p.net->spec().dt, sum, gradient);
  }
}

}  // namespace backspike
