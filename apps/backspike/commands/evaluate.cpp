// `backspike evaluate`: loss and accuracy of a trained network, as text or JSON.

#include "commands/command.hpp"
#include "options.hpp"
#include "output.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

namespace backspike::app {
namespace {

struct evaluate_options : checkpoint_options {
  bool json = false;
};

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
  auto* command = program.add_subcommand("evaluate", "Measure a trained network on data");
  o->add_to(*command);
  command->add_flag("--json", o->json, "One line of JSON instead of text");
  command->footer(
      "Without --data: the run's own data, read and split as it was trained. With --data: all samples of that file or\n"
      "folder, whose labels must be among those that the network knows; it may lack some.\n"
      "Examples:\n"
      "  backspike evaluate runs/fashion_mnist\n"
      "  backspike evaluate runs/fashion_mnist/checkpoint_last.h5 --split validation\n"
      "  backspike evaluate runs/spoken_digits --data my_recordings --json");
  command->callback([&chosen, o] { chosen = [o] { return evaluate(*o); }; });
}

}  // namespace backspike::app
