// `backspike evaluate`: loss and accuracy of a trained network, as text or JSON.

#include "commands/agent/agent_commands.hpp"
#include "commands/command.hpp"
#include "commands/deploy/fixed_options.hpp"
#include "options.hpp"
#include "output.hpp"

#include <backspike/core/error.hpp>
#include <backspike/deploy/fixed_point_run.hpp>
#include <backspike/experiment/output_targets.hpp>

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
  fixed_options fixed;
};

/// Options of the other kind of checkpoint would do nothing, in silence.
void require_fitting(const evaluate_options& o, bool agent) {
  if (agent && (!o.data.empty() || !o.overrides.empty() || o.split)) {
    throw value_error("evaluate", "checkpoint", o.path + ", an agent's",
                      "--episodes, --sampled and --seed; it has no data for --data, --set and --split");
  }
  if (agent && o.fixed.asked) {
    throw value_error("evaluate", "--fixed", "given",
                      "only for networks that learned from data; " + o.path + " is an agent's");
  }
  if (!agent && o.play.given()) {
    throw value_error("evaluate", "--episodes, --sampled or --seed", "given",
                      "only for the checkpoint of an agent; " + o.path + " learned from data");
  }
}

fixed_point_evaluation measure_fixed(const evaluate_options& o, const trained_network& trained) {
  work_display display(o.quiet);
  dataset data = o.load(trained, display);
  add_targets(trained.settings.network, data);
  thread_pool pool(o.threads);
  auto measured = evaluate_fixed_point(
      *trained.net, trained.settings.objective, *trained.parameters, data,
      targets_of_output(trained.settings.network, 0, data), o.fixed.spec, pool,
      [&](std::size_t done, std::size_t total) { display.update("evaluating in fixed point", done, total); });
  display.line().clear();
  return measured;
}

/// Layers that sent nothing at all: the usual complaint about networks in few bits.
std::string spikes_text(const network& net, const fixed_point_evaluation& m) {
  std::string text;
  for (std::size_t q = 0; q < m.spikes.size(); ++q) {
    const population& p = net.populations()[q];
    text += fmt::format("  {}: {:.1f} {} per sample{}\n", p.spec.name, m.spikes[q],
                        p.cell->spiking ? "spikes" : "values", m.spikes[q] == 0.0 ? ", SILENT" : "");
  }
  return text;
}

int evaluate_in_fixed_point(const evaluate_options& o) {
  const trained_network trained = load_trained(o.path);
  const fixed_point_evaluation m = measure_fixed(o, trained);
  if (o.json) {
    nlohmann::ordered_json summary{{o.data.empty() ? "split" : "data", o.shown_data()},
                                   {"samples", m.samples},
                                   {"accuracy", m.accuracy},
                                   {"loss", m.loss},
                                   {"fixed_point", json_of(o.fixed.spec)}};
    for (std::size_t q = 0; q < m.spikes.size(); ++q) {
      summary["spikes_per_sample"][trained.net->populations()[q].spec.name] = m.spikes[q];
    }
    print("{}\n", json_line(summary));
    return 0;
  }
  print("{} in fixed point: {}loss {:.4f} ({} samples; {})\n", o.shown_data(),
        std::isnan(m.accuracy) ? "" : fmt::format("accuracy {:.4f}, ", m.accuracy), m.loss, m.samples,
        text_of(o.fixed.spec));
  print("{}", lines{spikes_text(*trained.net, m)});
  return 0;
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
  o.fixed.require_asked();
  if (agent) {
    return play_agent(o.path, o.play, o.json);
  }
  if (o.fixed.asked) {
    return evaluate_in_fixed_point(o);
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
  o->fixed.add_to(*command);
  command->footer(
      "Without --data: the run's own data, read and split as it was trained. With --data: all samples of that file or\n"
      "folder, whose labels must be among those that the network knows; it may lack some.\n"
      "Examples:\n"
      "  backspike evaluate runs/fashion_mnist\n"
      "  backspike evaluate runs/fashion_mnist/checkpoint_last.h5 --split validation\n"
      "  backspike evaluate runs/spoken_digits --data my_recordings --json\n"
      "  backspike evaluate runs/cartpole --episodes 500 --sampled\n"
      "  backspike evaluate runs/fashion_mnist --fixed --weight-bits 4 --weight-grid channel");
  command->callback([&chosen, o] { chosen = [o] { return evaluate(*o); }; });
}

}  // namespace backspike::app
