// A whole training run from its experiment to its report: load, plan, forecast memory, train, test, write. trainer.cpp
// has one epoch of it.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/core/resources.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/data/load.hpp>
#include <backspike/experiment/class_weights.hpp>
#include <backspike/experiment/delay_changes.hpp>
#include <backspike/experiment/output_targets.hpp>
#include <backspike/experiment/rule_text.hpp>
#include <backspike/experiment/runner.hpp>
#include <backspike/experiment/version.hpp>
#include <backspike/gradient/forecast.hpp>
#include <backspike/gradient/learning_rule.hpp>
#include <backspike/network/delays.hpp>
#include <backspike/robustness/attack_samples.hpp>

#include "experiment/folder/checkpoint.hpp"
#include "experiment/run/epochs.hpp"
#include "experiment/run/finish.hpp"
#include "experiment/run/trainer.hpp"
#include "experiment/run/writable.hpp"

#include <algorithm>
#include <optional>

namespace backspike {
namespace {

dataset_split load(const experiment& e, run_observer& observer) {
  auto data = load_data(e.data, e.seed, [&](const std::string& what, std::size_t done, std::size_t total) {
    observer.on_progress(what, done, total);
    stop_if_requested(observer);
  });
  add_targets(e, data);
  return data;
}

/// The values that are attacked are those of the files, not what augmentation makes of them.
void refuse_augmented(const experiment& e, const dataset& train) {
  if (train.maker) {
    throw value_error("train", "objective.adversarial.kind", std::string(name_of(e.adversarial.kind)),
                      "none, where data.augment changes the samples in every epoch");
  }
}

/// The training set once more, as values before its encoder.
attack_samples values_to_attack(const experiment& e, thread_pool& pool, run_observer& observer) {
  const auto values =
      load_data(without_encoder(e.data), e.seed, [&](const std::string& what, std::size_t done, std::size_t total) {
        observer.on_progress(what, done, total);
        stop_if_requested(observer);
      });
  return encoded_samples(values.train, e.data, e.seed, every_sample(values.train), pool);
}

std::uint64_t bytes_of(const dataset_split& data) {
  return bytes_of(data.train) + bytes_of(data.validation) + bytes_of(data.test);
}

/// The run directory, from before the data are read, so that a refusal costs no time. One that is not there is made
/// when everything else has been found right; what another process has put there by then was never meant by
/// --overwrite.
class claimed_directory {
 public:
  claimed_directory(std::string path, const experiment& e, run_options options)
      : path_(std::move(path)), e_(e), options_(std::move(options)) {
    if (is_folder(path_)) {
      directory_.emplace(path_);
      require_writable(path_, e_, options_);
    }
  }

  const run_directory& enter() {
    if (!directory_) {
      directory_.emplace(path_);
      options_.overwrite = false;
      require_writable(path_, e_, options_);
    }
    return *directory_;
  }

