#include "options.hpp"

#include <backspike/core/error.hpp>
#include <backspike/data/load.hpp>

#include <algorithm>

namespace backspike::app {

void add_set_option(CLI::App& command, std::vector<std::string>& overrides, const std::string& help) {
  command.add_option("-s,--set", overrides, help)->type_name("KEY=VALUE")->allow_extra_args(false);
}

void add_threads_option(CLI::App& command, std::size_t& threads) {
  command.add_option("--threads", threads, "Threads; 0: every processor. No result depends on it")
      ->type_name("N")
      ->check(CLI::Range(0, 1024));
}

std::size_t threads_asked_for(const CLI::App& program) {
  for (const auto* command : program.get_subcommands()) {
    if (const auto* option = command->get_option_no_throw("--threads"); option != nullptr && option->count() > 0) {
      return option->as<std::size_t>();
    }
  }
  return 0;
}

void experiment_options::add_to(CLI::App& command) {
  command.add_option("experiment", path, "Experiment file")->type_name("EXPERIMENT.toml")->required();
  add_set_option(command, overrides, "Override a key of the experiment; any number of times");
  command.add_option("--seed", seed, "Override the experiment's seed")->type_name("N");
}

experiment experiment_options::load() const {
  auto all = overrides;
  if (seed) {
    all.push_back("seed=" + std::to_string(*seed));
  }
  return load_experiment(path, all);
}

void checkpoint_options::add_to(CLI::App& command) {
  command.add_option("checkpoint", path, "Checkpoint, or a run directory for its best one")
      ->type_name("CHECKPOINT")
      ->required();
  command.add_option("--data", data, "Other data of the same kind: file or folder (data.path)")->type_name("PATH");
  add_set_option(command, overrides, "Override a data.* key of the checkpoint's experiment; any number of times");
  command.add_option("--split", split, "Which part of the data")
      ->check(CLI::IsMember({"train", "validation", "test"}))
      ->capture_default_str();
  add_threads_option(command, threads);
  command.add_flag("--quiet", quiet, "No progress");
}

data_spec checkpoint_options::data_settings(const trained_network& trained) const {
  for (const auto& text : overrides) {
    if (!text.starts_with("data.")) {
      throw value_error("checkpoint", "--set", text, "keys of data.* (everything else belongs to the checkpoint)");
    }
  }
  auto settings = parse_experiment(to_toml(trained.settings), path, overrides).data;
  if (!data.empty()) {
    settings.path = data;
  }
  return settings;
}

dataset checkpoint_options::load_split(const trained_network& trained, work_display& display) const {
  auto parts = load_with_progress(data_settings(trained), trained.settings.seed, display);
  auto& picked = split == "train" ? parts.train : split == "validation" ? parts.validation : parts.test;
  require_compatible(path, trained, picked);
  if (picked.size() == 0) {
    throw value_error("checkpoint", "--split", split, "a part of the data that has samples");
  }
  return std::move(picked);
}

split_result run_on_split(const checkpoint_options& o, const std::string& what, bool with_rounded) {
  work_display display(o.quiet);
  const auto trained = load_trained(o.path);
  split_result result{o.load_split(trained, display), {}, {}, {}, {}};
  thread_pool pool(o.threads);
  engine simulator(*trained.net, trained.settings.objective, pool);
  const auto progress = [&](std::size_t done, std::size_t total) { display.update(what, done, total); };
  const std::size_t batch = trained.settings.train.eval_batch;
  result.measured = evaluate_all(simulator, *trained.parameters, result.data, batch, progress);
  result.energy = measure_complexity(*trained.net, *trained.parameters, result.data, result.measured);
  result.figures =
      measure_task(simulator, *trained.net, *trained.parameters, result.data, trained.settings.metrics).figures;
  if (with_rounded) {
    result.rounded = measure_rounded(simulator, *trained.net, *trained.parameters, result.data, batch,
                                     trained.settings.metrics, progress);
  }
  display.line().clear();
  return result;
}

dataset_split load_with_progress(const data_spec& spec, std::uint64_t seed, work_display& display) {
  return load_data(spec, seed, [&](const std::string& what, std::size_t done, std::size_t total) {
    display.update(what, done, total);
  });
}

}  // namespace backspike::app
