// Shows an agent's run: progress between checkpoints, and one line for each of them.

#include "commands/agent/agent_view.hpp"

#include "interrupt.hpp"
#include "output.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>

namespace backspike::app {
namespace {

std::string return_text(double mean_return) {
  return std::isnan(mean_return) ? "-" : fmt::format("{:.1f}", mean_return);
}

}  // namespace

void agent_view::on_directory(const std::string&) { finish_first(); }

void agent_view::on_start(const agent_start& start) {
  start_ = start;
  begun_ = std::chrono::steady_clock::now();
  if (quiet_) {
    return;
  }
  print("environment {}\n", start.environment);
  print("parameters  {}, of which {} learnable\n", start.parameters, start.learnable);
  print("rule        {}\n", start.rule_in_words);
  print("directory   {}, {} thread{}\n", start.directory, start.threads, start.threads == 1 ? "" : "s");
  if (start.steps_done > 0) {
    print("resumed after {} of {} decisions\n", start.steps_done, start.steps);
  }
  std::fflush(stdout);
}

/// Of this process.
double agent_view::decisions_per_second(std::uint64_t decisions) const {
  const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
  return elapsed > 0.0 ? static_cast<double>(decisions - start_.steps_done) / elapsed : 0.0;
}

void agent_view::on_round(const agent_progress& p) {
  if (!line_.on_terminal()) {
    return;
  }
  const double rate = decisions_per_second(p.decisions);
  const double left = p.steps > p.decisions ? static_cast<double>(p.steps - p.decisions) : 0.0;
  line_.draw(fmt::format("{}/{} {} episodes {} return {} {:.0f}/s ETA {}", p.decisions, p.steps,
                         bar(static_cast<double>(p.decisions) / static_cast<double>(p.steps), 12), p.episodes,
                         return_text(p.mean_return), rate, rate > 0.0 ? clock_text(left / rate) : "-"));
}

void agent_view::on_record(const agent_record& r) {
  if (quiet_) {
    return;
  }
  clear();
  print("{:>{}}/{}  episodes {}  return {}  td error {:.4f}  entropy {:.3f}  {:.0f} decisions/s\n", r.decisions,
        fmt::formatted_size("{}", start_.steps), start_.steps, r.episodes, return_text(r.mean_return), r.td_error,
        r.entropy, decisions_per_second(r.decisions));
  std::fflush(stdout);
}

void agent_view::on_solved(std::uint64_t decisions) {
  if (quiet_) {
    return;
  }
  clear();
  print("solved at {} decisions\n", decisions);
}

void agent_view::on_test(std::uint32_t episodes) {
  if (line_.on_terminal()) {
    line_.draw(fmt::format("testing, {} episodes by the best actions", episodes));
  }
}

bool agent_view::stop_requested() { return interrupted() != 0; }

}  // namespace backspike::app
