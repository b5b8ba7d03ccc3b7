// Leave-one-speaker-out: one run for each speaker, each in its own directory, and a summary of all.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/core/text.hpp>
#include <backspike/data/load.hpp>
#include <backspike/experiment/runner.hpp>
#include <backspike/experiment/version.hpp>

#include "experiment/folder/directory.hpp"
#include "experiment/folder/json_text.hpp"
#include "experiment/run/trainer.hpp"

namespace backspike {
namespace {

void require_no_speaker_held_out(const experiment& e) {
  if (!e.data.held_out_speaker.empty()) {
    throw value_error("leave-one-speaker-out", "data.held_out_speaker", e.data.held_out_speaker,
                      "an empty name: every speaker is held out in turn");
  }
}

/// A speaker's name becomes the name of a folder, and comes out of a file.
void require_folder_names(const std::vector<std::string>& speakers) {
  for (const auto& speaker : speakers) {
    if (!is_folder_name(speaker)) {
      throw value_error(
          "leave-one-speaker-out", "name of a speaker", "\"" + speaker + "\"",
          "the name of a folder: without /, control characters and bytes that are not UTF-8, not . or ..");
    }
  }
}

std::vector<std::string> speakers_of(const experiment& e, run_observer& observer) {
  const auto data = load_data(e.data, e.seed, [&](const std::string& what, std::size_t done, std::size_t total) {
    observer.on_progress(what, done, total);
    stop_if_requested(observer);
  });
  if (data.train.speaker_names.size() < 2) {
    throw value_error("leave-one-speaker-out", "speakers in the data", std::to_string(data.train.speaker_names.size()),
                      "at least 2");
  }
  require_folder_names(data.train.speaker_names);
  return data.train.speaker_names;
}

void write_fold_summary(const std::string& path, const experiment& e, const std::vector<fold_result>& folds) {
  double accuracy = 0, seconds = 0;
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& [speaker, run] : folds) {
    accuracy += run.test_accuracy / static_cast<double>(folds.size());
    seconds += run.train_seconds;
    list.push_back({{"speaker", speaker},
                    {"test", {{"accuracy", run.test_accuracy}, {"loss", run.test_loss}, {"samples", run.test_samples}}},
                    {"train", {{"seconds", run.train_seconds}, {"epochs", run.epochs}}}});
  }
  const nlohmann::ordered_json summary{{"name", e.name},
                                       {"test", {{"accuracy", accuracy}}},
                                       {"train", {{"seconds", seconds}}},
                                       {"folds", list},
                                       {"seed", e.seed},
                                       {"version", version()}};
  write_text_file(path, json_text(summary, 2) + "\n");
}

/// A fold is nobody else's directory, and the one above them holds folds only: neither its own run nor a sweep.
void require_own_directories(const std::string& root, const std::vector<std::string>& speakers) {
  for (const auto* name : {experiment_file, initial_checkpoint_file, last_checkpoint_file, sweep_file}) {
    if (is_there(root + "/" + name)) {
      throw value_error("leave-one-speaker-out", "directory", root,
                        std::string("a directory without a run or a sweep of its own: it holds ") + name);
    }
  }
  for (const auto& speaker : speakers) {
    if (is_link(root + "/" + speaker)) {
      throw value_error("leave-one-speaker-out", "directory of a speaker", root + "/" + speaker,
                        "a directory, not a symbolic link to one");
    }
  }
}

}  // namespace

std::vector<fold_result> train_leave_one_speaker_out(const experiment& e, const run_options& options,
                                                     run_observer& observer) {
  require_no_speaker_held_out(e);
  const auto root = directory_for(options.directory, e.output.directory, e.name);
  std::vector<std::string> speakers;
  try {
    speakers = speakers_of(e, observer);
  } catch (const stop_signal&) {
    return {};
  }
  const directory_lock lock(root, "the directory of the folds", "another process is training in it");
  require_own_directories(root, speakers);
  std::vector<fold_result> folds;
  for (const auto& speaker : speakers) {
    auto fold = e;
    fold.data.held_out_speaker = speaker;
    auto fold_options = options;
    fold_options.directory = root + "/" + speaker;
    folds.push_back({speaker, train(fold, fold_options, observer)});
    if (!folds.back().run.finished) {
      return folds;
    }
  }
  write_fold_summary(root + "/" + summary_file, e, folds);
  return folds;
}

}  // namespace backspike
