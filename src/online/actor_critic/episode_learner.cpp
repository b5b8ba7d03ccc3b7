// One decision after another: show the observation, judge the last decision, decide, and note who was responsible.

#include "online/actor_critic/episode_learner.hpp"

#include "online/actor_critic/slopes.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
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
      traces_(options.kind != agent_rule::a2c || options.compare),
      pass_(m, traces_),
      encoder_(options.observation, observations),
      trace_(m.net->parameters()),
      sum_(m.net->parameters()),
      input_(encoder_.channels()),
      raw_(m.net->outputs()),
      readout_(m.net->outputs()),
      error_(m.net->outputs()) {
  if (options.kind == agent_rule::a2c || options.compare) {
    tape_.emplace(options.frame * encoder_.channels(), actions.numbers());
  }
  if (options.kind == agent_rule::stdp || options.kind == agent_rule::r_stdp) {
    pairs_.emplace(*m.net, options.stdp_tau, options.stdp_depression);
    paired_.emplace(m.net->parameters());
    apart_.emplace(m.net->parameters());
    of_readout_ = readout_parameters(*m.net);
  }
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
  if (tape_) {
    tape_->clear(options_.horizon);
  }
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
  if (pairs_) {
    pairs_->start();
  }
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
    let_traces_fade();
  }
  random_stream draws(options_.seed, random_purpose::action, number_ << 40 | decisions);
  with_policy(actions_, [&](auto policy_kind) {
    policy_kind.draw(policy(), draws, decision_.action);
    decision_.entropy = policy_kind.entropy(policy());
  });
  if (traces_) {
    learn();
  }
  if (tape_) {
    tape_->decide(decision_.action);
  }
  valued_ = decision_.value = static_cast<double>(value());
  waits_ = true;
  ++decisions;
  return decision_;
}

template <class S>
void episode_learner<S>::let_traces_fade() {
  const S kept = static_cast<S>(options_.gamma * options_.lambda);
  for (S& z : traces_ ? trace_.values() : std::span<S>()) {
    z *= kept;
  }
}

/// A frame; the traces of its last step wait for learn().
template <class S>
void episode_learner<S>::show(std::span<const float> observation, bool learns) {
  encoder_.see(observation);
  random_stream draws(options_.seed, random_purpose::encoder, number_ << 40 | (2 * decisions + (learns ? 0 : 1)));
  for (std::uint32_t step = 0; step < options_.frame; ++step) {
    encoder_.write(step, draws, input_);
    pass_.set_input(std::span<const float>(input_));
    if (learns && tape_) {
      tape_->show(input_);
    }
    pass_.draw_from(&draws_, static_cast<std::uint32_t>(pass_.steps));
    pass_.forward(learns && traces_);
    count_spikes();
    if (learns && pairs_) {
      pairs_->step(pass_, input_, *paired_);
    }
    if (learns && traces_ && step + 1 < options_.frame) {
      eprop_learning_signal<S> rates;
      rates.rate_weight = S(1);
      rates.into = &sum_;
      pass_.learn(rates);
    }
  }
  if (traces_) {
    pass_.finish(sum_);
  }
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
  waits_ = false;
  if (tape_) {
    tape_->judge(td_error);
  }
  const S factor = static_cast<S>(td_error);
  const std::span<const S> trace = trace_.values();
  const std::span<S> sum = sum_.values();
  for (std::size_t k = 0; traces_ && k < sum.size(); ++k) {
    sum[k] += factor * trace[k];
  }
}

/// Of the frame: no decision before it had a part in them.
template <class S>
void episode_learner<S>::take_pairs() {
  const std::span<S> from = paired_->values(), to = (options_.kind == agent_rule::stdp ? sum_ : trace_).values();
  std::ranges::transform(from, to, to.begin(), std::plus<>());
  std::ranges::fill(from, S(0));
}

/// Where pairs of spikes are what moves other weights, only the readout takes what e-prop says.
template <class S>
void episode_learner<S>::take(arena<S>& from, arena<S>& to) {
  for (const std::size_t i : of_readout_) {
    const auto x = from.view(i), sum = to.view(i);
    for (std::size_t r = 0; r < x.rows; ++r) {
      for (std::size_t c = 0; c < x.cols; ++c) {
        sum(r, c) += x(r, c);
      }
    }
  }
  std::ranges::fill(from.values(), S(0));
}

/// This decision into the traces, and the entropy, for which no error has to be waited, into the sum.
template <class S>
void episode_learner<S>::learn() {
  const std::span<const S> read(readout_);
  if (pairs_) {
    take_pairs();
  }
  const auto into = [&](arena<S>& to) -> arena<S>& { return apart_ ? *apart_ : to; };
  decision_error<S>(read, decision_.action, actions_, options_, error_);
  eprop_learning_signal<S> signal;
  signal.error = error_.data();
  signal.into = &into(trace_);
  pass_.learn(signal);
  pass_.finish(into(trace_));
  if (apart_) {
    take(*apart_, trace_);
  }
  if (options_.entropy == 0.0) {
    return;
  }
  entropy_error<S>(read, actions_, options_, error_);
  pass_.learn_apart(error_.data(), into(sum_));
  pass_.finish(into(sum_));
  if (apart_) {
    take(*apart_, sum_);
  }
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
  if (tape_) {
    tape_->end();
  }
}

template <class S>
void episode_learner<S>::abandon() {
  waits_ = false;
  over_ = true;
  if (tape_) {
    tape_->abandon();
  }
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
  if (tape_) {
    tape_->adopt();
  }
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
