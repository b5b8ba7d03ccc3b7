// Evaluates a network on one device after another.

#include <backspike/hardware/deployment.hpp>

#include <backspike/core/error.hpp>
#include <backspike/hardware/device_network.hpp>

#include "hardware/measure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

constexpr double usual_margin = 0.01;  // below the network's own accuracy, that a good device may have

void check(const dataset& data, const deployment_options& o) {
  const auto refuse = [](const char* what, const std::string& value, const char* accepted) {
    throw value_error("deploy", what, value, accepted);
  };
  if (o.devices == 0) {
    refuse("devices", "0", "at least 1");
  }
  if (data.size() == 0) {
    refuse("samples", "none", "at least one");
  }
  if (!o.device.changes_something()) {
    refuse("device", "no mismatch, no dead synapse and no silent neuron", "at least one of them");
  }
  if (!(o.bar >= 0.0 && o.bar <= 1.0)) {
    refuse("bar", fmt::format("{:g}", o.bar), "an accuracy, 0 to 1");
  }
}

/// What is looked at: accuracy, or the loss of what tells no class.
double figure(const deployment& d, const device_result& r) { return d.tells_classes() ? r.accuracy : r.loss; }

}  // namespace

bool deployment::tells_classes() const { return !std::isnan(ideal.accuracy); }

double deployment::mean() const {
  double sum = 0.0;
  for (const device_result& r : devices) {
    sum += figure(*this, r);
  }
  return sum / static_cast<double>(devices.size());
}

double deployment::deviation() const {
  const double middle = mean();
  double square = 0.0;
  for (const device_result& r : devices) {
    square += std::pow(figure(*this, r) - middle, 2);
  }
  return devices.size() < 2 ? 0.0 : std::sqrt(square / static_cast<double>(devices.size() - 1));
}

double deployment::worst() const {
  double found = figure(*this, devices.front());
  for (const device_result& r : devices) {
    found = tells_classes() ? std::min(found, figure(*this, r)) : std::max(found, figure(*this, r));
  }
  return found;
}

double deployment::yield() const {
  const auto good = std::ranges::count_if(devices, [&](const device_result& r) { return r.accuracy >= bar; });
  return static_cast<double>(good) / static_cast<double>(devices.size());
}

deployment deploy(const std::string& name, const network& net, const objective_spec& objective,
                  const arena<float>& parameters, const dataset& data, const deployment_options& options,
                  thread_pool& pool, const deployment_progress& progress) {
  check(data, options);
  deployment d;
  d.name = name;
  d.device = options.device;
  d.seed = options.seed;
  d.samples = data.size();
  device_network devices(net, options.device);
  engine simulator(devices.simulated(), objective, pool);
  arena<float> on_device(devices.simulated().parameters());
  for (const std::size_t q : spiking_layers(net)) {
    d.layers.push_back(net.populations()[q].spec.name);
  }
  const auto run = [&] {
    const std::size_t clamped = devices.realise(parameters, on_device);
    device_result r = measure(simulator, on_device, data, options.eval_batch);
    r.clamped = clamped;
    return r;
  };
  d.ideal = run();
  d.bar = options.bar > 0.0 ? options.bar : d.ideal.accuracy - usual_margin;
  for (std::uint32_t k = 0; k < options.devices; ++k) {
    devices.draw(options.seed, k);
    d.devices.push_back(run());
    if (progress) {
      progress(k + 1, options.devices);
    }
  }
  return d;
}

}  // namespace backspike
