// Keeps as many runs of a sweep going as were asked for, and writes the tables as they end.

#include "commands/sweep_runs.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/resources.hpp>
#include <backspike/core/thread_pool.hpp>

#include "interrupt.hpp"
#include "output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <thread>

namespace backspike::app {
namespace {

using namespace std::chrono_literals;
using state = sweep_outcome::state;

std::string result_text(const sweep_plan& plan, const sweep_outcome& outcome) {
  if (plan.members.front().settings.acts()) {
    const auto& [greedy, last, best, solved_at, speed, seconds] = outcome.figures;
    return fmt::format("{}last 100 {:.1f}  greedy {:.1f}  {:.1f} s",
                       std::isnan(solved_at) ? "" : fmt::format("solved at {:.0f}  ", solved_at), last, greedy,
                       seconds);
  }
  const auto& [accuracy, loss, spikes, operations, sparsity, seconds] = outcome.figures;
  return fmt::format("{}loss {:.4f}  {:.1f} spikes/sample  {:.0f} operations/sample",
                     std::isnan(accuracy) ? "" : fmt::format("accuracy {:.4f}  ", accuracy), loss, spikes, operations);
}

/// Lines of metrics that a run ends with: epochs, or an agent's checkpoints.
std::uint64_t lines_of(const experiment& e) {
  const std::uint64_t every = e.agent.checkpoint_every;
  return e.acts() ? (e.agent.steps + every - 1) / every : e.train.epochs;
}

/// A run whose summary cannot be read has failed, and ends nothing else.
sweep_outcome outcome_in(const std::string& directory) {
  try {
    return read_outcome(directory);
  } catch (const user_error& e) {
    sweep_outcome damaged;
    damaged.failure = e.what();
    return damaged;
  }
}

}  // namespace

sweep_runs::sweep_runs(const sweep_plan& plan, const sweep_directory& directory, const sweep_settings& settings)
    : plan_(plan),
      directory_(directory),
      settings_(settings),
      outcomes_(directory.outcomes(plan)),
      line_(settings.quiet) {
  for (std::size_t m = plan.members.size(); m-- > 0;) {
    if (outcomes_[m].ended == state::finished) {
      ++ended_;
      continue;
    }
    waiting_.push_back(m);
    epochs_ += lines_of(plan.members[m].settings);
    epochs_waiting_ += epochs_left_of(m);
  }
  epochs_before_ = epochs_ - epochs_waiting_;
  if (settings_.threads == 0) {
    settings_.threads = available_processors();
  }
  if (settings_.jobs == 0) {
    settings_.jobs = settings_.threads;
  }
  settings_.jobs = std::max<std::size_t>(1, std::min(settings_.jobs, waiting_.size()));
  if (settings_.memory_limit == 0) {
    settings_.memory_limit = available_memory();
  }
  if (!settings_.quiet) {
    print("{} runs, of which {} finished before; {} at a time\n", plan.members.size(), ended_, settings_.jobs);
    std::fflush(stdout);
  }
}

void sweep_runs::run() {
  while (!running_.empty() || !(waiting_.empty() || stopping_)) {
    if (interrupted() != 0 && !stopping_) {
      stop_all();
    }
    while (!stopping_ && running_.size() < settings_.jobs && !waiting_.empty()) {
      start_next();
    }
    look();
    draw();
    std::this_thread::sleep_for(10ms);
  }
  line_.clear();
}

void sweep_runs::start_next() {
  const auto member = waiting_.back();
  waiting_.pop_back();
  epochs_waiting_ -= std::min(epochs_waiting_, epochs_left_of(member));
  directory_.prepare(plan_.members[member]);
  const auto directory = directory_.member(plan_.members[member]);
  const auto threads = std::max<std::size_t>(1, settings_.threads / settings_.jobs);
  running_.push_back(
      {member, member_process({"backspike", "train", directory + "/experiment.toml", "--out", directory, "--resume",
                               "--quiet", "--threads", std::to_string(threads), "--memory-limit",
                               std::to_string(settings_.memory_limit / settings_.jobs)})});
}

void sweep_runs::look() {
  for (std::size_t i = 0; i < running_.size();) {
    const auto end = running_[i].process.poll();
    if (!end.ended) {
      ++i;
      continue;
    }
    const auto member = running_[i].member;
    // A member cannot be assigned to another's place: a new list of those that still run.
    std::vector<running> others;
    for (std::size_t k = 0; k < running_.size(); ++k) {
      if (k != i) {
        others.push_back(std::move(running_[k]));
      }
    }
    running_.swap(others);
    finish(member, end);
  }
}

void sweep_runs::finish(std::size_t member, const process_end& end) {
  auto& outcome = outcomes_[member];
  outcome = outcome_in(directory_.member(plan_.members[member]));
  if (end.code == 0 && outcome.ended == state::finished) {
    ++ended_;
  } else if (stopping_ && end.code > 128) {
    return;  // stopped with its last epoch on the disk
  } else {
    ++ended_;
    outcome.ended = state::failed;
    outcome.failure = end.code == 0 ? outcome.failure : fmt::format("{} (exit code {})", end.message, end.code);
  }
  tell(member);
  write_tables();
}

/// The tables of all members, again whenever some have ended, but at most a tenth of the time: with 10,000 members they
/// take longer than a tiny run. Who called run() writes the last ones.
void sweep_runs::write_tables() {
  const auto start = clock::now();
  if (start < next_tables_) {
    return;
  }
  directory_.write(tabulate(plan_, outcomes_));
  const auto end = clock::now();
  next_tables_ = end + 9 * (end - start);
}

void sweep_runs::stop_all() {
  stopping_ = true;
  for (const auto& member : running_) {
    member.process.stop();
  }
}

void sweep_runs::tell(std::size_t member) {
  if (settings_.quiet) {
    return;
  }
  line_.clear();
  const auto& m = plan_.members[member];
  const auto& outcome = outcomes_[member];
  const auto left = time_left();
  print("{}/{}  {}, seed {}: {}{}\n", ended_, plan_.members.size(), point_text(plan_, m.point), m.seed,
        outcome.ended == state::failed ? "failed: " + outcome.failure : result_text(plan_, outcome),
        left.empty() || ended_ == plan_.members.size() ? "" : "  (ETA " + left + ")");
  std::fflush(stdout);
}

void sweep_runs::draw() {
  if (!line_.on_terminal() || clock::now() < next_line_) {
    return;
  }
  next_line_ = clock::now() + 100ms;
  const double share = epochs_ > 0 ? static_cast<double>(epochs_done()) / static_cast<double>(epochs_) : 1.0;
  const auto left = time_left();
  line_.draw(fmt::format("{}/{} runs {} {} {}/{}{}", ended_, plan_.members.size(), bar(share, 16),
                         plan_.members.front().settings.acts() ? "checkpoint" : "epoch", epochs_done(), epochs_,
                         stopping_      ? " stopping"
                         : left.empty() ? ""
                                        : " ETA " + left));
}

/// Completed epochs of a run: the lines of its metrics.
std::uint64_t sweep_runs::epochs_in(std::size_t member) const {
  std::ifstream file(directory_.member(plan_.members[member]) + "/metrics.jsonl");
  return static_cast<std::uint64_t>(
      std::count(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>(), '\n'));
}

/// None of those that wait changes, and a file may hold more lines than epochs that count.
std::uint64_t sweep_runs::epochs_left_of(std::size_t member) const {
  const std::uint64_t all = lines_of(plan_.members[member].settings);
  return all - std::min(all, epochs_in(member));
}

/// Of the members that this process runs; a failed one needs no more, so all of its epochs count.
std::uint64_t sweep_runs::epochs_done() const {
  auto done = epochs_ - epochs_waiting_;
  for (const auto& member : running_) {
    done -= epochs_left_of(member.member);
  }
  return done;
}

std::string sweep_runs::time_left() const {
  const auto done = epochs_done();
  if (done <= epochs_before_) {
    return "";
  }
  const double elapsed = std::chrono::duration<double>(clock::now() - start_).count();
  return clock_text(elapsed / static_cast<double>(done - epochs_before_) * static_cast<double>(epochs_ - done));
}

}  // namespace backspike::app
