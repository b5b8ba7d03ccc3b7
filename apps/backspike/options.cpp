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

std::string key_of(const std::string& override_text) {
  auto key = override_text.substr(0, override_text.find('='));
  std::erase(key, ' ');
  return key;
}

/// The tables and keys by which a source understands a file; the others choose among samples, or make them.
std::vector<std::string> keys_of_files(data_source source) {
  switch (source) {
    case data_source::fashion_mnist:
    case data_source::idx:
      return {"data.source", "data.encoder"};
    case data_source::wav_digits:
      return {"data.source", "data.audio"};
    case data_source::spike_hdf5:
      return {"data.source", "data.bin_ms", "data.duration_ms"};
    case data_source::none:
      return {"data.source", "data.duration_ms"};
    default:
      return {"data.source"};
  }
}

/// --data takes all of a file: what chooses among samples would be ignored.
void require_used(const checkpoint_options& o, data_source source) {
  if (o.split) {
    throw value_error("--data", "--split", *o.split, "no --split: all samples of " + o.data + " are taken");
  }
  const auto keys = keys_of_files(source);
  for (const auto& text : o.overrides) {
    const auto used = [&, key = key_of(text)](const std::string& known) {
      return key == known || key.starts_with(known + ".");
    };
    if (std::ranges::none_of(keys, used)) {
      std::string accepted;
      for (const auto& key : keys) {
        accepted += (accepted.empty() ? "" : ", ") + key;
      }
      throw value_error("--data", "--set", text, accepted + ": all samples of " + o.data + " are taken");
    }
  }
}

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
  auto settings = data_settings(trained);
  require_used(*this, settings.source);
  settings.path = data;
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
  said result{o.load(trained, display), {}};
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
  result.kept = evaluate_all(simulator, *trained.parameters, result.data, trained.settings.train.eval_batch,
                             [&](std::size_t done, std::size_t total) { display.update("predicting", done, total); })
                    .kept;
  if (unlabelled) {
    result.data.labels.clear();
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
