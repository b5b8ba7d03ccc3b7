// The formulas of SGD and Adam, and the way through a parameter's transform.

#include "optimise/update.hpp"

#include "kernels/kernel_table.hpp"
#include "optimise/free_number.hpp"
#include "optimise/groups.hpp"

#include <backspike/core/error.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace backspike {
namespace {

constexpr std::size_t at_once = 64;  // free numbers, on the stack

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

}  // namespace

update update_of(const optimiser_spec& spec, std::uint64_t steps, double scale) {
  const double t = static_cast<double>(steps);
  update u{};
  u.kind = spec.kind;
  u.momentum = static_cast<float>(spec.momentum);
  u.beta1 = static_cast<float>(spec.beta1);
  u.beta2 = static_cast<float>(spec.beta2);
  u.epsilon = static_cast<float>(spec.epsilon);
  u.scale = static_cast<float>(scale);
  u.correction1 = static_cast<float>(1.0 / (1.0 - std::pow(spec.beta1, t)));
  u.correction2 = static_cast<float>(1.0 / (1.0 - std::pow(spec.beta2, t)));
  return u;
}

update update_of(update u, const optimiser_spec& spec, const parameter_info& p, double rate) {
  u.rate = static_cast<float>(rate);
  const bool decays = p.name.ends_with(".weight") && !p.standardised;  // a norm that is kept cannot decay
  const float decay = decays ? static_cast<float>(spec.weight_decay) : 0.0f;
  (spec.kind == optimiser_kind::adamw ? u.value_decay : u.gradient_decay) = decay;
  u.value_decay *= u.rate;
  return u;
}

void apply(const update& u, std::size_t n, const numbers& at) {
  if (u.kind == optimiser_kind::sgd) {
    sgd(u, n, at.value, at.gradient, at.first);
  } else {
    kernels::active_table().adam_step({at.value, at.gradient, at.first, at.second, n, u.beta1, u.beta2, u.epsilon,
                                       u.rate, u.scale, u.correction1, u.correction2, u.gradient_decay, u.value_decay});
  }
}

void apply_through(const parameter_info& p, const update& u, std::size_t n, const numbers& all) {
  const free_number free(p);
  std::array<double, at_once> x;
  std::array<float, at_once> slope;
  for (std::size_t begin = 0; begin < n; begin += at_once) {
    const std::size_t count = std::min(at_once, n - begin);
    const numbers at = all + begin;
    for (std::size_t i = 0; i < count; ++i) {
      x[i] = free.of(at.value[i]);
      slope[i] = static_cast<float>(static_cast<double>(at.gradient[i]) * free.slope_at(x[i]));
    }
    if (u.kind == optimiser_kind::sgd) {
      sgd(u, count, x.data(), slope.data(), at.first);
    } else {
      adam(u, count, x.data(), slope.data(), at.first, at.second);
    }
    for (std::size_t i = 0; i < count; ++i) {
      at.value[i] = free.value_at(x[i]);
    }
  }
}

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

}  // namespace backspike
