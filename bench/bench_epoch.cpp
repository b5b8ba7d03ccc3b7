// How many samples a second does training take in, and what does a second thread bring?
//
// A network like that of experiments/fashion_mnist.toml (784-H-10, cuba_lif, offline BPTT, Adam, batch 256) on spikes
// made up here with the density of that data set: about 300 of 784 channels spike once within 40 steps. Made up, so
// that the figure needs no download and stays comparable when the experiment is tuned; each class has its own spike
// times, so that the hidden layer fires as in a real run.
//
//   bench_epoch [--batches N] [--repeats N]
//
// Every repeat takes N training steps (gradient and optimiser); the table shows the median over repeats and the
// slowest, whose distance tells how quiet the machine was.

#include <backspike/core/random.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/gradient/initialise.hpp>
#include <backspike/optimise/optimiser.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <numeric>
#include <span>
#include <vector>

namespace {

using namespace backspike;

constexpr std::uint32_t channels = 784, steps = 40, classes = 10, batch = 256;
constexpr double active_share = 300.0 / channels;

struct settings {
  std::size_t batches = 8, repeats = 5;
};

/// One sample: its class's channels, each a step or two early or late.
void add_sample(dataset& data, std::uint32_t sample) {
  const auto label = static_cast<std::int32_t>(sample % classes);
  random_stream prototype(1, random_purpose::encoder, static_cast<std::uint64_t>(label));
  random_stream jitter(2, random_purpose::encoder, sample);
  std::vector<std::vector<std::uint32_t>> rows(steps);
  for (std::uint32_t c = 0; c < channels; ++c) {
    const bool active = prototype.uniform() < active_share;
    const std::uint32_t step = prototype.below(steps - 4) + jitter.below(5);
    if (active) {
      rows[step].push_back(c);
    }
  }
  for (const auto& row : rows) {
    data.inputs.spikes.channels.insert(data.inputs.spikes.channels.end(), row.begin(), row.end());
    data.inputs.spikes.end_row();
  }
  data.inputs.end_sample();
  data.labels.push_back(label);
}

dataset make_data(std::uint32_t samples) {
  dataset data;
  data.name = "synthetic";
  data.channels = channels;
  data.class_names.assign(classes, "class");
  for (std::uint32_t s = 0; s < samples; ++s) {
    add_sample(data, s);
  }
  data.validate();
  return data;
}

network_spec make_network(std::uint32_t hidden) {
  network_spec spec;
  spec.inputs = channels;
  spec.layers.resize(2);
  spec.layers[0].cell = "cuba_lif";
  spec.layers[0].size = hidden;
  spec.layers[1].cell = "leaky_integrator";
  spec.layers[1].size = classes;
  return spec;
}

struct measurement {
  double median = 0.0, slowest = 0.0;  // [samples/s]
  double hidden_spikes = 0.0;          // a sample
};

measurement measure(const dataset& data, std::uint32_t hidden, std::size_t threads, const settings& s) {
  const network net(make_network(hidden));
  thread_pool pool(threads);
  arena<float> parameters(net.parameters()), gradient(net.parameters());
  initialise(net, parameters, 1, data, pool);
  engine e(net, {}, pool);
  optimiser adam({}, net.parameters());
  std::vector<std::uint32_t> order(data.size());
  std::iota(order.begin(), order.end(), 0u);
  measurement m;
  std::vector<double> rates;
  for (std::size_t repeat = 0; repeat <= s.repeats; ++repeat) {  // the first one warms up
    const auto start = std::chrono::steady_clock::now();
    std::uint64_t spikes = 0;
    for (std::size_t b = 0; b < s.batches; ++b) {
      const auto samples = std::span<const std::uint32_t>(order).subspan(b * batch, batch);
      spikes += e.gradient(parameters, {&data, samples}, gradient).hidden_spikes;
      adam.step(parameters, gradient, 1e-4, pool);
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    const auto samples = static_cast<double>(s.batches * batch);
    m.hidden_spikes = static_cast<double>(spikes) / samples;
    rates.push_back(samples / seconds.count());
  }
  rates.erase(rates.begin());
  std::ranges::sort(rates);
  m.median = rates[rates.size() / 2];
  m.slowest = rates.front();
  return m;
}

/// Options that it does not know are those of the other benchmarks: ./dev bench gives all of them the same.
settings read_arguments(int count, char** arguments) {
  settings s;
  for (int k = 1; k + 1 < count; ++k) {
    const auto number = static_cast<std::size_t>(std::max(1l, std::strtol(arguments[k + 1], nullptr, 10)));
    if (std::strcmp(arguments[k], "--batches") == 0) {
      s.batches = number;
    } else if (std::strcmp(arguments[k], "--repeats") == 0) {
      s.repeats = number;
    }
  }
  return s;
}

void print_table(const settings& s) {
  const dataset data = make_data(static_cast<std::uint32_t>(s.batches * batch));
  std::printf("784-H-10, %u steps, %.0f input spikes a sample, batch %u; %zu repeats of %zu batches\n", steps,
              static_cast<double>(data.inputs.spikes.size()) / static_cast<double>(data.size()), batch, s.repeats,
              s.batches);
  std::printf("%6s %8s %18s %18s %16s %14s\n", "hidden", "threads", "samples/s median", "samples/s slowest",
              "epoch of 54000", "hidden spikes");
  for (const std::uint32_t hidden : {256u, 512u}) {
    for (const std::size_t threads : {1u, 2u}) {
      const measurement m = measure(data, hidden, threads, s);
      std::printf("%6u %8zu %18.0f %18.0f %14.1f s %14.1f\n", hidden, threads, m.median, m.slowest, 54000.0 / m.median,
                  m.hidden_spikes);
      std::fflush(stdout);
    }
  }
}

}  // namespace

int main(int count, char** arguments) {
  try {
    print_table(read_arguments(count, arguments));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench_epoch: %s\n", e.what());
    return 1;
  }
  return 0;
}
