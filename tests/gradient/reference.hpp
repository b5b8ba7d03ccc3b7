#pragma once
// An independent second opinion: LIF and CUBA-LIF layers under a readout, in hard mode, forward and backward written
// by hand from the equations, in plain loops over double. It shares specifications, parameter names and data with the
// library, and no code of a cell, a surrogate or an objective.

#include "gradient/trial.hpp"

#include <backspike/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace backspike::testing {

/// One layer's numbers; the gradient has the same shape. Cell parameters stand once per neuron.
struct reference_layer {
  std::size_t sources = 0, units = 0;
  std::vector<double> weight, recurrent, bias;  // [sources][units], [units][units], [units]; absent: zeros
  std::vector<double> tau_m, tau_syn, v_th, v_reset, reset_strength;

  reference_layer(std::size_t s, std::size_t u)
      : sources(s),
        units(u),
        weight(s * u),
        recurrent(u * u),
        bias(u),
        tau_m(u),
        tau_syn(u),
        v_th(u),
        v_reset(u),
        reset_strength(u) {}
};

/// What a layer did in one sample, [steps][units] each; `v` and `i` before the step, `u` distance to the threshold.
struct reference_trace {
  std::vector<double> v, i, u, out;
};

struct reference_sample {
  std::size_t steps = 0;
  std::vector<reference_trace> layers;
  double loss = 0.0;
  std::size_t predicted = 0;
  std::vector<double> scores;
  double hidden_spikes = 0.0;
  double margin = std::numeric_limits<double>::infinity();  // smallest |u|
};

class reference_network {
 public:
  explicit reference_network(const trial& t) : spec_(t.net.spec()), objective_(t.objective), data_(t.data) {
    std::size_t sources = spec_.inputs;
    for (const layer_spec& s : spec_.layers) {
      layers_.emplace_back(sources, s.size);
      gradient_.emplace_back(sources, s.size);
      exchange(t.parameters, s, layers_.back(), [](const double& from, double& to) { to = from; });
      sources = s.size;
    }
  }

  reference_sample forward(std::uint32_t sample) const {
    reference_sample x;
    x.steps = data_.inputs.length(sample);
    std::vector<std::vector<double>> input = dense_input(sample);
    for (std::size_t q = 0; q < layers_.size(); ++q) {
      x.layers.push_back(run_layer(q, x.steps, input, x.margin));
      for (std::size_t t = 0; t < x.steps; ++t) {
        const auto first = x.layers[q].out.begin() + static_cast<std::ptrdiff_t>(t * layers_[q].units);
        input[t].assign(first, first + static_cast<std::ptrdiff_t>(layers_[q].units));
        x.hidden_spikes += q + 1 < layers_.size() ? std::accumulate(input[t].begin(), input[t].end(), 0.0) : 0.0;
      }
    }
    score(sample, x);
    return x;
  }

  /// Adds the gradient of weight * loss.
  void backward(std::uint32_t sample, const reference_sample& x, double weight) {
    std::vector<double> error = error_on_readout(sample, x, weight);
    for (std::size_t q = layers_.size(); q-- > 0;) {
      const std::vector<double> current = error_on_current(q, x, std::move(error));
      error = send_back(q, sample, x, current, weight);
    }
  }

  void write(arena<double>& gradient) {
    std::ranges::fill(gradient.values(), 0.0);
    for (std::size_t q = 0; q < layers_.size(); ++q) {
      exchange(gradient, spec_.layers[q], gradient_[q], [](double& to, const double& from) { to += from; });
    }
  }

 private:
  bool spikes(std::size_t q) const { return spec_.layers[q].cell != "leaky_integrator"; }
  bool current_based(std::size_t q) const { return spec_.layers[q].cell == "cuba_lif"; }

  /// f(number in the arena, number of the layer) for everything that both have.
  template <class Arena, class F>
  static void exchange(Arena& a, const layer_spec& s, reference_layer& l, const F& f) {
    const auto all = [&](const std::string& name, std::vector<double>& mine) {
      const auto view = a.view(s.name + "." + name);
      const bool shared = view.rows * view.cols < mine.size();
      for (std::size_t k = 0; k < mine.size(); ++k) {
        f(shared ? view(0, 0) : view(k / view.cols, k % view.cols), mine[k]);
      }
    };
    all("weight", l.weight);
    all("tau_m", l.tau_m);
    if (s.recurrent) {
      all("recurrent.weight", l.recurrent);
    }
    if (s.bias) {
      all("bias", l.bias);
    }
    if (s.cell == "cuba_lif") {
      all("tau_syn", l.tau_syn);
    }
    if (s.cell != "leaky_integrator") {
      all("v_th", l.v_th);
      all("v_reset", l.v_reset);
      all("reset_strength", l.reset_strength);
    }
  }

