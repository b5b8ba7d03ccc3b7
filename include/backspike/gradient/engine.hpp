#pragma once
// The event-driven engine: simulation, loss and backpropagation through time for batches of ragged samples.
//
// Workers take whole samples: forward, objective and backward of a sample run while its trajectory is in the cache.
// What is kept per neuron-step is the error on the input current; weight gradients are then gathered from it by tiles
// that each have one owner and a fixed order of summation. The result has the same bits at any thread count.

#include <backspike/core/arena.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/gradient/health.hpp>
#include <backspike/gradient/recording.hpp>
#include <backspike/gradient/rule_spec.hpp>
#include <backspike/network/network.hpp>
#include <backspike/objective/objective_spec.hpp>

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

namespace backspike {

struct eprop_options;
class eprop_feedback;

/// Sums over the samples of a batch.
struct batch_result {
  std::size_t samples = 0;
  double loss = 0.0;                     // sum over samples
  std::size_t correct = 0, counted = 0;  // samples; labelled steps where steps have labels of their own
  std::uint64_t hidden_spikes = 0;       // of all populations but the last
  std::uint64_t steps = 0;
  std::vector<bool> predicted;  // [classes] a sample or labelled step was taken for it; empty: the loss knows no class

  /// Notes the class of a sample, and those of its steps (confusion: [classes][classes] true by predicted class).
  void add_predictions(std::int32_t of_sample, std::span<const std::uint32_t> confusion, std::size_t classes);
};

/// correct / counted as an accuracy; NaN where nothing was counted, as in a regression.
inline double share_of(std::size_t correct, std::size_t counted) {
  return counted == 0 ? std::numeric_limits<double>::quiet_NaN()
                      : static_cast<double>(correct) / static_cast<double>(counted);
}

/// What `evaluate` keeps for each sample, if asked.
struct predictions {
  std::vector<std::int32_t> labels;                // [samples] predicted class; -1 where the loss knows none
  std::vector<float> scores;                       // [samples * classes] softmax of the readout; 0 in a regression
  std::vector<std::uint64_t> confusion;            // [classes * classes] counted samples or steps; true class first
  std::vector<std::vector<std::uint64_t>> spikes;  // [populations][neurons] spike counts; empty for analog cells
};

/// Bytes that a run needs beside the data set.
struct memory_forecast {
  std::uint64_t parameters = 0;   // values, gradients, optimiser moments
  std::uint64_t per_worker = 0;   // trajectory and errors of one sample, for each thread
  std::uint64_t per_chunk = 0;    // error on currents and spikes of a window of the samples in flight
  std::uint64_t checkpoints = 0;  // what the samples in flight keep between windows
  std::uint64_t dataset = 0;
  std::uint64_t program = 0;  // code, libraries and what reading the data left behind
  std::size_t threads = 1;
  std::uint64_t total() const {
    return parameters + per_worker * threads + per_chunk + checkpoints + dataset + program;
  }
};

class engine {
 public:
  /// The network and the pool must outlive the engine.
  /// Throws value_error if the rule makes no sense: a window of 0 steps, a stride past the window.
  engine(const network& net, const objective_spec& objective, thread_pool& pool, const rule_spec& rule = {});
  ~engine();

  /// Forward and backward: overwrites `gradient` with the gradient of the mean loss over the batch. Throws
  /// shape_error (channels, classes), numeric_error naming layer and time step if anything is not finite.
  batch_result gradient(const arena<float>& parameters, batch_view batch, arena<float>& gradient);

  /// The same of e-prop in its backward form (gradient/eprop.hpp), whatever the rule's kind: errors go back inside
  /// neurons only and reach hidden ones by `feedback`; the rule says at which steps states are kept. Learned delays get
  /// no gradient. Throws as check_eprop does, too.
  batch_result gradient(const arena<float>& parameters, const eprop_options& options, const eprop_feedback& feedback,
                        batch_view batch, arena<float>& gradient);

  /// Forward only.
  batch_result evaluate(const arena<float>& parameters, batch_view batch, predictions* kept = nullptr);

  /// Runs a batch of at most 64 samples forward and backward and looks inside; overwrites `gradient` with theirs.
  std::vector<layer_health> health(const arena<float>& parameters, batch_view batch, arena<float>& gradient);

  /// Everything a sample did, for rasters and traces; `sample` is an index into the data set.
  sample_recording record(const arena<float>& parameters, const dataset& data, std::uint32_t sample);

 private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

/// Spikes per neuron and step that a forecast counts with: more than most trained networks have.
inline constexpr double assumed_activity = 0.05;

/// What training will need, before it starts. `longest` in steps; `chunk events` follow from the data's density.
memory_forecast forecast_memory(const network& net, const dataset& train, std::size_t batch, std::size_t threads,
                                const rule_spec& rule = {}, double activity = assumed_activity);

/// What losses on the timing of spikes keep of the readout of the samples in flight, of up to `steps` steps [bytes].
std::uint64_t objective_bytes(const network& net, const objective_spec& objective, std::size_t steps,
                              std::size_t batch);

/// The rule with everything decided: checkpointed_bptt and e-prop's backward form with `automatic` memory get the
/// largest distance of checkpoints whose forecast, with `other` bytes on top, fits `available` (or its own budget); no
/// result depends on that. E-prop of `automatic` form becomes backward, or forward if no distance fits, with the same
/// gradient to rounding: who has to have the same bits elsewhere keeps the form. Throws resource_error if none fits.
rule_spec settle_rule(const rule_spec& rule, const network& net, const dataset& train, std::size_t batch,
                      std::size_t threads, std::uint64_t other, std::uint64_t available);

/// Draws weights from `seed` and sets biases to 0; every other parameter stays as it is. Fluctuation-driven
/// (Rossbroich, Gygax & Zenke 2022, eq. 9): zero mean, variance such that the free membrane's standard deviation is
/// init_sigma * v_th under the input's measured rate. Layer by layer: the rate of each layer is measured on a few
/// samples of `data` before the next one is drawn, so that every layer fires from the first step. A layer of init
/// identity gets 1 from each neuron to that of the same number, 0 elsewhere. The analog readout of a regression (values
/// in the data and no labels) of init automatic is then scaled, output by output, to what the targets of some samples
/// are: near their mean, with 0.3 init_sigma of their deviation, so that training starts at about the loss of who
/// predicts the mean. Throws value_error for a parameter out of its range and for a membrane that input cannot move,
/// and what check_input throws.
void initialise_weights(const network& net, arena<float>& parameters, std::uint64_t seed, const dataset& data,
                        thread_pool& pool);

/// All initial parameters: those of cells and delays take their values from the specification, drawn from `seed` where
/// it gives a distribution; then initialise_weights.
void initialise(const network& net, arena<float>& parameters, std::uint64_t seed, const dataset& data,
                thread_pool& pool);

}  // namespace backspike
