// `backspike sweep`: options, plan and end of a sweep; sweep_runs.cpp runs its members.

#include <backspike/core/error.hpp>
#include <backspike/experiment/sweep.hpp>

#include "commands/command.hpp"
#include "commands/sweep_runs.hpp"
#include "exit_code.hpp"
#include "interrupt.hpp"
#include "options.hpp"
#include "output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>

namespace backspike::app {
namespace {

struct sweep_options : experiment_options {
  std::vector<std::string> over;
  std::uint64_t seeds = 1;
  std::string out;
  bool resume = false, overwrite = false;
  sweep_settings run;
};

sweep_plan plan_of(const sweep_options& o) {
  sweep_request request{o.path, o.overrides, {}, o.seeds};
  if (o.seed) {
    request.overrides.push_back("seed=" + std::to_string(*o.seed));
  }
  for (const auto& text : o.over) {
    request.axes.push_back(parse_axis(text));
  }
  return plan_sweep(request);
}

std::size_t count(const std::vector<sweep_outcome>& outcomes, sweep_outcome::state state) {
  return static_cast<std::size_t>(
      std::count_if(outcomes.begin(), outcomes.end(), [&](const auto& outcome) { return outcome.ended == state; }));
}

int say_stopped(const sweep_directory& directory, const std::vector<sweep_outcome>& outcomes) {
  complain("backspike: stopped; {} of {} runs are finished in {}\n", count(outcomes, sweep_outcome::state::finished),
           outcomes.size(), directory.path());
  complain("hint: the same command with --resume goes on from there\n");
  return 128 + interrupted();
}

int sweep(const sweep_options& o) {
  catch_interrupts();
  const auto plan = plan_of(o);
  finish_first();
  const auto& output = plan.members.front().settings.output.directory;
  const sweep_directory directory(o.out.empty() ? output + "/" + plan.name + "_sweep" : o.out, plan, o.resume,
                                  o.overwrite);
  sweep_runs runs(plan, directory, o.run);
  runs.run();
  const auto table = tabulate(plan, runs.outcomes());
  directory.write(table);
  if (interrupted() != 0 && count(runs.outcomes(), sweep_outcome::state::unfinished) > 0) {
    return say_stopped(directory, runs.outcomes());
  }
  print("{}{}table {}/sweep.csv\nreport {}/report.html\n", lines{o.run.quiet ? "" : "\n"}, lines{to_text(table)},
        directory.path(), directory.path());
  const auto failed = count(runs.outcomes(), sweep_outcome::state::failed);
  if (failed > 0) {
    complain("backspike: {} of {} runs failed\n", failed, plan.members.size());
    complain("hint: --resume runs them again, and nothing else\n");
    return static_cast<int>(exit_code::members);
  }
  return static_cast<int>(exit_code::ok);
}

void add_options(CLI::App& command, sweep_options& o) {
  o.add_to(command);
  command.add_option("--over", o.over, "A key and its values; given several times, every combination is run")
      ->type_name("KEY=VALUES")
      ->allow_extra_args(false);
  command.add_option("--seeds", o.seeds, "Runs at each point: the experiment's seed and those that follow it")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{0}, most_sweep_members))
      ->capture_default_str();
  command.add_option("-o,--out", o.out, "Directory of the sweep; otherwise output.directory/NAME_sweep")
      ->type_name("DIR");
  auto* resume = command.add_flag("--resume", o.resume, "Go on with the sweep in the directory, if there is one");
  command.add_flag("--overwrite", o.overwrite, "Replace the sweep in the directory")->excludes(resume);
  command.add_option("--jobs", o.run.jobs, "Runs at a time; 0: one a processor")
      ->type_name("N")
      ->check(CLI::Range(0, 1024));
  command.add_option("--threads", o.run.threads, "Threads of all runs together; 0: every processor")
      ->type_name("N")
      ->check(CLI::Range(0, 1024));
  command.add_option("--memory-limit", o.run.memory_limit, "For all runs together; otherwise what is free now")
      ->type_name("SIZE")
      ->transform(CLI::AsSizeValue(true));
  command.add_flag("--quiet", o.run.quiet, "Print the table only");
}

}  // namespace

void add_sweep(CLI::App& program, action& chosen) {
  auto o = std::make_shared<sweep_options>();
  auto* command = program.add_subcommand("sweep", "Train at every point of a grid of settings and compare");
  add_options(*command, *o);
  command->footer(
      "VALUES are separated by commas: values, or ranges LOW:HIGH:linN and LOW:HIGH:logN of N numbers with both ends.\n"
      "Every run is one of `backspike train`, in DIR/KEY=VALUE/seedN, as a process of its own. sweep.csv (means),\n"
      "members.csv, sweep.json and report.html are written into DIR, again whenever a run ends. A run that fails is\n"
      "listed and ends nothing else; the exit code is then 9. Ctrl-C stops every run after its current batch;\n"
      "--resume leaves out what is finished, goes on with what is not, and adds values or seeds that are new.\n"
      "Examples:\n"
      "  backspike sweep experiments/fashion_mnist.toml --over objective.rate_penalty=0,1e-6:1e-2:log8 --seeds 3\n"
      "  backspike sweep my.toml --over optimiser.learning_rate=1e-4:1e-2:log5 --over train.batch=32,64 --out "
      "runs/rates\n"
      "  backspike sweep my.toml --over optimiser.kind=adam,sgd --set train.epochs=3 --seeds 5 --out runs/kinds\n"
      "  backspike sweep my.toml --over optimiser.kind=adam,sgd --set train.epochs=3 --seeds 5 --out runs/kinds "
      "--resume");
  command->callback([&chosen, o] { chosen = [o] { return sweep(*o); }; });
}

}  // namespace backspike::app
