// Delays of the dense path in smooth mode against finite differences: positions at the ends of their range and within,
// widths, weights, and everything before them.

#include "gradient/random_graph.hpp"
#include "gradient/smooth_plan.hpp"

#include <backspike/core/error.hpp>

#include <tuple>

namespace backspike::testing {
namespace {

delay_spec delays(delay_sharing per, delay_kernel kernel, double width, bool learn_width) {
  delay_spec d;
  d.per = per;
  d.kernel = kernel;
  d.max = 6;
  d.width.from = width;
  d.width.learn = learn_width;
  return d;
}

using delay_case = std::tuple<delay_sharing, delay_kernel, double, bool, bool>;

class DelayGradient : public ::testing::TestWithParam<delay_case> {};

TEST_P(DelayGradient, EqualsFiniteDifferences) {
  const auto [per, kernel, width, learn_width, recurrent] = GetParam();
  trial_plan plan = plan_for(find_cell("lif"));
  plan.lengths = {9, 14};
  layer_spec& hidden = plan.network.layers[0];
  hidden.delay = delays(per, kernel, width, learn_width);
  hidden.recurrent = recurrent;
  hidden.recurrent_delay = recurrent ? delays(per, kernel, width, learn_width) : delay_spec{};
  plan.network.layers[1].delay = delays(per, kernel, width, false);
  check(plan);
}

std::string name_of_case(const ::testing::TestParamInfo<delay_case>& info) {
  const auto [per, kernel, width, learn_width, recurrent] = info.param;
  return std::string(name_of(per)) + "_" + std::string(name_of(kernel)) + "_" +
         std::to_string(static_cast<int>(10.0 * width)) + (learn_width ? "_learned" : "") +
         (recurrent ? "_recurrent" : "");
}

INSTANTIATE_TEST_SUITE_P(All, DelayGradient,
                         ::testing::Combine(::testing::ValuesIn(all_of<delay_sharing>()),
                                            ::testing::ValuesIn(all_of<delay_kernel>()),
                                            ::testing::Values(0.35, 0.7, 4.1), ::testing::Bool(), ::testing::Bool()),
                         name_of_case);

TEST(DelayGradient, OfRandomGraphs) {
  std::size_t checked = 0;
  for (std::uint64_t seed = 1; seed <= 60 && checked < 25; ++seed) {
    trial_plan plan = random_plan(seed, 2);
    give_delays(plan, seed);
    for (layer_spec& layer : plan.network.layers) {
      layer.detach_reset = false;
      layer.surrogate.kind = surrogate_kind::arctangent;
      layer.surrogate.width = 0.8;
    }
    const loss_kind loss = plan.objective.loss;
    if (loss == loss_kind::mean_absolute || loss == loss_kind::huber) {  // which have kinks of their own
      plan.objective.loss = loss_kind::mean_squared;
    }
    plan.lengths = {6, 11};
    plan.gain = 1.5;
    trial t(plan);
    give_step_targets(t, seed);
    gradient_tolerances tolerances;
    tolerances.share = 0.05;  // cells, losses and resets are drawn as well: some have no use for some parameters
    tolerances.relative = 1e-6;
    tolerances.absolute = 1e-9;  // of losses that are not small
    arena<double> gradient(t.net.parameters());
    const auto sum = dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::smooth, &gradient);
    if (kink_distance(t) < 3e-3 || sum.loss < 1e-3) {
      continue;
    }
    SCOPED_TRACE(seed);
    check_network_gradient(t, tolerances);
    ++checked;
  }
  EXPECT_GE(checked, 10u);
}

TEST(DelayGradient, WithoutWidthThereIsNoGradient) {
  trial_plan plan = plan_for(find_cell("lif"));
  plan.network.layers[0].delay = delays(delay_sharing::synapse, delay_kernel::gaussian, 0.5, false);
  trial t(plan);
  t.parameters.view("hidden1.delay_width")(0, 0) = 0.0;
  arena<double> gradient(t.net.parameters());
  EXPECT_NO_THROW(dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, nullptr));
  EXPECT_THROW(dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &gradient),
               value_error);
}

}  // namespace
}  // namespace backspike::testing
