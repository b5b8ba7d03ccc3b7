// `backspike mismatch`: what the gradient of the surrogate promises, and what the hard network does.

#include <backspike/data/split.hpp>
#include <backspike/experiment/class_weights.hpp>
#include <backspike/robustness/mismatch.hpp>

#include "commands/command.hpp"
#include "commands/loaded_network.hpp"
#include "enum_choices.hpp"
#include "output.hpp"
#include "page_output.hpp"

#include <memory>
#include <string>
#include <vector>

namespace backspike::app {
namespace {

struct mismatch_command : experiment_options {
  std::size_t samples = 64, threads = 0;
  std::string of = "input", json, report;
  mismatch_options measured;
  bool quiet = false;
};

int measure(const mismatch_command& o) {
  work_display display(o.quiet);
  thread_pool pool(o.threads);
  const loaded_network n = load_network("mismatch", o, pool, display);
  const dataset& data = n.data.test.size() > 0 ? n.data.test : n.data.train;
  mismatch_options options = o.measured;
  options.of = parse_name<moved_part>(o.of).value();  // the parser took no other
  options.seed = o.seed.value_or(options.seed);
  const experiment e = settle_class_weights(n.settings, data);
  const mismatch m = measure_mismatch(
      e.name, *n.net, e.objective, *n.parameters, data, spread_evenly(data.size(), o.samples), options, pool,
      [&](std::size_t done, std::size_t total) { display.update("moving samples", done, total); });
  display.line().clear();
  show_figures(m, o.json, o.report);
  return 0;
}

}  // namespace

void add_mismatch(CLI::App& program, action& chosen) {
  auto o = std::make_shared<mismatch_command>();
  auto* command = program.add_subcommand("mismatch",
                                         "Hold the loss that a gradient predicts against what the hard "
                                         "network does");
  o->add_to(*command);
  command->add_option("--samples", o->samples, "Samples of the test set")->check(CLI::Range(1, 4096));
  command->add_option("--of", o->of, "What is moved")->check(CLI::IsMember(names_of<moved_part>()));
  command->add_option("--sizes", o->measured.sizes, "Sizes of the perturbation")->delimiter(',')->type_name("X,X,...");
  command->add_option("--widths", o->measured.widths, "Widths of the surrogate, over that of the network")
      ->delimiter(',')
      ->type_name("X,X,...");
  command->add_option("--json", o->json, "Write the figures to this file")->type_name("FILE");
  command->add_option("--report", o->report, "Write a page with charts to this file")->type_name("FILE");
  add_threads_option(*command, o->threads);
  command->add_flag("--quiet", o->quiet, "No progress");
  command->footer(
      "Every sample is moved along the sign of its gradient and at random: each value of its input by the size, or "
      "each\n"
      "learned parameter by the size times the root mean square of its group. The gradient predicts how the loss\n"
      "changes; the hard network is run again to see. On the smooth relaxation both agree to second order.\n"
      "A run directory, a checkpoint or an experiment with its initial weights.\n"
      "Examples:\n"
      "  backspike mismatch runs/fashion_mnist\n"
      "  backspike mismatch runs/fashion_mnist --of parameters --json mismatch.json --report mismatch.html\n"
      "  backspike mismatch experiments/fashion_mnist.toml --widths 0.25,1,4 --sizes 0.01,0.1");
  command->callback([&chosen, o] { chosen = [o] { return measure(*o); }; });
}

}  // namespace backspike::app