  std::vector<std::vector<double>> dense_input(std::uint32_t sample) const {
    std::vector<std::vector<double>> rows;
    const events& e = data_.inputs.spikes;
    for (std::size_t r = data_.inputs.sample_rows[sample]; r < data_.inputs.sample_rows[sample + 1]; ++r) {
      rows.emplace_back(spec_.inputs, 0.0);
      for (std::size_t k = e.row_offsets[r]; k < e.row_offsets[r + 1]; ++k) {
        rows.back()[e.channels[k]] = e.values.empty() ? 1.0 : static_cast<double>(e.values[k]);
      }
    }
    return rows;
  }

  /// Response of the membrane one step after a unit of synaptic current: dt/tau_syn times the integral over the step
  /// of exp(-s/tau_syn) exp(-(dt-s)/tau_m).
  double gain(double tau_m, double tau_syn) const {
    const double a = spec_.dt / tau_m, b = spec_.dt / tau_syn;
    return b * (std::exp(-b) - std::exp(-a)) / (a - b);
  }
  double gain_by_tau_m(double tau_m, double tau_syn) const {
    const double a = spec_.dt / tau_m, b = spec_.dt / tau_syn, d = a - b;
    return b * (std::exp(-a) * d - (std::exp(-b) - std::exp(-a))) / (d * d) * (-a / tau_m);
  }
  double gain_by_tau_syn(double tau_m, double tau_syn) const {
    const double a = spec_.dt / tau_m, b = spec_.dt / tau_syn, d = a - b, e = std::exp(-b) - std::exp(-a);
    return (e / d + b * (e - std::exp(-b) * d) / (d * d)) * (-b / tau_syn);
  }

  reference_trace run_layer(std::size_t q, std::size_t steps, const std::vector<std::vector<double>>& input,
                            double& margin) const {
    const reference_layer& l = layers_[q];
    const std::size_t n = l.units;
    reference_trace x{std::vector<double>(steps * n), std::vector<double>(steps * n), std::vector<double>(steps * n),
                      std::vector<double>(steps * n)};
    std::vector<double> v(n, 0.0), i(n, 0.0);
    for (std::size_t t = 0; t < steps; ++t) {
      for (std::size_t j = 0; j < n; ++j) {
        double drive = l.bias[j];
        for (std::size_t k = 0; k < l.sources; ++k) {
          drive += l.weight[k * n + j] * input[t][k];
        }
        for (std::size_t k = 0; k < n && t > 0; ++k) {
          drive += l.recurrent[k * n + j] * x.out[(t - 1) * n + k];
        }
        const std::size_t at = t * n + j;
        x.v[at] = v[j];
        x.i[at] = i[j];
        const double leaked = std::exp(-spec_.dt / l.tau_m[j]) * v[j];
        v[j] = current_based(q) ? leaked + gain(l.tau_m[j], l.tau_syn[j]) * i[j] : leaked + drive;
        i[j] = current_based(q) ? std::exp(-spec_.dt / l.tau_syn[j]) * i[j] + drive : 0.0;
        x.out[at] = v[j];
        if (spikes(q)) {
          x.u[at] = v[j] - l.v_th[j];
          margin = std::min(margin, std::fabs(x.u[at]));
          x.out[at] = x.u[at] >= 0.0 ? 1.0 : 0.0;
          v[j] = x.out[at] > 0.0 ? after_spike(q, j, v[j]) : v[j];
        }
      }
    }
    return x;
  }

  double after_spike(std::size_t q, std::size_t j, double v) const {
    switch (spec_.layers[q].reset) {
      case reset_kind::subtract:
        return v - layers_[q].reset_strength[j] * layers_[q].v_th[j];
      case reset_kind::to_value:
        return layers_[q].v_reset[j];
      case reset_kind::none:
        break;
    }
    return v;
  }

