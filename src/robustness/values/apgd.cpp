// The attack `apgd`: steps with momentum whose size is halved, from the best place so far, when they do not help any
// more. [Croce and Hein 2020, ICML, algorithm 1]

#include "robustness/attack/attack_list.hpp"
#include "robustness/values/climbs.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace backspike {
namespace {

constexpr double first_step = 2.0;  // over the budget
constexpr double momentum = 0.75;   // share of the new step in a move; the rest is the move before
constexpr double enough = 0.75;     // share of the steps that have to lead up

/// Steps at which sizes are looked at: shares 0.22, 0.41, 0.57, ... of all of them, ever denser.
std::vector<std::uint32_t> checkpoints(std::uint32_t steps) {
  std::vector<std::uint32_t> at;
  double before = 0.0, now = 0.22;
  while (now < 1.0) {
    at.push_back(static_cast<std::uint32_t>(std::ceil(now * steps)));
    const double next = now + std::max(now - before - 0.03, 0.06);
    before = std::exchange(now, next);
  }
  return at;
}

/// What is remembered of one sample.
struct climber {
  double size = 0.0;
  double last_height = 0.0, best_height = 0.0, best_at_checkpoint = 0.0;  // since the restart
  std::uint32_t led_up = 0;                                               // steps since the last checkpoint
  bool halved = false;                                                    // there
  std::vector<float> before{}, best{}, best_gradient{};
};

class shrinking_climb {
 public:
  shrinking_climb(value_climb& climb, const attack_options& options) : climb_(climb), options_(options) {}

  void run(std::uint32_t restart) {
    const auto at = checkpoints(options_.steps);
    auto next = at.begin();
    climb_.start_again(restart);
    begin();
    std::uint32_t last = 0;
    for (std::uint32_t step = 0; step < options_.steps; ++step) {
      climb_.look(true);
      const bool due = next != at.end() && *next == step;
      for (const std::uint32_t s : climb_.active()) {
        note(s, step);
        if (due) {
          check(s, step - last);
        }
        move(s, step);
      }
      if (due) {
        last = step;
        next = std::find_if(next, at.end(), [&](std::uint32_t t) { return t > step; });
      }
    }
    climb_.look(false);
  }

 private:
  void begin() {
    for (const std::uint32_t s : climb_.active()) {
      if (s >= climbers_.size()) {
        climbers_.resize(s + 1);
      }
      climber& c = climbers_[s];
      c = {.size = options_.budget * (options_.step_size > 0.0 ? options_.step_size : first_step)};
      c.before.assign(climb_.now(s).begin(), climb_.now(s).end());
    }
  }

  void note(std::uint32_t s, std::uint32_t step) {
    climber& c = climbers_[s];
    const double height = climb_.height(s);
    c.led_up += step > 0 && height > c.last_height ? 1 : 0;
    c.last_height = height;
    c.best_at_checkpoint = step > 0 ? c.best_at_checkpoint : height;
    if (step == 0 || height > c.best_height) {
      c.best_height = height;
      c.best.assign(climb_.now(s).begin(), climb_.now(s).end());
      c.best_gradient.assign(climb_.gradient(s).begin(), climb_.gradient(s).end());
    }
  }

  /// Halves the step and goes back to the best place, where too few steps led up, or the best place stayed what it was.
  void check(std::uint32_t s, std::uint32_t steps) {
    climber& c = climbers_[s];
    const bool stuck = !c.halved && c.best_height <= c.best_at_checkpoint;
    const bool few = static_cast<double>(c.led_up) < enough * steps;
    c.best_at_checkpoint = c.best_height;
    c.led_up = 0;
    c.halved = few || stuck;
    if (c.halved) {
      c.size *= 0.5;
      std::ranges::copy(c.best, climb_.now(s).begin());
      c.before = c.best;
      std::ranges::copy(c.best_gradient, climb_.gradient(s).begin());
    }
  }

  void move(std::uint32_t s, std::uint32_t step) {
    climber& c = climbers_[s];
    const std::span<float> now = climb_.now(s);
    const std::vector<float> here(now.begin(), now.end());
    step_along(options_.norm, c.size, climb_.range(), sparse_share, climb_.gradient(s), now);
    project(options_.norm, options_.budget, climb_.range(), climb_.start(s), now);
    if (step > 0) {
      for (std::size_t k = 0; k < now.size(); ++k) {
        const auto was = static_cast<double>(here[k]);
        now[k] = static_cast<float>(was + momentum * (static_cast<double>(now[k]) - was) +
                                    (1.0 - momentum) * (was - static_cast<double>(c.before[k])));
      }
      project(options_.norm, options_.budget, climb_.range(), climb_.start(s), now);
    }
    c.before = here;
  }

  value_climb& climb_;
  const attack_options& options_;
  std::vector<climber> climbers_;  // [samples]
};

attack_proposal climb(const attack_problem& p, const attack_samples& samples, const attack_options& o,
                      const attack_progress& progress) {
  return climb_in_groups(p, samples, o, progress, [&](value_climb& c) {
    shrinking_climb at_work(c, o);
    for (std::uint32_t restart = 0; restart < o.restarts; ++restart) {
      at_work.run(restart);
    }
  });
}

}  // namespace

attack_info apgd_entry() {
  return {.name = "apgd",
          .space = attack_space::values,
          .role = attack_role::iterated,
          .meaning = "steps with momentum, halved when they do not help any more",
          .run = climb};
}

}  // namespace backspike
