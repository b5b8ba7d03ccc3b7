// `backspike inspect`: layers, parameters, operations, delays and memory of an experiment or a trained network.

#include <backspike/core/bytes.hpp>
#include <backspike/core/error.hpp>
#include <backspike/core/name_ending.hpp>
#include <backspike/core/resources.hpp>
#include <backspike/experiment/agent_run.hpp>
#include <backspike/experiment/class_weights.hpp>
#include <backspike/experiment/output_targets.hpp>
#include <backspike/experiment/runner.hpp>
#include <backspike/gradient/initialise.hpp>

#include "commands/command.hpp"
#include "commands/inspect_text.hpp"
#include "options.hpp"
#include "output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <numeric>
#include <optional>

namespace backspike::app {
namespace {

constexpr std::uint32_t samples_measured = 200;

struct inspect_options {
  std::string path;
  std::vector<std::string> overrides;
  std::size_t threads = 0;
  bool quiet = false;
};

/// The first samples of the test set: enough for means of activity, quick for any network.
dataset first_samples(const dataset& test) {
  std::vector<std::uint32_t> picked(std::min<std::size_t>(test.size(), samples_measured));
  std::iota(picked.begin(), picked.end(), 0U);
  return subset(test, picked);
}

void print_network(const network& net, const std::string& title) {
  print("{}: {} inputs, {} outputs, steps of {:g} ms\n\n{}\n{}\n", title, net.spec().inputs, net.outputs(),
        net.spec().dt, lines{layer_table(net)}, lines{parameter_table(net)});
  for (const network_output& o : net.output_list()) {
    if (net.output_list().size() > 1) {
      print("output {}: {} values of layer {}\n", o.name, o.units, net.populations()[o.population].spec.name);
    }
  }
}

void print_operations(const experiment& e, const network& net, const arena<float>& parameters, const dataset& test,
                      const char* weights, thread_pool& pool) {
  if (test.size() == 0) {
    return;
  }
  engine simulator(net, e.objective, pool);
  const auto sample = first_samples(test);
  const auto activity = evaluate_all(simulator, parameters, sample, sample.size());
  const auto c = measure_complexity(net, parameters, sample, activity);
  print("Operations of a sample, {} weights, mean over {} test samples of {:.1f} steps:\n{}\n", weights,
        activity.samples, static_cast<double>(activity.steps) / static_cast<double>(activity.samples),
        lines{operation_table(c)});
  print("What a sample costs:\n{}\n", lines{energy_text(c)});
}

/// `before` is what a run began with, or none where that is not known.
void print_delays(const network& net, const arena<float>* before, const arena<float>& now, std::uint32_t epochs) {
  const auto table = delay_table(delay_changes(net, before != nullptr ? *before : now, now), before != nullptr);
  if (!table.empty()) {
    print("{}{}\n", lines{table}, lines{width_table(net, now, epochs)});
  }
}

void print_memory(const experiment& e, const dataset_split& data, const network& net, std::size_t threads) {
  print("Memory that training needs, of {} available:\n{}", bytes_text(available_memory()),
        lines{memory_table(forecast_run(e, data, net, threads, rule_for(e, data, net, threads)))});
}

int inspect_experiment(const inspect_options& o) {
  work_display display(o.quiet);
  const auto e = load_experiment(o.path, o.overrides);
  if (e.acts()) {
    print_network(network(network_for_agent(e)), e.name);
    return 0;
  }
  auto data = load_with_progress(e.data, e.seed, display);
  add_targets(e, data);
  display.line().clear();
  const network net(network_for(e, data.train));
  print_network(net, e.name);
  thread_pool pool(o.threads);
  const auto forecast = forecast_run(e, data, net, pool.threads(), e.rule);
  if (forecast.total() < available_memory()) {  // a network that does not fit still has its tables
    arena<float> parameters(net.parameters());
    initialise(net, parameters, e.seed, data.train, pool);
    print_delays(net, nullptr, parameters, e.train.epochs);
    print_operations(settle_class_weights(e, data.train), net, parameters, data.test, "initial", pool);
  }
  print_memory(e, data, net, pool.threads());
  return 0;
}

/// Nothing if the data are not on this machine: a checkpoint can be inspected without them.
std::optional<dataset_split> data_if_there(const data_spec& spec, std::uint64_t seed, work_display& display) {
  try {
    return load_with_progress(spec, seed, display);
  } catch (const missing_data_error& e) {
    display.line().clear();
    print("Operations and memory are not shown, because the data are not here: {}\n", e.what());
    return std::nullopt;
  }
}

int inspect_checkpoint(const inspect_options& o) {
  work_display display(o.quiet);
  const auto trained = load_trained(o.path);
  checkpoint_options data_options;
  data_options.path = o.path;
  data_options.overrides = o.overrides;
  const auto& e = trained.settings;
  print("written by backspike {}, seed {}, after epoch {} (step {})\n", trained.version, e.seed, trained.epoch,
        trained.step);
  print_network(*trained.net, e.name);
  print_delays(*trained.net, initial_parameters(o.path, *trained.net).get(), *trained.parameters, e.train.epochs);
  std::fflush(stdout);
  if (e.acts()) {
    print("an agent that acts in {}: operations and memory are those of what it sees, and are not counted\n",
          e.environment.name);
    return 0;
  }
  auto data = data_if_there(data_options.data_settings(trained), e.seed, display);
  if (data) {
    display.line().clear();
    make_compatible(o.path, trained, data->test);
    add_targets(e.network, *data);
    thread_pool pool(o.threads);
    print_operations(e, *trained.net, *trained.parameters, data->test, "trained", pool);
    print_memory(e, *data, *trained.net, pool.threads());
  }
  return 0;
}

}  // namespace

void add_inspect(CLI::App& program, action& chosen) {
  auto o = std::make_shared<inspect_options>();
  auto* command = program.add_subcommand("inspect", "Print layers, parameters, memory and operations of a network");
  command->add_option("path", o->path, "Experiment file, checkpoint or run directory")
      ->type_name("EXPERIMENT.toml|CHECKPOINT")
      ->required();
  add_set_option(*command, o->overrides, "Override a key of the experiment (data.* only for a checkpoint)");
  add_threads_option(*command, o->threads);
  command->add_flag("--quiet", o->quiet, "No progress");
  command->footer(
      "A dense layer multiplies and adds every weight in every step; an event-driven one adds a row of weights for\n"
      "each spike. Both are counted per sample; updates of the neurons themselves are the same in both.\n"
      "Examples:\n"
      "  backspike inspect experiments/fashion_mnist.toml\n"
      "  backspike inspect experiments/fashion_mnist.toml --set train.batch=64\n"
      "  backspike inspect runs/fashion_mnist");
  command->callback([&chosen, o] {
    chosen = [o] { return has_ending(o->path, ".toml") ? inspect_experiment(*o) : inspect_checkpoint(*o); };
  });
}

}  // namespace backspike::app
