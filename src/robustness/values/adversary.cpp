// Attacks the samples of a training batch, and gives the gradient of the divergence between what is told of them before
// and after.

#include <backspike/robustness/adversary.hpp>

#include <backspike/core/error.hpp>

#include "robustness/attack/attack_check.hpp"
#include "robustness/values/climbs.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace backspike {
namespace {

attack_options options_of(const defence_spec& d, std::uint64_t seed) {
  attack_options o;
  o.attack = d.kind == defence_kind::noise ? "noise" : "pgd";
  o.budget = d.budget;
  o.norm = d.norm;
  o.steps = d.steps;
  o.step_size = d.step_size;
  o.width = d.width;
  o.encoder_width = d.encoder_width;
  o.stops = false;
  o.seed = seed;
  return o;
}

/// The shares that a divergence is between come from losses by label, which nothing else may weigh.
void require_shares(const objective_spec& o) {
  const bool plain = o.loss == loss_kind::cross_entropy && o.readout != readout_kind::first_spike && o.terms.empty() &&
                     o.label_smoothing == 0.0 && o.weight == 1.0 && !o.class_weights.given() && o.others.empty();
  if (!plain) {
    throw value_error("objective.adversarial", "kind", "trades",
                      "pgd or noise with this objective; trades takes one cross_entropy of one label a sample, without "
                      "terms, label_smoothing, class_weights or a weight");
  }
}

}  // namespace

struct adversary::implementation {
  defence_spec defence;
  std::uint64_t seed;
  attack_samples all;
  attack_problem problem;
  attack_view view;
  attack_samples batch;  // as it was before the attack
  dataset changed;

  implementation(const defence_spec& d, const attack_problem& p, attack_samples samples, std::uint64_t s)
      : defence(d), seed(s), all(std::move(samples)), problem(p), view(p, d.width) {}
};

adversary::adversary(const defence_spec& defence, const network& net, const objective_spec& objective,
                     const arena<float>& parameters, thread_pool& pool, attack_samples samples, std::uint64_t seed)
    : implementation_(std::make_unique<implementation>(defence, attack_problem{net, objective, parameters, pool},
                                                       std::move(samples), seed)) {
  const attack_options o = options_of(defence, seed);
  check_attack(attack_named(o.attack), implementation_->problem, implementation_->all, o);
  if (defence.kind == defence_kind::trades) {
    require_shares(objective);
  }
}

adversary::~adversary() = default;

const dataset& adversary::attack(std::span<const std::uint32_t> picked, std::uint32_t epoch, std::uint64_t batch) {
  implementation& self = *implementation_;
  attack_options o = options_of(self.defence, self.seed + (std::uint64_t{epoch} << 32) + batch);
  o.budget *= self.defence.rise == 0 ? 1.0 : std::min(1.0, static_cast<double>(epoch) / self.defence.rise);
  self.batch = subset(self.all, picked);
  self.view.take(self.problem.parameters);
  value_climb climb(self.problem, self.view, self.batch, o, 0);
  climb.start_again(1);  // at random: the gradient at the sample itself is small where the network is sure
  if (self.defence.kind != defence_kind::noise) {
    take_steps(climb, o);
  }
  self.changed = climb.read_now();
  return self.changed;
}

void adversary::add_divergence(arena<float>& gradient) {
  implementation& self = *implementation_;
  sample_losses losses(self.problem.net, self.problem.objective, self.problem.pool);
  const auto order = every_sample(self.changed);
  losses.forward(self.problem.parameters, {&self.batch.data, order});
  const std::vector<double> before = losses.shares();
  losses.forward(self.problem.parameters, {&self.changed, order});
  losses.judge_by(before, self.defence.beta / static_cast<double>(order.size()));
  losses.backward(gradient, {});
}

}  // namespace backspike
