#pragma once
// Plasticity by the timing of pairs of spikes (Song, Miller & Abbott 2000; Morrison, Diesmann & Gerstner 2008, all
// pairs): a synapse grows when its source spikes before its target, and shrinks when it spikes after it.
//
//   x_i^t = d x_i^{t-1} + s_i^t,  y_j^t = d y_j^{t-1} + z_j^t,  d = e^{-dt / tau}
//   p_ji^t = z_j^t x_i^t - A s_i^t d y_j^{t-1}
//
// s is what arrives, a current or a spike; z the spikes of the target. What is in the same step came before.

#include "gradient/rule/eprop/eprop_pass.hpp"

#include <backspike/core/arena.hpp>
#include <backspike/network/network.hpp>

#include <span>
#include <string>
#include <vector>

namespace backspike {

/// Throws value_error for a connection that it has no traces for.
void check_pair_stdp(const network& net);

template <class S>
class pair_stdp {
 public:
  /// The network must outlive it. `tau` in ms, `depression` is A.
  pair_stdp(const network& net, double tau, double depression);

  void start();
  /// A step that has run: adds -p, to go down, of the weights into spiking populations.
  void step(const eprop_pass<S>& pass, std::span<const float> input, arena<S>& into);

  /// f(name, array) for each array of a continuation.
  template <class F>
  void visit(const F& f) {
    for (std::size_t k = 0; k < pairs_.size(); ++k) {
      f("stdp." + std::to_string(k) + ".x", pairs_[k].x);
    }
    for (std::size_t q = 0; q < populations_.size(); ++q) {
      f("stdp." + std::to_string(q) + ".y", populations_[q].y);
      f("stdp." + std::to_string(q) + ".sent", populations_[q].sent);
    }
  }

 private:
  struct pair {
    const connection* of;
    std::vector<float> now, x;  // [sources] what arrives, and its trace
  };
  struct target {
    std::vector<float> y, sent;  // [units] the trace of its spikes before this step; what it sent in the last step
  };
  void arrive(pair& p, const eprop_pass<S>& pass, std::span<const float> input);
  void add(const pair& p, const S* spikes, arena<S>& into) const;

  const network& net_;
  float kept_, depression_;
  std::vector<pair> pairs_;  // of connections into spiking populations
  std::vector<target> populations_;
};

}  // namespace backspike
