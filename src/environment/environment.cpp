// What all environments have in common: checks, the limit of time, saving and going on.

#include <backspike/environment/environment.hpp>

#include <backspike/core/error.hpp>

#include <algorithm>
#include <utility>

namespace backspike {
namespace {

void require_count(const environment_plan& plan, const std::string& argument, std::size_t count, std::size_t expected) {
  if (count != expected) {
    throw shape_error(plan.name, argument, "[" + std::to_string(count) + "]", "[" + std::to_string(expected) + "]");
  }
}

}  // namespace

environment::environment(environment_plan plan)
    : plan_(std::move(plan)), state_(plan_.states), observation_(plan_.observations.numbers()) {}

void environment::reset(random_stream draws) {
  start(draws, state_);
  elapsed_ = 0;
  over_ = false;
  look();
}

void environment::reset(std::uint64_t seed) { reset(random_stream(seed, random_purpose::episode)); }

transition environment::step(std::span<const double> action) {
  require_in(plan_.actions, action, plan_.name, "action");
  if (over_) {
    throw value_error(plan_.name, "step", "after the end of the episode", "reset() first");
  }
  transition t = advance(state_, action);
  t.truncated = ++elapsed_ >= plan_.limit && plan_.limit > 0;
  over_ = t.over();
  look();
  return t;
}

std::vector<double> environment::save() const {
  std::vector<double> saved(state_);
  saved.push_back(elapsed_);
  saved.push_back(over_ ? 1.0 : 0.0);
  return saved;
}

void environment::restore(std::span<const double> saved) {
  require_count(plan_, "saved state", saved.size(), state_.size() + 2);
  std::copy_n(saved.begin(), state_.size(), state_.begin());
  elapsed_ = static_cast<std::uint32_t>(saved[state_.size()]);
  over_ = saved.back() != 0.0;
  look();
}

void environment::start_from(std::span<const double> state) {
  require_count(plan_, "state", state.size(), state_.size());
  std::ranges::copy(state, state_.begin());
  elapsed_ = 0;
  over_ = false;
  look();
}

void environment::look() { observe(state_, observation_); }

}  // namespace backspike
