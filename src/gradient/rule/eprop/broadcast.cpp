// Prepares the backward form of e-prop: the feedback matrices, packed so that the engine's way back can use them.

#include "gradient/rule/eprop/broadcast.hpp"

#include "gradient/rule/eprop/feedback_memory.hpp"

namespace backspike {

void broadcast::prepare(const pass& p, const eprop_options& options, const eprop_feedback& feedback,
                        thread_pool& pool) {
  memory_plan take = memory_plan::take();
  plan(take, *p.net, options, p.rounds());
  feedback.write(*p.parameters, products_, by_output_);
  for (std::size_t k = 0; k < of_.size(); ++k) {
    for (std::size_t q = 0; q < by_output_.size(); ++q) {
      if (reaches(q)) {
        pack(p, k, q, pool);
      }
    }
  }
  rates.prepare(*p.net, options);
}

void broadcast::plan(memory_plan& m, const network& net, const eprop_options& options, bool rounded) {
  const std::size_t populations = net.populations().size();
  const auto ways = ways_forward(net);
  plan_feedback(m, net, options.feedback, products_, by_output_);
  m.sets(of_, net.output_list().size());
  for (std::size_t k = 0; k < of_.size(); ++k) {
    m.sets(of_[k].by_unit, populations);
    m.sets(of_[k].packed, populations);
    const std::size_t units = net.output(k).units;
    for (std::size_t q = 0; q < populations; ++q) {
      if (receives_errors(net, q, ways)) {
        m.zeros(of_[k].by_unit[q], net.populations()[q].units * padded(units));
        of_[k].packed[q].plan(m, units, net.populations()[q].units, rounded);
      }
    }
  }
}

void broadcast::pack(const pass& p, std::size_t output, std::size_t q, thread_pool& pool) {
  const population& layer = p.net->populations()[q];
  const network_output& o = p.net->output(output);
  panels& packed = of_[output].packed[q];
  const matrix_view<const float> b{by_output_[q].data() + o.first * layer.padded_units, o.units, layer.padded_units,
                                   layer.padded_units};
  for (std::size_t n = 0; n < layer.units; ++n) {
    for (std::size_t k = 0; k < o.units; ++k) {
      of_[output].by_unit[q][n * padded(o.units) + k] = b(k, n);
    }
  }
  pool.for_each(packed.count(), [&](std::size_t j, std::size_t) {
    pack_panel(packed, j, b);
    finish_panel(*p.kernels, packed, j);
  });
}

way_back broadcast::to(const pass& p, std::size_t output, std::size_t q) const {
  const network_output& o = p.net->output(output);
  const std::size_t width = padded(o.units);
  return {q,
          o.units,
          width,
          {of_[output].by_unit[q].data(), p.net->populations()[q].units, width, width},
          &of_[output].packed[q]};
}

}  // namespace backspike
