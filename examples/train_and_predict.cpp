// Trains a small spiking network on patterns made here and asks it about patterns that it has not seen: each of three
// classes is an order in which 40 channels spike once, every spike up to 3 ms early or late.

#include <backspike/core/random.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/gradient/initialise.hpp>
#include <backspike/optimise/optimiser.hpp>

#include <cstdio>
#include <numeric>
#include <span>
#include <vector>

using namespace backspike;

constexpr std::uint32_t channels = 40, steps = 50, classes = 3;

dataset make_patterns(std::uint32_t samples, std::uint64_t seed) {
  dataset data;
  data.channels = channels;
  data.class_names = {"red", "green", "blue"};
  for (std::uint32_t s = 0; s < samples; ++s) {
    random_stream jitter(seed, random_purpose::test, s), pattern(1, random_purpose::test, s % classes);
    std::vector<std::vector<std::uint32_t>> rows(steps);
    for (std::uint32_t c = 0; c < channels; ++c) {
      rows[pattern.below(steps - 6) + jitter.below(7)].push_back(c);
    }
    for (const auto& row : rows) {
      data.inputs.spikes.channels.insert(data.inputs.spikes.channels.end(), row.begin(), row.end());
      data.inputs.spikes.end_row();
    }
    data.inputs.end_sample();
    data.labels.push_back(static_cast<std::int32_t>(s % classes));
  }
  return data;
}

int main() {
  const dataset train = make_patterns(300, 2), test = make_patterns(150, 3);
  layer_spec hidden, readout;
  hidden.cell = "cuba_lif";
  hidden.size = 32;
  readout.cell = "leaky_integrator";
  readout.size = classes;
  network_spec spec;
  spec.inputs = channels;
  spec.layers = {hidden, readout};

  const network net(spec);
  thread_pool pool;
  arena<float> parameters(net.parameters()), gradient(net.parameters());
  initialise(net, parameters, 1, train, pool);
  engine simulation(net, {}, pool);
  optimiser adam({}, net.parameters());
  for (std::uint64_t epoch = 0; epoch < 10; ++epoch) {
    const auto order = permutation(static_cast<std::uint32_t>(train.size()), {1, random_purpose::shuffle, epoch});
    for (std::size_t begin = 0; begin < order.size(); begin += 30) {
      simulation.gradient(parameters, {&train, std::span(order).subspan(begin, 30)}, gradient);
      adam.step(parameters, gradient, 5e-3, pool);
    }
  }

  std::vector<std::uint32_t> all(test.size());
  std::iota(all.begin(), all.end(), 0u);
  predictions kept;
  const batch_result result = simulation.evaluate(parameters, {&test, all}, &kept);
  for (std::size_t s = 0; s < classes; ++s) {
    const auto label = static_cast<std::size_t>(test.labels[s]), predicted = static_cast<std::size_t>(kept.labels[s]);
    std::printf("%s: predicted %s, probability %.2f\n", test.class_names[label].c_str(),
                test.class_names[predicted].c_str(), static_cast<double>(kept.scores[s * classes + predicted]));
  }
  const double accuracy = static_cast<double>(result.correct) / static_cast<double>(result.samples);
  std::printf("accuracy %.2f, %.1f hidden spikes a sample\n", accuracy,
              static_cast<double>(result.hidden_spikes) / static_cast<double>(result.samples));
  return accuracy >= 0.9 ? 0 : 1;
}
