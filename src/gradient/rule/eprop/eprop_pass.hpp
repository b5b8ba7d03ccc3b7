#pragma once
// One sample, or one stream without end, on its way through a network under e-prop: a step forward, then the traces.

#include "gradient/rule/eprop/eprop_model.hpp"
#include "gradient/rule/eprop/eprop_ops.hpp"

#include <backspike/core/events.hpp>
#include <backspike/gradient/draws.hpp>
#include <backspike/objective/activity.hpp>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace backspike {

/// Rows of a parameter's gradient, [count][width of the target]; who takes them leaves zeros.
template <class S>
struct gradient_rows {
  std::size_t parameter, first, count;
  S* values;
};

/// Bytes of a pass that learns.
std::uint64_t eprop_pass_bytes(const network& net);

/// Rows of gradients of listed synapses that are worked out together.
inline constexpr std::size_t rows_together = 8;

/// What a step has to learn from.
template <class S>
struct eprop_learning_signal {
  const S* error = nullptr;                 // [outputs] dL / dy of this step, of all outputs; null: zero
  S rate_weight = S(0);                     // of the rate regularisation in this step
  S spike_price = S(0);                     // dL / dz of every hidden spike
  const spike_counts<S>* prices = nullptr;  // [populations][units] of each neuron's, on top; empty or null: zero
  S scale = S(1);                           // of what is added to `into`
  arena<S>* into = nullptr;                 // gradient of weights and biases
  const std::function<void(const gradient_rows<S>&)>* sink = nullptr;  // takes it instead, a few rows at a time
};

/// The places of a row that are not zero.
template <class S>
struct sent_row {
  std::vector<std::uint32_t> ids;  // room for any
  aligned_vector<S> values;
  kernels::nonzeros_found found;
};

template <class S>
class eprop_pass {
 public:
  /// A pass that learns keeps traces; one that does not only runs the network. The model must outlive it.
  eprop_pass(const eprop_model<S>& m, bool learns);
  /// One that only books.
  eprop_pass(memory_plan& m, const eprop_model<S>& model, bool learns);

  /// Neurons at rest, traces empty. The running mean rates stay.
  void start();
  void forget_rates();

  /// The input of the next step.
  void set_input(const event_row& row);
  void set_input(std::span<const float> values);

  /// What the steps from now on draw dropout from, and noise of step `step` of it; null: nothing. It must outlive them.
  void draw_from(const sample_draws* draws, std::uint32_t step) {
    draws_ = draws;
    draw_step_ = step;
  }

  /// Runs the network one step on; before learn() it has to know that something `learns`.
  void forward(bool learns);
  /// [units] of the step that ran last.
  const S* outputs(std::size_t q) const { return output(q, 0); }
  /// [states][width] of a layer's cells after that step.
  std::span<const S> states(std::size_t q) const { return layers_[q].state; }
  /// [units] what an objective reads of an output.
  const S* read(const network_output& o) const {
    const population& p = m_.at(o.population);
    return o.membrane ? layers_[o.population].state.data() + p.cell->membrane() * p.padded_units
                      : outputs(o.population);
  }

  /// After forward(): advances the traces by this step and adds its gradient.
  void learn(const eprop_learning_signal<S>& learning_signal);
  /// After learn(): adds to `into` the gradient of another error [outputs] of the same step; the traces stand still.
  /// For an analog readout, whose eligibilities are its traces. forward() comes next, not learn().
  void learn_apart(const S* error, arena<S>& into);
  /// Moves what the cells' constants have gathered to the parameters that they are made from.
  void finish(arena<S>& gradient);

  /// Calls f(name, values) for every array that a continuation needs, in a fixed order.
  template <class F>
  void visit(const F& f) {
    visit_neurons(f);
    visit_traces(f);
  }

  /// After the arrays came from elsewhere: reads off them what follows from them.
  void adopt_restored();

  /// Steps since start(), and steps that the running means are made of: with the arrays, all there is to continue from.
  std::uint64_t steps = 0, rate_steps = 0;

 private:
  struct layer {
    aligned_vector<S> state;                               // [states][width]
    aligned_vector<S> output;                              // [slots][width]
    std::vector<sent_row<S>> sent;                         // [slots] the same as events; of layers that send
    aligned_vector<S> rate;                                // [width] running mean
    aligned_vector<S> constant_traces;                     // [constants][states][width]
    aligned_vector<S> constant_filtered, error_constants;  // [constants][width]
    aligned_vector<S> current;                             // [receptors][width] of one step
    aligned_vector<S> jacobian, error, direct;             // of one step
    bool common = false, has_direct = false;
  };
  struct block {
    aligned_vector<S> traces;    // [rows][states][width], or [rows][states]
    aligned_vector<S> filtered;  // [rows][width]; empty where nothing is filtered
    aligned_vector<S> touched;   // [rows]
    aligned_vector<S> gradient;  // of weights that are no matrix, on their way to a sink
  };

