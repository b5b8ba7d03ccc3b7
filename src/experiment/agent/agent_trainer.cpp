// One round of an agent's run: decisions, an update, what is counted, and when what is written.

#include "experiment/agent/agent_trainer.hpp"

#include <backspike/core/error.hpp>

#include "experiment/agent/agent_parts.hpp"

#include <cmath>
#include <limits>
#include <numeric>

namespace backspike {
namespace {

double mean_of(const std::deque<double>& numbers) {
  return numbers.empty() ? std::numeric_limits<double>::quiet_NaN()
                         : std::accumulate(numbers.begin(), numbers.end(), 0.0) / static_cast<double>(numbers.size());
}

void push(std::deque<double>& last, double number) {
  last.push_back(number);
  if (last.size() > counted_episodes) {
    last.pop_front();
  }
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

agent_trainer::agent_trainer(const experiment& e, const network& net, const arena<float>& initial, std::size_t threads,
                             const run_directory& directory)
    : settings_(e),
      net_(net),
      directory_(directory),
      agent_(net, world_of(e)->plan().observations, world_of(e)->plan().actions, initial, options_of(e, net),
             e.agent.environments, threads),
      loop_(agent_, worlds_of(e), e.seed),
      metrics_(directory.file(metrics_file)),
      monitor_(directory.file(monitor_file)) {
  tally_.rates.resize(net.populations().size());
}

agent_progress agent_trainer::progress() const {
  return {agent_.decisions(), settings_.agent.steps, tally_.episodes, mean_of(tally_.returns)};
}

double agent_trainer::seconds() const { return seconds_before_ + seconds_since(start_); }

void agent_trainer::count(std::span<const episode_result> episodes) {
  for (const episode_result& e : episodes) {
    ++tally_.episodes;
    push(tally_.returns, e.reward);
    push(tally_.lengths, e.length);
    if (settings_.agent.monitor) {
      episodes_to_write_ += monitor_line(e.reward, e.length, seconds());
    }
  }
}

void agent_trainer::add_round() {
  tally_.rounds += 1.0;
  tally_.td_error += agent_.mean_td_error();
  tally_.entropy += loop_.mean_entropy();
  tally_.value += loop_.mean_value();
  for (std::size_t q = 0; q < tally_.rates.size(); ++q) {
    tally_.rates[q] += agent_.rates()[q];
  }
  if (std::isfinite(agent_.gradient_cosine())) {
    tally_.cosine += agent_.gradient_cosine();
    tally_.compared += 1.0;
  }
}

bool agent_trainer::is_solved() const {
  return settings_.agent.goal && tally_.returns.size() == counted_episodes &&
         mean_of(tally_.returns) >= *settings_.agent.goal;
}

/// What was solved is not chosen again.
bool agent_trainer::is_better() const {
  return tally_.solved_at == 0 && !tally_.returns.empty() &&
         (tally_.best_at == 0 || mean_of(tally_.returns) > tally_.best);
}

void agent_trainer::round(agent_observer& observer) {
  const std::uint64_t every = settings_.agent.checkpoint_every, before = agent_.decisions() / every;
  count(loop_.round());
  add_round();
  if (tally_.solved_at == 0 && is_solved()) {
    keep_best();
    tally_.solved_at = agent_.decisions();
    observer.on_solved(tally_.solved_at);
  }
  if (agent_.decisions() / every > before || done()) {
    record(observer);
  }
}

void agent_trainer::record(agent_observer& observer) {
  agent_record r;
  r.decisions = agent_.decisions();
  r.episodes = tally_.episodes;
  r.mean_return = mean_of(tally_.returns);
  r.mean_length = mean_of(tally_.lengths);
  r.td_error = tally_.td_error / tally_.rounds;
  r.entropy = tally_.entropy / tally_.rounds;
  r.value = tally_.value / tally_.rounds;
  r.learning_rate = agent_.learning_rate();
  r.gradient_cosine = tally_.cosine / tally_.compared;  // NaN where none was compared
  for (std::size_t q = 0; q < tally_.rates.size(); ++q) {
    const population& p = net_.populations()[q];
    if (p.cell->spiking) {
      r.rates.push_back({p.spec.name, 1000.0 / net_.spec().dt * tally_.rates[q] / tally_.rounds});
    }
    tally_.rates[q] = 0.0;
  }
  tally_.rounds = tally_.td_error = tally_.entropy = tally_.value = tally_.cosine = tally_.compared = 0.0;
  r.seconds = seconds_since(last_record_);
  last_record_ = std::chrono::steady_clock::now();
  metrics_.add(line_of(r));
  ++tally_.records;
  if (is_better()) {
    keep_best();
  }
  save();
  observer.on_record(r);
}

}  // namespace backspike
