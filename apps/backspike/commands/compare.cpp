// `backspike compare-gradients`: how far the gradient of each learning rule is from that of full BPTT.

#include <backspike/core/file.hpp>
#include <backspike/data/split.hpp>
#include <backspike/experiment/compare_gradients.hpp>

#include "commands/command.hpp"
#include "commands/loaded_network.hpp"
#include "output.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <memory>

namespace backspike::app {
namespace {

struct compare_options : experiment_options {
  std::size_t samples = 16, threads = 0;
  std::string json, report;
  bool quiet = false;
};

int compare(const compare_options& o) {
  work_display display(o.quiet);
  thread_pool pool(o.threads);
  const loaded_network c = load_network("compare-gradients", o, pool, display);
  const auto result = compare_gradients(
      c.settings, *c.net, *c.parameters, c.data.train, spread_evenly(c.data.train.size(), o.samples), pool,
      [&](const std::string& what, std::size_t done, std::size_t total) { display.update(what, done, total); });
  display.line().clear();
  print("{}", lines{to_text(result)});
  if (!o.json.empty()) {
    write_text_file(o.json, to_json(result));
  }
  if (!o.report.empty()) {
    write_text_file(o.report, to_html(result));
    print("\nreport: {}\n", o.report);
  }
  return 0;
}

}  // namespace

void add_compare_gradients(CLI::App& program, action& chosen) {
  auto o = std::make_shared<compare_options>();
  auto* command = program.add_subcommand("compare-gradients",
                                         "Run one batch through every learning rule and compare the gradients");
  o->add_to(*command);
  command->add_option("--samples", o->samples, "Training samples in the batch")->check(CLI::Range(1, 64));
  command->add_option("--json", o->json, "Write the figures to this file")->type_name("FILE");
  command->add_option("--report", o->report, "Write a page with charts to this file")->type_name("FILE");
  add_threads_option(*command, o->threads);
  command->add_flag("--quiet", o->quiet, "No progress");
  command->footer(
      "Every rule that takes the network is held against full backpropagation through time: cosine, share of equal\n"
      "signs and ratio of norms of each parameter's gradient, for samples cut to several lengths.\n"
      "A checkpoint or run directory in the place of the experiment compares the trained network.\n"
      "Examples:\n"
      "  backspike compare-gradients experiments/fashion_mnist.toml\n"
      "  backspike compare-gradients runs/fashion_mnist --samples 32 --json gradients.json --report gradients.html");
  command->callback([&chosen, o] { chosen = [o] { return compare(*o); }; });
}

}  // namespace backspike::app
