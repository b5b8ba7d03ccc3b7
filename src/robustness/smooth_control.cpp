// Loss and derivatives of the smooth relaxation in double precision, by the dense reference.

#include "robustness/smooth_control.hpp"

#include <backspike/gradient/dense.hpp>

#include "robustness/directions.hpp"
#include "robustness/variants.hpp"

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

constexpr std::size_t most_samples = 2;
constexpr double most_work = 2e9;     // synapses times steps of one pass
constexpr double finer = 0.01;        // than the sizes asked for: there higher orders have not begun to show
constexpr double least_seen = 1e-11;  // differences below are rounding

/// One sample on the relaxation.
class relaxation {
 public:
  /// Of the first and only sample.
  relaxation(const network& net, const objective_spec& objective, const dataset& data)
      : net_(net), objective_(objective), data_(data), steps_(data.inputs.length(0)) {
    objective_.rate_penalty = 0.0;
  }

  /// The loss; with `error_input` also the derivatives: dL/dinput [steps][inputs] and dL/dparameters.
  double loss(const arena<double>& parameters, const dataset& moved, std::vector<double>* error_input,
              arena<double>* gradient) {
    const dense_model<double> model(net_, parameters, spike_mode::smooth);
    const dense_sample<double> x = dense_forward(model, moved, 0, batch_draws{});
    if (!settled_) {
      reach_ = detail::dense_reach(plan_reach(net_, objective_, parameters), x, data_, 0);
      settled_ = true;
    }
    dense_result<double> sum;
    std::vector<dense_errors<double>> e = dense_no_errors(model);
    judges_.begin(net_, objective_, data_, 0);
    detail::dense_objective(net_, objective_, x, judges_, reach_, 1.0, sum, &e);
    if (gradient != nullptr) {
      gradient->fill(0.0);
      dense_backward(model, x, data_, 0, e, *gradient);
      dense_pull_back(model, e, *gradient);
      collect(parameters, e, *error_input);
    }
    return sum.loss;
  }

 private:
  /// The errors on currents through the weights of the connections from the input.
  void collect(const arena<double>& parameters, const std::vector<dense_errors<double>>& e,
               std::vector<double>& error_input) const {
    const std::size_t inputs = net_.spec().inputs;
    error_input.assign(steps_ * inputs, 0.0);
    for (const connection& c : net_.connections()) {
      if (!c.comes_from_input()) {
        continue;
      }
      const auto weight = parameters.view(c.weight);
      each_synapse(c, [&](std::uint32_t source, const synapse& s) {
        const double w = weight(s.row, s.column) * s.factor;
        for (std::size_t t = c.base_delay; t < steps_; ++t) {
          const auto error = detail::row_of(e[c.target].current.data(), net_.populations()[c.target], t, c.receptor);
          error_input[(t - c.base_delay) * inputs + c.first_source + source] += w * error[s.target];
        }
      });
    }
  }

  const network& net_;
  objective_spec objective_;  // without penalties on activity
  const dataset& data_;
  std::size_t steps_;
  sample_outputs<double> judges_;
  output_reach reach_;
  bool settled_ = false;
};

/// |actual - predicted| of one sample moved along the sign of its gradient.
void add_differences(const network& net, const objective_spec& objective, const arena<double>& parameters,
                     const dataset& data, const mismatch_options& options, std::vector<double>& to) {
  relaxation smooth(net, objective, data);
  arena<double> gradient(net.parameters());
  std::vector<double> error_input;
  const double before = smooth.loss(parameters, data, &error_input, &gradient);
  for (std::size_t k = 0; k < options.sizes.size(); ++k) {
    const double size = finer * options.sizes[k];
    double predicted = 0.0, after = 0.0;
    if (options.of == moved_part::input) {
      dense_input moved(data);
      moved.move(std::span<const double>(error_input), size);
      predicted = moved.product(std::span<const double>(error_input));
      after = smooth.loss(parameters, moved.data(), nullptr, nullptr);
    } else {
      arena<double> there(parameters);
      move_parameters(there, gradient, size);
      predicted = product_of(parameters, there, gradient);
      after = smooth.loss(there, data, nullptr, nullptr);
    }
    to[k] += std::abs(after - before - predicted);
  }
}

std::string why_left_out(const network& net, const dataset& data, const mismatch_options& options) {
  double synapses = 0.0;
  for (const connection& c : net.connections()) {
    if (c.comes_from_input() && c.has_delays() && options.of == moved_part::input) {
      return "the input has delays that are learned";
    }
    synapses += static_cast<double>(synapse_count(c));
  }
  return synapses * static_cast<double>(data.longest()) > most_work ? "the network is too large for it" : "";
}

}  // namespace

double log_slope(std::span<const double> sizes, std::span<const double> differences) {
  double n = 0.0, x = 0.0, y = 0.0, xx = 0.0, xy = 0.0;
  for (std::size_t k = 0; k < sizes.size(); ++k) {
    if (differences[k] > least_seen) {
      const double a = std::log(sizes[k]), b = std::log(differences[k]);
      n += 1.0, x += a, y += b, xx += a * a, xy += a * b;
    }
  }
  return n < 2.0 ? std::nan("") : (n * xy - x * y) / (n * xx - x * x);
}

smooth_control measure_smooth(const network& net, const objective_spec& objective, const arena<float>& parameters,
                              const dataset& data, std::span<const std::uint32_t> samples,
                              const mismatch_options& options) {
  smooth_control c;
  c.left_out = why_left_out(net, data, options);
  if (!c.left_out.empty()) {
    return c;
  }
  const network smooth(relaxed(net.spec()));
  arena<double> values(smooth.parameters());
  std::ranges::copy(parameters.values(), values.values().begin());
  c.sizes = options.sizes;
  for (double& size : c.sizes) {
    size *= finer;
  }
  c.differences.assign(c.sizes.size(), 0.0);
  const std::size_t count = std::min(samples.size(), most_samples);
  for (std::size_t k = 0; k < count; ++k) {
    add_differences(smooth, objective, values, subset(data, samples.subspan(k, 1)), options, c.differences);
  }
  for (double& d : c.differences) {
    d /= static_cast<double>(count);
  }
  c.slope = log_slope(c.sizes, c.differences);
  return c;
}

}  // namespace backspike
