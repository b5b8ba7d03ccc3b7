// What the probe reports against counts made by hand on the dense path.

#include "gradient/trial.hpp"

#include <backspike/gradient/dense.hpp>
#include <backspike/gradient/engine.hpp>

#include <gtest/gtest.h>

namespace backspike::testing {
namespace {

trial_plan plan_of(std::vector<std::size_t> lengths) {
  trial_plan plan;
  plan.network.inputs = 6;
  layer_spec hidden = quick_layer("lif", 12);
  hidden.recurrent = true;
  hidden.surrogate = {surrogate_kind::triangle, 0.3, 1.0};
  plan.network.layers = {hidden, quick_layer("leaky_integrator", 3)};
  plan.lengths = std::move(lengths);
  return plan;
}

TEST(Health, CountsWhatTheDensePathDoes) {
  const trial t(plan_of({20, 13, 20}));
  const dense_model<double> m(t.net, t.parameters, spike_mode::hard);
  std::vector<double> counts(12, 0.0);
  double near = 0.0, steps = 0.0;
  for (const std::uint32_t s : t.samples) {
    const auto x = dense_forward(m, t.data, s);
    const auto& hidden = x.populations[0];
    steps += static_cast<double>(x.steps);
    for (std::size_t at = 0; at < x.steps * 12; ++at) {
      double v = hidden.before[at];
      const double u = m.at(0).cell->exact->distance(&v, m.constants[0].data() + at % 12 * m.at(0).cell->constants,
                                                     &hidden.current[at], m.spike_of(0));
      near += std::fabs(u) < 0.3 ? 1.0 : 0.0;
      counts[at % 12] += hidden.output[at];
    }
  }
  double spikes = 0.0, dead = 0.0;
  for (const double c : counts) {
    spikes += c;
    dead += c == 0.0 ? 1.0 : 0.0;
  }
  ASSERT_GT(spikes, 20.0);
  for (const auto kind : {rule_kind::bptt, rule_kind::checkpointed_bptt, rule_kind::truncated_bptt}) {
    rule_spec rule{kind, checkpoint_kind::fixed, 7};
    rule.window = 9;
    rule.stride = 4;
    thread_pool pool(2);
    engine simulation(t.net, t.objective, pool, rule);
    arena<float> gradient(t.net.parameters());
    const auto parameters = t.float_parameters();
    const auto layers = simulation.health(parameters, t.batch(), gradient);
    ASSERT_EQ(layers.size(), 2u);
    EXPECT_NEAR(layers[0].rate, spikes / (steps * 12.0), 1e-12);
    EXPECT_NEAR(layers[0].dead, dead / 12.0, 1e-12);
    EXPECT_NEAR(layers[0].in_support, near / (steps * 12.0), 1e-3) << "float may see a membrane elsewhere";
    EXPECT_EQ(layers[0].error.size(), 20u);
    EXPECT_FALSE(layers[1].spiking);
    EXPECT_GT(*std::ranges::max_element(layers[0].error), 1e-4);
  }
}

TEST(Health, ErrorByDistanceIsThatOfTheGradientOfTheMean) {
  const trial t(plan_of({15}));
  const dense_model<double> m(t.net, t.parameters, spike_mode::hard);
  const auto x = dense_forward(m, t.data, 0);
  auto e = dense_no_errors(m);
  dense_result<double> sum;
  sample_outputs<double> judges;
  judges.begin(t.net, t.objective, t.data, 0);
  detail::dense_objective(t.net, t.objective, x, judges, {}, 1.0, sum, &e);
  arena<double> gradient(t.net.parameters());
  dense_backward(m, x, t.data, 0, e, gradient);
  thread_pool pool(1);
  engine simulation(t.net, t.objective, pool);
  arena<float> scratch(t.net.parameters());
  const auto layers = simulation.health(t.float_parameters(), t.batch(), scratch);
  for (std::size_t distance = 0; distance < 15; ++distance) {
    double squares = 0.0;
    for (std::size_t n = 0; n < 12; ++n) {
      const double error = e[0].current[(14 - distance) * 12 + n];
      squares += error * error;
    }
    EXPECT_NEAR(layers[0].error[distance], std::sqrt(squares / 12.0), 1e-5) << distance;
  }
}

}  // namespace
}  // namespace backspike::testing
