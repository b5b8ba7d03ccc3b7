// How long does one step of a stream take, and does it grow with the steps before it?
//
// 100 inputs, 256 recurrent lif neurons, 2 leaky integrators, one thread; every channel fires in 5 % of the steps, and
// the hidden neurons at some 10 to 20 Hz. A step is timed by itself, from the input row to the readout, update
// included.
//
//   bench_online [--steps N]     latency of inference and of learning, p50 and p99
//   bench_online --growth        resident memory and step time after 100 to 100,000 steps

#include <backspike/core/random.hpp>
#include <backspike/online/online_learner.hpp>

#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

namespace {

using namespace backspike;
using clock_type = std::chrono::steady_clock;

constexpr std::uint32_t inputs = 100, hidden = 256, outputs = 2;
constexpr std::size_t kept_rows = 4096;  // of input, read again and again

network_spec make_network(const std::string& cell, bool detach) {
  layer_spec recurrent, readout;
  recurrent.cell = cell;
  recurrent.size = hidden;
  recurrent.recurrent = true;
  recurrent.detach_reset = detach;
  recurrent.surrogate = {surrogate_kind::triangle, 1.0, 0.3};
  readout.cell = "leaky_integrator";
  readout.size = outputs;
  network_spec spec;
  spec.inputs = inputs;
  spec.layers = {recurrent, readout};
  return spec;
}

/// Normal weights of a size that keeps the layer firing now and then; cells at their specification.
arena<float> make_parameters(const network& net) {
  arena<float> values(net.parameters());
  for (const population& p : net.populations()) {
    for (std::size_t k = 0; k < p.parameters.size(); ++k) {
      values.view(p.parameters[k])(0, 0) =
          static_cast<float>(p.spec.parameters.at(std::string(p.cell->parameters[k].name)).value);
    }
  }
  for (const connection& c : net.connections()) {
    random_stream random(1, random_purpose::weights, c.weight);
    const auto w = values.view(c.weight);
    const double sigma = (c.source == network_input ? 1.6 : 0.4) / std::sqrt(static_cast<double>(w.rows));
    for (std::size_t k = 0; k < w.rows * w.cols; ++k) {
      w(k / w.cols, k % w.cols) = static_cast<float>(sigma * random.normal());
    }
  }
  return values;
}

events make_input() {
  events rows;
  random_stream random(2, random_purpose::encoder);
  for (std::size_t t = 0; t < kept_rows; ++t) {
    for (std::uint32_t c = 0; c < inputs; ++c) {
      if (random.uniform() < 0.05) {
        rows.channels.push_back(c);
      }
    }
    rows.end_row();
  }
  return rows;
}

/// Two slow waves, far enough from what an untrained readout says for every step to have an error.
struct target_wave {
  float values[outputs];
  explicit target_wave(std::size_t t)
      : values{static_cast<float>(std::sin(0.01 * static_cast<double>(t))),
               static_cast<float>(std::cos(0.013 * static_cast<double>(t)))} {}
};

struct timed_run {
  std::vector<double> micros;
  double loss = 0.0;
};

timed_run run(online_learner& learner, const events& rows, std::size_t steps, bool learns) {
  timed_run r;
  r.micros.reserve(steps);
  for (std::size_t t = 0; t < steps; ++t) {
    const event_row row = rows.row(t % kept_rows);
    const target_wave wave(t);
    const auto start = clock_type::now();
    learns ? learner.step(row, {-1, wave.values}) : learner.infer(row);
    r.micros.push_back(std::chrono::duration<double, std::micro>(clock_type::now() - start).count());
    r.loss += learner.loss();
  }
  return r;
}

double at_share(std::vector<double> values, double share) {
  const auto n = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + n, values.end());
  return values[static_cast<std::size_t>(n)];
}

objective_spec regression() {
  objective_spec objective;
  objective.loss = loss_kind::mean_squared;
  return objective;
}

online_options slow_sgd() {
  online_options options;
  options.optimiser.learning_rate = 1e-5;
  return options;
}