  template <class F>
  void visit_neurons(const F& f) {
    f(std::string("input"), input_);
    for (std::size_t q = 0; q < layers_.size(); ++q) {
      const std::string name = m_.at(q).spec.name + ".";
      f(name + "state", layers_[q].state);
      f(name + "output", layers_[q].output);
      f(name + "rate", layers_[q].rate);
    }
    for (std::size_t k = 0; k < delayed_.size(); ++k) {
      if (m_.blocks[k].late != no_parameter) {
        delayed_[k].visit(m_.net->parameters()[m_.blocks[k].parameter].name + ".", f);
      }
    }
  }
  template <class F>
  void visit_traces(const F& f) {
    for (std::size_t q = 0; q < layers_.size(); ++q) {
      const std::string name = m_.at(q).spec.name + ".constants.";
      f(name + "traces", layers_[q].constant_traces);
      f(name + "filtered", layers_[q].constant_filtered);
      f(name + "errors", layers_[q].error_constants);
    }
    for (std::size_t k = 0; k < blocks_.size(); ++k) {
      const std::string name = m_.net->parameters()[m_.blocks[k].parameter].name + ".";
      f(name + "traces", blocks_[k].traces);
      f(name + "filtered", blocks_[k].filtered);
      f(name + "touched", blocks_[k].touched);
    }
  }

  void plan(memory_plan& m, bool learns);
  void plan_layer(memory_plan& m, std::size_t q, bool learns);
  void plan_block(memory_plan& m, std::size_t k);
  void plan_sent(memory_plan& m, sent_row<S>& row, std::size_t count);

  std::size_t row(std::size_t q, std::size_t ago) const {
    return (steps + m_.slots - ago) % m_.slots * m_.at(q).padded_units;
  }
  /// What arrives at the receptor that a block feeds.
  S* current(const trace_block& b) {
    return layers_[b.target].current.data() + b.receptor * m_.at(b.target).padded_units;
  }
  S* output(std::size_t q, std::size_t ago) { return layers_[q].output.data() + row(q, ago); }
  const S* output(std::size_t q, std::size_t ago) const { return layers_[q].output.data() + row(q, ago); }
  const S* sent(const trace_block& b) const;
  const S* sent_by_source(const trace_block& b) const;
  std::size_t index_of(const trace_block& b) const { return static_cast<std::size_t>(&b - m_.blocks.data()); }
  bool masks(const trace_block& b) const { return b.masked != no_parameter && draws_ != nullptr && draws_->any(); }
  void mask(const trace_block& b);
  const sent_row<S>& sent_events(const trace_block& b);
  void find_events(const S* row, std::size_t count, sent_row<S>& to) const;
  S* next_input();
  void add_current(const trace_block& b);
  template <class F>
  void each_listed(const trace_block& b, std::size_t source, const F& f) const;
  void add_listed(const trace_block& b, const sent_row<S>& from, const matrix_view<const S>& weight);
  void run_cells(std::size_t q, bool learns);
  bool set_errors(std::size_t q, const eprop_learning_signal<S>& learning_signal);
  void add_signals(std::size_t q, const eprop_learning_signal<S>& signal, bool& direct);
  void scale_signals(std::size_t q, bool direct);
  void scale_errors(std::size_t q, S factor);
  void follow_rate(std::size_t q);
  void check_common(std::size_t q);
  void spread(std::size_t k);
  void learn_block(std::size_t k, const eprop_learning_signal<S>& learning_signal, bool any_error);
  template <class Take>
  void learn_by_synapse(std::size_t k, kernels::eligibility_args<S> a, const Take& take);
  template <class Take>
  void learn_rows(const trace_block& b, const kernels::eligibility_args<S>& all, const Take& take);
  void learn_listed(std::size_t k, const kernels::eligibility_args<S>& a, const eprop_learning_signal<S>& signal);
  void add_to_synapses(const trace_block& b, const gradient_rows<S>& rows, const matrix_view<S>& into);
  void advance_common(std::size_t k, const S* x);
  void hold_traces(std::size_t q);
  void add_block(std::size_t k, arena<S>& into);
  void learn_constants(std::size_t q);
  /// Whether the errors of outputs reach it through their low pass.
  bool filters(std::size_t q) const { return low_pass_ && (!m_.at(q).is_output || m_.at(q).cell->spiking); }
  /// The low pass: the state of an output against itself.
  S filter() const { return layers_[*low_pass_].jacobian[0]; }
  bool tells(const eprop_learning_signal<S>& signal, const network_output& o) const;
  bool spikes(const network_output& o) const { return m_.at(o.population).cell->spiking; }

  const eprop_model<S>& m_;
  std::optional<std::size_t> low_pass_;
  eprop_ops<S> ops_;
  std::vector<layer> layers_;
  std::vector<block> blocks_;
  std::vector<delayed_stream<S>> delayed_;  // [blocks of the model] of those with delays
  aligned_vector<S> arrived_, driven_;      // of one source: what its targets receive, the Jacobian that it drives
  aligned_vector<S> input_;                 // [slots][inputs]
  S one_ = S(1);                            // what the source of a bias sends
  sent_row<S> outside_;                     // what the input or a bias sends in this step
  std::vector<std::uint32_t> every_output_;
  aligned_vector<S> rows_;     // [rows_together][width of the widest population] of a gradient on its way to a sink
  aligned_vector<S> nothing_;  // of learn_apart(): what sources send while the traces stand still
  neuron_numbers memory_;
  const sample_draws* draws_ = nullptr;
  std::uint32_t draw_step_ = 0;
  std::vector<aligned_vector<S>> masked_;  // [blocks of the model] what is left of a row of the source
  aligned_vector<float> noise_;            // of a population in this step
};

}  // namespace backspike
