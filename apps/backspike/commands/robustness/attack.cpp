// `backspike attack`: changes samples within a budget until the hard network tells a wrong class.

#include <backspike/core/file.hpp>
#include <backspike/data/split.hpp>
#include <backspike/experiment/class_weights.hpp>
#include <backspike/experiment/trained.hpp>
#include <backspike/robustness/attack_report.hpp>

#include "commands/loaded_network.hpp"
#include "commands/robustness/robustness_commands.hpp"
#include "enum_choices.hpp"
#include "output.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace backspike::app {
namespace {

struct attack_command : experiment_options {
  std::size_t samples = 256, threads = 0;
  std::vector<double> budgets{0.1};
  std::string norm = "linf", report, other, source;
  std::vector<std::string> changes{"add", "remove", "shift"};
  bool goes_on = false, keeps_all = false;
  attack_options attack;
  std::int32_t target = -1;
  bool json = false, checklist = false, quiet = false;
};

std::vector<std::string> attack_names() {
  std::vector<std::string> all;
  all.reserve(attack_list().size());
  for (const attack_info& a : attack_list()) {
    all.emplace_back(a.name);
  }
  return all;
}

std::string described_attacks() {
  std::string text = "Attacks:\n";
  for (const attack_info& a : attack_list()) {
    text += fmt::format("  {:<15} {:<7} {}\n", a.name, name_of(a.space), a.meaning);
  }
  return text;
}

/// The test set (of a source without one, the training set) as the network reads it, and where an encoder made it from
/// values and the attack moves these, with them.
attack_samples samples_for(const attack_command& o, const loaded_network& n, thread_pool& pool, work_display& display) {
  const auto test_of = [](const dataset_split& d) -> const dataset& { return d.test.size() > 0 ? d.test : d.train; };
  const dataset& data = test_of(n.data);
  const auto picked = spread_evenly(data.size(), o.samples);
  if (attack_named(o.attack.attack).space == attack_space::spikes || !has_encoder(n.settings.data)) {
    return {subset(data, picked), {}};
  }
  const dataset_split values = load_with_progress(without_encoder(n.settings.data), n.settings.seed, display);
  return encoded_samples(test_of(values), n.settings.data, n.settings.seed, picked, pool);
}

attack_options options_of(const attack_command& o) {
  attack_options options = o.attack;
  options.norm = parse_name<attack_norm>(o.norm).value();  // the parser took no other
  options.seed = o.seed.value_or(options.seed);
  options.target = o.target < 0 ? std::nullopt : std::optional(o.target);
  options.stops = !o.goes_on;
  options.spikes.prunes = !o.keeps_all;
  options.spikes.changes.clear();
  for (const std::string& name : o.changes) {
    options.spikes.changes.push_back(parse_name<spike_change>(name).value());
  }
  return options;
}

/// The network that the attack looks at, if it is another one.
struct source_network {
  trained_network trained;
  experiment settings;
  attack_problem problem;

