#pragma once
// The actor and critic of one environment: a stream through the network, the traces of its synapses, and the sum of
// what they come to until the next update. Parameters are read only; what an environment does depends on nothing that
// another one does.

#include "gradient/rule/eprop/eprop_pass.hpp"
#include "online/actor_critic/episode_tape.hpp"
#include "online/actor_critic/pair_stdp.hpp"

#include <backspike/gradient/draws.hpp>
#include <backspike/online/actor_critic.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace backspike {

template <class S>
class episode_learner {
 public:
  /// `number` names its random draws. The model and the options must outlive it.
  episode_learner(const eprop_model<S>& m, const actor_critic_options& options, const space& observations,
                  const space& actions, std::uint64_t number);

  const decision& act(std::span<const float> observation);
  void follow(const transition& t, std::span<const float> last);
  void abandon();

  /// Minus what the parameters are to move by, since the last clear(): a gradient to go down.
  arena<S>& sum() { return sum_; }
  const arena<S>& sum() const { return sum_; }
  void clear();

  std::uint64_t decisions = 0;
  double absolute_errors = 0.0;  // of temporal difference, since clear()
  /// [populations] since clear(), and the steps that they are of. No part of a continuation: updates clear them, and
  /// nothing is saved between two decisions of a round.
  std::vector<std::uint64_t> spikes;
  std::uint64_t steps = 0;

  /// f(name, array) for each array of a continuation, in a fixed order: those that a restored pass may find of another
  /// size are vectors, the others spans.
  template <class F>
  void visit(const F& f) {
    pass_.visit(f);
    f(std::string("memory"), encoder_.memory());
    f(std::string("trace"), trace_.values());
    f(std::string("sum"), sum_.values());
    if (tape_) {
      tape_->visit(f);
    }
    if (pairs_) {
      pairs_->visit(f);
    }
  }
  std::vector<std::uint64_t> counters() const;
  void restore(std::span<const std::uint64_t> counters);

  /// What backpropagation needs; none where the options do not ask for it.
  const episode_tape* tape() const { return tape_ ? &*tape_ : nullptr; }

  const eprop_pass<S>& pass() const { return pass_; }

 private:
  void begin_episode();
  void show(std::span<const float> observation, bool learns);
  S value() const { return readout_.back(); }
  void count_spikes();
  void judge(double following);
  void let_traces_fade();
  void take_pairs();
  void take(arena<S>& from, arena<S>& to);
  void learn();
  std::span<const S> policy() const { return std::span<const S>(readout_).first(readout_.size() - 1); }

  const eprop_model<S>& m_;
  const actor_critic_options& options_;
  const space actions_;
  std::uint64_t number_;
  bool traces_;  // those of the three-factor rule are kept
  std::optional<episode_tape> tape_;
  std::optional<pair_stdp<S>> pairs_;
  std::optional<arena<S>> paired_;       // what they come to in a frame
  std::optional<arena<S>> apart_;        // with pairs: what e-prop says of a step
  std::vector<std::size_t> of_readout_;  // with pairs: parameters that take it
  eprop_pass<S> pass_;
  observation_encoder encoder_;
  arena<S> trace_, sum_;
  sample_draws draws_;
  std::vector<float> input_;
  std::vector<S> raw_, readout_, error_;  // [outputs] of the network; as the policy reads them
  decision decision_;
  double reward_ = 0.0;
  bool waits_ = false, over_ = true;  // a decision waits for the next observation; an episode is to begin
  double valued_ = 0.0;               // V of the decision that waits
  std::uint64_t episode_ = 0;
};

}  // namespace backspike
