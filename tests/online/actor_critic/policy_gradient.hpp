#pragma once
// The policy gradient of an episode written out: backpropagation by the dense path, in double.

#include "agent_case.hpp"

#include "online/actor_critic/policy.hpp"

#include <backspike/gradient/dense_backward.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace backspike::agent_case {

/// An episode whose weights stand still: what was seen and decided, and what followed.
struct episode {
  std::vector<std::vector<float>> observations;
  std::vector<double> rewards;
  std::vector<decision> decisions;
  arena<double> sum;  // what the learner made of it
};

/// The encoded episode as one sample.
inline dataset sample_of(const episode& e, const actor_critic_options& options) {
  observation_encoder encoder(options.observation, seen());
  dataset data;
  data.channels = static_cast<std::uint32_t>(encoder.channels());
  std::vector<float> input(encoder.channels());
  random_stream draws(1, random_purpose::test);
  for (const auto& seen : e.observations) {
    encoder.see(seen);
    for (std::uint32_t step = 0; step < options.frame; ++step) {
      encoder.write(step, draws, input);
      for (std::uint32_t c = 0; c < input.size(); ++c) {
        data.inputs.spikes.channels.push_back(c);
        data.inputs.spikes.values.push_back(input[c]);
      }
      data.inputs.spikes.end_row();
    }
  }
  data.inputs.end_sample();
  return data;
}

/// The errors of decision t on the readout y: advantage times those of log pi + c V, and those of the entropy.
inline std::vector<double> errors_of(std::span<const double> y, const decision& made, double advantage,
                                     const space& actions, const actor_critic_options& options) {
  const std::size_t count = y.size() - 1;
  std::vector<double> log_slope(count), entropy_slope(count), error(y.size());
  with_policy(actions, [&](auto kind) {
    kind.log_slope(y.first(count), made.action, std::span(log_slope));
    kind.entropy_slope(y.first(count), std::span(entropy_slope));
  });
  for (std::size_t k = 0; k < count; ++k) {
    error[k] = -advantage * log_slope[k] - options.entropy * entropy_slope[k];
  }
  error[count] = -advantage * options.value_weight;
  return error;
}

/// Backpropagation through the whole episode, with the advantage of each decision.
inline arena<double> by_bptt(const network& net, const arena<double>& parameters, const episode& e,
                             const actor_critic_options& options, const space& actions,
                             const std::vector<double>& advantage, double value_tolerance = 1e-12) {
  const dataset data = sample_of(e, options);
  const dense_model<double> model(net, parameters, spike_mode::hard);
  const auto x = dense_forward(model, data, 0, {});
  auto errors = dense_no_errors(model);
  for (std::size_t q = 0; q < errors.size(); ++q) {
    errors[q].output.assign(x.populations[q].output.size(), 0.0);
  }
  const std::size_t outputs = net.outputs();
  for (std::size_t t = 0; t < e.decisions.size(); ++t) {
    const std::size_t at = ((t + 1) * options.frame - 1) * outputs;
    const std::span<const double> y(x.populations.back().output.data() + at, outputs);
    EXPECT_NEAR(y.back(), e.decisions[t].value, value_tolerance);
    const auto error = errors_of(y, e.decisions[t], advantage[t], actions, options);
    std::ranges::copy(error, errors.back().output.begin() + static_cast<std::ptrdiff_t>(at));
  }
  arena<double> gradient(net.parameters());
  dense_backward(model, x, data, 0, errors, gradient);
  dense_pull_back(model, errors, gradient);
  return gradient;
}

/// sum_k (gamma lambda)^k delta^{t + k}
inline std::vector<double> advantages(const episode& e, const actor_critic_options& options) {
  std::vector<double> a(e.rewards.size());
  double later = 0.0;
  for (std::size_t t = a.size(); t-- > 0;) {
    const double following = t + 1 < a.size() ? e.decisions[t + 1].value : 0.0;
    const double delta = e.rewards[t] + options.gamma * following - e.decisions[t].value;
    later = delta + options.gamma * options.lambda * later;
    a[t] = later;
  }
  return a;
}

template <class S>
void expect_same(const arena<S>& a, const arena<double>& b, const network& net, double tolerance = 1e-10) {
  for (std::size_t i = 0; i < net.parameters().size(); ++i) {
    if (!net.parameters()[i].learnable) {
      continue;
    }
    double largest = 0.0;
    const auto x = a.view(i);
    const auto y = b.view(i);
    for (std::size_t r = 0; r < x.rows; ++r) {
      for (std::size_t c = 0; c < x.cols; ++c) {
        EXPECT_NEAR(static_cast<double>(x(r, c)), y(r, c), tolerance * std::max(1.0, std::fabs(y(r, c))))
            << net.parameters()[i].name;
        largest = std::max(largest, std::fabs(y(r, c)));
      }
    }
    EXPECT_GT(largest, 1e-6) << net.parameters()[i].name << ": a silent network shows nothing";
  }
}

}  // namespace backspike::agent_case
