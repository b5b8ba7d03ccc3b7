#pragma once
// What every reader and encoder produces, and what training takes: spikes of all samples in one ragged list, one
// label each. Nothing is copied to form a batch; a batch is a list of sample indices into a data set.

#include <backspike/core/events.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace backspike {

struct dataset {
  std::string name;
  std::uint32_t channels = 0;  // input channels
  double dt = 1.0;             // [ms] width of one step
  ragged_events inputs;
  std::vector<std::int32_t> labels;      // [samples], 0 <= label < classes
  std::vector<std::int32_t> speakers;    // [samples] or empty: the group that a held-out split leaves out
  std::vector<std::string> class_names;  // [classes]
  std::vector<std::string> speaker_names;

  std::size_t size() const { return inputs.samples(); }
  std::size_t classes() const { return class_names.size(); }
  std::size_t longest() const;  // [steps]
  /// Throws value_error naming the sample: label out of range, channel out of range, a class without any sample.
  void validate() const;
};

/// A batch: samples of a data set, in this order.
struct batch_view {
  const dataset* data = nullptr;
  std::span<const std::uint32_t> samples;
};

/// The samples `picked` of `all`, in that order, as a data set of their own.
dataset subset(const dataset& all, std::span<const std::uint32_t> picked);

struct dataset_split {
  dataset train, validation, test;
};

}  // namespace backspike
