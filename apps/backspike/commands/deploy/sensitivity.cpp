// `backspike sensitivity`: what mismatch is predicted to cost, and what it costs.

#include <backspike/data/split.hpp>
#include <backspike/experiment/output_targets.hpp>
#include <backspike/experiment/trained.hpp>
#include <backspike/hardware/sensitivity.hpp>

#include "commands/agent/agent_commands.hpp"
#include "commands/command.hpp"
#include "options.hpp"
#include "output.hpp"
#include "page_output.hpp"

#include <memory>
#include <string>

namespace backspike::app {
namespace {

struct sensitivity_command : checkpoint_options {
  sensitivity_options measured;
  std::size_t samples = 500;
  std::string json, report;
};

int measure(const sensitivity_command& o) {
  work_display display(o.quiet);
  const auto trained = load_trained(o.path);
  refuse_agent("sensitivity", trained.settings, "an agent has no data to be measured on");
  dataset data = o.load(trained, display);
  add_targets(trained.settings.network, data);
  if (o.samples < data.size()) {
    data = subset(data, spread_evenly(data.size(), o.samples));
  }
  thread_pool pool(o.threads);
  sensitivity_options options = o.measured;
  options.eval_batch = trained.settings.train.eval_batch;
  const sensitivity found = measure_sensitivity(
      trained.settings.name, *trained.net, trained.settings.objective, *trained.parameters, data, options, pool,
      [&](std::size_t done, std::size_t total) { display.update("probing and running devices", done, total); });
  display.line().clear();
  show_figures(found, o.json, o.report);
  return 0;
}

}  // namespace

void add_sensitivity(CLI::App& program, action& chosen) {
  auto o = std::make_shared<sensitivity_command>();
  auto* command = program.add_subcommand(
      "sensitivity", "Predict by second derivatives what mismatch of a chip costs, beside devices that are simulated");
  o->add_to(*command);
  command->add_option("--match", o->measured.match, "Which parameters are off: a pattern such as *.weight or *.tau_m")
      ->type_name("PATTERN");
  command->add_option("--sigmas", o->measured.sigmas, "Standard deviations, as shares of each number")
      ->delimiter(',')
      ->type_name("X,X,...");
  command->add_option("--probes", o->measured.probes, "Random directions")->type_name("N");
  command->add_option("--probe-sigma", o->measured.probe_sigma, "How far they go")->type_name("SIGMA");
  command->add_option("--devices", o->measured.devices, "Drawn and run for each sigma")->type_name("N");
  command->add_option("--samples", o->samples, "So many, spread evenly over the data")->check(CLI::Range(1, 16777216));
  command->add_option("--seed", o->measured.seed, "Of probes and devices")->type_name("N");
  command->add_option("--json", o->json, "Write the figures to this file")->type_name("FILE");
  command->add_option("--report", o->report, "Write a page with charts to this file")->type_name("FILE");
  command->footer(
      "To second order the loss of a device changes by 1/2 sum sigma^2 H_ii in the mean, with a variance of sum\n"
      "sigma^2 g^2. The trace is probed by differences of gradients (Hutchinson); devices that are drawn and run say\n"
      "where the expansion ends. What each parameter and neuron adds tells what to calibrate.\n"
      "Examples:\n"
      "  backspike sensitivity runs/fashion_mnist\n"
      "  backspike sensitivity runs/fashion_mnist --match '*.v_th' --report sensitivity.html");
  command->callback([&chosen, o] { chosen = [o] { return measure(*o); }; });
}

}  // namespace backspike::app
