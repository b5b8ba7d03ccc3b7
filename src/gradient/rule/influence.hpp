#pragma once
// The influence matrices of one sample: derivatives of states and outputs with respect to parameters, a step at a time.

#include <backspike/core/memory_plan.hpp>

#include <backspike/gradient/dense_forward.hpp>
#include <backspike/gradient/rtrl.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace backspike {

/// Numbers of the parameters as columns, in the order of the populations that own them: a population depends on the
/// columns below a bound only.
struct influence_columns {
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  std::vector<std::size_t> first;  // [parameters of the layout] its first column, or none
  std::vector<std::size_t> bound;  // [populations] columns that reach it
  std::size_t count = 0;

  influence_columns(const network& net, const rtrl_options& options);
};

/// The synapses of a connection by their target.
struct incoming_synapses {
  struct entry {
    std::uint32_t source;
    synapse of;
  };
  std::vector<std::size_t> first;  // [targets + 1]
  std::vector<entry> all;

  incoming_synapses(const connection& c, std::size_t targets);
  std::span<const entry> into(std::size_t target) const {
    return std::span(all).subspan(first[target], first[target + 1] - first[target]);
  }
};

/// What all samples of a batch share.
struct influence_model {
  dense_model<double> forward;
  influence_columns columns;
  bool cut_between_neurons;
  std::size_t slots;                        // outputs kept: the longest delay, and the present
  std::vector<std::vector<double>> slopes;  // [populations] d constants / d parameters [units][constants][parameters]
  std::vector<incoming_synapses> incoming;  // [connections]

  influence_model(const network& net, const arena<double>& parameters, spike_mode mode, const rtrl_options& options);
};

/// A sample's matrices.
struct influence_memory {
  struct layer {
    std::vector<double> state;         // [units][states]
    std::vector<double> state_slope;   // [units][states][bound]
    std::vector<double> output;        // [slots][units]
    std::vector<double> output_slope;  // [slots][units][bound]
    std::vector<std::uint8_t> silent;  // [slots][units] output_slope is zero: nothing to pass on
  };
  std::vector<layer> layers;
  std::vector<double> current;                     // [receptors] of one neuron
  std::vector<double> current_slope, before, row;  // scratch of one neuron: slopes, its states', the Jacobian
  std::vector<double> input;                       // [slots][inputs]
  aligned_vector<float> noise;                     // [padded units of the widest population] of a step
  sample_draws draws;

  void plan(memory_plan& m, const network& net, const influence_columns& columns, std::size_t slots);
};

class influence {
 public:
  explicit influence(const influence_model& m);

  /// At rest, before a sample; its draws.
  void start(const batch_draws& draws, std::uint32_t sample);
  /// Runs step t of a sample; steps come in order.
  void step(const dataset& data, std::uint32_t sample, std::size_t t);

  /// Of the step that ran last: outputs of a population, and d output / d parameter of a neuron over bound[q] columns.
  const double* outputs(std::size_t q) const {
    return memory_.layers[q].output.data() + slot_ * m_.forward.at(q).units;
  }
  const double* slope(std::size_t q, std::size_t neuron) const { return output_slope(q, slot_, neuron); }
  /// The same of what an objective reads of neuron n of an output.
  double read(const network_output& o, std::size_t n) const {
    return o.membrane ? memory_.layers[o.population].state[membrane(o, n)] : outputs(o.population)[n];
  }
  const double* slope(const network_output& o, std::size_t n) const {
    return o.membrane
               ? memory_.layers[o.population].state_slope.data() + membrane(o, n) * m_.columns.bound[o.population]
               : slope(o.population, n);
  }

 private:
  /// Where it lies among the states of its population.
  std::size_t membrane(const network_output& o, std::size_t n) const {
    const cell_info& cell = *m_.forward.at(o.population).cell;
    return n * cell.states.size() + cell.membrane();
  }
  const double* output_slope(std::size_t q, std::size_t slot, std::size_t neuron) const {
    return memory_.layers[q].output_slope.data() + (slot * m_.forward.at(q).units + neuron) * m_.columns.bound[q];
  }
  void draw_noise(std::size_t q, std::size_t t);
  void gather_current(std::size_t q, std::size_t neuron, std::size_t t);
  double gather_synapses(std::size_t k, std::size_t neuron, const double* sent, std::size_t slot, double* slope);
  double* current_slope(std::size_t receptor) { return memory_.current_slope.data() + receptor * m_.columns.count; }
  void advance(std::size_t q, std::size_t neuron);
  void combine(std::size_t q, std::size_t neuron, const double* jacobian);

  const influence_model& m_;
  influence_memory memory_;
  std::size_t slot_ = 0;
};

}  // namespace backspike
