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
#include <backspike/objective/loss_base.hpp>
#include <backspike/objective/objective_spec.hpp>

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

namespace backspike {

struct eprop_options;
class eprop_feedback;

/// Sums over the samples of a batch, of one output.
struct output_result {
  double part = 0.0;                     // what it adds to the loss
  std::size_t correct = 0, counted = 0;  // samples; labelled steps where steps have labels of their own
  std::vector<bool> predicted;  // [classes] a sample or labelled step was taken for it; empty: the loss knows no class

  /// Notes the class of a sample, and those of its steps (confusion: [classes][classes] true by predicted class).
  void add_predictions(std::int32_t of_sample, std::span<const std::uint32_t> confusion, std::size_t classes);
  /// The loss of a sample, with the same.
  template <class S>
  void add(const sample_loss<S>& of_sample, std::span<const std::uint32_t> confusion, std::size_t classes) {
    part += static_cast<double>(of_sample.value);
    correct += of_sample.correct;
    counted += of_sample.counted;
    add_predictions(of_sample.predicted, confusion, classes);
  }
  /// Of another batch.
  void add(const output_result& more);
};

/// Sums over the samples of a batch: of the first output, of each of the others, and of the network.
struct batch_result : output_result {
  std::size_t samples = 0;
  double loss = 0.0;                // of everything that training lowers
  std::uint64_t hidden_spikes = 0;  // of all populations that are no outputs
  std::uint64_t steps = 0;
  std::vector<output_result> others;

  const output_result& of(std::size_t output) const { return output == 0 ? *this : others[output - 1]; }
  output_result& of(std::size_t output) { return output == 0 ? *this : others[output - 1]; }
  void add(const batch_result& more);
};

/// correct / counted as an accuracy; NaN where nothing was counted, as in a regression.
inline double share_of(std::size_t correct, std::size_t counted) {
  return counted == 0 ? std::numeric_limits<double>::quiet_NaN()
                      : static_cast<double>(correct) / static_cast<double>(counted);
}

/// What `evaluate` keeps of one output for each sample, if asked.
struct output_predictions {
  std::vector<std::int32_t> labels;      // [samples] predicted class; -1 where the loss knows none
  std::vector<float> scores;             // [samples * classes] softmax of the readout; 0 in a regression
  std::vector<std::uint64_t> confusion;  // [classes * classes] counted samples or steps; true class first
};

/// Of the first output, of each of the others, and of the network.
struct predictions : output_predictions {
  std::vector<output_predictions> others;
  std::vector<std::vector<std::uint64_t>> spikes;  // [populations][neurons] spike counts; empty for analog cells
  std::vector<double> power;                       // [populations] sum of squared values that an analog one sent

  const output_predictions& of(std::size_t output) const { return output == 0 ? *this : others[output - 1]; }
  output_predictions& of(std::size_t output) { return output == 0 ? *this : others[output - 1]; }
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

  const network& simulated() const;

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

}  // namespace backspike
