#pragma once
// What a decision and the entropy say of the readout, as errors on the outputs of the network to go down.

#include "online/actor_critic/policy.hpp"
#include "online/actor_critic/readout.hpp"

#include <backspike/online/actor_critic.hpp>

#include <algorithm>
#include <cstddef>
#include <span>

namespace backspike {

/// -d (log pi(action) + c V) / dy; `read`: [outputs] as the policy reads them.
template <class S>
void decision_error(std::span<const S> read, std::span<const double> action, const space& actions,
                    const actor_critic_options& options, std::span<S> error) {
  const std::size_t of_policy = read.size() - 1;
  const std::span<const S> policy = read.first(of_policy);
  const std::span<S> slope = error.first(of_policy);
  with_policy(actions, [&](auto kind) { kind.log_slope(policy, action, slope); });
  limit_slope<S>(policy, options.logit_limit, slope);
  error[of_policy] = static_cast<S>(options.value_weight);
  std::ranges::transform(error, error.begin(), [](S e) { return -e; });
}

/// -beta dH / dy
template <class S>
void entropy_error(std::span<const S> read, const space& actions, const actor_critic_options& options,
                   std::span<S> error) {
  const std::size_t of_policy = read.size() - 1;
  const std::span<const S> policy = read.first(of_policy);
  const std::span<S> slope = error.first(of_policy);
  with_policy(actions, [&](auto kind) { kind.entropy_slope(policy, slope); });
  limit_slope<S>(policy, options.logit_limit, slope);
  std::ranges::transform(slope, slope.begin(), [&](S e) { return -static_cast<S>(options.entropy) * e; });
  error[of_policy] = S(0);
}

}  // namespace backspike
