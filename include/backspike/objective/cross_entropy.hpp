#pragma once
// Cross-entropy on a readout that is reduced over time to one value per class:
//
//   z_c = scale * reduce_t y_{t,c},  p = softmax(z),  q = (1 - smoothing) * onehot + smoothing / C
//   L = -sum_c q_c log p_c,          dL/dz_c = p_c - q_c
//
// reduce: max (the gradient goes to the first step that attains it), mean, last, count (sum over time).

#include <backspike/cell/dual.hpp>
#include <backspike/objective/objective_spec.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace backspike {

/// A dense trace [steps][classes]; rows are `stride` apart.
template <class S>
struct trace_view {
  S* data = nullptr;
  std::size_t steps = 0, classes = 0, stride = 0;
  S& operator()(std::size_t t, std::size_t c) const { return data[t * stride + c]; }
};

template <class S>
struct readout_values {
  std::vector<S> values;           // [classes] reduced and scaled
  std::vector<std::size_t> steps;  // [classes] max: where; unused otherwise
};

/// z_c for every class; a sample without steps gives zeros.
template <class S>
void reduce_readout(const objective_spec& spec, trace_view<const S> y, readout_values<S>& z) {
  z.values.assign(y.classes, constant<S>(0.0));
  z.steps.assign(y.classes, y.steps == 0 ? 0 : y.steps - 1);
  if (y.steps == 0) {
    return;
  }
  const bool sums = spec.readout == readout_kind::mean || spec.readout == readout_kind::count;
  const S scale = constant<S>(spec.readout == readout_kind::mean ? spec.logit_scale / static_cast<double>(y.steps)
                                                                 : spec.logit_scale);
  for (std::size_t c = 0; c < y.classes; ++c) {
    S best = sums ? constant<S>(0.0) : y(spec.readout == readout_kind::max ? 0 : y.steps - 1, c);
    std::size_t where = spec.readout == readout_kind::max ? 0 : y.steps - 1;
    for (std::size_t t = 0; t < y.steps; ++t) {
      if (sums) {
        best = best + y(t, c);
      } else if (spec.readout == readout_kind::max && y(t, c) > best) {
        best = y(t, c);
        where = t;
      }
    }
    z.values[c] = scale * best;
    z.steps[c] = where;
  }
}

/// Softmax of z in place of z; returns log(sum exp z), computed without overflow.
template <class S>
S softmax(std::span<S> z) {
  using std::exp;
  using std::log;
  S top = z[0];
  for (const S& x : z) {
    top = x > top ? x : top;
  }
  S sum = constant<S>(0.0);
  for (S& x : z) {
    sum = sum + S(exp(x - top));
  }
  const S log_sum = top + S(log(sum));
  for (S& x : z) {
    x = S(exp(x - log_sum));
  }
  return log_sum;
}

template <class S>
struct sample_loss {
  S value;
  std::int32_t predicted;
};

/// Loss of one sample; afterwards z.values holds the softmax. If error.data is not null, error receives
/// weight * dL/dy (every entry of [steps][classes] is written).
template <class S>
sample_loss<S> cross_entropy(const objective_spec& spec, trace_view<const S> y, std::int32_t label, double weight,
                             readout_values<S>& z, trace_view<S> error) {
  reduce_readout(spec, y, z);
  const std::size_t classes = y.classes, target = static_cast<std::size_t>(label);
  const S on = constant<S>(1.0 - spec.label_smoothing);
  const S each = constant<S>(spec.label_smoothing / static_cast<double>(classes));
  std::size_t predicted = 0;
  S expected = on * z.values[target];
  for (std::size_t c = 0; c < classes; ++c) {
    expected = expected + each * z.values[c];
    predicted = z.values[c] > z.values[predicted] ? c : predicted;
  }
  const S loss = softmax<S>(z.values) - expected;
  if (error.data == nullptr) {
    return {loss, static_cast<std::int32_t>(predicted)};
  }
  const bool sums = spec.readout == readout_kind::mean || spec.readout == readout_kind::count;
  const double steps = spec.readout == readout_kind::mean ? static_cast<double>(y.steps) : 1.0;
  const S scale = constant<S>(weight * spec.logit_scale / steps);
  for (std::size_t c = 0; c < classes; ++c) {
    const S slope = scale * (z.values[c] - each - (c == target ? on : constant<S>(0.0)));
    for (std::size_t t = 0; t < y.steps; ++t) {
      error(t, c) = sums || t == z.steps[c] ? slope : constant<S>(0.0);
    }
  }
  return {loss, static_cast<std::int32_t>(predicted)};
}

}  // namespace backspike
