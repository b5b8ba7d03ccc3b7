// Probes of the curvature by differences of gradients, and the devices beside them.

#include <backspike/hardware/sensitivity.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/data/split.hpp>
#include <backspike/hardware/device_network.hpp>

#include "hardware/measure.hpp"
#include "hardware/second_order_control.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

void check(const dataset& data, const sensitivity_options& o) {
  const auto refuse = [](const char* what, const std::string& value, const char* accepted) {
    throw value_error("sensitivity", what, value, accepted);
  };
  if (data.size() == 0) {
    refuse("samples", "none", "at least one");
  }
  if (o.probes < 2) {
    refuse("probes", std::to_string(o.probes), "at least 2");
  }
  if (o.devices < 2) {
    refuse("devices", std::to_string(o.devices), "at least 2");
  }
  if (o.sigmas.empty()) {
    refuse("sigmas", "none", "at least one");
  }
}

device_spec off_by(const sensitivity_options& o, double sigma) {
  device_spec spec;
  spec.mismatch = {{.match = o.match, .distribution = mismatch_distribution::normal, .sigma = sigma}};
  return spec;
}

/// f(i, j) for every number of an arena: the parameter, and where in the buffer.
template <class F>
void each_place(const parameter_layout& layout, const F& f) {
  for (std::size_t i = 0; i < layout.size(); ++i) {
    for (std::size_t r = 0; r < layout[i].rows; ++r) {
      for (std::size_t c = 0; c < layout[i].cols; ++c) {
        f(i, layout[i].offset + r * layout[i].stride + c);
      }
    }
  }
}

/// What each number adds, at a sigma of 1: to the mean and to the variance.
struct parts_of_loss {
  std::vector<double> curvature, variance;  // [floats of the layout]
};

/// A network whose neurons have numbers of their own, and its gradients.
class probing {
 public:
  probing(const network& net, const objective_spec& objective, const arena<float>& parameters, const dataset& data,
          const sensitivity_options& options, thread_pool& pool)
      : options_(options),
        data_(data),
        devices_(net, off_by(options, options.probe_sigma), gradients_of::mismatched),
        engine_(devices_.simulated(), objective, pool),
        own_(layout()),
        size_(layout()),
        moved_(layout()),
        gradient_(layout()),
        sum_(layout().floats()) {
    devices_.realise(parameters, own_);
    devices_.boxes(parameters, size_);
    for (float& s : size_.values()) {
      s /= static_cast<float>(options.probe_sigma);
    }
  }

  const network& simulated() const { return devices_.simulated(); }
  const parameter_layout& layout() const { return devices_.simulated().parameters(); }

  parts_of_loss look(const std::function<void()>& advance, std::vector<double>& by_probe) {
    parts_of_loss found{std::vector<double>(layout().floats()), std::vector<double>(layout().floats())};
    mean_gradient(own_);
    each_place(layout(), [&](std::size_t, std::size_t k) {
      const double step = sum_[k] * static_cast<double>(size_.values()[k]);
      found.variance[k] = step * step;
    });
    advance();
    for (std::uint32_t probe = 0; probe < options_.probes; ++probe) {
      by_probe.push_back(add_probe(probe, found.curvature));
      advance();
    }
    for (double& c : found.curvature) {
      c /= options_.probes;
    }
    return found;
  }

 private:
  /// Of the mean loss over all data, in double.
  void mean_gradient(const arena<float>& parameters) {
    std::ranges::fill(sum_, 0.0);
    const std::vector<std::uint32_t> order = every_sample(data_);
    for (std::size_t begin = 0; begin < order.size(); begin += options_.eval_batch) {
      const std::size_t size = std::min<std::size_t>(options_.eval_batch, order.size() - begin);
      engine_.gradient(parameters, {&data_, std::span(order).subspan(begin, size)}, gradient_);
      const double share = static_cast<double>(size) / static_cast<double>(order.size());
      for (std::size_t k = 0; k < sum_.size(); ++k) {
        sum_[k] += share * static_cast<double>(gradient_.values()[k]);
      }
    }
  }

  /// v * (g(own + v) - g(own - v)) / 4 over sigma^2, v of random signs: half of v H v.
  double add_probe(std::uint32_t probe, std::vector<double>& curvature) {
    std::vector<float> way(layout().floats());
    random_stream signs(options_.seed, random_purpose::perturbation, probe);
    const auto sigma = static_cast<float>(options_.probe_sigma);
    each_place(layout(),
               [&](std::size_t, std::size_t k) { way[k] = (signs.below(2) == 0 ? -1.0f : 1.0f) * size_.values()[k]; });
    const auto gradient_at = [&](float step) {
      for (std::size_t k = 0; k < way.size(); ++k) {
        moved_.values()[k] = own_.values()[k] + step * way[k];
      }
      clamp_to_ranges(moved_);
      mean_gradient(moved_);
    };
    gradient_at(sigma);
    const std::vector<double> ahead = sum_;
    gradient_at(-sigma);
    double all = 0.0;
    for (std::size_t k = 0; k < way.size(); ++k) {
      const double part = way[k] * (ahead[k] - sum_[k]) / (4.0 * options_.probe_sigma);
      curvature[k] += part;
      all += part;
    }
    return all;
  }

  const sensitivity_options& options_;
  const dataset& data_;
  device_network devices_;
  engine engine_;
  arena<float> own_, size_, moved_, gradient_;
  std::vector<double> sum_;
};

std::vector<sensitivity_part> by_parameter(const parameter_layout& layout, const parts_of_loss& parts) {
  std::vector<sensitivity_part> found(layout.size());
  each_place(layout, [&](std::size_t i, std::size_t k) {
    found[i].curvature += parts.curvature[k];
    found[i].slope += parts.variance[k];
  });
  for (std::size_t i = 0; i < layout.size(); ++i) {
    found[i].name = layout[i].name;
  }
  return found;
}

