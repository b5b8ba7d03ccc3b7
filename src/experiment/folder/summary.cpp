// Writes summary.json, which says that a run is complete, and the table of facts in the report.

#include <backspike/core/bytes.hpp>
#include <backspike/core/file.hpp>
#include <backspike/core/resources.hpp>
#include <backspike/experiment/version.hpp>

#include "experiment/folder/json_text.hpp"
#include "experiment/run/finish.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

double samples_per_second(const run_facts& facts) {
  const auto samples = static_cast<double>(facts.start.train_samples) * static_cast<double>(facts.result.epochs);
  return facts.result.train_seconds > 0 ? samples / facts.result.train_seconds : 0.0;
}

template <class Wanted>
std::string count_neurons(const std::vector<layer_activity>& activity, Wanted wanted) {
  std::size_t count = 0, all = 0;
  for (const auto& layer : activity) {
    count += static_cast<std::size_t>(std::count_if(layer.rates.begin(), layer.rates.end(), wanted));
    all += layer.rates.size();
  }
  return fmt::format("{} of {}", count, all);
}

nlohmann::ordered_json figures_of(const run_result& result) {
  auto figures = nlohmann::ordered_json::object();
  for (const auto& figure : result.figures) {
    figures[figure.name] = figure.value;
  }
  return figures;
}

nlohmann::ordered_json warnings_of(const std::vector<epoch_record>& epochs) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& record : epochs) {
    for (const auto& w : record.warnings) {
      list.push_back({{"epoch", record.epoch}, {"kind", w.kind}, {"subject", w.subject}, {"text", w.text}});
    }
  }
  return list;
}

/// The rows that a network with delays has on top: the same figures as it would be deployed.
void add_rounded(const rounded_result& rounded, std::vector<std::pair<std::string, std::string>>& rows) {
  const std::string suffix = ", delays rounded";
  if (!std::isnan(rounded.accuracy)) {
    rows.emplace_back("test accuracy" + suffix, fmt::format("{:.2f} %", 100 * rounded.accuracy));
  }
  rows.emplace_back("test loss" + suffix, fmt::format("{:.4f}", rounded.loss));
  for (const auto& figure : rounded.figures) {
    rows.emplace_back(figure.name + suffix, fmt::format("{:.4g}", figure.value));
  }
}

std::string merged_text(std::uint64_t events, duplicate_events kept) {
  return fmt::format("{} into others of their channel and step, which count as {}", events,
                     kept == duplicate_events::one ? "one spike" : "many");
}

}  // namespace

void write_summary(const std::string& path, const run_facts& facts) {
  const auto& result = facts.result;
  nlohmann::ordered_json summary{
      {"name", facts.settings.name},
      {"test", {{"accuracy", result.test_accuracy}, {"loss", result.test_loss}, {"samples", result.test_samples}}},
      {"figures", figures_of(result)},
      {"train",
       {{"seconds", result.train_seconds},
        {"epochs", result.epochs},
        {"best_epoch", result.best_epoch},
        {"samples_per_second", samples_per_second(facts)},
        {"samples", facts.start.train_samples},
        {"merged_events", facts.start.merged_events}}},
      {"validation", {{"samples", facts.start.validation_samples}}},
      {"parameters", {{"total", facts.start.parameters}, {"learnable", facts.start.learnable}}},
      {"rule", facts.start.rule_in_words},
      {"forecast_bytes", facts.start.memory.total()},
      {"peak_rss_bytes", peak_memory()},
      {"spikes_per_sample", result.spikes_per_sample},
      {"energy", nlohmann::ordered_json::parse(to_json(result.energy))},
      {"warnings", warnings_of(facts.epochs)},
      {"seed", facts.settings.seed},
      {"threads", facts.start.threads},
      {"version", version()}};
  for (const output_measure& o : result.outputs) {  // by name, beside the keys that every run has
    summary["test"][o.name] = {{"accuracy", o.accuracy}, {"loss", o.loss}};
  }
  if (const auto& weights = facts.settings.objective.class_weights.values; !weights.empty()) {
    summary["class_weights"] = weights;
  }
  if (result.rounded) {
    summary["rounded_delays"] = nlohmann::ordered_json::parse(to_json(*result.rounded));
  }
  write_text_file(path, json_text(summary, 2) + "\n");
}

std::vector<std::pair<std::string, std::string>> table_of(const run_facts& facts,
                                                          const std::vector<layer_activity>& activity) {
  const auto& result = facts.result;
  const auto& start = facts.start;
  std::vector<std::pair<std::string, std::string>> rows{
      {"test accuracy",
       std::isnan(result.test_accuracy) ? "none: a regression" : fmt::format("{:.2f} %", 100 * result.test_accuracy)},
      {"test loss", fmt::format("{:.4f}", result.test_loss)},
      {"epochs", fmt::format("{}, the best on the validation set is number {}", result.epochs, result.best_epoch)},
      {"training time", fmt::format("{:.1f} s", result.train_seconds)},
      {"training samples per second", fmt::format("{:.0f}", samples_per_second(facts))},
      {"samples", fmt::format("{} training, {} validation, {} test", start.train_samples, start.validation_samples,
                              start.test_samples)},
      {"parameters", fmt::format("{}, of which {} learnable", start.parameters, start.learnable)},
      {"spikes per sample", fmt::format("{:.1f}", result.spikes_per_sample)},
      {"dead neurons", count_neurons(activity, [](double rate) { return rate < dead_rate; })},
      {"saturated neurons", count_neurons(activity, [](double rate) { return rate > saturated_rate; })},
      {"learning rule", start.rule_in_words},
      {"memory forecast", bytes_text(start.memory.total())},
      {"peak memory", bytes_text(peak_memory())},
      {"threads", std::to_string(start.threads)},
      {"seed", std::to_string(facts.settings.seed)},
      {"version", "backspike " + std::string(version())},
  };
  if (start.merged_events > 0) {
    rows.emplace_back("events merged", merged_text(start.merged_events, facts.settings.data.duplicates));
  }
  std::vector<std::pair<std::string, std::string>> figures;
  for (const output_measure& o : result.outputs) {
    figures.emplace_back(
        "test, output " + o.name,
        fmt::format("{}loss {:.4f}", std::isnan(o.accuracy) ? "" : fmt::format("{:.2f} %, ", 100 * o.accuracy),
                    o.loss));
  }
  for (const auto& figure : result.figures) {
    figures.emplace_back(figure.name, fmt::format("{:.4g}: {}", figure.value, figure.meaning));
  }
  if (result.rounded) {
    add_rounded(*result.rounded, figures);
  }
  rows.insert(rows.begin() + 2, figures.begin(), figures.end());
  return rows;
}

}  // namespace backspike
