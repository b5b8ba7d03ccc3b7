#pragma once
// What all samples of a batch share in e-prop, derived from the network once and from the parameters after every
// update.

#include "gradient/connection/stream_delays.hpp"
#include "gradient/engine/constants.hpp"
#include "gradient/rule/eprop/rate_hold.hpp"

#include <backspike/core/aligned.hpp>
#include <backspike/gradient/eprop.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace backspike {

/// Synapses that share their targets: those of a connection, or the biases of a layer (one source that always sends 1).
struct trace_block {
  static constexpr std::size_t bias = static_cast<std::size_t>(-2);
  std::size_t source;  // population, network_input or bias
  std::size_t target;
  std::size_t parameter;  // [rows][units of the target], or as the kind of the connection lays it out
  std::size_t rows, delay;
  bool learns;                      // the parameter is learned; others have no traces
  std::size_t late = no_parameter;  // index of its connection, if that has delays
  std::size_t listed =
      no_parameter;  // index of its connection if its weights are no matrix; bias: one that neurons share
  std::size_t masked = no_parameter;  // index of its connection, if that is subject to dropout
  std::size_t first_source = 0;       // of the channels of the input
  std::size_t receptor = 0;           // of the target
};

template <class S>
struct eprop_model {
  const network* net;
  spike_mode mode;
  const arena<S>* parameters;
  std::vector<trace_block> blocks;
  std::vector<frozen_kernels> kernels;       // [connections] of those with delays
  std::vector<rate_hold> rates;              // [populations]
  double rate_window;                        // [steps]
  std::size_t slots;                         // outputs kept: the longest delay, and the present
  std::vector<bool> common;                  // [populations] A and b are expected to be the same for all neurons
  std::vector<aligned_vector<S>> constants;  // [populations] [constants][width]
  std::vector<aligned_vector<S>> feedback;   // [populations] [outputs][width]; empty: no error is broadcast to it

  /// Network, parameters and feedback must outlive it.
  eprop_model(const network& n, const eprop_options& options, const arena<S>& p, spike_mode m);
  /// One that only books: its own memory, and that of the passes on it.
  eprop_model(memory_plan& m, const network& n, const eprop_options& options);

  /// Reads the parameters anew; not `all`: those that training changes. Allocates nothing from the second call on.
  void refresh(const eprop_feedback& from, bool all = true);

  /// Of these what the network runs with: cells, and delays if `all`.
  void refresh_network(bool all);

  /// Its synapses receive what a source sends each at a time of its own.
  bool by_synapse(const trace_block& b) const {
    return b.late != no_parameter && kernels[b.late].of->late.per != delay_sharing::source;
  }
  const population& at(std::size_t q) const { return net->populations()[q]; }
  /// An output whose low pass all eligibilities go through; none: outputs spike.
  std::optional<std::size_t> low_pass() const {
    for (const network_output& o : net->output_list()) {
      if (!at(o.population).cell->spiking) {
        return o.population;
      }
    }
    return std::nullopt;
  }
  spike_function spike_of(std::size_t q) const { return backspike::spike_of(at(q), mode); }
  std::size_t columns(std::size_t q) const {  // of the Jacobian
    return at(q).cell->columns(at(q).learns_constants);
  }

  /// Adds to `gradient` what the error on constants [constants][width] means for the learned parameters of a
  /// population.
  void pull_back(std::size_t q, const S* error_constants, neuron_numbers& memory, arena<S>& gradient) const;

 private:
  eprop_model(const network& n, const eprop_options& options, const arena<S>* p, spike_mode m);
  void plan_constants(memory_plan& m);

  std::vector<std::vector<double>> products_;  // memory of the feedback
  neuron_numbers memory_;
};

}  // namespace backspike
