// One update of all parameters by all threads: clip, then move each parameter by its rule and keep it in its range.

#include <backspike/optimise/optimiser.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/interruption.hpp>

#include "core/short_number.hpp"
#include "kernels/pieces.hpp"
#include "optimise/standardise.hpp"
#include "optimise/update.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace backspike {
namespace {

/// Clamping and transforms leave nothing outside but what is not a number.
void expect_in_range(const parameter_info& p, std::uint64_t step, const float* value) {
  const float low = static_cast<float>(p.low), high = static_cast<float>(p.high);
  for (std::size_t i = 0; i < p.cols; ++i) {
    if (!(value[i] >= low && value[i] <= high)) {
      throw numeric_error(p.name,
                          "value " + std::to_string(i) + " is " + short_number(value[i]) +
                              " after the step, not within " + short_number(p.low) + " to " + short_number(p.high) +
                              (p.unit.empty() ? "" : " ") + p.unit,
                          step);
    }
  }
}

void update_parameter(const parameter_info& p, const update& u, const numbers& all, thread_pool& pool) {
  if (p.standardised) {
    const std::vector<double> norms = project_gradient(p, all.value, all.gradient, pool);
    kernels::for_each_piece(p.rows * p.stride, pool,
                            [&](std::size_t, std::size_t first, std::size_t n) { apply(u, n, all + first); });
    standardise_columns(p, norms, all.value, pool);
    return;
  }
  if (p.transform != parameter_transform::clamp) {
    for (std::size_t r = 0; r < p.rows; ++r) {
      apply_through(p, u, p.cols, all + r * p.stride);
    }
    return;
  }
  kernels::for_each_piece(p.rows * p.stride, pool,
                          [&](std::size_t, std::size_t first, std::size_t count) { apply(u, count, all + first); });
  for (std::size_t r = 0; r < p.rows && (std::isfinite(p.low) || std::isfinite(p.high)); ++r) {
    clamp_to_range(p, p.cols, all.value + r * p.stride);  // the padding stays zero
  }
}

template <class Counts>
double norm_where(const arena<float>& gradient, thread_pool& pool, const Counts& counts) {
  double sum = 0.0;
  for (std::size_t k = 0; k < gradient.layout().size(); ++k) {
    const parameter_info& p = gradient.layout()[k];
    if (counts(k)) {
      sum += kernels::sum_of_squares(gradient.values().subspan(p.offset, p.rows * p.stride), pool);
    }
  }
  return std::sqrt(sum);
}

}  // namespace

double gradient_norm(const arena<float>& gradient, thread_pool& pool) {
  return norm_where(gradient, pool, [&](std::size_t k) { return gradient.layout()[k].learnable; });
}

optimiser::optimiser(const optimiser_spec& spec, const parameter_layout& layout)
    : spec_(spec), factors_(rate_factors(spec, layout)), first_(layout), second_(layout) {}

void optimiser::step(arena<float>& parameters, arena<float>& gradient, double rate, thread_pool& pool) {
  const uninterrupted whole;  // parameters and moments belong together
  double scale = 1.0;
  if (spec_.clip_norm > 0.0) {
    const double norm = norm_where(gradient, pool, [&](std::size_t k) { return factors_[k] != 0.0; });
    scale = norm > spec_.clip_norm ? spec_.clip_norm / norm : 1.0;
  }
  ++steps_;
  const update common = update_of(spec_, steps_, scale);
  for (std::size_t k = 0; k < factors_.size(); ++k) {
    if (factors_[k] == 0.0) {
      continue;
    }
    const parameter_info& p = parameters.layout()[k];
    const update u = update_of(common, spec_, p, rate * factors_[k]);
    const auto at = [&](arena<float>& a) { return a.values().data() + p.offset; };
    update_parameter(p, u, {at(parameters), at(gradient), at(first_), at(second_)}, pool);
    if (std::isfinite(p.low) || std::isfinite(p.high)) {
      expect_in_range(p, steps_, at(parameters));
    }
  }
}

}  // namespace backspike
