#pragma once
// A network in a loop with its own output: what it predicts is what it sees next.

#include <backspike/core/arena.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/network/network.hpp>

#include <cstddef>
#include <vector>

namespace backspike {

/// The next `points` of a series by the network alone: shows it the last points, as many as it has inputs, for
/// series.steps steps from rest, corrects the linear prediction of the next point by its last output, and so on; NaN
/// from where its predictions are no readings any more (core/reading.hpp). Throws value_error (fewer known points than
/// inputs, a network of more than one output) and shape_error (coefficients).
std::vector<double> roll_out(const network& net, const arena<float>& parameters, const series_continuation& series,
                             std::size_t points);

}  // namespace backspike
