// Pairs of spikes against sums over all pairs of times, and what a learner makes of them.

#include "policy_gradient.hpp"

#include "online/actor_critic/episode_learner.hpp"
#include "online/actor_critic/pair_stdp.hpp"

#include <backspike/core/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace backspike {
namespace {

constexpr double tau = 7.0, depression = 1.2;

/// [steps][units]
using train = std::vector<std::vector<double>>;

struct seen_trains {
  train input, body;
};

/// sum over pairs of times, the source at s and the target at t: e^{-(t - s) / tau} for s <= t, -A e^{-(s - t) / tau}
/// for s > t.
double sum_of_pairs(const train& source, std::size_t i, const train& target, std::size_t j, std::size_t late) {
  double sum = 0.0;
  for (std::size_t sent = 0; sent < source.size(); ++sent) {
    const double s = static_cast<double>(sent + late);
    for (std::size_t at = 0; at < target.size() && sent + late < target.size(); ++at) {
      const double t = static_cast<double>(at), both = source[sent][i] * target[at][j];
      sum += both * (s <= t ? std::exp(-(t - s) / tau) : -depression * std::exp(-(s - t) / tau));
    }
  }
  return sum;
}

void expect_pairs(const network& net, const arena<double>& summed, const seen_trains& seen, double factor) {
  double largest = 0.0;
  for (const connection& c : net.connections()) {
    if (!net.populations()[c.target].cell->spiking) {
      continue;
    }
    const train& source = c.comes_from_input() ? seen.input : seen.body;
    each_synapse(c, [&](std::size_t i, const synapse& s) {
      const double expected = -factor * sum_of_pairs(source, i, seen.body, s.target, c.base_delay);
      EXPECT_NEAR(summed.view(c.weight)(s.row, s.column), expected, 1e-4 * std::max(1.0, std::fabs(expected)))
          << c.name;
      largest = std::max(largest, std::fabs(expected));
    });
  }
  EXPECT_GT(largest, 0.5) << "neurons spiked";
}

TEST(PairStdp, IsTheSumOverAllPairs) {
  const network net(agent_case::one_body(6, 2, true));
  const auto parameters = agent_case::parameters_of<double>(net);
  const eprop_feedback feedback(net, {}, parameters);
  eprop_model<double> model(net, {}, parameters, spike_mode::hard);
  model.refresh(feedback);
  eprop_pass<double> pass(model, false);
  pair_stdp<double> pairs(net, tau, depression);
  arena<double> sum(net.parameters());
  random_stream draws(3, random_purpose::test);
  seen_trains seen;
  for (int n = 0; n < 60; ++n) {
    std::vector<float> input(6);
    for (float& x : input) {
      x = draws.uniform() < 0.4 ? 1.5F : 0.0F;
    }
    pass.set_input(std::span<const float>(input));
    pass.forward(false);
    pairs.step(pass, input, sum);
    seen.input.emplace_back(input.begin(), input.end());
    seen.body.emplace_back(pass.outputs(0), pass.outputs(0) + 12);
  }
  expect_pairs(net, sum, seen, 1.0);
}

/// An episode of one learner whose weights stand still.
struct lived {
  network net{agent_case::one_body(10, 4, true)};
  arena<double> parameters = agent_case::parameters_of<double>(net);
  eprop_feedback feedback;
  eprop_model<double> model;
  actor_critic_options options;
  std::unique_ptr<episode_learner<double>> learner;
  double last_error = 0.0;

