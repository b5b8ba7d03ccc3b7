// `backspike train`: one run, or one for each speaker, and how it ends when somebody stops it.

#include <backspike/core/error.hpp>
#include <backspike/experiment/runner.hpp>

#include "commands/agent/agent_commands.hpp"
#include "commands/command.hpp"
#include "commands/train_view.hpp"
#include "exit_code.hpp"
#include "interrupt.hpp"
#include "options.hpp"
#include "output.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>

namespace backspike::app {
namespace {

struct train_options : experiment_options {
  run_options run;
  std::optional<std::uint32_t> epochs;
  bool quiet = false;
  bool leave_one_speaker_out = false;
};

/// How it ends after a signal: nothing is lost but the epoch that was under way.
int say_stopped(const std::string& directory, std::uint32_t epochs) {
  complain("backspike: stopped; {} completed epoch{} in {}\n", epochs, epochs == 1 ? " is" : "s are", directory);
  complain("hint: the same command with --resume goes on from there\n");
  return 128 + interrupted();
}

int train_once(const train_options& o, const experiment& e, train_view& view) {
  const auto result = train(e, o.run, view);
  view.clear();
  if (!result.finished) {
    return say_stopped(result.directory, result.epochs);
  }
  print("test {}loss {:.4f} ({} samples, epoch {} chosen, {:.1f} s of training)\n",
        std::isnan(result.test_accuracy) ? "" : fmt::format("accuracy {:.4f}, ", result.test_accuracy),
        result.test_loss, result.test_samples, result.best_epoch, result.train_seconds);
  for (const auto& figure : result.figures) {
    print("{} ({})\n", figure_text(figure), figure.meaning);
  }
  if (result.rounded) {
    print("{}", lines{rounded_text(*result.rounded)});
  }
  print("report {}\n", result.report_path);
  return 0;
}

void print_folds(const std::vector<fold_result>& folds) {
  double sum = 0;
  print("\n{:<20} {:>8} {:>9} {:>9}\n", "held-out speaker", "samples", "accuracy", "loss");
  for (const auto& [speaker, run] : folds) {
    sum += run.test_accuracy;
    print("{:<20} {:>8} {:>9.4f} {:>9.4f}\n", speaker, run.test_samples, run.test_accuracy, run.test_loss);
  }
  print("test accuracy {:.4f}, mean over {} speakers\n", sum / static_cast<double>(folds.size()), folds.size());
}

int train_folds(const train_options& o, const experiment& e, train_view& view) {
  const auto folds = train_leave_one_speaker_out(e, o.run, view);
  view.clear();
  if (folds.empty() || !folds.back().run.finished) {
    const auto directory = folds.empty() ? o.run.directory : folds.back().run.directory;
    return say_stopped(directory, folds.empty() ? 0 : folds.back().run.epochs);
  }
  print_folds(folds);
  return 0;
}

int run_train(train_options o) {
  catch_interrupts();
  if (o.epochs) {
    o.overrides.push_back("train.epochs=" + std::to_string(*o.epochs));
    o.run.other_epochs = true;
  }
  const auto e = o.load();
  if (e.acts()) {
    if (o.leave_one_speaker_out) {
      refuse_agent("--leave-one-speaker-out", e, "an agent learns from no speakers");
    }
    return train_agent_once(e, o.run, o.quiet);
  }
  train_view view(o.quiet);
  try {
    return o.leave_one_speaker_out ? train_folds(o, e, view) : train_once(o, e, view);
  } catch (const numeric_error&) {
    view.clear();
    const auto code = report_error(std::current_exception());
    complain("hint: lower optimiser.learning_rate, or set optimiser.clip_norm\n");
    if (view.epochs_done() > 0) {
      complain("hint: the last good checkpoint, after epoch {}, is {}/checkpoint_last.h5\n", view.epochs_done(),
               view.directory());
    }
    return static_cast<int>(code);
  }
}

void add_options(CLI::App& command, train_options& o) {
  o.add_to(command);
  command.add_option("-o,--out", o.run.directory, "Run directory; otherwise output.directory/NAME")->type_name("DIR");
  auto* resume = command.add_flag("--resume", o.run.resume, "Go on with the run in the directory, if there is one");
  command.add_option("--epochs", o.epochs, "Epochs in all (train.epochs); with --resume a run may go on for more")
      ->type_name("N");
  command.add_flag("--overwrite", o.run.overwrite, "Replace the run in the directory")->excludes(resume);
  command.add_flag("--quiet", o.quiet, "Print the result only");
  add_threads_option(command, o.run.threads);
  command.add_option("--memory-limit", o.run.memory_limit, "Refuse a run that needs more; otherwise what is free now")
      ->type_name("SIZE")
      ->transform(CLI::AsSizeValue(true));
  command.add_flag("--leave-one-speaker-out", o.leave_one_speaker_out,
                   "One run for each speaker, who is then the test set, in DIR/SPEAKER");
}

}  // namespace

void add_train(CLI::App& program, action& chosen) {
  auto o = std::make_shared<train_options>();
  auto* command =
      program.add_subcommand("train", "Train the network or the agent of an experiment and write its report");
  add_options(*command, *o);
  command->footer(
      "Writes experiment.toml, metrics.jsonl, summary.json, checkpoint_initial.h5, checkpoint_last.h5,\n"
      "checkpoint_best.h5 and report.html into the run directory. Ctrl-C ends the run after the current batch (exit\n"
      "code 130; SIGTERM: 143), a second one at once; --resume goes on from the last completed epoch and gives the\n"
      "same bytes as a run that was never stopped. An agent is saved where it is, also within an episode.\n"
      "Examples:\n"
      "  backspike train experiments/fashion_mnist.toml\n"
      "  backspike train experiments/fashion_mnist.toml --set objective.rate_penalty=1e-4 --out runs/sparse\n"
      "  backspike train experiments/fashion_mnist.toml --out runs/sparse --resume\n"
      "  backspike train experiments/fashion_mnist.toml --out runs/sparse --resume --epochs 40\n"
      "  backspike train experiments/spoken_digits.toml --set data.held_out_speaker=theo --out runs/theo\n"
      "  backspike train experiments/spoken_digits.toml --leave-one-speaker-out\n"
      "  backspike train experiments/cartpole.toml");
  command->callback([&chosen, o] { chosen = [o] { return run_train(*o); }; });
}

}  // namespace backspike::app
