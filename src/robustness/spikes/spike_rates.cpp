// The attacks `spike_pgd` and `spike_spsa`: every bin has a chance to be flipped; spikes are drawn from these, and what
// they do to the loss moves the chances, whose sum stays within the budget. `spike_pgd` follows the gradient at the
// spikes drawn (probabilistic PGD, arXiv 2110.02929), `spike_spsa` the losses alone [Spall 1992, IEEE TAC 37, 332-341].

#include <backspike/core/error.hpp>

#include "robustness/attack/attack_list.hpp"
#include "robustness/spikes/flip_rates.hpp"
#include "robustness/spikes/spike_batch.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace backspike {
namespace {

constexpr double usual_step = 0.5;        // of the largest chance
constexpr std::uint32_t spsa_draws = 16;  // whose losses are held against each other

/// One sample, the chances of its bins, and the best spikes drawn from them.
class rated_sample {
 public:
  rated_sample(spike_target& t, const attack_options& o)
      : target_(&t),
        options_(&o),
        start_(t.sample.raster()),
        rates_(start_, o),
        slope_(start_.bins()),
        highest_(t.sample.now()) {}

  spike_target& target() { return *target_; }
  bool done() const { return options_->stops && highest_.reached; }

  void draw(std::uint32_t step, std::uint32_t number, std::size_t more) {
    random_stream random(options_->seed, random_purpose::perturbation,
                         (std::uint64_t{target_->number} << 32) + (std::uint64_t{step} << 12) + number);
    drawn_ = rates_.draw(start_, more, random);
  }
  /// The sample with the spikes that were drawn.
  spike_raster raster() const {
    spike_raster r = start_;
    for (const spike_move& m : drawn_) {
      r.flip(m.bins[0]);
    }
    return r;
  }
  void note(const attack_answer& answer) {
    const bool better = highest_.reached ? answer.reached && drawn_.size() < best_.size()
                                         : answer.reached || answer.height > highest_.height;
    if (better) {
      highest_ = answer;
      best_ = drawn_;
    }
  }
  /// What flipping a bin of the sample does, by the gradient at the spikes drawn.
  void add_gradient(std::span<const float> gradient) {
    for (std::size_t b = 0; b < slope_.size(); ++b) {
      slope_[b] += gradient[b];
    }
  }
  void move_rates() {
    for (std::uint32_t t = 0; t < start_.steps(); ++t) {  // where a spike is, a flip takes it away
      for (const std::uint32_t c : start_.data().inputs.spikes.row(t).channels) {
        slope_[start_.index({t, c})] *= -1.0f;
      }
    }
    follow();
  }
  /// Draws and asks as often as losses are held against each other, and moves the chances of what was drawn.
  void step_without_gradient(std::uint32_t step) {
    const auto more = static_cast<std::size_t>(std::max(options_->budget / 4.0, 1.0));
    std::vector<std::vector<spike_move>> all;
    std::vector<double> heights;
    double mean = 0.0;
    for (std::uint32_t d = 0; d < spsa_draws; ++d) {
      draw(step, d, more);
      const attack_answer answer = target_->sample.attempt_instead(drawn_);
      note(answer);
      all.push_back(drawn_);
      heights.push_back(answer.height);
      mean += answer.height / spsa_draws;
    }
    for (std::size_t d = 0; d < all.size(); ++d) {
      for (const spike_move& m : all[d]) {
        slope_[start_.index(m.bins[0])] += static_cast<float>(heights[d] - mean);
      }
    }
    follow();
  }
  void finish() {
    target_->sample.keep_instead(best_);
    if (options_->spikes.prunes) {
      target_->sample.prune();
    }
  }

 private:
  void follow() {
    rates_.move(slope_, options_->step_size > 0.0 ? options_->step_size : usual_step);
    std::ranges::fill(slope_, 0.0f);
  }

