#include "online/online_update.hpp"

#include "kernels/kernel_table.hpp"

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

kernels::adam_args adam_of(const online_options& o, std::uint64_t updates) {
  const double t = static_cast<double>(updates);
  kernels::adam_args a{};
  a.beta1 = static_cast<float>(o.beta1);
  a.beta2 = static_cast<float>(o.beta2);
  a.epsilon = static_cast<float>(o.epsilon);
  a.rate = static_cast<float>(o.learning_rate / (1.0 - std::pow(o.beta1, t)));
  a.correction2 = static_cast<float>(1.0 / (1.0 - std::pow(o.beta2, t)));
  return a;
}

/// Puts a parameter's floats from `first` on into the arguments.
void aim(kernels::adam_args& a, std::size_t first, std::size_t count, online_moments& moments,
         arena<float>& parameters) {
  a.value = parameters.values().data() + first;
  a.first = moments.first.values().data() + first;
  a.second = moments.second.values().data() + first;
  a.count = count;
}

void clamp_to(const parameter_info& p, float* values) {
  const float low = static_cast<float>(p.low), high = static_cast<float>(p.high);
  for (std::size_t k = 0; k < p.size(); ++k) {  // the padding stays zero
    float& x = values[k / p.cols * p.stride + k % p.cols];
    x = std::clamp(x, low, high);
  }
}

}  // namespace

void adam_rows::begin(const online_options& options, std::uint64_t updates) { common_ = adam_of(options, updates); }

void adam_rows::take(const gradient_rows<float>& rows, online_moments& moments, arena<float>& parameters) {
  const parameter_info& p = parameters.layout()[rows.parameter];
  common_.gradient = rows.values;
  aim(common_, p.offset + rows.first * p.stride, rows.count * p.stride, moments, parameters);
  kernels_->adam(common_);
}

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
    kernels::adam_args a = adam_of(options, moments.updates);
    a.gradient = g;
    aim(a, p.offset, floats, moments, parameters);
    kernels::active_table().adam(a);
  } else {
    const float rate = static_cast<float>(options.learning_rate);
    for (std::size_t k = 0; k < floats; ++k) {
      value[k] -= rate * g[k];
      g[k] = 0.0f;
    }
  }
  if (std::isfinite(p.low) || std::isfinite(p.high)) {
    clamp_to(p, value);
  }
}

}  // namespace backspike