 private:
  std::string path_;
  const experiment& e_;
  run_options options_;
  std::optional<run_directory> directory_;
};

/// What the process holds already, beside the data.
std::uint64_t program_bytes(const dataset_split& data) {
  const auto held = resident_memory(), own = bytes_of(data);
  return held > own ? held - own : 0;
}

void require_memory(const memory_forecast& forecast, std::uint64_t limit) {
  const auto available = limit > 0 ? limit : available_memory();
  if (forecast.total() > available) {
    throw resource_error("train", forecast.total(), available,
                         "a smaller train.batch, smaller layers, fewer --threads or data.limit need less; rule.kind = "
                         "\"checkpointed_bptt\" needs less for the same gradient");
  }
}

run_start describe(const std::string& directory, const experiment& e, const dataset_split& data, const network& net,
                   std::size_t threads, std::uint64_t memory_limit) {
  run_start start;
  start.directory = directory;
  start.train_samples = data.train.size();
  start.validation_samples = data.validation.size();
  start.test_samples = data.test.size();
  start.merged_events = data.train.merged_events;
  for (const auto& info : net.parameters().entries()) {
    start.parameters += info.size();
  }
  start.learnable = net.parameters().learnable_count();
  start.threads = threads;
  start.epochs = e.train.epochs;
  start.rule = rule_for(e, data, net, threads, memory_limit);
  start.rule_in_words = rule_text(start.rule, data.train.longest());
  start.memory = forecast_run(e, data, net, threads, start.rule);
  start.notes = data.train.notes;
  std::ranges::copy_if(data.test.notes, std::back_inserter(start.notes), [&](const auto& note) {
    return std::ranges::find(data.train.notes, note) == data.train.notes.end();
  });
  for (const health_warning& w : warn_of_absent_classes(e.objective, net, data.train)) {
    start.notes.push_back(w.text);
  }
  return start;
}

/// The test set, once, with the checkpoint that the validation set chose; then summary and report.
run_result finish(const experiment& e, const dataset_split& data, const network& net, const run_start& start,
                  trainer& t, const run_directory& directory, run_observer& observer) {
  const auto best = t.chosen(directory);
  const auto progress = [&](std::size_t done, std::size_t total) {
    observer.on_progress("testing", done, total);
    stop_if_requested(observer);
  };
  const auto test = evaluate_all(t.simulator(), best, data.test, e.train.eval_batch, progress);
  run_result result;
  result.finished = true;
  result.directory = directory.path();
  result.report_path = directory.file(report_file);
  result.epochs = static_cast<std::uint32_t>(t.epochs().size());
  result.best_epoch = t.best().epoch;
  result.test_accuracy = test.accuracy;
  result.test_loss = test.loss;
  result.test_samples = test.samples;
  result.outputs = test.outputs;
  result.spikes_per_sample = test.spikes_per_sample;
  result.energy = measure_complexity(net, best, data.test, test);
  result.figures = measure_task(t.simulator(), net, best, data.test, e.metrics).figures;
  result.rounded = measure_rounded(t.simulator(), net, best, data.test, e.train.eval_batch, e.metrics, progress);
  for (const auto& record : t.epochs()) {
    result.train_seconds += record.seconds;
  }
  const run_facts facts{e, start, result, t.epochs()};
  report_data report{e.name,
                     {},
                     to_toml(e),
                     data.test.targets(net.output(0).target).class_names,
                     t.epochs(),
                     confusion_of(data.test.targets(net.output(0).target), test.kept),
                     activity_of(net, test),
                     histograms_of(net, t.initial(directory), best),
                     {},
                     energy_table(result.energy),
                     delay_changes(net, t.initial(directory), best),
                     {},
                     {},
                     {}};
  report.graph = picture_of(net);
  report.grids = grids_of(net);
  report.kernels = first_kernels(net, best);
  for (std::size_t k = 1; k < net.output_list().size(); ++k) {
    const target_set& of = data.test.targets(net.output(k).target);
    if (!test.kept.of(k).confusion.empty()) {
      report.further.push_back({net.output(k).name, of.class_names, confusion_of(of, test.kept.of(k))});
    }
  }
  for (const auto sample : samples_to_show(data.test, e.output.report_samples)) {
    report.samples.push_back(t.simulator().record(best, data.test, sample));
  }
  if (has_target_spikes(net, data.train)) {
    auto snapshots = t.snapshots();
    snapshots.push_back(take_snapshot(t.simulator(), best, data.train, result.best_epoch));
    report.history = history_of(snapshots, data.train, e.metrics);
  }
  report.facts = table_of(facts, report.activity);
  write_text_file(result.report_path, render_report(report));
  write_summary(directory.file(summary_file), facts);  // last: where it is, the run is complete
  return result;
}

/// The forms of e-prop differ in their last bits: a run goes on in the one that it began with, whatever fits by now.
experiment as_it_began(const std::string& path, const experiment& e, const run_options& options) {
  experiment began = e;
  const auto last = path + "/" + last_checkpoint_file;
  if (has_open_form(e.rule) && options.resume && is_there(last)) {
    const bool backward = state_of(last, read_checkpoint(last), eprop_backward_state) != 0.0;
    began.rule.form = backward ? eprop_form::backward : eprop_form::forward;
  }
  return began;
}

run_result train_in(const std::string& path, const experiment& given, const run_options& options,
                    run_observer& observer, std::uint32_t& epochs_done) {
  claimed_directory claimed(path, given, options);
  const auto data = load(given, observer);
  const experiment e = settle_class_weights(given, data.train);
  const network net(network_for(e, data.train));
  check_delays_fit(net, data.train.longest());
  thread_pool pool(options.threads);
  auto start = describe(path, as_it_began(path, e, options), data, net, pool.threads(), options.memory_limit);
  require_memory(start.memory, options.memory_limit);
  observer.on_directory(path);
  const auto& directory = claimed.enter();
  trainer t(e, start.rule, data.train, data.validation, net, pool, observer, identity_of(data));
  if (e.adversarial.kind != defence_kind::none) {
    refuse_augmented(e, data.train);
    t.train_against(e.adversarial, values_to_attack(e, pool, observer));
  }
  if (options.resume && directory.has(last_checkpoint_file)) {
    t.resume(directory);
    if (!every_output(given.objective, [](const output_objective& o) { return !o.class_weights.balanced; })) {
      const auto last = directory.file(last_checkpoint_file);
      require_same_experiment(last, read_checkpoint(last), e, options.other_epochs);
    }
    if (t.epochs().size() < e.train.epochs) {
      forget_result(directory);
    }
    if (options.other_epochs) {
      remember_experiment(directory, given, e);
    }
  } else {
    t.begin(directory, given);
  }
  start.epochs_done = epochs_done = static_cast<std::uint32_t>(t.epochs().size());
  observer.on_start(start);
  for (; epochs_done < e.train.epochs; ++epochs_done) {
    t.run_epoch(directory);
  }
  return finish(e, data, net, start, t, directory, observer);
}

}  // namespace

void run_observer::on_progress(const std::string&, std::size_t, std::size_t) {}
void run_observer::on_directory(const std::string&) {}
void run_observer::on_start(const run_start&) {}
void run_observer::on_batch(const batch_progress&) {}
void run_observer::on_epoch(const epoch_record&, std::uint32_t) {}
bool run_observer::stop_requested() { return false; }

namespace {

void fit_output(layer_spec& layer, std::size_t values, const std::string& which) {
  const std::uint64_t of_shape = layer.shape.empty() ? 0 : std::min<std::uint64_t>(neurons_of(layer.shape), 0xFFFFFFFF);
  layer.size = static_cast<std::uint32_t>(layer.size != 0 ? layer.size : of_shape != 0 ? of_shape : values);
  if (layer.size != values) {
    throw shape_error("network", "size of " + which, std::to_string(layer.size),
                      std::to_string(values) + ", the number of classes or target values (or 0, which stands for it)");
  }
}

}  // namespace

network_spec network_for(const experiment& e, std::uint32_t inputs, double dt, std::span<const std::size_t> outputs,
                         const grid_shape& shape) {
  auto spec = e.network;
  spec.inputs = inputs;
  spec.dt = dt;
  if (!shape.empty() && !spec.input_shape.empty() && shape != spec.input_shape) {
    throw shape_error("network", "input_shape", text_of(spec.input_shape), text_of(shape) + ", that of the data");
  }
  spec.input_shape = spec.input_shape.empty() ? shape : spec.input_shape;
  name_layers(spec.layers);
  for (std::size_t k = 0; k < spec.outputs.size() && k < outputs.size(); ++k) {
    const auto layer = std::ranges::find(spec.layers, spec.outputs[k].from, &layer_spec::name);
    if (layer != spec.layers.end()) {  // the network refuses another
      fit_output(*layer, outputs[k], "layer " + layer->name + ", an output");
    }
  }
  if (!spec.layers.empty() && spec.outputs.empty()) {
    fit_output(spec.layers.back(), outputs.front(), "the last layer");
  }
  return spec;
}

network_spec network_for(const experiment& e, std::uint32_t inputs, double dt, std::size_t classes,
                         const grid_shape& shape) {
  return network_for(e, inputs, dt, std::span(&classes, 1), shape);
}

network_spec network_for(const experiment& e, const dataset& data) {
  return network_for(e, data.channels, data.dt, values_of_outputs(e.network, data), data.shape);
}

rule_spec rule_for(const experiment& e, const dataset_split& data, const network& net, std::size_t threads,
                   std::uint64_t memory_limit) {
  const auto memory = memory_limit > 0 ? memory_limit : available_memory();
  check_rule(e.rule, net, threads, memory);
  const auto held = bytes_of(data.validation) + bytes_of(data.test) + program_bytes(data);
  return settle_rule(e.rule, net, data.train, e.train.batch, threads, held, memory);
}

memory_forecast forecast_training(const experiment& e, const dataset& train, const network& net, std::size_t threads,
                                  const rule_spec& rule) {
  auto forecast = forecast_memory(net, train, e.train.batch, threads, rule);
  forecast.per_in_flight += objective_bytes(net, e.objective, train.longest(), e.train.batch);
  forecast.parameters += net.parameters().floats() * sizeof(float);  // the trainer keeps those before a step
  return forecast;
}

memory_forecast forecast_run(const experiment& e, const dataset_split& data, const network& net, std::size_t threads,
                             const rule_spec& rule) {
  auto forecast = forecast_training(e, data.train, net, threads, rule);
  // Samples made anew lie beside those that were read, and while they are brought together, twice.
  forecast.dataset = bytes_of(data) + (data.train.maker ? 2 * bytes_of(data.train) : 0);
  forecast.program = program_bytes(data);
  return forecast;
}

run_result train(const experiment& e, const run_options& options, run_observer& observer) {
  if (e.acts()) {
    throw value_error("train", "experiment " + e.name, "an agent that acts in " + e.environment.name,
                      "an experiment with data; `backspike train` and train_agent() let an agent learn");
  }
  const thread_limit limit(options.threads);  // of the readers' threads, too
  const auto directory = directory_for(options.directory, e.output.directory, e.name);
  std::uint32_t epochs_done = 0;
  try {
    return train_in(directory, e, options, observer, epochs_done);
  } catch (const stop_signal&) {
    run_result stopped;
    stopped.directory = directory;
    stopped.epochs = epochs_done;
    return stopped;
  }
}

}  // namespace backspike
