#pragma once
// Folders of tonic's cache: NUMBER_COPY.hdf5, each with its events and its class.

#include <backspike/events/event_folder.hpp>

#include <string>
#include <vector>

namespace backspike {

/// Whether one of these names is that of a cached sample: digits, _, digits, .hdf5.
bool has_cached_samples(const std::vector<std::string>& names);

/// The samples in the order of their numbers, each once: copies are the same sample, changed at random, and would stand
/// in training and test set at once; a note counts them. Classes are the different targets, in ascending order. Throws
/// what cached_targets throws.
event_listing list_cached_samples(const std::string& folder, const std::vector<std::string>& names);

}  // namespace backspike
