// One decision after another: show the observation, judge the last decision, decide, and note who was responsible.

#include "online/actor_critic/episode_learner.hpp"

#include "online/actor_critic/policy.hpp"
#include "online/actor_critic/readout.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

namespace backspike {

template <class S>
episode_learner<S>::episode_learner(const eprop_model<S>& m, const actor_critic_options& options,
                                    const space& observations, const space& actions, std::uint64_t number)
    : spikes(m.net->populations().size()),
      m_(m),
      options_(options),
      actions_(actions),
      number_(number),
      pass_(m, true),
      encoder_(options.observation, observations),
      trace_(m.net->parameters()),
      sum_(m.net->parameters()),
      input_(encoder_.channels()),
      raw_(m.net->outputs()),
      readout_(m.net->outputs()),
      error_(m.net->outputs()) {
  memory_plan take = memory_plan::take();
  draws_.plan(take, *m.net);
  decision_.action.resize(actions.numbers());
}

template <class S>
void episode_learner<S>::clear() {
  std::ranges::fill(sum_.values(), S(0));
  absolute_errors = 0.0;
  std::ranges::fill(spikes, 0U);
  steps = 0;
}

template <class S>
void episode_learner<S>::count_spikes() {
  const auto populations = m_.net->populations();
  for (std::size_t q = 0; q < populations.size(); ++q) {
    const S* sent = pass_.outputs(q);
    spikes[q] += populations[q].cell->spiking
                     ? static_cast<std::uint64_t>(std::count(sent, sent + populations[q].units, S(1)))
                     : 0;
  }
  ++steps;
}

template <class S>
void episode_learner<S>::begin_episode() {
  pass_.start();
  encoder_.start();
  std::ranges::fill(trace_.values(), S(0));
  draws_.draw(*m_.net, {options_.seed, static_cast<std::uint32_t>(number_), true},
              static_cast<std::uint32_t>(episode_++));
  over_ = false;
}

template <class S>
const decision& episode_learner<S>::act(std::span<const float> observation) {
  encoder_.check(observation);
  if (over_) {
    begin_episode();
  }
  show(observation, true);
  if (waits_) {
    judge(static_cast<double>(value()));
    const S kept = static_cast<S>(options_.gamma * options_.lambda);
    for (S& z : trace_.values()) {
      z *= kept;
    }
  }
  random_stream draws(options_.seed, random_purpose::action, number_ << 40 | decisions);
  with_policy(actions_, [&](auto policy_kind) {
    policy_kind.draw(policy(), draws, decision_.action);
    decision_.entropy = policy_kind.entropy(policy());
  });
  learn();
  valued_ = decision_.value = static_cast<double>(value());
  waits_ = true;
  ++decisions;
  return decision_;
}

/// A frame; the traces of its last step wait for learn().
template <class S>
void episode_learner<S>::show(std::span<const float> observation, bool learns) {
  encoder_.see(observation);
  random_stream draws(options_.seed, random_purpose::encoder, number_ << 40 | (2 * decisions + (learns ? 0 : 1)));
  for (std::uint32_t step = 0; step < options_.frame; ++step) {
    encoder_.write(step, draws, input_);
    pass_.set_input(std::span<const float>(input_));
    pass_.draw_from(&draws_, static_cast<std::uint32_t>(pass_.steps));
    pass_.forward(learns);
    count_spikes();
    if (learns && step + 1 < options_.frame) {
      eprop_learning_signal<S> rates;
      rates.rate_weight = S(1);
      rates.into = &sum_;
      pass_.learn(rates);
    }
  }
  pass_.finish(sum_);
  copy_outputs<S>(pass_, *m_.net, raw_);
  read_policy<S>(raw_, options_.logit_limit, readout_);
  if (!std::ranges::all_of(readout_, [](S y) { return std::isfinite(y); })) {
    throw numeric_error(m_.net->output(0).name, "the readout is not finite", decisions);
  }
}

/// The error of temporal difference, which turns the traces into a change.
template <class S>
void episode_learner<S>::judge(double following) {
  const double td_error = reward_ + options_.gamma * following - valued_;
  absolute_errors += std::fabs(td_error);
  const S factor = static_cast<S>(td_error);
  const std::span<const S> trace = trace_.values();
  const std::span<S> sum = sum_.values();
  for (std::size_t k = 0; k < sum.size(); ++k) {
    sum[k] += factor * trace[k];
  }
  waits_ = false;
}

/// This decision into the traces, and the entropy, for which no error has to be waited, into the sum.
template <class S>
void episode_learner<S>::learn() {
  const std::size_t outputs = readout_.size(), of_policy = outputs - 1;
  const std::span<S> error(error_.data(), of_policy);
  with_policy(actions_, [&](auto kind) { kind.log_slope(policy(), decision_.action, error); });
  limit_slope<S>(policy(), options_.logit_limit, error);
  error_[of_policy] = static_cast<S>(options_.value_weight);
  std::ranges::transform(error_, error_.begin(), [](S e) { return -e; });
  eprop_learning_signal<S> signal;
  signal.error = error_.data();
  signal.into = &trace_;
  pass_.learn(signal);
  pass_.finish(trace_);
  if (options_.entropy == 0.0) {
    return;
  }
  with_policy(actions_, [&](auto kind) { kind.entropy_slope(policy(), error); });
  limit_slope<S>(policy(), options_.logit_limit, error);
  std::ranges::transform(error, error.begin(), [&](S e) { return -static_cast<S>(options_.entropy) * e; });
  error_[of_policy] = S(0);
  pass_.learn_apart(error_.data(), sum_);
  pass_.finish(sum_);
}

template <class S>
void episode_learner<S>::follow(const transition& t, std::span<const float> last) {
  if (!waits_) {
    throw value_error("actor_critic", "follow", "without a decision", "act() first");
  }
  if (!std::isfinite(t.reward)) {
    throw value_error("actor_critic", "reward", std::to_string(t.reward), "a finite number");
  }
  reward_ = options_.reward_scale * t.reward;
  if (!t.over()) {
    return;
  }
  if (t.terminated) {
    judge(0.0);
  } else {
    show(last, false);
    judge(static_cast<double>(value()));
  }
  over_ = true;
}

template <class S>
void episode_learner<S>::abandon() {
  waits_ = false;
  over_ = true;
}

template <class S>
std::vector<std::uint64_t> episode_learner<S>::counters() const {
  return {pass_.steps,
          pass_.rate_steps,
          decisions,
          episode_,
          waits_ ? 1U : 0U,
          over_ ? 1U : 0U,
          std::bit_cast<std::uint64_t>(reward_),
          std::bit_cast<std::uint64_t>(valued_),
          std::bit_cast<std::uint64_t>(absolute_errors)};
}

template <class S>
void episode_learner<S>::restore(std::span<const std::uint64_t> c) {
  pass_.adopt_restored();
  pass_.steps = c[0];
  pass_.rate_steps = c[1];
  decisions = c[2];
  episode_ = c[3];
  waits_ = c[4] != 0;
  over_ = c[5] != 0;
  reward_ = std::bit_cast<double>(c[6]);
  valued_ = std::bit_cast<double>(c[7]);
  absolute_errors = std::bit_cast<double>(c[8]);
  if (episode_ > 0) {
    draws_.draw(*m_.net, {options_.seed, static_cast<std::uint32_t>(number_), true},
                static_cast<std::uint32_t>(episode_ - 1));
  }
}

template class episode_learner<float>;
template class episode_learner<double>;

}  // namespace backspike
