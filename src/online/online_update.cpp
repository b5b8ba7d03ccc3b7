// Updates parameters in a stream, whole or row by row, with the formulas of optimise/update.cpp.

#include "online/online_update.hpp"

#include "core/short_number.hpp"

#include <backspike/core/enum_names.hpp>
#include <backspike/core/error.hpp>

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

void check(const optimiser_spec& spec) {
  const auto refuse = [](const char* argument, const std::string& value, const std::string& accepted) {
    throw value_error("online_learner", argument, value, accepted);
  };
  if (!(spec.learning_rate > 0.0) || std::isinf(spec.learning_rate)) {
    refuse("learning_rate", short_number(spec.learning_rate), "a positive number");
  }
  if (spec.schedule != schedule_kind::constant) {
    refuse("optimiser.schedule", std::string(name_of(spec.schedule)),
           "constant: a stream has no epochs and no end that a schedule could lead to");
  }
  if (spec.warmup != 0.0) {
    refuse("optimiser.warmup", short_number(spec.warmup), "0: a stream has no end of which this could be a share");
  }
  for (const auto& [name, value] :
       {std::pair("optimiser.clip_norm", spec.clip_norm), std::pair("optimiser.weight_decay", spec.weight_decay),
        std::pair("optimiser.momentum", spec.momentum)}) {
    if (!(value >= 0.0) || std::isinf(value)) {
      refuse(name, short_number(value), "a number, 0 or more");
    }
  }
}

/// Delays and the widths of their kernels stand still in a stream.
bool is_delay(const network& net, std::size_t parameter) {
  return std::ranges::any_of(net.connections(), [&](const connection& c) {
    return parameter == c.delay_parameter || parameter == c.kernel_width_parameter;
  });
}

/// A stream moves rows of the weights, a norm is that of a column.
void refuse_standardised(const network& net) {
  for (const parameter_info& p : net.parameters().entries()) {
    if (p.standardised) {
      throw value_error("online_learner", "weight_transform of " + p.name,
                        std::string(name_of(weight_transform::standardise)),
                        "none, or a stream that does not learn: the norm of a channel is that of all its weights");
    }
  }
}

std::vector<double> stream_factors(const network& net, const optimiser_spec& spec) {
  refuse_standardised(net);
  for (const parameter_group& g : spec.groups) {
    if (g.match.ends_with(".delay") || g.match.ends_with(".delay_width")) {
      throw value_error("online_learner", "match of a group", '"' + g.match + '"',
                        "a pattern for weights, biases or cell parameters: a stream does not learn delays");
    }
  }
  std::vector<double> factors = rate_factors(spec, net.parameters());
  for (std::size_t i = 0; i < factors.size(); ++i) {
    factors[i] = is_delay(net, i) ? 0.0 : factors[i];
  }
  return factors;
}

/// What fades becomes exactly zero: denormal numbers are slow, and a stream goes on long enough to get there.
void flush(std::size_t n, float* moment) {
  for (std::size_t i = 0; i < n; ++i) {
    moment[i] = std::fabs(moment[i]) > 1e-30f ? moment[i] : 0.0f;
  }
}

}  // namespace

online_optimiser::online_optimiser(const network& net, const optimiser_spec& spec, bool learns)
    : first(net.parameters()), second(net.parameters()), spec_(spec) {
  if (!learns) {
    return;
  }
  check(spec);
  factors_ = stream_factors(net, spec);
  plain_ = spec.kind == optimiser_kind::sgd && spec.momentum == 0.0 && spec.weight_decay == 0.0 && !clips();
  for (const connection& c : net.connections()) {
    plain_ = plain_ && factors_[c.weight] == 1.0 && !net.parameters()[c.weight].bounded();
  }
  for (const population& p : net.populations()) {
    plain_ = plain_ && (p.bias == no_parameter || factors_[p.bias] == 1.0);
  }
}

double online_optimiser::norm_of(const arena<float>& gradient) const {
  double sum = 0.0;
  for (std::size_t i = 0; i < factors_.size(); ++i) {
    const parameter_info& p = gradient.layout()[i];
    sum += factors_[i] == 0.0 ? 0.0 : kernels_->squares(gradient.values().data() + p.offset, p.rows * p.stride);
  }
  return std::sqrt(sum);
}

void online_optimiser::begin(const arena<float>& gradient) {
  double scale = 1.0;
  if (clips()) {
    const double norm = norm_of(gradient);
    scale = norm > spec_.clip_norm ? spec_.clip_norm / norm : 1.0;
  }
  common_ = update_of(spec_, updates + 1, scale);
  const double t = static_cast<double>(updates + 1);
  corrected_rate_ = spec_.learning_rate / (1.0 - std::pow(spec_.beta1, t));
  adam_.beta1 = common_.beta1;
  adam_.beta2 = common_.beta2;
  adam_.epsilon = common_.epsilon;
  adam_.correction2 = common_.correction2;
}

/// Rows that begin `offset` floats behind the parameter's first one; the gradient's begin at `gradient`.
void online_optimiser::move(std::size_t i, std::size_t offset, std::size_t rows, arena<float>& parameters,
                            float* gradient) {
  const parameter_info& p = parameters.layout()[i];
  const std::size_t floats = rows * p.stride, begin = p.offset + offset;
  const numbers at{parameters.values().data() + begin, gradient, first.values().data() + begin,
                   second.values().data() + begin};
  const update u = update_of(common_, spec_, p, spec_.learning_rate * factors_[i]);
  if (factors_[i] == 0.0) {
    std::fill_n(gradient, floats, 0.0f);
    return;
  }
  if (p.transform != parameter_transform::clamp) {
    for (std::size_t r = 0; r < rows; ++r) {
      apply_through(p, u, p.cols, at + r * p.stride);
    }
  } else if (spec_.kind != optimiser_kind::sgd && spec_.weight_decay == 0.0 && !clips()) {
    adam_.rate = static_cast<float>(corrected_rate_ * factors_[i]);
    kernels::adam_args a = adam_;
    a.value = at.value;
    a.gradient = at.gradient;
    a.first = at.first;
    a.second = at.second;
    a.count = floats;
    kernels_->adam(a);
  } else if (plain_) {
    for (std::size_t k = 0; k < floats; ++k) {
      at.value[k] -= u.rate * gradient[k];
    }
  } else {
    apply(u, floats, at);
    flush(floats, at.first);
    flush(floats, at.second);
  }
  std::fill_n(gradient, floats, 0.0f);
  for (std::size_t r = 0; r < rows && p.bounded(); ++r) {
    clamp_to_range(p, p.cols, at.value + r * p.stride);  // the padding stays zero
  }
}

void online_optimiser::update_parameter(std::size_t i, arena<float>& parameters, arena<float>& gradient) {
  const parameter_info& p = parameters.layout()[i];
  if (p.learnable) {
    move(i, 0, p.rows, parameters, gradient.values().data() + p.offset);
  }
}

void online_optimiser::take(const gradient_rows<float>& rows, arena<float>& parameters) {
  move(rows.parameter, rows.first * parameters.layout()[rows.parameter].stride, rows.count, parameters, rows.values);
}

}  // namespace backspike