  double pseudo_derivative(std::size_t q, double u) const {
    const surrogate_spec& s = spec_.layers[q].surrogate;
    const double x = std::fabs(u) / s.width;
    switch (s.kind) {
      case surrogate_kind::fast_sigmoid:
        return s.height / std::pow(1.0 + x, 2);
      case surrogate_kind::arctangent:
        return s.height / (1.0 + std::pow(x, 2));
      case surrogate_kind::triangle:
        return s.height * std::max(0.0, 1.0 - x);
      case surrogate_kind::sigmoid:
        return s.height / std::pow(std::cosh(0.5 * x), 2);
      case surrogate_kind::boxcar:
        return x < 1.0 ? s.height : 0.0;
      case surrogate_kind::gaussian:
        return s.height * density(x, 0.0, 1.0) / density(0.0, 0.0, 1.0);
      case surrogate_kind::exponential:
        return s.height * std::exp(-x);
      case surrogate_kind::multi_gaussian:
        break;
    }
    return s.height * multi_gaussian(x) / multi_gaussian(0.0);
  }

  static double density(double x, double mean, double sigma) {
    return std::exp(-0.5 * std::pow((x - mean) / sigma, 2)) / sigma;
  }
  static double multi_gaussian(double x) {
    return 1.15 * density(x, 0.0, 1.0) - 0.15 * (density(x, 1.0, 6.0) + density(x, -1.0, 6.0));
  }

  /// The first step in which the layer before the readout spikes: earlier ones are no maximum. 0 if it never does.
  std::size_t first_reached(const reference_sample& x) const {
    if (layers_.size() < 2) {
      return 0;  // its spikes would be those of the input
    }
    const std::size_t hidden = layers_.size() - 2, n = layers_[hidden].units;
    for (std::size_t t = 0; t < x.steps; ++t) {
      const auto row = x.layers[hidden].out.begin() + static_cast<std::ptrdiff_t>(t * n);
      if (std::any_of(row, row + static_cast<std::ptrdiff_t>(n), [](double s) { return s != 0.0; })) {
        return t;
      }
    }
    return 0;
  }

  /// The readout over time as weights: z_c = sum_t share[t] * y[t, c].
  std::vector<double> shares(const reference_sample& x, std::size_t c) const {
    const std::size_t classes = layers_.back().units;
    std::vector<double> share(x.steps, 0.0);
    if (x.steps == 0) {
      return share;
    }
    std::size_t best = first_reached(x);
    for (std::size_t t = best + 1; t < x.steps; ++t) {
      best = x.layers.back().out[t * classes + c] > x.layers.back().out[best * classes + c] ? t : best;
    }
    switch (objective_.readout) {
      case readout_kind::max:
        share[best] = 1.0;
        break;
      case readout_kind::last:
        share.back() = 1.0;
        break;
      case readout_kind::mean:
        std::ranges::fill(share, 1.0 / static_cast<double>(x.steps));
        break;
      case readout_kind::first_spike:  // is not linear in the trace
        throw internal_error("the reference has no first spikes");
      case readout_kind::count:
        std::ranges::fill(share, 1.0);
        break;
    }
    for (double& s : share) {
      s *= objective_.logit_scale;
    }
    return share;
  }

  double wanted(std::uint32_t sample, std::size_t c) const {
    const double smooth = objective_.label_smoothing / static_cast<double>(layers_.back().units);
    return smooth + (static_cast<std::size_t>(data_.labels[sample]) == c ? 1.0 - objective_.label_smoothing : 0.0);
  }

  void score(std::uint32_t sample, reference_sample& x) const {
    const std::size_t classes = layers_.back().units;
    double total = 0.0;
    for (std::size_t c = 0; c < classes; ++c) {
      const std::vector<double> share = shares(x, c);
      double z = 0.0;
      for (std::size_t t = 0; t < x.steps; ++t) {
        z += share[t] * x.layers.back().out[t * classes + c];
      }
      x.scores.push_back(std::exp(z));
      total += x.scores.back();
    }
    x.loss = objective_.rate_penalty * x.hidden_spikes;
    for (std::size_t c = 0; c < classes; ++c) {
      x.scores[c] /= total;
      x.loss -= wanted(sample, c) * std::log(x.scores[c]);
    }
    x.predicted = static_cast<std::size_t>(std::ranges::max_element(x.scores) - x.scores.begin());
  }

  std::vector<double> error_on_readout(std::uint32_t sample, const reference_sample& x, double weight) const {
    const std::size_t classes = layers_.back().units;
    std::vector<double> error(x.steps * classes);
    for (std::size_t c = 0; c < classes; ++c) {
      const std::vector<double> share = shares(x, c);
      for (std::size_t t = 0; t < x.steps; ++t) {
        error[t * classes + c] = weight * (x.scores[c] - wanted(sample, c)) * share[t];
      }
    }
    return error;
  }