  spike_target* target_;
  const attack_options* options_;
  spike_raster start_;  // the sample itself
  flip_rates rates_;
  std::vector<float> slope_;  // [bins] summed over the draws of a step
  std::vector<spike_move> drawn_, best_;
  attack_answer highest_;
};

std::vector<rated_sample> rate(std::span<spike_target> group, const attack_options& o) {
  std::vector<rated_sample> rated;
  rated.reserve(group.size());
  for (spike_target& t : group) {
    rated.emplace_back(t, o);
  }
  return rated;
}

/// One batch of gradients: of one draw of each sample that is not done.
void add_gradients(std::span<rated_sample* const> live, spike_gradients& gradients, thread_pool& pool) {
  std::vector<spike_raster> rasters;
  std::vector<const spike_raster*> places;
  std::vector<std::uint32_t> numbers;
  rasters.reserve(live.size());
  for (rated_sample* r : live) {
    rasters.push_back(r->raster());
    places.push_back(&rasters.back());
    numbers.push_back(r->target().number);
  }
  gradients.run(numbers, places);
  pool.for_each(live.size(), [&](std::size_t k, std::size_t) {
    spike_target& t = live[k]->target();
    ++t.gradients;
    if (t.first_gradient.empty()) {  // nothing was flipped yet
      t.first_gradient.assign(gradients.of(k).begin(), gradients.of(k).end());
    }
    live[k]->note(gradients.answers()[k]);
    live[k]->add_gradient(gradients.of(k));
  });
}

void follow_gradients(std::span<spike_target> group, spike_gradients& gradients, const attack_problem& problem,
                      const attack_options& o) {
  std::vector<rated_sample> rated = rate(group, o);
  for (std::uint32_t step = 0; step <= o.steps; ++step) {
    std::vector<rated_sample*> live;
    for (rated_sample& r : rated) {
      if (!r.done()) {
        live.push_back(&r);
      }
    }
    for (std::uint32_t d = 0; d < (step == 0 ? 1 : o.draws) && !live.empty(); ++d) {
      problem.pool.for_each(live.size(), [&](std::size_t k, std::size_t) { live[k]->draw(step, d, 0); });
      add_gradients(live, gradients, problem.pool);
    }
    problem.pool.for_each(live.size(), [&](std::size_t k, std::size_t) { live[k]->move_rates(); });
  }
  problem.pool.for_each(rated.size(), [&](std::size_t k, std::size_t) { rated[k].finish(); });
}

void follow_losses(std::span<spike_target> group, const attack_problem& problem, const attack_options& o) {
  std::vector<rated_sample> rated = rate(group, o);
  problem.pool.for_each(rated.size(), [&](std::size_t k, std::size_t) {
    for (std::uint32_t step = 0; step < std::max(o.queries / spsa_draws, 1u) && !rated[k].done(); ++step) {
      rated[k].step_without_gradient(step);
    }
    rated[k].finish();
  });
}

attack_proposal attack_by_gradients(const attack_problem& problem, const attack_samples& samples,
                                    const attack_options& o, const attack_progress& progress) {
  spike_gradients gradients(problem, samples, o);
  return attack_in_groups(problem, samples, o, progress,
                          [&](std::span<spike_target> group) { follow_gradients(group, gradients, problem, o); });
}

attack_proposal attack_by_losses(const attack_problem& problem, const attack_samples& samples, const attack_options& o,
                                 const attack_progress& progress) {
  return attack_in_groups(problem, samples, o, progress,
                          [&](std::span<spike_target> group) { follow_losses(group, problem, o); });
}

}  // namespace

attack_info spike_pgd_entry() {
  return {.name = "spike_pgd",
          .space = attack_space::spikes,
          .role = attack_role::iterated,
          .meaning = "chances of flips follow the gradient at spikes drawn from them",
          .run = attack_by_gradients};
}

attack_info spike_spsa_entry() {
  return {.name = "spike_spsa",
          .space = attack_space::spikes,
          .role = attack_role::without_gradient,
          .meaning = "chances of flips follow the losses of spikes drawn from them; no gradient",
          .run = attack_by_losses};
}

}  // namespace backspike
