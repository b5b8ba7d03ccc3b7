// `backspike export`: a trained network as C99, with recorded input and what it gives beside it.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/deploy/export_c.hpp>
#include <backspike/deploy/fixed_point_run.hpp>
#include <backspike/gradient/unrolled.hpp>

#include "commands/agent/agent_commands.hpp"
#include "commands/command.hpp"
#include "commands/deploy/fixed_options.hpp"
#include "options.hpp"
#include "output.hpp"

#include <algorithm>
#include <memory>
#include <numeric>

namespace backspike::app {
namespace {

struct export_options : checkpoint_options {
  std::string folder;
  std::size_t samples = 1;
  bool weights = false, json = false;
  fixed_options fixed;
};

/// What the network gives to the samples, by the engine or, in fixed point, by its own simulator.
std::vector<double> traces_of(const export_options& o, const trained_network& trained, const dataset& data,
                              std::span<const std::uint32_t> samples) {
  thread_pool pool(o.threads);
  if (o.fixed.asked) {
    return fixed_point_network(*trained.net, *trained.parameters, o.fixed.spec, data.inputs.spikes.graded())
        .run(data, samples, pool);
  }
  unrolled engine(*trained.net, pool);
  const auto traces = engine.forward(*trained.parameters, {&data, samples}, false);
  return {traces.begin(), traces.end()};
}

void print_result(const export_options& o, const c_export& made, std::size_t steps) {
  if (o.json) {
    nlohmann::ordered_json summary{{"folder", o.folder},
                                   {"flash_bytes", made.flash},
                                   {"ram_bytes", made.ram},
                                   {"samples", o.samples},
                                   {"steps", steps}};
    if (o.fixed.asked) {
      summary["fixed_point"] = json_of(o.fixed.spec);
    }
    print("{}\n", json_line(summary));
    return;
  }
  print("network.h, network.c and main.c in {}: {} bytes of tables for flash, {} bytes of RAM; code comes on top\n",
        o.folder, made.flash, made.ram);
  if (o.fixed.asked) {
    print("fixed point: {}\n", text_of(o.fixed.spec));
  }
  print("input.txt has {} of the {} samples, expected.txt what the network gives to them ({} steps)\n", o.samples,
        o.shown_data(), steps);
  print("try: cd {} && cc -std=c99 *.c -lm && ./a.out < input.txt | cmp - expected.txt && echo equal\n", o.folder);
}

int export_network(const export_options& o) {
  o.fixed.require_asked();
  work_display display(o.quiet);
  const trained_network trained = load_trained(o.path);
  refuse_agent("export", trained.settings, "export has networks that learned from data");
  const dataset data = o.load(trained, display);
  display.line().clear();
  if (o.samples > data.size()) {
    throw value_error("export", "--samples", std::to_string(o.samples),
                      "at most the " + std::to_string(data.size()) + " samples of " + o.shown_data());
  }
  c_export_options options{trained.settings.name, data.inputs.spikes.graded(), {}};
  if (o.fixed.asked) {
    options.fixed_point = o.fixed.spec;
  }
  const c_export made = export_c(*trained.net, *trained.parameters, options);
  std::vector<std::uint32_t> samples(o.samples);
  std::iota(samples.begin(), samples.end(), 0u);
  const std::vector<double> traces = traces_of(o, trained, data, samples);
  make_folders(o.folder);
  const std::string folder = o.folder + "/";
  write_text_file(folder + "network.h", made.header);
  write_text_file(folder + "network.c", made.source);
  write_text_file(folder + "main.c", made.main);
  write_text_file(folder + "input.txt", recorded_input(data, samples));
  write_text_file(folder + "expected.txt", expected_output(*trained.net, data, samples, traces, o.fixed.asked));
  if (o.weights) {
    write_text_file(folder + "weights.txt", made.weights);
  }
  print_result(o, made, traces.size() / trained.net->outputs());
  return 0;
}

}  // namespace

void add_export(CLI::App& program, action& chosen) {
  auto o = std::make_shared<export_options>();
  auto* command = program.add_subcommand("export", "Write a trained network as C99 that needs nothing but libm");
  o->add_to(*command);
  command->add_option("--c", o->folder, "Folder for network.h, network.c, main.c, input.txt and expected.txt")
      ->type_name("DIR")
      ->required();
  command->add_option("--samples", o->samples, "Samples that input.txt has")
      ->type_name("N")
      ->check(CLI::Range(1, 100000));
  command->add_flag("--weights", o->weights, "weights.txt, too: every weight, one a line");
  command->add_flag("--json", o->json, "One line of JSON instead of text");
  o->fixed.add_to(*command);
  command->footer(
      "The program reads a line for each step: the channels that spike, ascending, with spaces between them; in "
      "networks\n"
      "whose input has values each perhaps with :VALUE behind it. An empty line is a step without input, a line "
      "`reset`\n"
      "begins another sample. It prints a line for each step: channels that spike, or values; ` | ` between outputs.\n"
      "Its spikes are the engine's one by one, and with --fixed those of `backspike evaluate --fixed`.\n"
      "Examples:\n"
      "  backspike export --c build/fashion runs/fashion_mnist\n"
      "  backspike export --c build/fashion runs/fashion_mnist --samples 100 --weights\n"
      "  backspike export --c build/fashion runs/fashion_mnist --fixed --weight-bits 4 --state-bits 16 "
      "--state-fraction 10");
  command->callback([&chosen, o] { chosen = [o] { return export_network(*o); }; });
}

}  // namespace backspike::app
