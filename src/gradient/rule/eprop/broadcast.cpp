// Prepares the backward form of e-prop: the feedback matrices, packed so that the engine's way back can use them.

#include "gradient/rule/eprop/broadcast.hpp"

#include "gradient/rule/eprop/feedback_memory.hpp"

namespace backspike {

void broadcast::prepare(const pass& p, const eprop_options& options, const eprop_feedback& feedback,
                        thread_pool& pool) {
  memory_plan take = memory_plan::take();
  plan(take, *p.net, options, p.rounds());
  feedback.write(*p.parameters, products_, by_output_);
  for (std::size_t q = 0; q < by_output_.size(); ++q) {
    pack(p, q, pool);
  }
  rates.prepare(*p.net, options);
}

void broadcast::plan(memory_plan& m, const network& net, const eprop_options& options, bool rounded) {
  const std::size_t hidden = net.populations().size() - 1;
  const population& last = net.populations().back();
  plan_feedback(m, net, options.feedback, products_, by_output_);
  m.sets(by_unit_, hidden);
  m.sets(panels_, hidden);
  for (std::size_t q = 0; q < hidden; ++q) {
    const population& layer = net.populations()[q];
    m.zeros(by_unit_[q], layer.units * last.padded_units);
    panels_[q].plan(m, last.units, layer.units, rounded);
  }
}

void broadcast::pack(const pass& p, std::size_t q, thread_pool& pool) {
  const population &layer = p.net->populations()[q], &last = p.net->populations().back();
  const matrix_view<const float> b{by_output_[q].data(), last.units, layer.padded_units, layer.padded_units};
  for (std::size_t n = 0; n < layer.units; ++n) {
    for (std::size_t k = 0; k < last.units; ++k) {
      by_unit_[q][n * last.padded_units + k] = b(k, n);
    }
  }
  pool.for_each(panels_[q].count(), [&](std::size_t j, std::size_t) {
    pack_panel(panels_[q], j, b);
    finish_panel(*p.kernels, panels_[q], j);
  });
}

way_back broadcast::to(const pass& p, std::size_t q) const {
  const population &layer = p.net->populations()[q], &last = p.net->populations().back();
  return {q,
          last.units,
          last.padded_units,
          {by_unit_[q].data(), layer.units, last.padded_units, last.padded_units},
          &panels_[q]};
}

}  // namespace backspike
