// Sends errors from currents back to the sources, by dot products where few neurons can take an error, as a matrix
// product where many can.

#include "gradient/gather/transposed.hpp"

#include <algorithm>
#include <cstring>

namespace backspike {
namespace {

/// Neurons whose bit is set, those beyond `units` included: an upper bound is enough to decide by. Four words at a time
/// by sums of neighbours: without -mpopcnt the standard function is a call.
std::size_t count_bits(const std::uint16_t* words, std::size_t width) {
  std::size_t n = 0;
  for (std::size_t k = 0; k < width / lanes; k += 4) {
    std::uint64_t x = 0;
    std::memcpy(&x, words + k, std::min<std::size_t>(width / lanes - k, 4) * sizeof(std::uint16_t));
    x -= x >> 1 & 0x5555555555555555u;
    x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
    x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    n += x * 0x0101010101010101u >> 56;
  }
  return n;
}

}  // namespace

way_back way_of(const pass& p, std::size_t connection) {
  const auto& c = p.net->connections()[connection];
  const population& target = p.net->populations()[c.target];
  return {c.source, target.units, target.padded_units, p.parameters->view(c.weight), &p.transposed[connection]};
}

transposed_product::transposed_product(const pass& p, const way_back& way, worker_scratch& w)
    : p_(p), way_(way), w_(w), source_(p.net->populations()[way.source]) {}

bool transposed_product::is_dense(const std::uint16_t* support) const {
  return support == nullptr ||
         product_is_cheaper(count_bits(support, source_.padded_units), source_.padded_units, way_.targets);
}

void transposed_product::add(const transposed_step& step) {
  if (is_dense(step.support)) {
    w_.rows.add(step.out, step.error);
    return;
  }
  std::uint32_t* ids = w_.populations[way_.source].active.data();
  const std::size_t n = p_.kernels->compact_spikes(step.support, source_.units, ids);
  p_.kernels->dot({step.out, way_.weight.data, way_.weight.stride, way_.target_width, ids, n, step.error});
}

/// Tile by tile of neurons where it is dot products: the weights of one stay in the first cache while the errors of all
/// steps pass.
void transposed_product::over_time(const transposed_steps& all) {
  const std::size_t words = source_.padded_units / lanes;
  w_.steps.clear();
  for (std::size_t t = 0; t < all.steps; ++t) {
    if (is_dense(all.support == nullptr ? nullptr : all.support + t * words)) {
      w_.rows.add(all.out + t * source_.padded_units, all.error + t * way_.target_width);
    } else {
      w_.steps.push_back(static_cast<std::uint32_t>(t));
    }
  }
  finish();
  for (std::size_t tile = 0; tile < words && !w_.steps.empty(); ++tile) {
    dot_tile(all, tile);
  }
}

void transposed_product::dot_tile(const transposed_steps& all, std::size_t tile) {
  const std::size_t first = tile * lanes, words = source_.padded_units / lanes;
  const std::size_t units = std::min(lanes, source_.units - first);
  std::fill_n(w_.tile_support.begin(), all.steps, std::uint16_t{0});
  for (const std::uint32_t t : w_.steps) {
    w_.tile_support[t] = static_cast<std::uint16_t>(all.support[t * words + tile] & ((1u << units) - 1u));
  }
  const std::size_t n = p_.kernels->compact_spikes(w_.tile_support.data(), all.steps * lanes, w_.asked_for.data());
  p_.kernels->tile_dot({all.out + first, source_.padded_units, way_.weight.row(first), way_.weight.stride, all.error,
                        way_.target_width, way_.target_width, w_.asked_for.data(), n});
}

}  // namespace backspike
