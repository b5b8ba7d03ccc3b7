// Checks the numbers of an objective: weights, time constants, widths.

#include <backspike/core/error.hpp>
#include <backspike/gradient/check_batch.hpp>

#include <cmath>
#include <string>

namespace backspike {
namespace {

void require_positive(const char* operation, const std::string& what, double value) {
  if (!(value > 0.0) || std::isinf(value)) {
    throw value_error(operation, what, std::to_string(value) + " ms", "a positive number");
  }
}

double check_loss(const char* operation, const loss_spec& loss) {
  if (!(loss.weight >= 0.0) || std::isinf(loss.weight)) {
    throw value_error(operation, "weight of a loss", std::to_string(loss.weight), "0 or more");
  }
  require_positive(operation, "kernel_width", loss.kernel_width);
  require_positive(operation, "tau of a loss", loss.tau);
  require_positive(operation, "time_scale", loss.time_scale);
  if (!(loss.silence_penalty >= 0.0) || std::isinf(loss.silence_penalty)) {
    throw value_error(operation, "silence_penalty", std::to_string(loss.silence_penalty) + " ms", "0 or more");
  }
  return loss.weight;
}

}  // namespace

void check_objective(const char* operation, const objective_spec& objective) {
  double weights = 0.0;
  for (std::size_t k = 0; k < objective.outputs(); ++k) {
    weights += check_loss(operation, objective.of(k));
    for (const loss_spec& term : objective.of(k).terms) {
      weights += check_loss(operation, term);
    }
  }
  if (weights == 0.0) {
    throw value_error(operation, "weights of the losses", "0 in sum", "at least one that is not 0");
  }
}

}  // namespace backspike
