// A teacher hides an integer delay in each of its synapses. A student trains on nothing but the teacher's input and
// traces, as experiments/delay_recovery.toml says, and is then compared with the teacher. Prints how many delays it
// found.
//
//   recover_delays EXPERIMENT.toml [SEED]...

#include <backspike/data/load.hpp>
#include <backspike/data/tasks/delay_tasks.hpp>
#include <backspike/experiment/fit.hpp>
#include <backspike/gradient/initialise.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

using namespace backspike;

/// How far each delay of the student is from the teacher's [steps], ascending.
std::vector<double> errors_of(const delay_recovery_spec& task, std::uint64_t seed, const arena<float>& student) {
  const delay_teacher teacher = make_delay_teacher(task, seed);
  const auto found = student.view("readout.delay");
  std::vector<double> errors;
  for (std::size_t i = 0; i < task.inputs; ++i) {
    for (std::size_t n = 0; n < task.outputs; ++n) {
      errors.push_back(std::fabs(found(i, n) - teacher.delays[i * task.outputs + n]));
    }
  }
  std::ranges::sort(errors);
  return errors;
}

/// Trains a student and prints how it went; the share of delays within half a step.
double recover(const experiment& e) {
  const dataset_split data = load_data(e.data, e.seed);
  const network net(network_for(e, data.train.channels, data.train.dt, data.train.target_width));
  thread_pool pool;
  arena<float> student(net.parameters());
  initialise(net, student, e.seed, data.train, pool);
  run_observer silent;
  fit(e, data.train, data.validation, net, student, pool, silent);
  const auto errors = errors_of(e.data.delay_recovery, e.seed, student);
  const auto near = std::ranges::lower_bound(errors, 0.5) - errors.begin();
  const double share = static_cast<double>(near) / static_cast<double>(errors.size());
  std::printf("seed %llu: %.1f %% of %zu delays within half a step, median error %.3f steps\n",
              static_cast<unsigned long long>(e.seed), 100 * share, errors.size(), errors[errors.size() / 2]);
  return share;
}

int main(int count, char** arguments) try {
  if (count < 2) {
    std::fprintf(stderr, "usage: recover_delays EXPERIMENT.toml [SEED]...\n");
    return 2;
  }
  std::vector<std::string> seeds(arguments + 2, arguments + count);
  if (seeds.empty()) {
    seeds.emplace_back("1");
  }
  double least = 1.0;
  for (const auto& seed : seeds) {
    least = std::min(least, recover(load_experiment(arguments[1], {"seed=" + seed})));
  }
  std::printf("at least %.1f %% recovered\n", 100 * least);
  return least >= 0.95 ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "recover_delays: %s\n", error.what());
  return 1;
}
