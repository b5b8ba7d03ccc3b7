// Rounds of decisions: each environment on a thread of its own, the update after all of them.

#include <backspike/online/agent_loop.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>

#include <string>
#include <utility>

namespace backspike {

agent_loop::agent_loop(actor_critic& agent, std::vector<std::unique_ptr<environment>> environments, std::uint64_t seed)
    : agent_(agent), seed_(seed) {
  if (environments.size() != agent.environments()) {
    throw shape_error("agent_loop", "environments", "[" + std::to_string(environments.size()) + "]",
                      "[" + std::to_string(agent.environments()) + "], as many as the agent has");
  }
  for (auto& of : environments) {
    worlds_.emplace_back().of = std::move(of);
  }
  for (std::size_t i = 0; i < worlds_.size(); ++i) {
    begin(i);
  }
}

void agent_loop::begin(std::size_t i) {
  world& w = worlds_[i];
  w.of->reset(random_stream(seed_, random_purpose::episode, std::uint64_t{i} << 40 | w.episodes++));
  w.reward = 0.0;
}

void agent_loop::run(std::size_t i) {
  world& w = worlds_[i];
  w.results.clear();
  w.entropy = w.value = 0.0;
  for (std::uint32_t n = 0; n < agent_.options().every; ++n) {
    const decision& made = agent_.act(i, w.of->observation());
    const transition t = w.of->step(made.action);
    w.entropy += made.entropy;
    w.value += made.value;
    w.reward += t.reward;
    agent_.follow(i, t, w.of->observation());
    if (t.over()) {
      w.results.push_back({i, w.reward, w.of->elapsed()});
      begin(i);
    }
  }
}

std::span<const episode_result> agent_loop::round() {
  agent_.pool().for_each(worlds_.size(), [&](std::size_t i, std::size_t) { run(i); });
  agent_.update();
  results_.clear();
  mean_entropy_ = mean_value_ = 0.0;
  const double decisions = static_cast<double>(agent_.options().every) * static_cast<double>(worlds_.size());
  for (const world& w : worlds_) {
    results_.insert(results_.end(), w.results.begin(), w.results.end());
    mean_entropy_ += w.entropy / decisions;
    mean_value_ += w.value / decisions;
  }
  return results_;
}

std::vector<std::vector<double>> agent_loop::save() const {
  std::vector<std::vector<double>> saved;
  for (const world& w : worlds_) {
    saved.push_back(w.of->save());
    saved.back().push_back(static_cast<double>(w.episodes));
    saved.back().push_back(w.reward);
  }
  return saved;
}

void agent_loop::restore(const std::vector<std::vector<double>>& saved) {
  if (saved.size() != worlds_.size()) {
    throw shape_error("agent_loop", "saved environments", "[" + std::to_string(saved.size()) + "]",
                      "[" + std::to_string(worlds_.size()) + "]");
  }
  for (std::size_t i = 0; i < saved.size(); ++i) {
    const std::span<const double> numbers(saved[i]);
    if (numbers.size() < 2) {
      throw shape_error("agent_loop", "saved environment", "[" + std::to_string(numbers.size()) + "]", "[2] at least");
    }
    worlds_[i].of->restore(numbers.first(numbers.size() - 2));
    worlds_[i].episodes = static_cast<std::uint64_t>(numbers[numbers.size() - 2]);
    worlds_[i].reward = numbers.back();
  }
}

}  // namespace backspike
