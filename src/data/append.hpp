#pragma once
// Samples of one list or data set behind those of another.

#include <backspike/core/events.hpp>
#include <backspike/data/dataset.hpp>

namespace backspike {

/// Adds the samples of `more` behind those of `all`.
void append_samples(ragged_events& all, const ragged_events& more);

/// The same with all that belongs to a sample; classes, speakers and channels must mean the same in both.
void append_samples(dataset& all, const dataset& more);

}  // namespace backspike
