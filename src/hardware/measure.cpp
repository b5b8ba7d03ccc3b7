// Runs all data through the engine and sums up what it says.

#include "hardware/measure.hpp"

#include <backspike/data/split.hpp>

#include <algorithm>
#include <numeric>
#include <span>

namespace backspike {
namespace {

/// Spikes of a population so far.
class spike_counter {
 public:
  void add(const predictions& kept, const std::vector<std::size_t>& layers) {
    sums_.resize(layers.size(), 0.0);
    for (std::size_t k = 0; k < layers.size(); ++k) {
      const auto& spikes = kept.spikes[layers[k]];
      sums_[k] += static_cast<double>(std::accumulate(spikes.begin(), spikes.end(), std::uint64_t{0}));
    }
  }
  std::vector<double> rates(const network& net, const std::vector<std::size_t>& layers, std::uint64_t steps) const {
    std::vector<double> rates;
    for (std::size_t k = 0; k < layers.size(); ++k) {
      rates.push_back(sums_[k] /
                      (static_cast<double>(net.populations()[layers[k]].units) * static_cast<double>(steps)));
    }
    return rates;
  }

 private:
  std::vector<double> sums_;
};

}  // namespace

std::vector<std::size_t> spiking_layers(const network& net) {
  std::vector<std::size_t> found;
  for (std::size_t q = 0; q < net.populations().size(); ++q) {
    if (net.populations()[q].cell->spiking) {
      found.push_back(q);
    }
  }
  return found;
}

device_result measure(engine& simulator, const arena<float>& parameters, const dataset& data, std::size_t batch) {
  const std::vector<std::uint32_t> order = every_sample(data);
  const std::vector<std::size_t> layers = spiking_layers(simulator.simulated());
  batch_result sums;
  spike_counter spikes;
  for (std::size_t begin = 0; begin < order.size(); begin += batch) {
    const std::size_t size = std::min(batch, order.size() - begin);
    predictions kept;
    sums.add(simulator.evaluate(parameters, {&data, std::span(order).subspan(begin, size)}, &kept));
    spikes.add(kept, layers);
  }
  device_result r;
  r.accuracy = share_of(sums.correct, sums.counted);
  r.loss = sums.loss / static_cast<double>(sums.samples);
  r.rates = spikes.rates(simulator.simulated(), layers, sums.steps);
  return r;
}

}  // namespace backspike
