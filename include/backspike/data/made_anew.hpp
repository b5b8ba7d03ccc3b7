#pragma once
// The training set of an epoch, where its samples are made anew for each.

#include <backspike/core/thread_pool.hpp>
#include <backspike/data/dataset.hpp>

#include <cstdint>

namespace backspike {

/// The samples of `train` as its maker makes them for this epoch, with its targets, classes and weights; partners are
/// drawn from `train` itself, so that no other part of the data gets into training. The same for any number of
/// threads. `train` has a maker, and labels of samples.
dataset made_anew(const dataset& train, std::uint32_t epoch, std::uint64_t seed, thread_pool& pool);

}  // namespace backspike
