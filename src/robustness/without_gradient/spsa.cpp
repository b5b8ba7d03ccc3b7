// The attack `spsa`: the gradient is estimated from losses at pairs of places on opposite sides, in random directions.
// [Spall 1992, IEEE TAC 37, 332-341; Uesato et al. 2018, ICML]

#include "robustness/attack/attack_list.hpp"
#include "robustness/without_gradient/asked_values.hpp"

#include <algorithm>
#include <utility>

namespace backspike {
namespace {

constexpr std::uint32_t pairs = 16;    // of places for each step
constexpr double probe = 0.5;          // of the budget: far enough for spikes to come and go
constexpr double usual_step = 0.25;    // of the budget
constexpr double largest_share = 0.1;  // of the values that an l1 step moves

class estimated_ascent {
 public:
  estimated_ascent(const attack_problem& p, const attack_samples& samples, const attack_options& o)
      : asked_(p, samples, o), options_(o), now_(asked_.start()), best_(now_), slope_(now_.size()) {
    const auto all = every_sample(samples.data);
    highest_ = asked_.ask(now_, all);
  }

  attack_proposal run(const attack_progress& progress) {
    const std::uint32_t steps = std::max(options_.queries / (2 * pairs + 1), 1u);
    for (std::uint32_t step = 0; step < steps; ++step) {
      const auto open = asked_values::open(highest_);
      if (open.empty()) {
        break;
      }
      estimate(open, step);
      follow(open, 1.0 - static_cast<double>(step) / steps);
      if (progress) {
        progress(step + 1, steps);
      }
    }
    return asked_.propose(std::move(best_));
  }

 private:
  void note(std::span<const std::uint32_t> open, const std::vector<float>& values,
            const std::vector<attack_answer>& answers) {
    for (const std::uint32_t s : open) {
      if (!highest_[s].reached && (answers[s].reached || answers[s].height > highest_[s].height)) {
        highest_[s] = answers[s];
        std::ranges::copy(asked_.of(std::span(values), s), asked_.of(std::span(best_), s).begin());
      }
    }
  }

  void estimate(std::span<const std::uint32_t> open, std::uint32_t step) {
    std::ranges::fill(slope_, 0.0f);
    for (std::uint32_t pair = 0; pair < pairs; ++pair) {
      std::vector<float> sides[2] = {now_, now_}, way(now_.size());
      for (const std::uint32_t s : open) {
        random_stream random(options_.seed, random_purpose::perturbation,
                             (std::uint64_t{step * pairs + pair} << 32) + s);
        for (float& w : asked_.of(std::span(way), s)) {
          w = random.below(2) == 0 ? -1.0f : 1.0f;
        }
        place(s, way, sides[0], 1.0f);
        place(s, way, sides[1], -1.0f);
      }
      const std::vector<attack_answer> up = asked_.ask(sides[0], open);
      note(open, sides[0], up);
      const std::vector<attack_answer>& down = asked_.ask(sides[1], open);
      note(open, sides[1], down);
      for (const std::uint32_t s : open) {
        const auto rise = static_cast<float>(up[s].height - down[s].height);
        const auto w = asked_.of(std::span<const float>(way), s);
        std::ranges::transform(asked_.of(std::span(slope_), s), w, asked_.of(std::span(slope_), s).begin(),
                               [&](float sum, float x) { return sum + rise * x; });
      }
    }
  }

  /// Within the budget, so that what is found there is an attack itself.
  void place(std::uint32_t s, const std::vector<float>& way, std::vector<float>& to, float side) {
    const auto w = asked_.of(std::span(way), s);
    const auto now = asked_.of(std::span(to), s);
    std::vector<float> direction(w.size());
    std::ranges::transform(w, direction.begin(), [&](float x) { return side * x; });
    step_along(options_.norm, probe * options_.budget, asked_.range(), 1.0, direction, now);
    project(options_.norm, options_.budget, asked_.range(), asked_.of(std::span(asked_.start()), s), now);
  }

  void follow(std::span<const std::uint32_t> open, double share) {
    const double size = (options_.step_size > 0.0 ? options_.step_size : usual_step) * options_.budget * share;
    for (const std::uint32_t s : open) {
      const auto now = asked_.of(std::span(now_), s);
      step_along(options_.norm, size, asked_.range(), largest_share, asked_.of(std::span<const float>(slope_), s), now);
      project(options_.norm, options_.budget, asked_.range(), asked_.of(std::span(asked_.start()), s), now);
    }
    note(open, now_, asked_.ask(now_, open));
  }

  asked_values asked_;
  const attack_options& options_;
  std::vector<float> now_, best_, slope_;
  std::vector<attack_answer> highest_;
};

attack_proposal ascend(const attack_problem& p, const attack_samples& samples, const attack_options& o,
                       const attack_progress& progress) {
  return estimated_ascent(p, samples, o).run(progress);
}

}  // namespace

attack_info spsa_entry() {
  return {.name = "spsa",
          .space = attack_space::values,
          .role = attack_role::without_gradient,
          .meaning = "steps along a gradient that losses at random places estimate",
          .run = ascend};
}

}  // namespace backspike
