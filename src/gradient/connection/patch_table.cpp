// Tables of places for the kernels of convolutions, from the plan of the connection.

#include "gradient/connection/patch_table.hpp"

#include <cstdlib>
#include <limits>

namespace backspike {
namespace {

std::uint64_t inverse_of(std::uint32_t divisor) { return divisor == 1 ? 0 : ~std::uint64_t{0} / divisor + 1; }

/// From one run of a patch to the next the kernel's numbers are neighbours, too: a patch that is cut by a border is a
/// part of a whole one.
bool is_cut_from_whole(const patch_axis& axis) {
  return std::abs(axis.kernel_step) == 1 && axis.kernel <= std::numeric_limits<std::uint8_t>::max();
}

bool sums_in_registers(const patch_plan& p) {
  return !p.pools && kernels::is_summed_in_registers(p.x.kernel) && p.channels_out / p.groups % lanes == 0 &&
         is_cut_from_whole(p.x) && is_cut_from_whole(p.y);
}

/// The number in the kernel of the first run of a whole patch.
std::uint32_t first_of(const patch_axis& axis) { return axis.kernel_step < 0 ? axis.kernel - 1 : 0; }

/// How many runs of a whole patch come before the first one of a place.
std::uint32_t missing(const patch_axis& axis, const patch_axis::reach& r) {
  return r.count == 0 ? 0 : axis.kernel_step < 0 ? axis.kernel - 1 - r.kernel : r.kernel;
}

std::size_t places_of(const patch_plan& p) { return p.y.of.size() * p.x.of.size(); }

}  // namespace

void plan_patches(memory_plan& m, patch_table& table, const connection& c) {
  const patch_plan& p = c.synapses.patches;
  m.exactly(table.places, places_of(p));
  m.exactly(table.spots, sums_in_registers(p) ? places_of(p) : 0);
}

void patch_table::fill(const connection& c, std::size_t stride) {
  const patch_plan& p = c.synapses.patches;
  const std::uint32_t of_group = p.channels_in / p.groups;
  std::size_t at = 0;
  for (const patch_axis::reach& down : p.y.of) {
    for (const patch_axis::reach& right : p.x.of) {
      places[at++] = {(down.target * p.x.targets + right.target) * p.channels_out,
                      (down.kernel * p.x.kernel + right.kernel) * of_group, static_cast<std::uint16_t>(down.count),
                      static_cast<std::uint16_t>(right.count)};
    }
  }
  sources = c.source_units;
  kernel_rows = p.y.kernel;
  row_floats = std::size_t{p.x.kernel} * of_group * stride;
  const auto channels_out = static_cast<std::ptrdiff_t>(p.channels_out);
  shape.places = places.data();
  shape.channels = p.channels_in;
  shape.of_group = of_group;
  shape.by_channels = inverse_of(p.channels_in);
  shape.by_group = inverse_of(of_group);
  shape.length = p.channels_out / p.groups;
  shape.stride = stride;
  shape.target_down = p.y.target_step * static_cast<std::ptrdiff_t>(p.x.targets) * channels_out;
  shape.target_right = p.x.target_step * channels_out;
  shape.weight_down = p.y.kernel_step * static_cast<std::ptrdiff_t>(row_floats);
  shape.weight_right = p.x.kernel_step * static_cast<std::ptrdiff_t>(of_group * stride);
  kernel_columns = p.x.kernel;
  first_weight = first_of(p.y) * row_floats + std::size_t{first_of(p.x)} * of_group * stride;
  if (sums()) {
    fill_spots(p);
  }
}

void patch_table::fill_spots(const patch_plan& p) {
  std::size_t at = 0;
  for (const patch_axis::reach& down : p.y.of) {
    for (const patch_axis::reach& right : p.x.of) {
      const std::uint32_t top = missing(p.y, down), left = missing(p.x, right);
      const std::int64_t whole =
          static_cast<std::int64_t>(places[at].target) - top * shape.target_down - left * shape.target_right;
      spots[at++] = {whole, static_cast<std::uint8_t>(top), static_cast<std::uint8_t>(top + down.count),
                     static_cast<std::uint8_t>(left), static_cast<std::uint8_t>(left + right.count)};
    }
  }
}

void patch_table::add(const kernels::patch_functions& k, const float* weights, const event_row& row,
                      float* current) const {
  k.add({shape, row.channels.data(), row.values.empty() ? nullptr : row.values.data(), row.channels.size(), weights,
         current});
}

void patch_table::send_back(const kernels::patch_functions& k, const float* weights, const float* error,
                            std::span<const std::uint32_t> ids, float* errors) const {
  k.send({shape, ids.data(), ids.size(), weights, error, errors});
}

void patch_table::send_back_to_all(const kernels::patch_functions& k, const float* weights, const float* error,
                                   float* errors) const {
  k.send({shape, nullptr, sources, weights, error, errors});
}

void patch_table::send_back_pooled(const kernels::patch_functions& k, float weight, const float* error,
                                   float* errors) const {
  k.pool_send(
      {places.data(), places.size(), shape.channels, shape.target_down, shape.target_right, weight, error, errors});
}

void patch_table::sum(const kernels::patch_functions& k, std::size_t channel, std::size_t column,
                      std::span<const kernels::patch_event> events, const float* values, std::size_t first,
                      std::size_t end, const float* errors, float* weight_gradient) const {
  const std::size_t group = channel / shape.of_group, own = channel % shape.of_group;
  const std::size_t first_column = group * shape.length + column;
  k.sum({errors + first_column, events.data(), values, events.size(), kernel_rows, kernel_columns, shape.target_down,
         shape.target_right, shape.weight_down, shape.weight_right,
         weight_gradient + first_weight + own * shape.stride + first_column, first, end});
}

void patch_table::gather(const kernels::patch_functions& k, const event_row& row, std::size_t first, std::size_t end,
                         const float* error, float* gradient) const {
  k.gather({shape, row.channels.data(), row.values.empty() ? nullptr : row.values.data(), row.channels.size(), error,
            gradient, first, end, row_floats});
}

}  // namespace backspike
