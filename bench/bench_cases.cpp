// How long does one training step of each case take, how much memory, and how many spikes?
//
// The cases that bench/peers compares systems on (bench/cases.json), on the engine alone: forward, backward and Adam,
// in this process and without Python. What to profile, and what to look at while the engine changes.
//
//   bench_cases [--case NAME]... [--threads N] [--repeats N] [--all] [--json FILE]
//
// NAME: the case of that name, or those whose name contains it. The first step, which plans memory, does not count, so
// that one training step and nothing else is in the profile of
//
//   valgrind --tool=callgrind --toggle-collect='*timed_step*' bench_cases --case NAME --repeats 1 --threads 1

#include "training_case.hpp"

#include <backspike/core/resources.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/online/online_learner.hpp>
#include <backspike/optimise/optimiser.hpp>

#include <malloc.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

namespace {

using namespace backspike;
using bench::training_case;

struct settings {
  std::vector<std::string> names;
  std::size_t threads = 0;  // 0: the case's own
  std::size_t repeats = 7;
  bool all = false;
  std::string json;
};

struct measurement {
  std::vector<double> seconds;
  double spikes = 0.0;       // of hidden neurons, in all steps that were taken
  std::uint64_t growth = 0;  // bytes
};

/// Resident bytes now; from here on the peak is counted, so that building input and network is not in it.
std::uint64_t forget_peak() {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
  return resident_memory();
}

double at_share(std::vector<double> values, double share) {
  const auto n = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + n, values.end());
  return values[static_cast<std::size_t>(n)];
}

template <class Step>
[[gnu::noinline]] double timed_step(Step& step) {
  const auto start = std::chrono::steady_clock::now();
  step();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

measurement train(const training_case& c, const settings& s) {
  thread_pool pool(s.threads > 0 ? s.threads : c.threads);
  const network net(bench::network_of(c));
  const dataset data = bench::data_of(c);
  arena<float> parameters = bench::parameters_of(c, net);
  std::vector<std::uint32_t> order(data.size());
  std::iota(order.begin(), order.end(), 0u);
  objective_spec objective;
  objective.readout = readout_kind::mean;
  measurement m;
  const std::uint64_t before = forget_peak();
  arena<float> gradient(net.parameters());
  optimiser adam({}, net.parameters());
  engine e(net, objective, pool, bench::rule_of(c));
  auto step = [&] {
    m.spikes += static_cast<double>(e.gradient(parameters, {&data, order}, gradient).hidden_spikes);
    adam.step(parameters, gradient, 1e-4, pool);
  };
  step();
  m.spikes = 0.0;
  for (std::size_t k = 0; k < (c.memory ? 1 : s.repeats); ++k) {
    m.seconds.push_back(timed_step(step));
  }
  m.spikes /= static_cast<double>(m.seconds.size());
  m.growth = peak_memory() - before;
  return m;
}

/// A repeat is one pass over the stream of the case; each of its steps is timed.
measurement stream(const training_case& c, const settings& s) {
  const network net(bench::network_of(c));
  const dataset data = bench::data_of(c);
  objective_spec objective;
  objective.loss = loss_kind::mean_squared;
  online_options options;
  options.optimiser.learning_rate = 1e-5;
  measurement m;
  const std::uint64_t before = forget_peak();
  online_learner learner(net, objective, bench::parameters_of(c, net), options);
  const std::vector<float> target(net.outputs(), 0.0f);
  for (std::size_t k = 0; k < s.repeats; ++k) {
    for (std::size_t t = 0; t < c.steps; ++t) {
      const event_row row = data.inputs.spikes.row(t);
      auto step = [&] { c.learns ? learner.step(row, {-1, target}) : learner.infer(row); };
      m.seconds.push_back(timed_step(step));
    }
  }
  m.growth = peak_memory() - before;
  return m;
}

nlohmann::ordered_json measure(const training_case& c, const settings& s) {
  const measurement m = c.online ? stream(c, s) : train(c, s);
  nlohmann::ordered_json record{{"case", c.name},
                                {"threads", s.threads > 0 ? s.threads : c.threads},
                                {"repetitions", m.seconds.size()},
                                {"seconds_median", at_share(m.seconds, 0.5)},
                                {"seconds_iqr", at_share(m.seconds, 0.75) - at_share(m.seconds, 0.25)}};
  if (c.online) {
    record["seconds_p99"] = at_share(m.seconds, 0.99);
  } else {
    record["nanoseconds_per_neuron_step"] = 1e9 * at_share(m.seconds, 0.5) / c.neuron_steps();
    record["bytes_per_neuron_step"] = static_cast<double>(m.growth) / c.neuron_steps();
    record["spikes_per_neuron_step"] = m.spikes / c.neuron_steps();
  }
  return record;
}

void print(const nlohmann::ordered_json& r) {
  const double median = 1e3 * r["seconds_median"].get<double>(), iqr = 1e3 * r["seconds_iqr"].get<double>();
  std::printf("%-38s %7zu %10.3f %9.3f", r["case"].get<std::string>().c_str(), r["threads"].get<std::size_t>(), median,
              iqr);
  if (r.contains("seconds_p99")) {
    std::printf(" %22s p99 %.4f ms\n", "", 1e3 * r["seconds_p99"].get<double>());
  } else {
    std::printf(" %10.3f %9.2f %9.4f\n", r["nanoseconds_per_neuron_step"].get<double>(),
                r["bytes_per_neuron_step"].get<double>(), r["spikes_per_neuron_step"].get<double>());
  }
  std::fflush(stdout);
}

/// Options that it does not know are those of the other benchmarks: ./dev bench gives all of them the same.
settings read_arguments(int count, char** arguments) {
  settings s;
  for (int k = 1; k < count; ++k) {
    const auto is = [&](const char* name) { return std::strcmp(arguments[k], name) == 0 && k + 1 < count; };
    if (is("--case")) {
      s.names.emplace_back(arguments[k + 1]);
    } else if (is("--threads")) {
      s.threads = std::strtoull(arguments[k + 1], nullptr, 10);
    } else if (is("--repeats")) {
      s.repeats = std::max<std::size_t>(1, std::strtoull(arguments[k + 1], nullptr, 10));
    } else if (is("--json")) {
      s.json = arguments[k + 1];
    }
    s.all = s.all || std::strcmp(arguments[k], "--all") == 0;
  }
  return s;
}

bool is_picked(const training_case& c, const std::vector<training_case>& all, const settings& s) {
  if (s.names.empty()) {
    return c.by_default || s.all;
  }
  return std::ranges::any_of(s.names, [&](const std::string& name) {
    const bool exact = std::ranges::any_of(all, [&](const training_case& other) { return other.name == name; });
    return exact ? c.name == name : c.name.find(name) != std::string::npos;
  });
}

}  // namespace

int main(int count, char** arguments) {
  try {
    const settings s = read_arguments(count, arguments);
    nlohmann::ordered_json records = nlohmann::ordered_json::array();
    std::printf("%-38s %7s %10s %9s %10s %9s %9s\n%-38s %7s %10s %9s %10s %9s %9s\n", "case", "threads", "median",
                "IQR", "ns a neu-", "bytes", "spikes", "", "", "ms", "ms", "ron-step", "of one", "of one");
    const auto all = bench::read_cases();
    for (const training_case& c : all) {
      if (is_picked(c, all, s)) {
        records.push_back(measure(c, s));
        print(records.back());
      }
    }
    if (!s.json.empty()) {
      std::ofstream(s.json) << records.dump(1) << '\n';
    }
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench_cases: %s\n", e.what());
    return 1;
  }
  return 0;
}