  /// dL/d out of a layer becomes dL/d current, last step first; recurrent errors join on the way.
  std::vector<double> error_on_current(std::size_t q, const reference_sample& x, std::vector<double> error_out) {
    const std::size_t n = layers_[q].units;
    std::vector<double> error(x.steps * n), error_v(n, 0.0), error_i(n, 0.0);
    for (std::size_t t = x.steps; t-- > 0;) {
      for (std::size_t k = 0; k < n && t + 1 < x.steps; ++k) {
        for (std::size_t j = 0; j < n; ++j) {
          error_out[t * n + k] += layers_[q].recurrent[k * n + j] * error[(t + 1) * n + j];
          gradient_[q].recurrent[k * n + j] += x.layers[q].out[t * n + k] * error[(t + 1) * n + j];
        }
      }
      for (std::size_t j = 0; j < n; ++j) {
        const std::size_t at = t * n + j;
        const double before =
            spikes(q) ? through_spike(q, j, x.layers[q], at, error_out[at], error_v[j]) : error_v[j] + error_out[at];
        error[at] = through_decay(q, j, x.layers[q], at, before, error_v[j], error_i[j]);
      }
    }
    return error;
  }

  /// dL/dv after reset and dL/d spike become dL/dv before the spike.
  double through_spike(std::size_t q, std::size_t j, const reference_trace& x, std::size_t at, double error_spike,
                       double error_after) {
    const reference_layer& l = layers_[q];
    reference_layer& g = gradient_[q];
    const layer_spec& s = spec_.layers[q];
    const double v = x.u[at] + l.v_th[j], fired = x.out[at];
    double error = error_after;
    if (s.reset == reset_kind::subtract) {
      g.v_th[j] -= error_after * fired * l.reset_strength[j];
      g.reset_strength[j] -= error_after * fired * l.v_th[j];
      error_spike -= s.detach_reset ? 0.0 : error_after * l.reset_strength[j] * l.v_th[j];
    } else if (s.reset == reset_kind::to_value) {
      g.v_reset[j] += error_after * fired;
      error = error_after * (1.0 - fired);
      error_spike += s.detach_reset ? 0.0 : error_after * (l.v_reset[j] - v);
    }
    const double error_u = error_spike * pseudo_derivative(q, x.u[at]);
    g.v_th[j] -= error_u;
    return error + error_u;
  }

  /// dL/dv before the spike becomes dL/d current and the errors on the states before the step.
  double through_decay(std::size_t q, std::size_t j, const reference_trace& x, std::size_t at, double error,
                       double& error_v, double& error_i) {
    const double tau_m = layers_[q].tau_m[j], decay_m = std::exp(-spec_.dt / tau_m);
    gradient_[q].tau_m[j] += error * x.v[at] * decay_m * spec_.dt / (tau_m * tau_m);
    error_v = error * decay_m;
    if (!current_based(q)) {
      return error;
    }
    const double tau_syn = layers_[q].tau_syn[j], decay_syn = std::exp(-spec_.dt / tau_syn), error_drive = error_i;
    gradient_[q].tau_m[j] += error * x.i[at] * gain_by_tau_m(tau_m, tau_syn);
    gradient_[q].tau_syn[j] += error * x.i[at] * gain_by_tau_syn(tau_m, tau_syn) +
                               error_drive * x.i[at] * decay_syn * spec_.dt / (tau_syn * tau_syn);
    error_i = error_drive * decay_syn + error * gain(tau_m, tau_syn);
    return error_drive;
  }

  /// Weight and bias gradients of a layer; returns dL/d out of the layer below.
  std::vector<double> send_back(std::size_t q, std::uint32_t sample, const reference_sample& x,
                                const std::vector<double>& error, double weight) {
    const reference_layer& l = layers_[q];
    const std::vector<std::vector<double>> input = q == 0 ? dense_input(sample) : std::vector<std::vector<double>>{};
    std::vector<double> below(x.steps * l.sources, objective_.rate_penalty * weight);
    for (std::size_t t = 0; t < x.steps; ++t) {
      for (std::size_t j = 0; j < l.units; ++j) {
        const double e = error[t * l.units + j];
        gradient_[q].bias[j] += e;
        for (std::size_t k = 0; k < l.sources; ++k) {
          const double in = q == 0 ? input[t][k] : x.layers[q - 1].out[t * l.sources + k];
          gradient_[q].weight[k * l.units + j] += e * in;
          below[t * l.sources + k] += l.weight[k * l.units + j] * e;
        }
      }
    }
    return below;
  }

  const network_spec& spec_;
  const objective_spec& objective_;
  const dataset& data_;
  std::vector<reference_layer> layers_, gradient_;
};

}  // namespace backspike::testing
