#pragma once
// A fingerprint of data, by which a run that goes on knows that its data are still the same.

#include <backspike/data/dataset.hpp>

#include <cstdint>

namespace backspike {

/// 64 bits that depend on all that training and measuring see of the data: shape, inputs, labels, targets, weights and
/// the names of the classes; not on the data set's name. The same on every machine and at any time: it stands in files.
/// It guards against mistakes, not against people who look for two sets with one digest.
std::uint64_t digest_of(const dataset& data);

}  // namespace backspike