  source_network(const std::string& path, const dataset& data, thread_pool& pool)
      : trained(load_trained(path)),
        settings(settle_class_weights(trained.settings, data)),
        problem{*trained.net, settings.objective, *trained.parameters, pool} {}
};

int attack(const attack_command& o) {
  work_display display(o.quiet);
  thread_pool pool(o.threads);
  const loaded_network n = load_network("attack", o, pool, display);
  const attack_samples samples = samples_for(o, n, pool, display);
  const experiment e = settle_class_weights(n.settings, samples.data);
  attack_plan plan{o.budgets, o.checklist || !o.report.empty(), nullptr};
  std::optional<trained_network> other;
  std::optional<attack_problem> other_problem;
  if (!o.other.empty()) {
    other = load_trained(o.other);
    dataset fitting = samples.data;
    make_compatible(o.other, *other, fitting);  // throws where it takes other data
    other_problem.emplace(attack_problem{*other->net, e.objective, *other->parameters, pool});
    plan.other = &*other_problem;
  }
  const auto source = o.source.empty() ? nullptr : std::make_unique<source_network>(o.source, samples.data, pool);
  const attack_problem problem{*n.net, e.objective, *n.parameters, pool, source ? &source->problem : nullptr};
  const attack_report r =
      measure_attack(e.name, problem, samples, options_of(o), plan,
                     [&](std::size_t done, std::size_t total) { display.update("attacking", done, total); });
  display.line().clear();
  print("{}", lines{o.json ? to_json(r) : to_text(r)});
  if (!o.report.empty()) {
    write_text_file(o.report, to_html(r));
    if (!o.json) {
      print("\nreport: {}\n", o.report);
    }
  }
  return 0;
}

void add_settings(CLI::App& command, attack_command& o) {
  attack_options& a = o.attack;
  command.add_option("--attack", a.attack, "Which one, by name")->check(CLI::IsMember(attack_names()));
  command.add_option("--budget", o.budgets, "Largest size of a sample's change; several: a sweep")
      ->delimiter(',')
      ->type_name("X,X,...");
  command.add_option("--norm", o.norm, "How the change of values is measured")
      ->check(CLI::IsMember(names_of<attack_norm>()));
  command.add_option("--samples", o.samples, "Samples of the test set")->check(CLI::Range(1, 1000000));
  command.add_option("--steps", a.steps, "Of an iterated attack")->check(CLI::Range(1, 1000000));
  command.add_option("--restarts", a.restarts, "From random places")->check(CLI::Range(1, 1000000));
  command.add_option("--step-size", a.step_size, "First step, over the budget; 0: the attack's own");
  command.add_option("--width", a.width, "Width of the surrogate in the attack, over the network's");
  command.add_option("--encoder-width", a.encoder_width, "Width of the surrogate of the encoder's threshold");
  command.add_option("--draws", a.draws, "Of a random encoder for each gradient")->check(CLI::Range(1, 1000000));
  command.add_option("--queries", a.queries, "Runs of the network for a sample, without gradients")
      ->check(CLI::Range(1, 100000000));
  command.add_option("--target", o.target, "The class that is to be told; otherwise any wrong one")
      ->type_name("CLASS")
      ->check(CLI::NonNegativeNumber);
}

void add_spike_settings(CLI::App& command, attack_command& o) {
  spike_options& s = o.attack.spikes;
  command.add_option("--changes", o.changes, "Of spikes: add, remove, shift")
      ->delimiter(',')
      ->check(CLI::IsMember(names_of<spike_change>()));
  command.add_option("--window", s.window, "Steps for each of which the budget of spikes is; 0: the whole sample");
  command.add_option("--reach", s.reach, "Steps and channels over which a spike is shifted")
      ->check(CLI::Range(1, 1000));
  command.add_option("--candidates", s.candidates, "Changes tried on the hard network before one is kept")
      ->check(CLI::Range(1, 1000000));
  command.add_flag("--go-on", o.goes_on, "Use the whole budget of spikes, also where the class is wrong already");
  command.add_flag("--keep-all", o.keeps_all, "Take no change of a spike back that is not needed");
}

}  // namespace

void add_attack(CLI::App& program, action& chosen) {
  auto o = std::make_shared<attack_command>();
  auto* command =
      program.add_subcommand("attack", "Change samples within a budget until the hard network tells a wrong class");
  o->add_to(*command);
  add_settings(*command, *o);
  command->add_option("--report", o->report, "Write a page with charts, examples and the checklist to this file")
      ->type_name("FILE");
  command->add_flag("--checklist", o->checklist, "Also check whether the figures can be believed; --report does");
  command->add_option("--transfer", o->other, "A run of another seed, for the checklist: is an attack on it stronger?")
      ->type_name("RUN");
  add_spike_settings(*command, *o);
  command->add_option("--source", o->source, "The network that the attack looks at, where it is another: transfer")
      ->type_name("RUN");
  command->add_flag("--json", o->json, "JSON instead of a table");
  add_threads_option(*command, o->threads);
  command->add_flag("--quiet", o->quiet, "No progress");
  command->footer(described_attacks() +
                  "Success is measured on the hard network, of the samples that it told right before.\n"
                  "A run directory, a checkpoint or an experiment with its initial weights.\n"
                  "Examples:\n"
                  "  backspike attack runs/fashion_mnist --attack pgd --budget 0.1\n"
                  "  backspike attack runs/fashion_mnist --attack apgd --budget 0.01,0.03,0.1 --report attack.html\n"
                  "  backspike attack runs/fashion_mnist --attack pgd --budget 0.5,1,2 --norm l2 --json\n"
                  "  backspike attack runs/spoken_digits --attack spike_greedy --budget 5,20,100\n"
                  "  backspike attack runs/seed1 --attack spike_pgd --budget 100 --source runs/seed2");
  command->callback([&chosen, o] { chosen = [o] { return attack(*o); }; });
}

}  // namespace backspike::app
