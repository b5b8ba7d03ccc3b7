// The memory of e-prop's pass: states, traces and the rows that it works on.

#include "gradient/rule/eprop/eprop_pass.hpp"

#include <algorithm>

namespace backspike {

template <class S>
void eprop_pass<S>::plan(memory_plan& m, bool learns) {
  m.sets(layers_, m_.net->populations().size());
  m.sets(blocks_, learns ? m_.blocks.size() : 0);
  std::size_t widest = std::max<std::size_t>(m_.net->spec().inputs, m_.net->outputs());
  for (std::size_t q = 0; q < layers_.size(); ++q) {
    plan_layer(m, q, learns);
    widest = std::max(widest, m_.at(q).padded_units);
  }
  for (std::size_t k = 0; k < blocks_.size(); ++k) {
    plan_block(m, k);
  }
  m.list(delayed_, m_.blocks.size());
  for (const trace_block& b : m_.blocks) {
    delayed_.push_back(b.late == no_parameter ? delayed_stream<S>()
                                              : delayed_stream<S>(m, m_.kernels[b.late], m_.at(b.target).padded_units,
                                                                  learns && b.learns));
  }
  m.exactly(input_, m_.slots * m_.net->spec().inputs);
  m.sets(masked_, m_.net->has_dropout() ? m_.blocks.size() : 0);
  std::size_t most_sources = m_.net->spec().inputs;
  for (std::size_t k = 0; k < masked_.size(); ++k) {
    const bool masked = m_.blocks[k].masked != no_parameter;
    m.exactly(masked_[k], masked ? padded(m_.blocks[k].rows) : 0);
    most_sources = std::max(most_sources, masked ? m_.blocks[k].rows : 0);
  }
  m.list(noise_, m_.net->draws() ? padded(widest) : 0);
  plan_sent(m, outside_, most_sources);
  m.exactly(every_output_, m_.net->outputs());
  m.exactly(rows_, rows_together * padded(widest));
}

template <class S>
void eprop_pass<S>::plan_layer(memory_plan& m, std::size_t q, bool learns) {
  const population& p = m_.at(q);
  const std::size_t states = p.cell->states.size(), constants = learns && p.learns_constants ? p.cell->constants : 0;
  layer& l = layers_[q];
  m.sets(l.sent, std::ranges::count(m_.blocks, q, &trace_block::source) > 0 ? m_.slots : 0);
  for (sent_row<S>& row : l.sent) {
    plan_sent(m, row, p.padded_units);
  }
  m.exactly(l.state, states * p.padded_units);
  m.exactly(l.output, m_.slots * p.padded_units);
  m.exactly(l.rate, p.padded_units);
  m.exactly(l.constant_traces, constants * states * p.padded_units);
  m.exactly(l.constant_filtered, constants * p.padded_units);
  m.exactly(l.error_constants, constants * p.padded_units);
  m.exactly(l.jacobian, learns ? (states + 1) * m_.columns(q) * p.padded_units : 0);
  m.exactly(l.current, p.inlets() * p.padded_units);
  for (auto* v : {&l.error, &l.direct}) {
    m.exactly(*v, p.padded_units);
  }
  m.list(memory_.parameters, p.parameters.size());
  m.list(memory_.gradient, p.parameters.size());
  m.list(memory_.constants, p.cell->constants);
}

template <class S>
void eprop_pass<S>::plan_block(memory_plan& m, std::size_t k) {
  const trace_block& b = m_.blocks[k];
  if (!b.learns) {
    return;
  }
  const population& p = m_.at(b.target);
  const std::size_t states = p.cell->states.size();
  if (b.listed != no_parameter) {
    const parameter_info& weights = m_.net->parameters()[b.parameter];
    m.exactly(blocks_[k].gradient, weights.rows * weights.stride);
  }
  m.exactly(blocks_[k].traces, b.rows * states * (m_.common[b.target] && !m_.by_synapse(b) ? 1 : p.padded_units));
  m.exactly(blocks_[k].filtered, filters(b.target) ? b.rows * p.padded_units : 0);
  m.exactly(blocks_[k].touched, b.rows);
  if (m_.by_synapse(b)) {
    m.grow(arrived_, p.padded_units);
    m.grow(driven_, (states + 1) * m_.columns(b.target) * p.padded_units);
  }
}

template <class S>
void eprop_pass<S>::plan_sent(memory_plan& m, sent_row<S>& row, std::size_t count) {
  m.exactly(row.ids, kernels::position_room(count));
  m.exactly(row.values, kernels::position_room(count));
}

template void eprop_pass<float>::plan(memory_plan&, bool);
template void eprop_pass<double>::plan(memory_plan&, bool);

std::uint64_t eprop_pass_bytes(const network& net) {
  memory_plan of_batch = memory_plan::book();
  const eprop_model<float> model(of_batch, net, {});
  return booked([&](memory_plan& m) { const eprop_pass<float> pass(m, model, true); });
}

}  // namespace backspike
