// `backspike evaluate`: loss and accuracy of a trained network, as text or JSON.

#include "commands/agent/agent_commands.hpp"
#include "commands/command.hpp"
#include "options.hpp"
#include "output.hpp"

#include <backspike/core/error.hpp>

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

namespace backspike::app {
namespace {

struct evaluate_options : checkpoint_options {
  bool json = false;
  play_options play;
};

/// Options of the other kind of checkpoint would do nothing, in silence.
void require_fitting(const evaluate_options& o, bool agent) {
  if (agent && (!o.data.empty() || !o.overrides.empty() || o.split)) {
    throw value_error("evaluate", "checkpoint", o.path + ", an agent's",
                      "--episodes, --sampled and --seed; it has no data for --data, --set and --split");
  }
  if (!agent && o.play.given()) {
    throw value_error("evaluate", "--episodes, --sampled or --seed", "given",
                      "only for the checkpoint of an agent; " + o.path + " learned from data");
  }
}

void print_json(const evaluate_options& o, const split_result& measured) {
  const auto& result = measured.measured;
  nlohmann::ordered_json summary{{o.data.empty() ? "split" : "data", o.shown_data()},
                                 {"samples", result.samples},
                                 {"accuracy", result.accuracy},
                                 {"loss", result.loss},
                                 {"spikes_per_sample", result.spikes_per_sample},
                                 {"energy", nlohmann::ordered_json::parse(to_json(measured.energy))}};
  for (const output_measure& of : result.outputs) {
    summary["outputs"][of.name] = {{"accuracy", of.accuracy}, {"loss", of.loss}};
  }
  for (const auto& figure : measured.figures) {
    summary["figures"][figure.name] = figure.value;
  }
  if (measured.rounded) {
    summary["rounded_delays"] = nlohmann::ordered_json::parse(to_json(*measured.rounded));
  }
  print("{}\n", json_line(summary));
}

int evaluate(const evaluate_options& o) {
  const bool agent = is_agent(o.path);
  require_fitting(o, agent);
  if (agent) {
    return play_agent(o.path, o.play, o.json);
  }
  const auto measured = measure_checkpoint(o);
  const auto& result = measured.measured;
  if (o.json) {
    print_json(o, measured);
  } else {
    print("{} {}loss {:.4f} ({} samples, {:.1f} spikes per sample)\n", o.shown_data(),
          std::isnan(result.accuracy) ? "" : fmt::format("accuracy {:.4f}, ", result.accuracy), result.loss,
          result.samples, result.spikes_per_sample);
    for (const output_measure& of : result.outputs) {
      print("output {}: {}loss {:.4f}\n", of.name,
            std::isnan(of.accuracy) ? "" : fmt::format("accuracy {:.4f}, ", of.accuracy), of.loss);
    }
    for (const auto& figure : measured.figures) {
      print("{} ({})\n", figure_text(figure), figure.meaning);
    }
    if (measured.rounded) {
      print("{}", lines{rounded_text(*measured.rounded)});
    }
    print("\nWhat a sample costs:\n{}", lines{energy_text(measured.energy)});
  }
  return 0;
}

}  // namespace

void add_evaluate(CLI::App& program, action& chosen) {
  auto o = std::make_shared<evaluate_options>();
  auto* command = program.add_subcommand("evaluate", "Measure a trained network on data, or let a trained agent play");
  o->add_to(*command);
  command->add_flag("--json", o->json, "One line of JSON instead of text");
  command->add_option("--episodes", o->play.episodes, "Of an agent: how many; otherwise 100")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1000000}));
  command->add_flag("--sampled", o->play.sampled, "Of an agent: actions are drawn; otherwise the best ones");
  command->add_option("--seed", o->play.seed, "Of an agent: how episodes start; otherwise the experiment's")
      ->type_name("N");
  command->footer(
      "Without --data: the run's own data, read and split as it was trained. With --data: all samples of that file or\n"
      "folder, whose labels must be among those that the network knows; it may lack some.\n"
      "Examples:\n"
      "  backspike evaluate runs/fashion_mnist\n"
      "  backspike evaluate runs/fashion_mnist/checkpoint_last.h5 --split validation\n"
      "  backspike evaluate runs/spoken_digits --data my_recordings --json\n"
      "  backspike evaluate runs/cartpole --episodes 500 --sampled");
  command->callback([&chosen, o] { chosen = [o] { return evaluate(*o); }; });
}

}  // namespace backspike::app
