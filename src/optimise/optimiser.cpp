#include <backspike/optimise/optimiser.hpp>

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

/// What one update does to every number; the same for all parameters but for the decay.
struct update {
  optimiser_kind kind;
  float rate, momentum, beta1, beta2, epsilon, scale;  // scale: what clipping leaves of the gradient
  float correction1, correction2;                      // 1 / (1 - beta^t)
  float gradient_decay, value_decay;                   // L2 added to the gradient; decoupled
};

void sgd(const update& u, std::size_t n, float* __restrict value, const float* __restrict gradient,
         float* __restrict velocity) {
  for (std::size_t i = 0; i < n; ++i) {
    velocity[i] = u.momentum * velocity[i] + (u.scale * gradient[i] + u.gradient_decay * value[i]);
    value[i] -= u.rate * velocity[i];
  }
}

void adam(const update& u, std::size_t n, float* __restrict value, const float* __restrict gradient,
          float* __restrict first, float* __restrict second) {
  const float keep1 = 1.0f - u.beta1, keep2 = 1.0f - u.beta2;
  for (std::size_t i = 0; i < n; ++i) {
    const float g = u.scale * gradient[i] + u.gradient_decay * value[i];
    first[i] = u.beta1 * first[i] + keep1 * g;
    second[i] = u.beta2 * second[i] + keep2 * g * g;
    const float step = first[i] * u.correction1 / (std::sqrt(second[i] * u.correction2) + u.epsilon);
    value[i] -= u.rate * step + u.value_decay * value[i];
  }
}

void clamp_to(const parameter_info& p, std::size_t n, float* value) {
  const float low = static_cast<float>(p.low), high = static_cast<float>(p.high);
  for (std::size_t i = 0; i < n; ++i) {
    value[i] = std::clamp(value[i], low, high);
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

}  // namespace

double gradient_norm(const arena<float>& gradient) {
  double sum = 0.0;
  for (const parameter_info& p : gradient.layout().entries()) {
    const float* g = gradient.values().data() + p.offset;
    for (std::size_t i = 0; p.learnable && i < p.rows * p.stride; ++i) {
      sum += static_cast<double>(g[i]) * static_cast<double>(g[i]);
    }
  }
  return std::sqrt(sum);
}

optimiser::optimiser(const optimiser_spec& spec, const parameter_layout& layout)
    : spec_(spec), first_(layout), second_(layout) {}

void optimiser::step(arena<float>& parameters, arena<float>& gradient, double rate, thread_pool& pool) {
  double scale = 1.0;
  if (spec_.clip_norm > 0.0) {
    const double norm = gradient_norm(gradient);
    scale = norm > spec_.clip_norm ? spec_.clip_norm / norm : 1.0;
  }
  const update common = update_of(spec_, ++steps_, rate, scale);
  constexpr std::size_t piece = 8192;  // floats: a worker's unit, a multiple of the lanes
  for (const parameter_info& p : parameters.layout().entries()) {
    if (!p.learnable) {
      continue;
    }
    update u = common;
    const float decay = p.name.ends_with(".weight") ? static_cast<float>(spec_.weight_decay) : 0.0f;
    (spec_.kind == optimiser_kind::adamw ? u.value_decay : u.gradient_decay) = decay;
    u.value_decay *= u.rate;
    const std::size_t floats = p.rows * p.stride;
    pool.for_each((floats + piece - 1) / piece, [&](std::size_t item, std::size_t) {
      const std::size_t at = p.offset + item * piece, n = std::min(piece, floats - item * piece);
      float* value = parameters.values().data() + at;
      const float* g = gradient.values().data() + at;
      if (u.kind == optimiser_kind::sgd) {
        sgd(u, n, value, g, first_.values().data() + at);
      } else {
        adam(u, n, value, g, first_.values().data() + at, second_.values().data() + at);
      }
    });
    for (std::size_t r = 0; r < p.rows && (std::isfinite(p.low) || std::isfinite(p.high)); ++r) {
      clamp_to(p, p.cols, parameters.values().data() + p.offset + r * p.stride);  // the padding stays zero
    }
  }
}

}  // namespace backspike