  explicit lived(agent_rule kind)
      : feedback(net, {}, parameters), model(net, {}, parameters, spike_mode::hard), options(agent_case::options()) {
    options.kind = kind;
    options.entropy = 0.1;
    options.stdp_tau = tau;
    options.stdp_depression = depression;
    options.lambda = 1.0;
    options.gamma = 1.0;
    model.refresh(feedback);
    learner = std::make_unique<episode_learner<double>>(model, options, agent_case::seen(), choices_of(3), 0);
    const auto observations = agent_case::observations(9);
    for (std::size_t t = 0; t < observations.size(); ++t) {
      learner->act(observations[t]);
      learner->follow({0.3 * static_cast<double>(t), t + 1 == observations.size(), false}, {});
    }
  }
  double largest(std::size_t parameter) const {
    double most = 0.0;
    const auto x = learner->sum().view(parameter);
    for (std::size_t r = 0; r < x.rows; ++r) {
      for (std::size_t c = 0; c < x.cols; ++c) {
        most = std::max(most, std::fabs(x(r, c)));
      }
    }
    return most;
  }
};

TEST(PairStdp, TheReadoutLearnsByTheThreeFactorRuleAndNothingElseOfTheBody) {
  const lived rule(agent_rule::actor_critic), stdp(agent_rule::stdp), r_stdp(agent_rule::r_stdp);
  const network& net = rule.net;
  for (const connection& c : net.connections()) {
    const bool readout = net.populations()[c.target].is_output;
    const auto x = rule.learner->sum().view(c.weight);
    for (const lived* other : {&stdp, &r_stdp}) {
      const auto y = other->learner->sum().view(c.weight);
      EXPECT_GT(other->largest(c.weight), 1e-6) << c.name;
      EXPECT_EQ(x(1, 1) == y(1, 1) && x(2, 0) == y(2, 0), readout) << c.name;
    }
  }
  EXPECT_GT(rule.largest(net.populations()[0].bias), 1e-6);
  EXPECT_EQ(stdp.largest(net.populations()[0].bias), 0.0) << "a bias has no source that spikes";
  EXPECT_EQ(r_stdp.largest(net.populations()[0].bias), 0.0);
}

/// Of one decision, which sees and sends the same whatever is paid.
TEST(PairStdp, TheErrorIsTheThirdFactor) {
  const network net(agent_case::one_body(10, 4));
  const auto parameters = agent_case::parameters_of<double>(net);
  const eprop_feedback feedback(net, {}, parameters);
  eprop_model<double> model(net, {}, parameters, spike_mode::hard);
  model.refresh(feedback);
  const auto live = [&](agent_rule kind, double reward) {
    actor_critic_options o = agent_case::options();
    o.kind = kind;
    o.frame = 12;
    episode_learner<double> learner(model, o, agent_case::seen(), choices_of(3), 0);
    learner.act(agent_case::observations(1)[0]);
    learner.follow({reward, true, false}, {});
    const auto moves = learner.sum().view(net.connections()[0].weight);
    double all = 0.0;
    for (std::size_t i = 0; i < moves.rows; ++i) {
      for (std::size_t j = 0; j < moves.cols; ++j) {
        all += moves(i, j);
      }
    }
    return std::pair(all, learner.absolute_errors);
  };
  const double pairs = live(agent_rule::stdp, 5.0).first;
  ASSERT_NE(pairs, 0.0);
  EXPECT_EQ(live(agent_rule::stdp, -3.0).first, pairs) << "whatever is paid";
  const auto paid = live(agent_rule::r_stdp, 5.0), fined = live(agent_rule::r_stdp, -3.0);
  EXPECT_NEAR(std::fabs(paid.first), paid.second * std::fabs(pairs), 1e-12);
  EXPECT_NEAR(std::fabs(fined.first), fined.second * std::fabs(pairs), 1e-12);
  EXPECT_LT(paid.first * fined.first, 0.0) << "the sign of the error is that of the change";
}

TEST(PairStdp, RefusesDelays) {
  network_spec s = agent_case::one_body(10, 4);
  s.layers[0].from = std::vector<std::string>{};
  connection_spec c;
  c.from = "input";
  c.to = "body";
  c.base_delay = 3;
  s.connections = {c};
  EXPECT_THROW(check_pair_stdp(network(s)), value_error);
}

}  // namespace
}  // namespace backspike
