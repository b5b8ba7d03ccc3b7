// Trains an agent, lets it play, and says where it has no place.

#include "commands/agent/agent_commands.hpp"

#include "commands/agent/agent_view.hpp"
#include "exit_code.hpp"
#include "interrupt.hpp"
#include "output.hpp"

#include <backspike/core/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <vector>

namespace backspike::app {
namespace {

constexpr std::uint64_t usual_episodes = 100;

/// How it ends after a signal: nothing is lost.
int say_stopped(const agent_result& result) {
  complain("backspike: stopped; {} decisions are saved in {}\n", result.decisions, result.directory);
  complain("hint: the same command with --resume goes on from there\n");
  return 128 + interrupted();
}

void print_result(const experiment& e, const agent_result& result) {
  if (result.solved_at) {
    print("solved at {} decisions: ", *result.solved_at);
  } else if (e.agent.goal) {
    print("not solved (goal {}): ", *e.agent.goal);
  }
  print("mean return of the last {} episodes {:.1f}, of {} greedy ones {:.1f} ({} decisions, {:.1f} s)\n",
        counted_episodes, result.mean_return, e.agent.test_episodes, result.greedy_return, result.decisions,
        result.train_seconds);
  print("report {}\n", result.report_path);
}

struct return_figures {
  double mean = 0, deviation = 0, least = 0, most = 0;
};

return_figures figures_of(const std::vector<double>& returns) {
  const auto n = static_cast<double>(returns.size());
  return_figures f;
  f.mean = std::accumulate(returns.begin(), returns.end(), 0.0) / n;
  for (const double x : returns) {
    f.deviation += (x - f.mean) * (x - f.mean) / n;
  }
  f.deviation = std::sqrt(f.deviation);
  f.least = *std::ranges::min_element(returns);
  f.most = *std::ranges::max_element(returns);
  return f;
}

}  // namespace

int train_agent_once(const experiment& e, const run_options& options, bool quiet) {
  agent_view view(quiet);
  try {
    const agent_result result = train_agent(e, options, view);
    view.clear();
    if (!result.finished) {
      return say_stopped(result);
    }
    print_result(e, result);
    return 0;
  } catch (const numeric_error&) {
    view.clear();
    const auto code = report_error(std::current_exception());
    complain("hint: lower optimiser.learning_rate or agent.reward_scale, or set optimiser.clip_norm\n");
    complain("hint: the last good checkpoint is {}/checkpoint_last.h5\n", view.directory());
    return static_cast<int>(code);
  }
}

int play_agent(const std::string& path, const play_options& o, bool json) {
  const trained_agent agent = load_agent(path);
  const std::uint64_t seed = o.seed.value_or(agent.settings.seed);
  const auto returns = evaluate_agent(agent, o.episodes.value_or(usual_episodes), o.sampled, seed);
  const return_figures f = figures_of(returns);
  if (json) {
    const nlohmann::ordered_json summary{{"environment", agent.settings.environment.name},
                                         {"actions", o.sampled ? "sampled" : "greedy"},
                                         {"episodes", returns.size()},
                                         {"seed", seed},
                                         {"return", {{"mean", f.mean}, {"deviation", f.deviation}}},
                                         {"returns", returns}};
    print("{}\n", json_line(summary));
  } else {
    print("{}: mean return {:.2f} of {} {} episodes (deviation {:.2f}, {:g} to {:g})\n",
          agent.settings.environment.name, f.mean, returns.size(), o.sampled ? "sampled" : "greedy", f.deviation,
          f.least, f.most);
  }
  return 0;
}

void refuse_agent(const std::string& command, const experiment& e, const std::string& instead) {
  if (e.acts()) {
    throw value_error(command, "experiment " + e.name, "an agent that acts in " + e.environment.name,
                      "an experiment with data; " + instead);
  }
}

}  // namespace backspike::app
