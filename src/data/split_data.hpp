#pragma once
// From the samples of a source to training, validation and test set: every reader ends here. The test set is that of
// the source; the validation set is carved from the rest, in proportion to the classes; a limit keeps some of each set.
// Who wants all samples does not call this.

#include <backspike/data/data_spec.hpp>
#include <backspike/data/dataset.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace backspike {

/// What splitting looks at.
struct sample_labels {
  std::string name;                      // of the data, for messages
  std::vector<std::int32_t> labels;      // [samples]; of samples without labels of their own: all 0
  std::vector<std::string> class_names;  // each has to have a sample; empty: not asked for
};

/// Indices, each list ascending.
struct sample_parts {
  std::vector<std::uint32_t> train, validation, test;
};

/// Of a source whose test set is apart: `test` are indices into that set. Throws value_error for a class without a
/// sample for training, and for a share outside 0 to 1.
sample_parts split_apart(const sample_labels& training, std::span<const std::int32_t> test, const data_spec& spec,
                         std::uint64_t seed);

/// The same of data sets; where they have no labels, a validation set is drawn from all samples alike.
dataset_split split_apart(const dataset& training, const dataset& test, const data_spec& spec, std::uint64_t seed);

/// The same of one data set, of which the marked samples are for testing.
dataset_split split_marked(const dataset& all, const std::vector<bool>& test, const data_spec& spec,
                           std::uint64_t seed);

/// Marks the samples of this speaker. Throws value_error that lists the speakers if there is no such one.
std::vector<bool> samples_of(const std::string& speaker, const dataset& all);

}  // namespace backspike
