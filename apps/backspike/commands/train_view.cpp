// Shows a training run: progress within an epoch, and one line for each epoch.

#include "commands/train_view.hpp"

#include "interrupt.hpp"
#include "output.hpp"

#include <backspike/core/bytes.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace backspike::app {
namespace {

/// "loss 0.4000 accuracy 0.8512"; what was not measured is not shown.
std::string measured(const char* what, double loss, double accuracy) {
  const auto shown = std::isnan(accuracy) ? "" : fmt::format(" accuracy {:.4f}", accuracy);
  return std::isnan(loss) ? "" : fmt::format("  {} loss {:.4f}{}", what, loss, shown);
}

/// A line for each of several outputs.
std::string outputs_text(const epoch_record& r) {
  std::string text;
  for (std::size_t k = 0; k < r.train_outputs.size(); ++k) {
    const output_measure& train = r.train_outputs[k];
    text += fmt::format("  {}{}", train.name, measured("train", train.loss, train.accuracy));
    if (k < r.validation_outputs.size()) {
      text += measured("validation", r.validation_outputs[k].loss, r.validation_outputs[k].accuracy);
    }
    text += "\n";
  }
  return text;
}

}  // namespace

void train_view::on_progress(const std::string& what, std::size_t done, std::size_t total) {
  work_.update(what, done, total);
}

void train_view::on_directory(const std::string&) { finish_first(); }

void train_view::on_start(const run_start& start) {
  start_ = std::chrono::steady_clock::now();
  directory_ = start.directory;
  first_epoch_ = epochs_done_ = start.epochs_done;
  notes_ = start.notes;
  if (!notes_.empty()) {
    clear();
  }
  for (const auto& note : notes_) {
    complain("note: {}\n", note);
  }
  if (quiet_) {
    return;
  }
  clear();
  print("samples    {} training, {} validation, {} test\n", start.train_samples, start.validation_samples,
        start.test_samples);
  if (start.merged_events > 0) {
    print("merged     {} spikes fell on another of their channel and step: data.duplicates, data.bin_ms\n",
          start.merged_events);
  }
  print("parameters {}, of which {} learnable\n", start.parameters, start.learnable);
  print("rule       {}\n", start.rule_in_words);
  print("memory     {} forecast, {} thread{}\n", bytes_text(start.memory.total()), start.threads,
        start.threads == 1 ? "" : "s");
  print("directory  {}\n", start.directory);
  if (start.epochs_done > 0) {
    print("resumed after epoch {} of {}\n", start.epochs_done, start.epochs);
  }
  std::fflush(stdout);
}

void train_view::on_batch(const batch_progress& p) {
  if (!work_.line().on_terminal()) {
    return;
  }
  const double in_epoch = static_cast<double>(p.batch) / static_cast<double>(p.batches);
  const double done = p.epoch - 1 - first_epoch_ + in_epoch;
  const double left = p.epochs - first_epoch_ - done;
  const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  // Fits in 80 columns, so that the time left is not what is cut off.
  work_.line().draw(fmt::format("epoch {}/{} {} loss {:.4f}{} spikes {:.0f} ETA {}", p.epoch, p.epochs,
                                bar(in_epoch, 12), p.loss,
                                std::isnan(p.accuracy) ? "" : fmt::format(" acc {:.4f}", p.accuracy),
                                p.spikes_per_sample, clock_text(elapsed / done * left)));
}

void train_view::on_epoch(const epoch_record& r, std::uint32_t epochs) {
  epochs_done_ = r.epoch;
  if (quiet_) {
    return;
  }
  clear();
  print("epoch {:>{}}/{}{}{}  spikes {:.1f}/sample  {:.1f} s\n", r.epoch, fmt::formatted_size("{}", epochs), epochs,
        measured("train", r.train_loss, r.train_accuracy),
        measured("validation", r.validation_loss, r.validation_accuracy), r.spikes_per_sample, r.seconds);
  print("{}", lines{outputs_text(r)});
  for (const auto& warning : r.warnings) {
    if (std::ranges::find(notes_, warning.text) == notes_.end()) {  // it has been said
      print("  warning: {}\n", warning.text);
    }
  }
  std::fflush(stdout);
}

bool train_view::stop_requested() { return interrupted() != 0; }

}  // namespace backspike::app
