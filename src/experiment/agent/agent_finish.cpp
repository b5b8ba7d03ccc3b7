// Tests an agent by its best actions, and writes the summary and the report of its run.

#include "experiment/agent/agent_finish.hpp"

#include <backspike/core/file.hpp>
#include <backspike/core/resources.hpp>
#include <backspike/experiment/version.hpp>

#include "experiment/folder/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace backspike {
namespace {

using json = nlohmann::ordered_json;

constexpr std::uint32_t longest_film = 500;  // [decisions]

double mean(const std::vector<double>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0) / static_cast<double>(numbers.size());
}

agent_result result_of(const agent_trainer& t, const run_directory& directory,
                       const std::vector<agent_record>& records) {
  const agent_tally& tally = t.tally();
  agent_result result;
  result.finished = true;
  result.directory = directory.path();
  result.report_path = directory.file(report_file);
  result.decisions = t.progress().decisions;
  result.episodes = tally.episodes;
  result.mean_return = result.best_return = t.progress().mean_return;
  for (const agent_record& r : records) {
    result.best_return = std::fmax(result.best_return, r.mean_return);
    result.train_seconds += r.seconds;
  }
  if (tally.solved_at > 0) {
    result.solved_at = tally.solved_at;
  }
  result.rates = records.back().rates;
  return result;
}

double decisions_per_second(const agent_result& result) {
  return result.train_seconds > 0.0 ? static_cast<double>(result.decisions) / result.train_seconds : 0.0;
}

json rates_of(const agent_result& result) {
  json rates = json::object();
  for (const layer_rate_hz& r : result.rates) {
    rates[r.layer] = r.rate;
  }
  return rates;
}

void write_summary(const std::string& path, const experiment& e, const agent_start& start, const agent_result& result) {
  const json summary{{"name", e.name},
                     {"environment", e.environment.name},
                     {"return",
                      {{"mean_100", result.mean_return},
                       {"best_100", result.best_return},
                       {"greedy_100", result.greedy_return},
                       {"solved_at", result.solved_at ? json(*result.solved_at) : json()},
                       {"goal", e.agent.goal ? json(*e.agent.goal) : json()}}},
                     {"test", {{"episodes", e.agent.test_episodes}, {"decisions_before", result.chosen_at}}},
                     {"train",
                      {{"seconds", result.train_seconds},
                       {"decisions", result.decisions},
                       {"episodes", result.episodes},
                       {"decisions_per_second", decisions_per_second(result)}}},
                     {"parameters", {{"total", start.parameters}, {"learnable", start.learnable}}},
                     {"rule", start.rule_in_words},
                     {"rates_hz", rates_of(result)},
                     {"peak_rss_bytes", peak_memory()},
                     {"seed", e.seed},
                     {"threads", start.threads},
                     {"version", version()}};
  write_text_file(path, json_text(summary, 2) + "\n");
}

std::string number(double x) { return std::isnan(x) ? "none" : fmt::format("{:.1f}", x); }

std::vector<std::pair<std::string, std::string>> cards_of(const experiment& e, const agent_result& result) {
  return {{fmt::format("mean return of {} greedy episodes", e.agent.test_episodes), number(result.greedy_return)},
          {"mean return of the last 100 in training", number(result.mean_return)},
          {"solved at [decisions]", result.solved_at ? std::to_string(*result.solved_at)
                                    : e.agent.goal   ? "never"
                                                     : "no goal"},
          {"training", fmt::format("{:.1f} s", result.train_seconds)}};
}

std::vector<std::pair<std::string, std::string>> facts_of(const experiment& e, const agent_start& start,
                                                          const agent_result& result) {
  std::vector<std::pair<std::string, std::string>> rows{
      {"environment", fmt::format("{}, {} side by side", e.environment.name, e.agent.environments)},
      {"decisions", fmt::format("{}, in {} whole episodes", result.decisions, result.episodes)},
      {"decisions per second", fmt::format("{:.0f}", decisions_per_second(result))},
      {"highest mean return at a checkpoint", number(result.best_return)},
      {"tested", fmt::format("as it was after {} decisions", result.chosen_at)},
      {"learning rule", start.rule_in_words},
      {"parameters", fmt::format("{}, of which {} learnable", start.parameters, start.learnable)},
      {"threads", std::to_string(start.threads)},
      {"seed", std::to_string(e.seed)},
      {"version", "backspike " + std::string(version())}};
  for (const layer_rate_hz& r : result.rates) {
    rows.emplace_back("mean rate of " + r.layer, fmt::format("{:.1f} Hz", r.rate));
  }
  return rows;
}

}  // namespace

std::string rule_in_words(const experiment& e) {
  const agent_spec& a = e.agent;
  const std::string credit = fmt::format("{}, gamma {}, lambda {}", name_of(a.rule), a.gamma, a.lambda);
  const std::string only = a.learns == agent_learns::readout ? ", readout only" : "";
  if (a.rule == agent_rule::actor_critic) {
    return fmt::format("{}, {} feedback{}", credit, name_of(a.feedback), only);
  }
  return credit + (a.rule == agent_rule::a2c && a.horizon > 0 ? fmt::format(", horizon {}", a.horizon) : "") + only;
}

agent_result finish_agent_run(const experiment& e, const network& net, const agent_start& start, agent_trainer& t,
                              const run_directory& directory, agent_observer& observer) {
  observer.on_test(e.agent.test_episodes);
  const auto records = read_agent_records(directory.file(metrics_file));
  agent_result result = result_of(t, directory, records);
  // Where no episode ended there is no best one: the last checkpoint plays.
  const char* chosen = t.tally().best_at > 0 ? best_checkpoint_file : last_checkpoint_file;
  const trained_agent best = load_agent(directory.file(chosen));
  const auto returns = evaluate_agent(best, e.agent.test_episodes, false, e.seed);
  result.greedy_return = mean(returns);
  result.chosen_at = best.decisions;
  agent_page page;
  page.title = e.name;
  page.cards = cards_of(e, result);
  page.facts = facts_of(e, start, result);
  page.experiment = to_toml(e);
  page.records = records;
  page.test_returns = returns;
  page.goal = e.agent.goal.value_or(page.goal);
  page.solved_at = result.solved_at ? static_cast<double>(*result.solved_at) : page.solved_at;
  page.film = film_of(best, longest_film, e.seed);
  page.network = svg_of(picture_of(net));
  write_text_file(result.report_path, render_agent(page));
  write_summary(directory.file(summary_file), e, start, result);
  return result;
}

}  // namespace backspike
