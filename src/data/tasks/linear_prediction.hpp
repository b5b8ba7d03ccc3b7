#pragma once
// What a linear model predicts of a series; the Mackey-Glass task asks the network for the rest
// (make_mackey_glass.cpp).

#include <cstddef>
#include <span>
#include <vector>

namespace backspike {

/// The linear prediction of a point of a standardised series from the `taps` before it, the oldest first, then a
/// constant: least squares over the series, as if every point that is looked at had independent noise of `ridge`
/// standard deviations.
std::vector<double> linear_prediction(std::span<const double> series, std::size_t taps, double ridge);

}  // namespace backspike
