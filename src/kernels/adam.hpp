#pragma once
// Adam (Kingma & Ba 2015, algorithm 1) over a contiguous range, as a vector kernel: the square root and the division of
// the standard library cost ten times the rest of an online step. Both are correctly rounded: same bits everywhere.

#include "kernels/eligibility.hpp"

namespace backspike::kernels {

struct adam_args {
  float* value;
  float* gradient;  // cleared
  float* first;
  float* second;
  std::size_t count;  // a multiple of 16
  float beta1, beta2, epsilon;
  float rate;         // learning rate / (1 - beta1^t)
  float correction2;  // 1 / (1 - beta2^t)
};

template <class V>
void adam(const adam_args& a) {
  using std::sqrt;
  const V keep1(a.beta1), keep2(a.beta2), new1(1.0f - a.beta1), new2(1.0f - a.beta2), zero(0.0f);
  const V rate(a.rate), correction2(a.correction2), epsilon(a.epsilon);
  for (std::size_t i = 0; i < a.count; i += width_of<V>) {
    const V g = load<V>(a.gradient + i);
    const V first = flushed(V(keep1 * load<V>(a.first + i) + new1 * g));
    const V second = flushed(V(keep2 * load<V>(a.second + i) + new2 * g * g));
    store<V>(a.first + i, first);
    store<V>(a.second + i, second);
    store<V>(a.gradient + i, zero);
    store<V>(a.value + i, V(load<V>(a.value + i) - rate * first / (V(sqrt(second * correction2)) + epsilon)));
  }
}

/// The same for the optimiser, with everything it knows: clipping (scale), weight decay as part of the gradient or
/// apart from it, and the gradient kept.
struct adam_step_args {
  float* value;
  const float* gradient;
  float* first;
  float* second;
  std::size_t count;  // a multiple of 16
  float beta1, beta2, epsilon, rate, scale;
  float correction1, correction2;  // 1 / (1 - beta^t)
  float gradient_decay, value_decay;
};

template <class V>
void adam_step(const adam_step_args& a) {
  using std::sqrt;
  const V keep1(a.beta1), keep2(a.beta2), new1(1.0f - a.beta1), new2(1.0f - a.beta2);
  const V rate(a.rate), scale(a.scale), epsilon(a.epsilon), correction1(a.correction1), correction2(a.correction2);
  const V gradient_decay(a.gradient_decay), value_decay(a.value_decay);
  for (std::size_t i = 0; i < a.count; i += width_of<V>) {
    const V value = load<V>(a.value + i);
    const V g = scale * load<V>(a.gradient + i) + gradient_decay * value;
    const V first = keep1 * load<V>(a.first + i) + new1 * g;
    const V second = keep2 * load<V>(a.second + i) + new2 * g * g;
    store<V>(a.first + i, first);
    store<V>(a.second + i, second);
    const V step = first * correction1 / (V(sqrt(second * correction2)) + epsilon);
    store<V>(a.value + i, V(value - (rate * step + value_decay * value)));
  }
}

}  // namespace backspike::kernels
