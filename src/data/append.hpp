#pragma once

#include <backspike/core/events.hpp>

namespace backspike {

/// Adds the samples of `more` behind those of `all`.
void append_samples(ragged_events& all, const ragged_events& more);

}  // namespace backspike
