// `backspike deploy`: a trained network on many simulated devices of a chip.

#include <backspike/core/error.hpp>
#include <backspike/data/split.hpp>
#include <backspike/experiment/output_targets.hpp>
#include <backspike/experiment/trained.hpp>
#include <backspike/hardware/deployment.hpp>

#include "commands/agent/agent_commands.hpp"
#include "commands/command.hpp"
#include "enum_choices.hpp"
#include "options.hpp"
#include "output.hpp"
#include "page_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace backspike::app {
namespace {

constexpr const char* usual_match = "*.weight";
constexpr double usual_sigma = 0.2;

struct deploy_command : checkpoint_options {
  std::vector<std::string> mismatch;  // SIGMA or PATTERN=SIGMA
  std::string distribution = "normal";
  std::optional<double> dead_synapses, silent_neurons;
  std::uint32_t devices = 100;
  std::uint64_t seed = 1;
  double bar = 0.0;
  std::size_t samples = 0;
  std::string json, report;
};

parameter_mismatch read_mismatch(const std::string& text, const std::string& distribution) {
  const auto sign = text.rfind('=');
  const std::string number = sign == std::string::npos ? text : text.substr(sign + 1);
  parameter_mismatch m;
  m.match = sign == std::string::npos ? usual_match : text.substr(0, sign);
  m.distribution = parse_name<mismatch_distribution>(distribution).value();  // the parser took no other
  const auto [end, problem] = std::from_chars(number.data(), number.data() + number.size(), m.sigma);
  if (problem != std::errc{} || end != number.data() + number.size() || m.match.empty()) {
    throw value_error("deploy", "--mismatch", text, "SIGMA, as 0.2, or PATTERN=SIGMA, as *.tau_m=0.1");
  }
  return m;
}

/// What the command asks for, else what the run was trained for, else the usual mismatch of weights.
device_spec device_of(const deploy_command& o, const experiment& settings) {
  device_spec device = settings.hardware;
  if (!o.mismatch.empty()) {
    device.mismatch.clear();
    for (const std::string& text : o.mismatch) {
      device.mismatch.push_back(read_mismatch(text, o.distribution));
    }
  }
  device.dead_synapses = o.dead_synapses.value_or(device.dead_synapses);
  device.silent_neurons = o.silent_neurons.value_or(device.silent_neurons);
  if (!device.changes_something()) {
    device.mismatch.push_back({.match = usual_match,
                               .distribution = parse_name<mismatch_distribution>(o.distribution).value(),
                               .sigma = usual_sigma});
  }
  return device;
}

int run_devices(const deploy_command& o) {
  work_display display(o.quiet);
  const auto trained = load_trained(o.path);
  refuse_agent("deploy", trained.settings, "an agent has no data to be measured on");
  dataset data = o.load(trained, display);
  add_targets(trained.settings.network, data);
  if (o.samples > 0 && o.samples < data.size()) {
    data = subset(data, spread_evenly(data.size(), o.samples));
  }
  thread_pool pool(o.threads);
  const deployment_options options{.device = device_of(o, trained.settings),
                                   .devices = o.devices,
                                   .seed = o.seed,
                                   .bar = o.bar,
                                   .eval_batch = trained.settings.train.eval_batch};
  const deployment found =
      deploy(trained.settings.name, *trained.net, trained.settings.objective, *trained.parameters, data, options, pool,
             [&](std::size_t done, std::size_t total) { display.update("running devices", done, total); });
  display.line().clear();
  show_figures(found, o.json, o.report);
  return 0;
}

}  // namespace

void add_deploy(CLI::App& program, action& chosen) {
  auto o = std::make_shared<deploy_command>();
  auto* command = program.add_subcommand("deploy", "Measure a trained network on many devices of a chip, simulated");
  o->add_to(*command);
  command->add_option("--devices", o->devices, "How many")->type_name("N")->check(CLI::Range(1, 1000000));
  command
      ->add_option("--mismatch", o->mismatch,
                   "Standard deviation of parameters over the devices, as a share of each number; any number of times")
      ->type_name("[PATTERN=]SIGMA");
  command->add_option("--distribution", o->distribution, "Of --mismatch")
      ->check(CLI::IsMember(names_of<mismatch_distribution>()));
  command->add_option("--dead-synapses", o->dead_synapses, "Share of the weights that are 0")->type_name("SHARE");
  command->add_option("--silent-neurons", o->silent_neurons, "Share of the spiking neurons that never fire")
      ->type_name("SHARE");
  command->add_option("--bar", o->bar, "Accuracy of a good device; otherwise 0.01 below that without mismatch")
      ->type_name("ACCURACY");
  command->add_option("--samples", o->samples, "So many, spread evenly over the data; otherwise all")->type_name("N");
  command->add_option("--seed", o->seed, "Of the devices")->type_name("N");
  command->add_option("--json", o->json, "Write the figures of every device to this file")->type_name("FILE");
  command->add_option("--report", o->report, "Write a page with charts to this file")->type_name("FILE");
  command->footer(
      "Nothing runs on a chip: each device is the network with numbers that were drawn for it. A number of a layer or\n"
      "channel becomes one of each neuron, because on a chip each is a circuit of its own. Without --mismatch, dead\n"
      "synapses and silent neurons: those of [hardware] in the experiment, or weights with a sigma of 0.2.\n"
      "Examples:\n"
      "  backspike deploy runs/fashion_mnist --devices 100\n"
      "  backspike deploy runs/fashion_mnist --mismatch 0.2 --mismatch '*.tau_m=0.1' --json devices.json\n"
      "  backspike deploy runs/fashion_mnist --silent-neurons 0.05 --bar 0.85 --report devices.html");
  command->callback([&chosen, o] { chosen = [o] { return run_devices(*o); }; });
}

}  // namespace backspike::app
