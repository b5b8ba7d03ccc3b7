#pragma once
// A trained network on many devices: what each of them gets right, the worst one, and how many are good enough.

#include <backspike/core/arena.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/hardware/device_spec.hpp>
#include <backspike/network/network.hpp>
#include <backspike/objective/objective_spec.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace backspike {

struct deployment_options {
  device_spec device;
  std::uint32_t devices = 100;
  std::uint64_t seed = 1;
  double bar = 0.0;  // accuracy that a device needs to be good; 0: a hundredth below the network's own
  std::uint32_t eval_batch = 1000;
};

/// What a device does with the data.
struct device_result {
  double accuracy = 0.0, loss = 0.0;  // accuracy: NaN in a regression
  std::vector<double> rates{};        // [spiking layers] spikes of a neuron and step
  std::size_t clamped = 0;            // numbers that the mismatch took out of their range, and that were brought back
};

struct deployment {
  std::string name;
  device_spec device;
  std::uint64_t seed = 1;
  std::size_t samples = 0;
  double bar = 0.0;
  std::vector<std::string> layers;  // the spiking ones
  device_result ideal;              // without mismatch
  std::vector<device_result> devices;

  /// Over the devices; of a regression those of the loss, of which the highest is the worst.
  double mean() const, deviation() const, worst() const, yield() const;
  bool tells_classes() const;
};

using deployment_progress = std::function<void(std::size_t done, std::size_t total)>;

/// Evaluates the data on so many devices. Throws value_error: no device, no sample, a device that changes nothing, a
/// bar outside 0 to 1, and as device_network does.
deployment deploy(const std::string& name, const network& net, const objective_spec& objective,
                  const arena<float>& parameters, const dataset& data, const deployment_options& options,
                  thread_pool& pool, const deployment_progress& progress = {});

/// For other programs, for a terminal, and as a page with charts that opens offline.
std::string to_json(const deployment& d);
std::string to_text(const deployment& d);
std::string to_html(const deployment& d);

}  // namespace backspike