void print_latency(const char* name, const network& net, const online_options& options, bool learns, const events& rows,
                   std::size_t steps) {
  online_learner learner(net, regression(), make_parameters(net), options);
  run(learner, rows, 1000, learns);
  const timed_run r = run(learner, rows, steps, learns);
  std::printf("%-44s %8.1f %8.1f %8.1f %9.1f\n", name, at_share(r.micros, 0.5), at_share(r.micros, 0.99),
              at_share(r.micros, 0.999), at_share(r.micros, 1.0));
}

void print_rates(const network& net, const events& rows) {
  dataset data;
  data.channels = inputs;
  data.inputs.spikes = rows;
  data.inputs.end_sample();
  data.step_targets.assign(kept_rows * outputs, 0.0f);
  data.target_width = outputs;
  thread_pool pool(1);
  engine e(net, regression(), pool);
  const std::uint32_t first[] = {0};
  const auto result = e.evaluate(make_parameters(net), {&data, first});
  std::printf("input: %.1f spikes a step; hidden neurons: %.1f Hz at steps of 1 ms\n",
              static_cast<double>(rows.size()) / kept_rows,
              1000.0 * static_cast<double>(result.hidden_spikes) / (kept_rows * hidden));
}

void latency(std::size_t steps) {
  const events rows = make_input();
  const network common(make_network("lif", true)), own(make_network("lif", false)), two(make_network("cuba_lif", true));
  print_rates(common, rows);
  std::printf("%-44s %8s %8s %8s %9s  [microseconds]\n", "", "p50", "p99", "p99.9", "slowest");
  online_options adam = slow_sgd(), seldom = slow_sgd();
  adam.optimiser.kind = optimiser_kind::adam;
  seldom.update_every = 10;
  print_latency("inference", common, slow_sgd(), false, rows, steps);
  print_latency("e-prop, SGD every step", common, slow_sgd(), true, rows, steps);
  print_latency("e-prop, SGD every 10 steps", common, seldom, true, rows, steps);
  print_latency("e-prop, Adam every step", common, adam, true, rows, steps);
  print_latency("e-prop, SGD every step, reset attached", own, slow_sgd(), true, rows, steps);
  print_latency("e-prop, SGD every step, cuba_lif", two, slow_sgd(), true, rows, steps);
}

double resident_mebibytes() {
  unsigned long size = 0, resident = 0;
  if (std::FILE* f = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(f, "%lu %lu", &size, &resident) != 2) {
      resident = 0;
    }
    std::fclose(f);
  }
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1024.0 * 1024.0);
}

/// Steps are timed one by one into a buffer of the last hundred: its size is the same for every length.
void growth() {
  const events rows = make_input();
  const network net(make_network("lif", true));
  online_learner learner(net, regression(), make_parameters(net), slow_sgd());
  std::vector<double> last(100, 0.0);
  std::size_t t = 0;
  static_cast<void>(resident_mebibytes());  // its own memory is taken before anything is compared
  std::printf("%10s %16s %24s\n", "steps", "resident [MiB]", "p50 of the last 100 [us]");
  for (const std::size_t until : {100u, 1000u, 10000u, 100000u}) {
    for (; t < until; ++t) {
      const target_wave wave(t);
      const auto start = clock_type::now();
      learner.step(rows.row(t % kept_rows), {-1, wave.values});
      last[t % last.size()] = std::chrono::duration<double, std::micro>(clock_type::now() - start).count();
    }
    std::printf("%10zu %16.2f %24.1f\n", until, resident_mebibytes(), at_share(last, 0.5));
  }
}

}  // namespace

int main(int argc, char** argv) try {
  std::size_t steps = 20000;
  bool grow = false;
  for (int k = 1; k < argc; ++k) {
    grow = grow || std::strcmp(argv[k], "--growth") == 0;
    if (std::strcmp(argv[k], "--steps") == 0 && k + 1 < argc) {
      steps = std::max<std::size_t>(1, std::strtoull(argv[k + 1], nullptr, 10));
    }
  }
  grow ? growth() : latency(steps);
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench_online: %s\n", e.what());
  return 1;
}
