#pragma once
// How every source becomes training, validation and test set.

#include <backspike/data/dataset.hpp>
#include <backspike/data/load.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace backspike {

/// Indices into the samples that are not for testing.
struct training_parts {
  std::vector<std::uint32_t> train, validation;
};

/// Throws value_error unless every class has a sample.
training_parts carve_validation(const std::string& name, std::span<const std::int32_t> labels,
                                const std::vector<std::string>& class_names, const data_spec& spec, std::uint64_t seed);

/// What spec.limit leaves of a set with these labels.
std::vector<std::uint32_t> limited(std::span<const std::int32_t> labels, const data_spec& spec);

dataset_split split_from(const dataset& training, const dataset& test, const data_spec& spec, std::uint64_t seed);

/// The same for samples without labels of their own: validation samples are drawn from all, a limit keeps the first.
dataset_split split_unlabelled(const dataset& training, const dataset& test, const data_spec& spec, std::uint64_t seed);

/// The samples of this speaker are the test set. Throws value_error that lists the speakers if there is no such one.
dataset_split hold_out_speaker(const dataset& all, const data_spec& spec, std::uint64_t seed);

}  // namespace backspike
