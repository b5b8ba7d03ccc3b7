// Prepares the backward form of e-prop: the feedback matrices, packed so that the engine's way back can use them.

#include "gradient/rule/eprop/broadcast.hpp"

namespace backspike {

void broadcast::prepare(const pass& p, const eprop_options& options, const eprop_feedback& feedback,
                        thread_pool& pool) {
  feedback.write(*p.parameters, products_, by_output_);
  by_unit_.resize(by_output_.size());
  panels_.resize(by_output_.size());
  for (std::size_t q = 0; q < by_output_.size(); ++q) {
    pack(p, q, pool);
  }
  rates.prepare(*p.net, options);
}

void broadcast::pack(const pass& p, std::size_t q, thread_pool& pool) {
  const population &layer = p.net->populations()[q], &last = p.net->populations().back();
  const matrix_view<const float> b{by_output_[q].data(), last.units, layer.width, layer.width};
  by_unit_[q].assign(layer.units * last.width, 0.0f);
  for (std::size_t n = 0; n < layer.units; ++n) {
    for (std::size_t k = 0; k < last.units; ++k) {
      by_unit_[q][n * last.width + k] = b(k, n);
    }
  }
  panels_[q].resize(b.rows, b.cols, p.rounds());
  pool.for_each(panels_[q].count(), [&](std::size_t j, std::size_t) {
    pack_panel(panels_[q], j, b);
    finish_panel(*p.kernels, panels_[q], j);
  });
}

way_back broadcast::to(const pass& p, std::size_t q) const {
  const population &layer = p.net->populations()[q], &last = p.net->populations().back();
  return {q, last.units, last.width, {by_unit_[q].data(), layer.units, last.width, last.width}, &panels_[q]};
}

std::uint64_t broadcast_bytes(const network& net) {
  const population& last = net.populations().back();
  std::uint64_t bytes = 0;
  for (std::size_t q = 0; q + 1 < net.populations().size(); ++q) {
    const population& layer = net.populations()[q];
    bytes += (2 * last.units * layer.width + layer.units * last.width) * sizeof(float);  // by output, packed, by unit
    bytes += layer.units * last.units * sizeof(double);                                  // products of weights
  }
  return bytes;
}

}  // namespace backspike
