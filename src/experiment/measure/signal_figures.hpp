#pragma once
// How close an analog last layer comes to the values that the data ask for, or to what they were made with.

#include <backspike/experiment/task_figures.hpp>

#include <vector>

namespace backspike {

/// normalised_mse, worst_normalised_mse; nothing unless the last layer is analog and the data have values to reproduce.
std::vector<task_figure> error_figures(engine& e, const network& net, const arena<float>& parameters,
                                       const dataset& data);

/// Errors of the planted parameters of the last layer; nothing where none are planted.
std::vector<task_figure> recovery_figures(const network& net, const arena<float>& parameters, const dataset& data);

/// smape of the continuations; nothing where there are none.
std::vector<task_figure> continuation_figures(const network& net, const arena<float>& parameters, const dataset& data);

}  // namespace backspike
