// The options that several commands share, and how data for a checkpoint are chosen and loaded.

#include "options.hpp"

#include "commands/agent/agent_commands.hpp"

#include <backspike/core/error.hpp>
#include <backspike/data/load.hpp>
#include <backspike/experiment/given_data.hpp>
#include <backspike/experiment/output_targets.hpp>

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
  command.add_option("--data", data, "Other data of the same kind: all of this file or folder, without a split")
      ->type_name("PATH");
  add_set_option(command, overrides, "Override a data.* key of the checkpoint's experiment; any number of times");
  command.add_option("--split", split, "Which part of the experiment's data: train, validation or test (default)")
      ->check(CLI::IsMember({"train", "validation", "test"}));
  add_threads_option(command, threads);
  command.add_flag("--quiet", quiet, "No progress");
}

data_spec checkpoint_options::data_settings(const trained_network& trained) const {
  for (const auto& text : overrides) {
    if (!text.starts_with("data.")) {
      throw value_error("checkpoint", "--set", text, "keys of data.* (everything else belongs to the checkpoint)");
    }
  }
  return parse_experiment(to_toml(trained.settings), path, overrides).data;
}

namespace {

bool has_targets(const dataset& data) {
  return !data.labels.empty() || !data.step_labels.empty() || !data.step_targets.empty();
}

load_progress shown_on(work_display& display) {
  return [&](const std::string& what, std::size_t done, std::size_t total) { display.update(what, done, total); };
}

}  // namespace

dataset checkpoint_options::load(const trained_network& trained, work_display& display) const {
  return data.empty() ? load_split(trained, display) : load_given(trained, display);
}

dataset checkpoint_options::load_given(const trained_network& trained, work_display& display) const {
  if (split) {  // it would be ignored
    throw value_error("--data", "--split", *split, "no --split: all samples of " + data + " are taken");
  }
  const auto settings = given_data(trained.settings, data, overrides);
  return load_whole(settings, expected_by(trained), trained.settings.seed, shown_on(display));
}

dataset checkpoint_options::load_split(const trained_network& trained, work_display& display) const {
  const auto settings = data_settings(trained);
  if (settings.source == data_source::none) {
    throw missing_data_error(path,
                             "the network learned from arrays, so the checkpoint names no data; give --data FILE, an "
                             "HDF5 file of spikes in the layout of SHD, which Data.save writes; or --set "
                             "data.source=SOURCE and its keys");
  }
  auto parts = load_with_progress(settings, trained.settings.seed, display);
  const auto name = split.value_or("test");
  auto& picked = name == "train" ? parts.train : name == "validation" ? parts.validation : parts.test;
  make_compatible(path, trained, picked);
  if (picked.size() == 0) {
    throw value_error("checkpoint", "--split", name, "a part of the data that has samples");
  }
  return std::move(picked);
}

said ask_checkpoint(const checkpoint_options& o) {
  work_display display(o.quiet);
  const auto trained = load_trained(o.path);
  refuse_agent("predict", trained.settings, "`backspike evaluate` lets an agent play");
  said result{o.load(trained, display), {}, trained.settings.network};
  if (result.data.classes() == 0) {
    throw value_error("predict", "data set " + result.data.name, "target values instead of classes",
                      "data with classes; evaluate gives the error of a regression, report.html shows its traces");
  }
  thread_pool pool(o.threads);
  engine simulator(*trained.net, trained.settings.objective, pool);
  const bool unlabelled = !has_targets(result.data);
  if (unlabelled) {  // the engine compares with labels: any will do
    result.data.labels.assign(result.data.size(), 0);
  }
  add_targets(trained.settings.network, result.data);
  result.kept = evaluate_all(simulator, *trained.parameters, result.data, trained.settings.train.eval_batch,
                             [&](std::size_t done, std::size_t total) { display.update("predicting", done, total); })
                    .kept;
  if (unlabelled) {
    result.data.labels.clear();
    for (named_targets& set : result.data.further) {
      set.labels.clear();
    }
  }
  display.line().clear();
  return result;
}

split_result measure_checkpoint(const checkpoint_options& o) {
  work_display display(o.quiet);
  const auto trained = load_trained(o.path);
  split_result result{o.load(trained, display), {}, {}, {}, {}};
  if (!has_targets(result.data)) {
    throw value_error("evaluate", "labels of " + o.shown_data(), "none", "data with labels; predict needs none");
  }
  add_targets(trained.settings.network, result.data);
  thread_pool pool(o.threads);
  engine simulator(*trained.net, trained.settings.objective, pool);
  const auto progress = [&](std::size_t done, std::size_t total) { display.update("evaluating", done, total); };
  const std::size_t batch = trained.settings.train.eval_batch;
  result.measured = evaluate_all(simulator, *trained.parameters, result.data, batch, progress);
  result.energy = measure_complexity(*trained.net, *trained.parameters, result.data, result.measured);
  result.figures =
      measure_task(simulator, *trained.net, *trained.parameters, result.data, trained.settings.metrics).figures;
  result.rounded = measure_rounded(simulator, *trained.net, *trained.parameters, result.data, batch,
                                   trained.settings.metrics, progress);
  display.line().clear();
  return result;
}

dataset_split load_with_progress(const data_spec& spec, std::uint64_t seed, work_display& display) {
  return load_data(spec, seed, shown_on(display));
}

}  // namespace backspike::app
