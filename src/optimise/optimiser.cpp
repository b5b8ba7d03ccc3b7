#include <backspike/optimise/optimiser.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/interruption.hpp>

#include "core/short_number.hpp"
#include "kernels/kernel_table.hpp"
#include "kernels/pieces.hpp"
#include "optimise/free_number.hpp"
#include "optimise/groups.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace backspike {
namespace {

/// What one update does to every number; the same for all parameters but for the rate and the decay.
struct update {
  optimiser_kind kind;
  float rate, momentum, beta1, beta2, epsilon, scale;  // scale: what clipping leaves of the gradient
  float correction1, correction2;                      // 1 / (1 - beta^t)
  float gradient_decay, value_decay;                   // L2 added to the gradient; decoupled
};

/// Value is float, or double for the free number of a transform, which would drift if it were rounded in every step.
template <class Value>
void sgd(const update& u, std::size_t n, Value* __restrict value, const float* __restrict gradient,
         float* __restrict velocity) {
  for (std::size_t i = 0; i < n; ++i) {
    velocity[i] = u.momentum * velocity[i] + (u.scale * gradient[i] + u.gradient_decay * static_cast<float>(value[i]));
    value[i] -= u.rate * velocity[i];
  }
}

/// Of free numbers; float parameters go through a kernel (kernels/adam.hpp).
void adam(const update& u, std::size_t n, double* __restrict value, const float* __restrict gradient,
          float* __restrict first, float* __restrict second) {
  const float keep1 = 1.0f - u.beta1, keep2 = 1.0f - u.beta2;
  for (std::size_t i = 0; i < n; ++i) {
    const float g = u.scale * gradient[i] + u.gradient_decay * static_cast<float>(value[i]);
    first[i] = u.beta1 * first[i] + keep1 * g;
    second[i] = u.beta2 * second[i] + keep2 * g * g;
    const float step = first[i] * u.correction1 / (std::sqrt(second[i] * u.correction2) + u.epsilon);
    value[i] -= u.rate * step + u.value_decay * value[i];
  }
}

/// Where the numbers of a parameter begin in each arena.
struct numbers {
  float *value, *gradient, *first, *second;
  numbers operator+(std::size_t n) const { return {value + n, gradient + n, first + n, second + n}; }
};

void apply_free(const update& u, std::size_t n, double* value, const float* gradient, float* first, float* second) {
  if (u.kind == optimiser_kind::sgd) {
    sgd(u, n, value, gradient, first);
  } else {
    adam(u, n, value, gradient, first, second);
  }
}

/// Whole lanes of a parameter as it is.
void apply(const update& u, std::size_t n, const numbers& at) {
  if (u.kind == optimiser_kind::sgd) {
    sgd(u, n, at.value, at.gradient, at.first);
  } else {
    kernels::active_table().adam_step({at.value, at.gradient, at.first, at.second, n, u.beta1, u.beta2, u.epsilon,
                                       u.rate, u.scale, u.correction1, u.correction2, u.gradient_decay, u.value_decay});
  }
}

void clamp_to(const parameter_info& p, std::size_t n, float* value) {
  const float low = static_cast<float>(p.low), high = static_cast<float>(p.high);
  for (std::size_t i = 0; i < n; ++i) {
    value[i] = std::clamp(value[i], low, high);
  }
}

/// The same update on the free numbers of one row.
void apply_through(const parameter_info& p, const update& u, const numbers& at) {
  const free_number free(p);
  std::vector<double> x(p.cols);
  std::vector<float> slope(p.cols);
  for (std::size_t i = 0; i < p.cols; ++i) {
    x[i] = free.of(at.value[i]);
    slope[i] = static_cast<float>(static_cast<double>(at.gradient[i]) * free.slope_at(x[i]));
  }
  apply_free(u, p.cols, x.data(), slope.data(), at.first, at.second);
  for (std::size_t i = 0; i < p.cols; ++i) {
    at.value[i] = free.value_at(x[i]);
  }
}

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

update update_of(const optimiser_spec& spec, std::uint64_t steps, double rate, double scale) {
  const double t = static_cast<double>(steps);
  update u{};
  u.kind = spec.kind;
  u.rate = static_cast<float>(rate);
  u.momentum = static_cast<float>(spec.momentum);
  u.beta1 = static_cast<float>(spec.beta1);
  u.beta2 = static_cast<float>(spec.beta2);
  u.epsilon = static_cast<float>(spec.epsilon);
  u.scale = static_cast<float>(scale);
  u.correction1 = static_cast<float>(1.0 / (1.0 - std::pow(spec.beta1, t)));
  u.correction2 = static_cast<float>(1.0 / (1.0 - std::pow(spec.beta2, t)));
  return u;
}

void update_parameter(const parameter_info& p, const update& u, const numbers& all, thread_pool& pool) {
  if (p.transform != parameter_transform::clamp) {
    for (std::size_t r = 0; r < p.rows; ++r) {
      apply_through(p, u, all + r * p.stride);
    }
    return;
  }
  kernels::for_each_piece(p.rows * p.stride, pool,
                          [&](std::size_t, std::size_t first, std::size_t count) { apply(u, count, all + first); });
  for (std::size_t r = 0; r < p.rows && (std::isfinite(p.low) || std::isfinite(p.high)); ++r) {
    clamp_to(p, p.cols, all.value + r * p.stride);  // the padding stays zero
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

/// By parameter what its rate is multiplied by; 0 where nothing is to change.
std::vector<double> rate_factors(const optimiser_spec& spec, const parameter_layout& layout) {
  if (const auto idle = first_idle_group(spec.groups, layout)) {
    throw value_error("optimiser", "match of group " + std::to_string(*idle), '"' + spec.groups[*idle].match + '"',
                      "a pattern that matches a learned parameter: " + learned_names(layout));
  }
  const std::vector<std::size_t> group = groups_of(spec.groups, layout);
  std::vector<double> factors(layout.size(), 1.0);
  for (std::size_t k = 0; k < factors.size(); ++k) {
    if (group[k] != no_group) {
      const parameter_group& g = spec.groups[group[k]];
      factors[k] = g.frozen ? 0.0 : g.learning_rate_factor;
    }
    factors[k] = layout[k].learnable ? factors[k] : 0.0;
  }
  return factors;
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
  for (std::size_t k = 0; k < factors_.size(); ++k) {
    if (factors_[k] == 0.0) {
      continue;
    }
    const parameter_info& p = parameters.layout()[k];
    update u = update_of(spec_, steps_, rate * factors_[k], scale);
    const float decay = p.name.ends_with(".weight") ? static_cast<float>(spec_.weight_decay) : 0.0f;
    (spec_.kind == optimiser_kind::adamw ? u.value_decay : u.gradient_decay) = decay;
    u.value_decay *= u.rate;
    const auto at = [&](arena<float>& a) { return a.values().data() + p.offset; };
    update_parameter(p, u, {at(parameters), at(gradient), at(first_), at(second_)}, pool);
    if (std::isfinite(p.low) || std::isfinite(p.high)) {
      expect_in_range(p, steps_, at(parameters));
    }
  }
}

}  // namespace backspike
