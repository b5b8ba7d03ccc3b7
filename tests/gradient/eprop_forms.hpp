#pragma once
// E-prop in both of its forms, the backward one as the engine runs it and the forward one in double, and how near they
// are to each other.

#include "gradient/engine_and_dense.hpp"
#include "gradient/trial.hpp"

#include <backspike/gradient/engine.hpp>
#include <backspike/gradient/eprop.hpp>

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace backspike::testing {

inline constexpr double form_tolerance = 1e-5;    // of the largest entry of a parameter's gradient
inline constexpr double shared_tolerance = 1e-4;  // of a number that is a sum over neurons, most of which may cancel

inline rule_spec backward_rule(std::uint32_t every = 1000, arithmetic_kind arithmetic = arithmetic_kind::fused) {
  rule_spec rule{rule_kind::eprop, checkpoint_kind::fixed, every};
  rule.form = eprop_form::backward;
  rule.arithmetic = arithmetic;
  return rule;
}

struct backward_result {
  arena<float> gradient;
  batch_result sums;

  backward_result(const trial& t, const eprop_options& options = {}, const rule_spec& rule = backward_rule(),
                  std::size_t threads = 1)
      : gradient(t.net.parameters()) {
    thread_pool pool(threads);
    const arena<float> parameters = t.float_parameters();
    const eprop_feedback feedback(t.net, options, parameters);
    engine simulation(t.net, t.objective, pool, rule);
    sums = simulation.gradient(parameters, options, feedback, t.batch(), gradient);
  }
  bool same_bits(const backward_result& other) const {
    const auto a = gradient.values(), b = other.gradient.values();
    return std::memcmp(a.data(), b.data(), a.size_bytes()) == 0 && sums.loss == other.sums.loss;
  }
};

/// The forward form in double, and how far its float path is from that in each parameter.
struct forward_result {
  arena<double> gradient;
  dense_result<double> sums;
  std::vector<double> rounding;

  explicit forward_result(const trial& t, const eprop_options& options = {}) : gradient(t.net.parameters()) {
    const arena<float> parameters = t.float_parameters();
    const eprop_feedback feedback(t.net, options, parameters);
    sums = eprop_gradient(t.net, t.objective, t.parameters, options, feedback, t.batch(), spike_mode::hard, &gradient);
    thread_pool pool(1);
    arena<float> rounded(t.net.parameters());
    eprop_gradient(t.net, t.objective, parameters, options, feedback, t.batch(), rounded, pool);
    for (const parameter_info& p : t.net.parameters().entries()) {
      rounding.push_back(0.0);
      for (std::size_t k = p.offset; k < p.offset + p.rows * p.stride; ++k) {
        rounding.back() =
            std::max(rounding.back(), std::fabs(static_cast<double>(rounded.values()[k]) - gradient.values()[k]));
      }
    }
  }
};

inline void expect_same(const trial& t, const backward_result& backward, const forward_result& forward) {
  EXPECT_EQ(static_cast<double>(backward.sums.hidden_spikes), forward.sums.hidden_spikes);
  EXPECT_EQ(backward.sums.correct, forward.sums.correct);
  EXPECT_EQ(backward.sums.counted, forward.sums.counted);
  EXPECT_EQ(backward.sums.samples, t.samples.size());
  EXPECT_NEAR(backward.sums.loss, forward.sums.loss, 1e-5 * std::fabs(forward.sums.loss));
  for (std::size_t i = 0; i < t.net.parameters().size(); ++i) {
    const parameter_info& p = t.net.parameters()[i];
    double difference = 0.0;
    for (std::size_t k = p.offset; k < p.offset + p.rows * p.stride; ++k) {
      difference = std::max(
          difference, std::fabs(static_cast<double>(backward.gradient.values()[k]) - forward.gradient.values()[k]));
    }
    if (p.learnable) {  // cells with exponentials round more: as far as the forward form's own float path
      const double top = largest(forward.gradient.view(i));
      EXPECT_LE(difference,
                std::max((p.size() > 1 ? form_tolerance : shared_tolerance) * top, 4.0 * forward.rounding[i]) + 1e-7)
          << p.name << ": largest " << top << ", rounding " << forward.rounding[i];
    }
  }
}

}  // namespace backspike::testing
