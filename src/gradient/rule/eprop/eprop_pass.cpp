// One step of e-prop: forward, then traces and gradients. Batches of the forward form and streams
// (online/online_learner.cpp) both run on it.

#include "gradient/rule/eprop/eprop_pass.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <type_traits>

namespace backspike {
template <class S>
eprop_pass<S>::eprop_pass(const eprop_model<S>& m, bool learns) : m_(m), low_pass_(m.low_pass()) {
  memory_plan take = memory_plan::take();
  plan(take, learns);
  for (std::size_t q = 0; q < layers_.size(); ++q) {
    layers_[q].common = m.common[q];
  }
  std::iota(every_output_.begin(), every_output_.end(), 0u);
  start();
}

template <class S>
eprop_pass<S>::eprop_pass(memory_plan& m, const eprop_model<S>& model, bool learns)
    : m_(model), low_pass_(model.low_pass()) {
  plan(m, learns);
}

template <class S>
void eprop_pass<S>::start() {
  steps = 0;
  std::ranges::fill(input_, S(0));
  for (layer& l : layers_) {
    for (auto* values : {&l.state, &l.output, &l.constant_traces, &l.constant_filtered, &l.error_constants}) {
      std::ranges::fill(*values, S(0));
    }
    for (sent_row<S>& row : l.sent) {
      row.found = {};
    }
  }
  for (delayed_stream<S>& d : delayed_) {
    d.clear();
  }
  for (block& b : blocks_) {
    for (auto* values : {&b.traces, &b.filtered, &b.touched}) {
      std::ranges::fill(*values, S(0));
    }
  }
}

template <class S>
void eprop_pass<S>::forget_rates() {
  rate_steps = 0;
  for (layer& l : layers_) {
    std::ranges::fill(l.rate, S(0));
  }
}

template <class S>
S* eprop_pass<S>::next_input() {
  const std::size_t inputs = m_.net->spec().inputs;
  S* row = input_.data() + (steps + 1) % m_.slots * inputs;
  std::fill_n(row, inputs, S(0));
  return row;
}

template <class S>
void eprop_pass<S>::set_input(const event_row& events) {
  S* row = next_input();
  for (std::size_t k = 0; k < events.channels.size(); ++k) {
    row[events.channels[k]] = events.values.empty() ? S(1) : static_cast<S>(events.values[k]);
  }
}

template <class S>
void eprop_pass<S>::set_input(std::span<const float> values) {
  std::copy(values.begin(), values.end(), next_input());
}

/// After add_current() of this step.
template <class S>
const S* eprop_pass<S>::sent(const trace_block& b) const {
  return masks(b) ? masked_[index_of(b)].data() : sent_by_source(b);
}

template <class S>
void eprop_pass<S>::mask(const trace_block& b) {
  const S* row = sent_by_source(b);
  const std::span<const float> factors = draws_->factors(b.masked);
  S* to = masked_[index_of(b)].data();
  for (std::size_t i = 0; i < b.rows; ++i) {
    to[i] = row[i] * static_cast<S>(factors[i]);
  }
}

template <class S>
const S* eprop_pass<S>::sent_by_source(const trace_block& b) const {
  if (b.source == trace_block::bias) {
    return &one_;
  }
  if (b.source == network_input) {
    return input_.data() + (steps + m_.slots - b.delay) % m_.slots * m_.net->spec().inputs + b.first_source;
  }
  return output(b.source, b.delay);
}

template <class S>
void eprop_pass<S>::forward(bool learns) {
  ++steps;
  for (const std::size_t q : m_.net->order()) {
    std::ranges::fill(layers_[q].current, S(0));
    if (draws_ != nullptr && draws_->has_noise(q)) {
      draws_->add_noise(q, draw_step_, layers_[q].current.data(), noise_);
    }
    for (const trace_block& b : m_.blocks) {
      if (b.target == q) {
        add_current(b);
      }
    }
    run_cells(q, learns);
  }
}

template <class S>
void eprop_pass<S>::add_current(const trace_block& b) {
  if (masks(b)) {
    mask(b);
  }
  if (b.late != no_parameter) {
    delayed_[index_of(b)].step(steps, sent(b), m_.parameters->view(b.parameter), current(b));
    return;
  }
  const sent_row<S>& from = sent_events(b);
  const auto weight = m_.parameters->view(b.parameter);
  if (b.listed != no_parameter) {
    add_listed(b, from, weight);
    return;
  }
  ops_.accumulate(current(b), weight.data, weight.stride, m_.at(b.target).padded_units,
                  std::span(from.ids).first(from.found.count), from.found.graded ? from.values.data() : nullptr);
}

/// f(synapse) for what a source reaches through weights that are no matrix.
template <class S>
template <class F>
void eprop_pass<S>::each_listed(const trace_block& b, std::size_t source, const F& f) const {
  if (b.listed != trace_block::bias) {
    each_synapse(m_.net->connections()[b.listed], source, f);
    return;
  }
  const population& p = m_.at(b.target);
  for (std::uint32_t n = 0; n < p.units; ++n) {
    f(synapse{n, 0, static_cast<std::uint32_t>(p.column_of_bias(n))});
  }
}

/// Event by event and synapse by synapse, in the order and with the operations of the engine's synapse_table.
template <class S>
void eprop_pass<S>::add_listed(const trace_block& b, const sent_row<S>& from, const matrix_view<const S>& weight) {
  S* const to = current(b);
  for (std::size_t e = 0; e < from.found.count; ++e) {
    const S value = from.found.graded ? from.values[e] : S(1);
    each_listed(b, from.ids[e], [&](const synapse& s) {
      const S w = weight(s.row, s.column);
      to[s.target] += value * (s.factor == 1.0 ? w : w * static_cast<S>(s.factor));
    });
  }
}

template <class S>
const sent_row<S>& eprop_pass<S>::sent_events(const trace_block& b) {
  if (b.source != trace_block::bias && b.source != network_input && !masks(b)) {
    return layers_[b.source].sent[(steps + m_.slots - b.delay) % m_.slots];
  }
  find_events(sent(b), b.rows, outside_);
  return outside_;
}

template <class S>
void eprop_pass<S>::find_events(const S* row, std::size_t count, sent_row<S>& to) const {
  to.found = ops_.nonzeros(row, count, to.ids.data(), to.values.data());
}

template <class S>
void eprop_pass<S>::run_cells(std::size_t q, bool learns) {
  layer& l = layers_[q];
  ops_.tangent(m_.at(q), {m_.constants[q].data(), l.state.data(), l.current.data(), output(q, 0),
                          learns ? l.jacobian.data() : nullptr, m_.at(q).learns_constants, m_.spike_of(q)});
  if (!l.sent.empty()) {
    find_events(output(q, 0), m_.at(q).units, l.sent[steps % m_.slots]);
  }
}

template <class S>
void eprop_pass<S>::learn(const eprop_learning_signal<S>& learning_signal) {
  ++rate_steps;
  for (std::size_t q = 0; q < layers_.size(); ++q) {
    follow_rate(q);
    const bool any = set_errors(q, learning_signal);
    check_common(q);
    learn_constants(q);
    scale_errors(q, learning_signal.scale);
    for (std::size_t k = 0; k < blocks_.size(); ++k) {
      if (m_.blocks[k].target == q && m_.blocks[k].learns) {
        learn_block(k, learning_signal, any);
      }
    }
  }
}

template <class S>
void eprop_pass<S>::follow_rate(std::size_t q) {
  if (m_.rates[q].coefficient == 0.0) {
    return;
  }
  const S share = static_cast<S>(1.0 / std::min(static_cast<double>(rate_steps), m_.rate_window));
  const S* z = output(q, 0);
  for (std::size_t n = 0; n < m_.at(q).units; ++n) {
    layers_[q].rate[n] += share * (z[n] - layers_[q].rate[n]);
  }
}

template <class S>
bool eprop_pass<S>::tells(const eprop_learning_signal<S>& signal, const network_output& o) const {
  return signal.error != nullptr &&
         std::any_of(signal.error + o.first, signal.error + o.first + o.units, [](S e) { return e != S(0); });
}

/// L and r of a population; false if both are zero for every neuron.
template <class S>
bool eprop_pass<S>::set_errors(std::size_t q, const eprop_learning_signal<S>& learning_signal) {
  layer& l = layers_[q];
  std::ranges::fill(l.error, S(0));
  l.has_direct = false;
  add_signals(q, learning_signal, l.has_direct);
  bool told = false;
  for (const network_output& o : m_.net->output_list()) {
    const bool here = o.population == q && tells(learning_signal, o);
    aligned_vector<S>& to = filters(q) ? l.direct : l.error;  // its own error meets its traces as they are
    if (here && filters(q) && !l.has_direct) {
      std::ranges::fill(to, S(0));
      l.has_direct = true;
    }
    for (std::size_t n = 0; n < o.units && here; ++n) {
      to[n] += learning_signal.error[o.first + n];
    }
    told = told || (tells(learning_signal, o) && (here || !m_.feedback[q].empty()));
  }
  if (m_.at(q).is_output) {
    return told;
  }
  const S hold = learning_signal.rate_weight * static_cast<S>(m_.rates[q].coefficient);
  const std::vector<S>* price = learning_signal.prices == nullptr || (*learning_signal.prices)[q].empty()
                                    ? nullptr
                                    : &(*learning_signal.prices)[q];
  const bool priced = hold != S(0) || learning_signal.spike_price != S(0) || price != nullptr;
  for (std::size_t n = 0; n < m_.at(q).units && priced; ++n) {
    l.direct[n] = (l.has_direct ? l.direct[n] : S(0)) +
                  (learning_signal.spike_price + hold * (l.rate[n] - static_cast<S>(m_.rates[q].target)) +
                   (price == nullptr ? S(0) : (*price)[n]));
  }
  l.has_direct = l.has_direct || priced;
  return told || priced;
}

/// What outputs broadcast to a population. `direct`: some of them spike where others are a low pass, and their errors
/// meet the traces before it.
template <class S>
void eprop_pass<S>::add_signals(std::size_t q, const eprop_learning_signal<S>& signal, bool& direct) {
  layer& l = layers_[q];
  const std::size_t width = m_.at(q).padded_units;
  bool any = false;
  for (const network_output& o : m_.net->output_list()) {
    if (m_.feedback[q].empty() || o.population == q || !tells(signal, o)) {
      continue;
    }
    any = true;
    const bool unfiltered = filters(q) && spikes(o);
    if (unfiltered && !direct) {
      std::ranges::fill(l.direct, S(0));
      direct = true;
    }
    ops_.accumulate((unfiltered ? l.direct : l.error).data(), m_.feedback[q].data() + o.first * width, width, width,
                    std::span(every_output_).first(o.units), signal.error + o.first);
  }
  if (any) {
    scale_signals(q, direct);
  }
}

/// What a neuron does not send has no part in the error.
template <class S>
void eprop_pass<S>::scale_signals(std::size_t q, bool direct) {
  const auto factors = draws_ == nullptr ? std::span<const float>() : draws_->factors_of_population(q);
  for (std::size_t n = 0; n < factors.size(); ++n) {
    layers_[q].error[n] *= static_cast<S>(factors[n]);
    layers_[q].direct[n] *= direct ? static_cast<S>(factors[n]) : S(1);
  }
}

template <class S>
void eprop_pass<S>::scale_errors(std::size_t q, S factor) {
  for (std::size_t n = 0; n < m_.at(q).padded_units && factor != S(1); ++n) {
    layers_[q].error[n] *= factor;
    layers_[q].direct[n] *= factor;
  }
}

/// Where the cells of a layer stop being alike, its traces move from sources to synapses.
template <class S>
void eprop_pass<S>::check_common(std::size_t q) {
  layer& l = layers_[q];
  const population& p = m_.at(q);
  const std::size_t states = p.cell->states.size();
  const std::size_t columns = states + p.inlets();  // A and all b
  for (std::size_t k = 0; k < states * columns && l.common; ++k) {
    const S* values = l.jacobian.data() + (k / columns * m_.columns(q) + k % columns) * p.padded_units;
    S off = S(0);
    for (std::size_t n = 0; n < p.units; ++n) {
      off += values[n] != values[0] ? S(1) : S(0);
    }
    l.common = off == S(0);
    for (std::size_t b = 0; b < blocks_.size() && !l.common; ++b) {
      if (m_.blocks[b].target == q && m_.blocks[b].learns && !m_.by_synapse(m_.blocks[b])) {
        spread(b);
      }
    }
  }
}

template <class S>
void eprop_pass<S>::spread(std::size_t k) {
  const trace_block& b = m_.blocks[k];
  const std::size_t width = m_.at(b.target).padded_units, values = b.rows * m_.at(b.target).cell->states.size();
  aligned_vector<S> each(values * width);
  for (std::size_t i = 0; i < values; ++i) {
    std::fill_n(each.begin() + static_cast<std::ptrdiff_t>(i * width), width, blocks_[k].traces[i]);
  }
  blocks_[k].traces = std::move(each);
}

template <class S>
void eprop_pass<S>::learn_block(std::size_t k, const eprop_learning_signal<S>& learning_signal, bool any_error) {
  const trace_block& b = m_.blocks[k];
  const layer& l = layers_[b.target];
  block& mine = blocks_[k];
  const bool alone = m_.by_synapse(b);
  const S* x = b.late != no_parameter && !alone ? delayed_[k].arrived(steps) : sent(b);
  for (std::size_t i = 0; i < b.rows; ++i) {
    mine.touched[i] = x[i] != S(0) ? S(1) : mine.touched[i];
  }
  kernels::eligibility_args<S> a;
  a.rows = b.rows;
  a.width = m_.at(b.target).padded_units;
  a.states = m_.at(b.target).cell->states.size();
  a.columns = m_.columns(b.target);
  a.common = l.common && !alone;
  a.source = x;
  a.touched = mine.touched.data();
  a.jacobian = l.jacobian.data();
  a.traces = mine.traces.data();
  a.filtered = mine.filtered.empty() ? nullptr : mine.filtered.data();
  a.filter = mine.filtered.empty() ? S(0) : filter();
  a.error = l.error.data();
  a.direct = l.has_direct ? l.direct.data() : nullptr;
  a.receptor = b.receptor;
  if (b.listed != no_parameter) {
    a.gradient = any_error ? rows_.data() : nullptr;
    a.stride = a.width;
    learn_listed(k, a, learning_signal);
  } else if (learning_signal.sink != nullptr) {
    a.gradient = any_error ? rows_.data() : nullptr;
    a.stride = a.width;
    alone ? learn_by_synapse(k, a, *learning_signal.sink) : learn_rows(b, a, *learning_signal.sink);
  } else {
    const auto into = learning_signal.into->view(b.parameter);
    a.gradient = any_error ? into.data : nullptr;
    a.stride = into.stride;
    alone ? learn_by_synapse(k, a, nullptr) : ops_.eligibility(a);
  }
  if (a.common) {
    advance_common(k, x);
  }
}

/// What arrives differs from target to target: it drives the traces through a Jacobian of its own, source by source.
/// take: a place for rows of the gradient, or nullptr: they stay where `a` says.
template <class S>
template <class Take>
void eprop_pass<S>::learn_by_synapse(std::size_t k, kernels::eligibility_args<S> a, const Take& take) {
  const S* jacobian = a.jacobian;
  std::copy_n(jacobian, (a.states + 1) * a.columns * a.width, driven_.data());
  a.rows = 1;
  a.source = &one_;
  a.jacobian = driven_.data();
  for (std::size_t i = 0; i < m_.blocks[k].rows; ++i) {
    S& touched = blocks_[k].touched[i];
    touched = delayed_[k].arrived(steps, i, arrived_.data()) ? S(1) : touched;
    for (std::size_t r = 0; r <= a.states && touched != S(0); ++r) {
      const std::size_t row = (r * a.columns + a.states + a.receptor) * a.width;
      for (std::size_t j = 0; j < a.width; ++j) {
        driven_[row + j] = jacobian[row + j] * arrived_[j];
      }
    }
    a.touched = &touched;
    ops_.eligibility(a);
    a.traces += a.states * a.width;
    a.filtered = a.filtered == nullptr ? nullptr : a.filtered + a.width;
    if constexpr (!std::is_same_v<Take, std::nullptr_t>) {
      take({m_.blocks[k].parameter, i, 1, rows_.data()});
    } else {
      a.gradient = a.gradient == nullptr ? nullptr : a.gradient + a.stride;
    }
  }
}

/// A few rows at a time: their gradient stays in the nearest cache on its way from the traces to its place.
template <class S>
template <class Take>
void eprop_pass<S>::learn_rows(const trace_block& b, const kernels::eligibility_args<S>& all, const Take& take) {
  for (std::size_t first = 0; first < b.rows; first += rows_together) {
    kernels::eligibility_args<S> a = all;
    a.rows = std::min(rows_together, b.rows - first);
    a.source += first;
    a.touched += first;
    a.traces += first * a.states * (a.common ? 1 : a.width);
    a.filtered = a.filtered == nullptr ? nullptr : a.filtered + first * a.width;
    ops_.eligibility(a);
    take({b.parameter, first, a.rows, rows_.data()});
  }
}

/// Weights that are no matrix: the traces are those of all pairs, and what they come to is added up synapse by synapse.
template <class S>
void eprop_pass<S>::learn_listed(std::size_t k, const kernels::eligibility_args<S>& a,
                                 const eprop_learning_signal<S>& signal) {
  const trace_block& b = m_.blocks[k];
  const parameter_info& info = m_.net->parameters()[b.parameter];
  const matrix_view<S> into = signal.sink == nullptr
                                  ? signal.into->view(b.parameter)
                                  : matrix_view<S>{blocks_[k].gradient.data(), info.rows, info.cols, info.stride};
  const auto take = [&](const gradient_rows<S>& rows) { add_to_synapses(b, rows, into); };
  m_.by_synapse(b) ? learn_by_synapse(k, a, take) : learn_rows(b, a, take);
  if (signal.sink != nullptr) {
    (*signal.sink)({b.parameter, 0, info.rows, into.data});
  }
}

template <class S>
void eprop_pass<S>::add_to_synapses(const trace_block& b, const gradient_rows<S>& rows, const matrix_view<S>& into) {
  const std::size_t width = m_.at(b.target).padded_units;
  for (std::size_t r = 0; r < rows.count; ++r) {
    S* row = rows.values + r * width;
    each_listed(b, rows.first + r, [&](const synapse& s) {
      into(s.row, s.column) += s.factor == 1.0 ? row[s.target] : row[s.target] * static_cast<S>(s.factor);
    });
    std::fill_n(row, width, S(0));
  }
}

/// eps <- A eps + b x of each source; one A and one b, that of a receptor, [states][columns] a `width` apart.
template <class S, std::size_t States = 1>
void advance_traces(std::size_t states, std::size_t rows, const S* jacobian, std::size_t columns, std::size_t width,
                    std::size_t receptor, const S* x, S* traces) {
  if (states != States) {
    if constexpr (States < kernels::most_eligibility_states) {
      advance_traces<S, States + 1>(states, rows, jacobian, columns, width, receptor, x, traces);
    }
    return;
  }
  S a[States][States + 1];
  for (std::size_t k = 0; k < States * (States + 1); ++k) {
    const std::size_t row = k / (States + 1), column = k % (States + 1);
    a[row][column] = jacobian[(row * columns + column + (column == States ? receptor : 0)) * width];
  }
  for (std::size_t i = 0; i < rows; ++i) {
    S before[States];
    for (std::size_t j = 0; j < States; ++j) {
      before[j] = traces[i * States + j];
    }
    for (std::size_t r = 0; r < States; ++r) {
      S after = a[r][States] * x[i];
      for (std::size_t j = 0; j < States; ++j) {
        after += a[r][j] * before[j];
      }
      traces[i * States + r] = kernels::flushed(after);
    }
  }
}

template <class S>
void eprop_pass<S>::advance_common(std::size_t k, const S* x) {
  const trace_block& b = m_.blocks[k];
  const population& p = m_.at(b.target);
  advance_traces(p.cell->states.size(), b.rows, layers_[b.target].jacobian.data(), m_.columns(b.target), p.padded_units,
                 b.receptor, x, blocks_[k].traces.data());
}

/// The eligibility of every constant of every neuron: driven by d state / d constant instead of an input.
template <class S>
void eprop_pass<S>::learn_constants(std::size_t q) {
  layer& l = layers_[q];
  const population& p = m_.at(q);
  const std::size_t states = p.cell->states.size(), columns = m_.columns(q), w = p.padded_units;
  const S low_pass = filters(q) ? filter() : S(0);
  S before[kernels::most_eligibility_states];
  for (std::size_t at = 0; at < l.error_constants.size(); ++at) {
    const std::size_t constant = at / w, n = at % w;
    S* eps = l.constant_traces.data() + constant * states * w + n;
    for (std::size_t k = 0; k < states; ++k) {
      before[k] = eps[k * w];
    }
    S e = S(0);
    for (std::size_t r = 0; r <= states; ++r) {
      const S* row = l.jacobian.data() + r * columns * w + n;
      S after = row[(states + p.inlets() + constant) * w];
      for (std::size_t k = 0; k < states; ++k) {
        after += row[k * w] * before[k];
      }
      (r < states ? eps[r * w] : e) = kernels::flushed(after);
    }
    l.constant_filtered[at] = kernels::flushed(low_pass * l.constant_filtered[at] + e);
    l.error_constants[at] += l.error[n] * l.constant_filtered[at] + (l.has_direct ? l.direct[n] * e : S(0));
  }
}

template <class S>
void eprop_pass<S>::learn_apart(const S* error, arena<S>& into) {
  eprop_learning_signal<S> signal;
  signal.error = error;
  for (std::size_t q = 0; q < layers_.size(); ++q) {
    layer& l = layers_[q];
    hold_traces(q);
    const bool any = set_errors(q, signal);
    for (std::size_t at = 0; at < l.error_constants.size(); ++at) {
      l.error_constants[at] += l.error[at % m_.at(q).padded_units] * l.constant_filtered[at];
    }
    for (std::size_t k = 0; k < blocks_.size() && any; ++k) {
      if (m_.blocks[k].target == q && m_.blocks[k].learns) {
        add_block(k, into);
      }
    }
  }
}

/// A Jacobian under which a step without input changes no trace, and the eligibility is the trace of the first state:
/// what it was where that state is the output.
template <class S>
void eprop_pass<S>::hold_traces(std::size_t q) {
  layer& l = layers_[q];
  const std::size_t states = m_.at(q).cell->states.size(), columns = m_.columns(q), w = m_.at(q).padded_units;
  std::ranges::fill(l.jacobian, S(0));
  for (std::size_t k = 0; k < states; ++k) {
    std::fill_n(l.jacobian.data() + (k * columns + k) * w, w, S(1));
  }
  if (m_.at(q).is_output && !m_.at(q).cell->spiking) {
    std::fill_n(l.jacobian.data() + states * columns * w, w, S(1));
  }
}

template <class S>
void eprop_pass<S>::add_block(std::size_t k, arena<S>& into) {
  const trace_block& b = m_.blocks[k];
  block& mine = blocks_[k];
  nothing_.assign(std::max(nothing_.size(), b.rows), S(0));
  kernels::eligibility_args<S> a;
  a.rows = b.rows;
  a.width = m_.at(b.target).padded_units;
  a.states = m_.at(b.target).cell->states.size();
  a.columns = m_.columns(b.target);
  a.common = layers_[b.target].common && !m_.by_synapse(b);
  a.source = nothing_.data();
  a.touched = mine.touched.data();
  a.jacobian = layers_[b.target].jacobian.data();
  a.traces = mine.traces.data();
  a.filtered = mine.filtered.empty() ? nullptr : mine.filtered.data();
  a.filter = S(1);
  a.error = layers_[b.target].error.data();
  a.direct = nullptr;
  a.receptor = b.receptor;
  const auto to = into.view(b.parameter);
  if (b.listed == no_parameter) {
    a.gradient = to.data;
    a.stride = to.stride;
    ops_.eligibility(a);
    return;
  }
  a.gradient = rows_.data();
  a.stride = a.width;
  learn_rows(b, a, [&](const gradient_rows<S>& rows) { add_to_synapses(b, rows, to); });
}

template <class S>
void eprop_pass<S>::finish(arena<S>& gradient) {
  for (std::size_t q = 0; q < layers_.size(); ++q) {
    if (!layers_[q].error_constants.empty()) {
      m_.pull_back(q, layers_[q].error_constants.data(), memory_, gradient);
      std::ranges::fill(layers_[q].error_constants, S(0));
    }
  }
}

template <class S>
void eprop_pass<S>::adopt_restored() {
  for (std::size_t q = 0; q < layers_.size(); ++q) {
    layer& l = layers_[q];
    for (std::size_t slot = 0; slot < l.sent.size(); ++slot) {
      find_events(l.output.data() + slot * m_.at(q).padded_units, m_.at(q).units, l.sent[slot]);
    }
  }
  // Traces lie one a source or one a synapse.
  for (std::size_t k = 0; k < blocks_.size(); ++k) {
    const trace_block& b = m_.blocks[k];
    if (b.learns && !m_.by_synapse(b)) {
      layers_[b.target].common = blocks_[k].traces.size() == b.rows * m_.at(b.target).cell->states.size();
    }
  }
}

template class eprop_pass<float>;
template class eprop_pass<double>;

}  // namespace backspike
