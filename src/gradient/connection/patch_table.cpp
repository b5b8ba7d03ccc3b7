// Tables of places for the kernels of convolutions, from the plan of the connection.

#include "gradient/connection/patch_table.hpp"

namespace backspike {
namespace {

std::uint64_t inverse_of(std::uint32_t divisor) { return divisor == 1 ? 0 : ~std::uint64_t{0} / divisor + 1; }

}  // namespace

void plan_patches(memory_plan& m, patch_table& table, const connection& c) {
  m.exactly(table.places, c.synapses.patches.y.of.size() * c.synapses.patches.x.of.size());
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

void patch_table::gather(const kernels::patch_functions& k, const event_row& row, std::size_t first, std::size_t end,
                         const float* error, float* gradient) const {
  k.gather({shape, row.channels.data(), row.values.empty() ? nullptr : row.values.data(), row.channels.size(), error,
            gradient, first, end, row_floats});
}

}  // namespace backspike
