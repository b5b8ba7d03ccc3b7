#pragma once
// What every reader and encoder produces, and what training takes: spikes of all samples in one ragged list, one
// label each. Nothing is copied to form a batch; a batch is a list of sample indices into a data set.

#include <backspike/core/events.hpp>
#include <backspike/core/shape.hpp>
#include <backspike/data/target.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace backspike {

/// Values that the targets were made with, for training to find.
struct planted_values {
  std::string parameter;      // of the last layer's cell
  std::vector<float> values;  // one for each output
};

/// A series that a network has to go on with alone, its own predictions as further input: the last points are shown
/// together for some steps, the last output corrects a linear prediction from the same points.
struct series_continuation {
  std::vector<double> known;  // points before, at least as many as are shown: one for each input channel
  std::vector<double> truth;  // points to be predicted
  std::uint32_t steps = 1;    // of the network for each point
  double centre = 0.0;        // input: (point - centre) / scale, the oldest first
  double scale = 1.0;
  std::vector<double> linear;  // [inputs + 1] next input = linear . (inputs, 1) + correction * output
  double correction = 1.0;
};

/// What the samples of a data set are to give.
struct target_set {
  std::vector<std::int32_t> labels;      // [samples], 0 <= label < classes; empty if the samples have none
  std::vector<std::string> class_names;  // [classes]; empty in a regression
  // Targets in time, all optional; a row is one (sample, step) as in the inputs.
  std::vector<std::int32_t> step_labels;  // [rows] class of the step, -1: unlabelled
  std::vector<float> step_targets;        // [rows][target_width]
  std::uint32_t target_width = 0;         // values of a step

  std::size_t classes() const { return class_names.size(); }
  /// What has to be told: one output for each class, or for each target value in a regression.
  std::size_t outputs() const { return class_names.empty() ? target_width : class_names.size(); }
};

/// A second thing that they are to give, for an output that asks for it by name.
struct named_targets : target_set {
  std::string name;
};

/// Makes samples anew for every epoch: recordings that training sees changed at random.
class sample_maker {
 public:
  virtual ~sample_maker() = default;
  /// Adds sample `number` to `to` as it is in this epoch, perhaps with a part of sample `partner` of the same class: a
  /// function of the three and of the seed that the maker knows. From any thread.
  virtual void append(std::uint32_t number, std::uint32_t partner, std::uint32_t epoch, ragged_events& to) const = 0;
};

struct dataset : target_set {
  std::string name;
  std::uint32_t channels = 0;  // input channels
  double dt = 1.0;             // [ms] width of one step
  ragged_events inputs;
  std::vector<std::int32_t> speakers;  // [samples] or empty: the group that a held-out split leaves out
  std::vector<std::string> speaker_names;
  std::vector<named_targets> further;   // targets beside its own
  std::vector<float> step_weights;      // [rows] of the step in the loss, whatever the target
  std::vector<float> sample_weights;    // [samples] factor of the sample's loss; empty: every one is 1
  std::vector<planted_values> planted;  // what a recovery has to find; empty elsewhere
  std::vector<series_continuation> continuations;
  /// Events that fell on another one of their channel and step when the source was read, over the whole of it.
  std::uint64_t merged_events = 0;
  grid_shape shape{};                           // of the channels; empty: they have a number only
  std::shared_ptr<const sample_maker> maker{};  // of what training takes in the place of `inputs`; none: these
  std::vector<std::uint32_t> maker_numbers{};   // [samples] how the maker calls them; empty without one
  std::vector<std::string> notes{};             // what was odd in its files, for people

  std::size_t size() const { return inputs.samples(); }
  std::size_t longest() const;  // [steps]
  std::size_t longest(std::span<const std::uint32_t> samples) const;
  sample_target target(std::uint32_t sample) const { return target(sample, *this); }
  /// Of one of its sets of targets.
  sample_target target(std::uint32_t sample, const target_set& of) const;
  /// Its own if the name is empty. Throws value_error, listing the names there are.
  const target_set& targets(const std::string& of) const;
  /// Throws value_error naming the sample: label out of range, channel out of range, a class without any sample, a
  /// target or weight that is not finite, a negative weight; shape_error: targets of another number of rows, weights of
  /// another number of samples, a shape of another number of channels.
  void validate() const;
};

/// Whether a network draws its dropout and noise, and from what: training does, everything else runs without.
struct batch_draws {
  std::uint64_t seed = 0;
  std::uint32_t epoch = 0;
  bool enabled = false;
};

/// A batch: samples of a data set, in this order.
struct batch_view {
  const dataset* data = nullptr;
  std::span<const std::uint32_t> samples;
  batch_draws draws{};
};

/// The samples `picked` of `all`, in that order, as a data set of their own.
dataset subset(const dataset& all, std::span<const std::uint32_t> picked);

struct dataset_split {
  dataset train, validation, test;
};

/// Memory that the samples of a data set take [bytes].
std::uint64_t bytes_of(const dataset& data);

/// 0, 1, 2, ...: all samples of a data set, for who picks.
std::vector<std::uint32_t> every_sample(const dataset& data);

}  // namespace backspike
