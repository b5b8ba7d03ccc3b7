// What reaches a network is of its channels, of its step, and finite: whichever way it comes.

#include "gradient/compare.hpp"
#include "gradient/random_graph.hpp"

#include <backspike/core/enum_names.hpp>
#include <backspike/core/error.hpp>
#include <backspike/gradient/check_batch.hpp>
#include <backspike/gradient/dense.hpp>
#include <backspike/gradient/initialise.hpp>
#include <backspike/gradient/learning_rule.hpp>
#include <backspike/gradient/unrolled.hpp>

#include <gmock/gmock.h>

#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace backspike::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

trial_plan plan_for(loss_kind loss = loss_kind::cross_entropy) {
  trial_plan plan;
  plan.network.inputs = 12;
  plan.network.dt = 5.0;
  plan.network.layers = {quick_layer("lif", 9, true), quick_layer("leaky_integrator", 3)};
  plan.objective.loss = loss;
  plan.graded = true;
  plan.lengths = {6, 11, 7};
  return plan;
}

/// Every way in which a batch reaches a network, by name.
std::vector<std::pair<std::string, std::function<void()>>> entries(const trial& t, thread_pool& pool) {
  std::vector<std::pair<std::string, std::function<void()>>> all;
  for (const auto& kind : enum_names<rule_kind>) {
    all.emplace_back(kind.name, [&t, &pool, value = kind.value] {
      const auto parameters = t.float_parameters();
      arena<float> gradient(t.net.parameters());
      rule_spec spec;
      spec.kind = value;
      learning_rule rule(t.net, t.objective, pool, spec, 1);
      rule.start(parameters);
      rule.gradient(parameters, t.batch(), gradient);
    });
  }
  all.emplace_back("evaluate", [&] { engine(t.net, t.objective, pool).evaluate(t.float_parameters(), t.batch()); });
  all.emplace_back("record", [&] { engine(t.net, t.objective, pool).record(t.float_parameters(), t.data, 1); });
  all.emplace_back("initialise", [&] {
    arena<float> parameters(t.net.parameters());
    initialise(t.net, parameters, 1, t.data, pool);
  });
  all.emplace_back("unrolled", [&] { unrolled(t.net, pool).forward(t.float_parameters(), t.batch(), true); });
  all.emplace_back(
      "dense", [&] { dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, nullptr); });
  return all;
}

TEST(Border, DataOfAnotherStepAreRefusedEverywhere) {
  trial t(plan_for());
  thread_pool pool(1);
  for (const auto& [name, run] : entries(t, pool)) {
    SCOPED_TRACE(name);
    t.data.dt = 1.0;
    EXPECT_THAT(run, ThrowsMessage<value_error>(
                         AllOf(HasSubstr("dt of the data = 1 ms"), HasSubstr("5 ms"), HasSubstr("dt = 1"))));
    t.data.dt = 5.0 * (1.0 + 1e-8);  // a float once
    EXPECT_NO_THROW(run());
  }
}

TEST(Border, InputsThatAreNoReadingsAreRefusedEverywhere) {
  trial t(plan_for());
  thread_pool pool(1);
  auto& e = t.data.inputs.spikes;
  const std::uint64_t row = t.data.inputs.sample_rows[1] + 4;  // of the second sample
  const std::uint64_t at = e.row_offsets[row];
  ASSERT_LT(at, e.row_offsets[row + 1]);
  const float kept = e.values[at];
  for (const auto& [name, run] : entries(t, pool)) {
    SCOPED_TRACE(name);
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), -2e18f}) {
      e.values[at] = bad;
      EXPECT_THAT(run, ThrowsMessage<value_error>(
                           HasSubstr("input of channel " + std::to_string(e.channels[at]) + " in step 4 of sample 1")));
    }
    e.values[at] = kept;
    EXPECT_NO_THROW(run());
  }
}

TEST(Border, TargetsThatAreNoReadingsAreRefused) {
  trial t(plan_for(loss_kind::mean_squared));
  give_step_targets(t, 1);
  t.data.labels.clear();
  t.data.step_labels.clear();  // a regression
  thread_pool pool(1);
  arena<float> gradient(t.net.parameters());
  engine e(t.net, t.objective, pool);
  const auto run = [&] { e.gradient(t.float_parameters(), t.batch(), gradient); };
  ASSERT_NO_THROW(run());
  t.data.step_targets[(t.data.inputs.sample_rows[2] + 3) * 3 + 1] = std::numeric_limits<float>::quiet_NaN();
  arena<float> drawn(t.net.parameters());
  const auto draw = [&] { initialise(t.net, drawn, 1, t.data, pool); };
  for (const auto& call : std::vector<std::function<void()>>{run, draw}) {
    EXPECT_THAT(call, ThrowsMessage<value_error>(HasSubstr("target of step 3 of sample 2 = nan")));
  }
}

TEST(Border, WeightsOfStepsThatAreNoReadingsAreRefused) {
  trial t(plan_for(loss_kind::mean_squared));
  give_step_targets(t, 1);
  t.data.labels.clear();
  t.data.step_labels.clear();  // a regression
  thread_pool pool(1);
  arena<float> gradient(t.net.parameters()), drawn(t.net.parameters());
  engine e(t.net, t.objective, pool);
  t.data.step_weights.assign(t.data.inputs.spikes.rows(), 1.0f);
  const auto run = [&] { e.gradient(t.float_parameters(), t.batch(), gradient); };
  const auto draw = [&] { initialise(t.net, drawn, 1, t.data, pool); };
  ASSERT_NO_THROW(run());
  for (const float bad : {-1.0f, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    t.data.step_weights[t.data.inputs.sample_rows[1] + 2] = bad;
    for (const auto& call : std::vector<std::function<void()>>{run, draw}) {
      EXPECT_THAT(call, ThrowsMessage<value_error>(HasSubstr("weight of step 2 of sample 1 = ")));
    }
  }
}

TEST(Border, SwappedAxesAreHintedAt) {
  trial t(plan_for());
  thread_pool pool(1);
  t.data.channels = 13;
  const std::uint32_t steps = static_cast<std::uint32_t>(t.data.inputs.length(0));
  EXPECT_THAT([&] { check_input("test", t.net, t.data, t.samples); },
              ThrowsMessage<shape_error>(::testing::Not(HasSubstr("steps come before channels"))));
  trial_plan plan = plan_for();
  plan.network.inputs = steps;
  const trial other(plan);
  EXPECT_THAT([&] { check_input("test", other.net, t.data, t.samples); },
              ThrowsMessage<shape_error>(HasSubstr("steps come before channels")));
}

TEST(Border, SamplesThatAreNotThereAreRefused) {
  trial t(plan_for());
  t.samples = {0, 3};
  EXPECT_THAT([&] { check_batch("test", t.net, t.objective, t.batch()); },
              ThrowsMessage<value_error>(HasSubstr("sample = 3")));
}

}  // namespace
}  // namespace backspike::testing
