#include "online/online_update.hpp"

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

void adam(const online_options& o, std::uint64_t updates, std::size_t n, float* __restrict value,
          const float* __restrict gradient, float* __restrict first, float* __restrict second) {
  const double t = static_cast<double>(updates);
  const float beta1 = static_cast<float>(o.beta1), beta2 = static_cast<float>(o.beta2);
  const float correction1 = static_cast<float>(o.learning_rate / (1.0 - std::pow(o.beta1, t)));
  const float correction2 = static_cast<float>(1.0 / (1.0 - std::pow(o.beta2, t)));
  const float epsilon = static_cast<float>(o.epsilon);
  for (std::size_t i = 0; i < n; ++i) {
    first[i] = beta1 * first[i] + (1.0f - beta1) * gradient[i];
    second[i] = beta2 * second[i] + (1.0f - beta2) * gradient[i] * gradient[i];
    value[i] -= correction1 * first[i] / (std::sqrt(second[i] * correction2) + epsilon);
  }
}

void clamp_to(const parameter_info& p, float* values) {
  const float low = static_cast<float>(p.low), high = static_cast<float>(p.high);
  for (std::size_t k = 0; k < p.size(); ++k) {  // the padding stays zero
    float& x = values[k / p.cols * p.stride + k % p.cols];
    x = std::clamp(x, low, high);
  }
}

}  // namespace

void update_parameter(const online_options& options, online_moments& moments, std::size_t i, arena<float>& parameters,
                      arena<float>& gradient) {
  const parameter_info& p = parameters.layout()[i];
  if (!p.learnable) {
    return;
  }
  const std::size_t floats = p.rows * p.stride;
  float* value = parameters.values().data() + p.offset;
  float* g = gradient.values().data() + p.offset;
  if (options.update == online_update::adam) {
    adam(options, moments.updates, floats, value, g, moments.first.values().data() + p.offset,
         moments.second.values().data() + p.offset);
  } else {
    const float rate = static_cast<float>(options.learning_rate);
    for (std::size_t k = 0; k < floats; ++k) {
      value[k] -= rate * g[k];
    }
  }
  if (std::isfinite(p.low) || std::isfinite(p.high)) {
    clamp_to(p, value);
  }
  std::fill_n(g, floats, 0.0f);
}

}  // namespace backspike