/// The numbers of a neuron: its constants, its bias and the weights that lead to it.
std::vector<sensitivity_part> by_neuron(const network& net, const parts_of_loss& parts) {
  std::vector<sensitivity_part> found;
  std::vector<std::size_t> first;
  for (const population& p : net.populations()) {
    first.push_back(found.size());
    for (std::size_t n = 0; n < p.units; ++n) {
      found.push_back({.name = fmt::format("{}[{}]", p.spec.name, n)});
    }
  }
  const parameter_layout& layout = net.parameters();
  const auto add = [&](std::size_t neuron, std::size_t parameter, std::size_t row, std::size_t column) {
    const std::size_t k = layout[parameter].offset + row * layout[parameter].stride + column;
    found[neuron].curvature += parts.curvature[k];
    found[neuron].slope += parts.variance[k];
  };
  for (std::size_t q = 0; q < net.populations().size(); ++q) {
    const population& p = net.populations()[q];
    for (std::size_t n = 0; n < p.units; ++n) {
      for (std::size_t k = 0; k < p.parameters.size(); ++k) {
        if (p.columns[k] == p.units) {
          add(first[q] + n, p.parameters[k], 0, p.column_of(k, n));
        }
      }
      if (p.bias != no_parameter && p.bias_columns == p.units) {
        add(first[q] + n, p.bias, 0, p.column_of_bias(n));
      }
    }
  }
  for (const connection& c : net.connections()) {
    if (!c.info->shares_weights && !c.info->fixed) {
      each_synapse(
          c, [&](std::uint32_t, const synapse& s) { add(first[c.target] + s.target, c.weight, s.row, s.column); });
    }
  }
  return found;
}

/// Deviations from variances; what adds nothing is left out.
std::vector<sensitivity_part> ranked(std::vector<sensitivity_part> parts) {
  std::erase_if(parts, [](const sensitivity_part& p) { return p.curvature == 0.0 && p.slope == 0.0; });
  for (sensitivity_part& p : parts) {
    p.slope = std::sqrt(p.slope);
  }
  std::ranges::stable_sort(parts,
                           [](const auto& a, const auto& b) { return std::abs(a.curvature) > std::abs(b.curvature); });
  return parts;
}

sensitivity_point run_devices(const network& net, const objective_spec& objective, const arena<float>& parameters,
                              const dataset& data, const sensitivity_options& options, double sigma, double loss,
                              thread_pool& pool, const std::function<void()>& advance) {
  device_network devices(net, off_by(options, sigma));
  engine simulator(devices.simulated(), objective, pool);
  arena<float> on_device(devices.simulated().parameters());
  sensitivity_point point{.sigma = sigma};
  double square = 0.0;
  for (std::uint32_t k = 0; k < options.devices; ++k) {
    devices.draw(options.seed, k);
    devices.realise(parameters, on_device);
    const device_result r = measure(simulator, on_device, data, options.eval_batch);
    point.mean += (r.loss - loss) / options.devices;
    square += (r.loss - loss) * (r.loss - loss);
    point.accuracy += r.accuracy / options.devices;
    advance();
  }
  const double n = options.devices;
  point.deviation = std::sqrt(std::max(square - n * point.mean * point.mean, 0.0) / (n - 1.0));
  return point;
}

}  // namespace

sensitivity measure_sensitivity(const std::string& name, const network& net, const objective_spec& objective,
                                const arena<float>& parameters, const dataset& data, const sensitivity_options& options,
                                thread_pool& pool, const sensitivity_progress& progress) {
  check(data, options);
  sensitivity s;
  s.name = name;
  s.match = options.match;
  s.samples = data.size();
  s.probe_sigma = options.probe_sigma;
  std::size_t done = 0;
  const std::size_t total = 1 + options.probes + options.sigmas.size() * options.devices;
  const std::function<void()> advance = [&] {
    if (progress) {
      progress(++done, total);
    }
  };
  engine simulator(net, objective, pool);
  const device_result own = measure(simulator, parameters, data, options.eval_batch);
  s.loss = own.loss;
  s.accuracy = own.accuracy;
  probing probe(net, objective, parameters, data, options, pool);
  std::vector<double> by_probe;
  const parts_of_loss parts = probe.look(advance, by_probe);
  s.parameters = ranked(by_parameter(probe.layout(), parts));
  s.neurons = ranked(by_neuron(probe.simulated(), parts));
  double square = 0.0, variance = 0.0;
  for (const double c : by_probe) {
    s.curvature += c / options.probes;
    square += c * c;
  }
  for (const double v : parts.variance) {
    variance += v;
  }
  s.slope = std::sqrt(variance);
  const bool silent = std::ranges::all_of(own.rates, [](double rate) { return rate == 0.0; });
  if (silent || s.slope == 0.0) {
    throw value_error("sensitivity", "network",
                      silent ? "silent on these samples" : "without a gradient on these samples",
                      "one that fires and has a gradient: in another nothing would seem to matter");
  }
  const double n = options.probes;
  s.curvature_error = std::sqrt(std::max(square - n * s.curvature * s.curvature, 0.0) / (n - 1.0) / n);
  for (const double sigma : options.sigmas) {
    sensitivity_point point = run_devices(net, objective, parameters, data, options, sigma, s.loss, pool, advance);
    point.predicted_mean = sigma * sigma * s.curvature;
    point.predicted_deviation = sigma * s.slope;
    s.points.push_back(point);
  }
  s.control = measure_second_order(net, objective, parameters, data, options.match, options.seed);
  return s;
}

}  // namespace backspike
