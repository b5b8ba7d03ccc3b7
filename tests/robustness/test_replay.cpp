// A sample that runs again from the first step that a change of its input reaches has the bits of the whole run.

#include "gradient/graph/graph_plan.hpp"
#include "gradient/trial.hpp"

#include <backspike/robustness/replay.hpp>
#include <backspike/robustness/sample_losses.hpp>

#include <gtest/gtest.h>

#include <string>

namespace backspike::testing {
namespace {

constexpr std::uint64_t graphs = 60;

/// Without prices of spikes, which are no part of a sample's own loss, and without draws.
trial_plan plain_plan(std::uint64_t seed) {
  trial_plan plan = graph_plan(seed);
  plan.draws = {};
  for (layer_spec& layer : plan.network.layers) {
    layer.activity = {};
  }
  plan.objective.rate_penalty = 0.0;
  plan.objective.synaptic_operations.weight = 0.0;
  return plan;
}

/// The data with another event, or without one, in this step of the last sample.
dataset changed(const dataset& before, std::size_t step, std::uint32_t channel) {
  dataset after = before;
  events& e = after.inputs.spikes;
  e.clear();
  const std::size_t at = before.inputs.sample_rows[before.size() - 1] + step;
  for (std::size_t r = 0; r < before.inputs.spikes.rows(); ++r) {
    const event_row row = before.inputs.spikes.row(r);
    for (std::uint32_t c = 0; c < before.channels; ++c) {
      const auto there = std::ranges::find(row.channels, c);
      const bool has = there != row.channels.end(), flips = r == at && c == channel;
      if (has != flips) {
        e.channels.push_back(c);
        if (before.inputs.spikes.graded()) {
          e.values.push_back(has ? row.values[static_cast<std::size_t>(there - row.channels.begin())] : 1.0f);
        }
      }
    }
    e.end_row();
  }
  return after;
}

TEST(Replay, HasTheBitsOfTheWholeSample) {
  std::size_t moved = 0;
  for (std::uint64_t seed = 1; seed <= graphs; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    trial t(plain_plan(seed));
    give_step_targets(t, seed);
    const arena<float> parameters = t.float_parameters();
    thread_pool pool(1);
    sample_losses whole(t.net, t.objective, pool);
    const replay_network ready(t.net, t.objective, parameters, pool);
    replay again(ready);
    const std::uint32_t last[] = {static_cast<std::uint32_t>(t.data.size() - 1)};
    dataset now = t.data;
    replay_result before = again.start(now, last[0]);
    random_stream random(seed, random_purpose::test, 5);
    for (int change = 0; change < 8; ++change) {
      const std::uint32_t step = random.below(static_cast<std::uint32_t>(now.inputs.length(last[0])));
      const dataset next = changed(now, step, random.below(now.channels));
      whole.forward(parameters, {&next, last});
      const bool keeps = change % 2 == 1;
      const replay_result found = keeps ? again.keep(next, step) : again.attempt(next, step);
      EXPECT_EQ(found.loss, whole.losses()[0]);
      EXPECT_EQ(found.predicted, whole.predicted()[0]);
      moved += found.loss != before.loss ? 1 : 0;
      if (keeps) {
        now = next;
        before = found;
      }
    }
  }
  EXPECT_GT(moved, 3 * graphs) << "changes that change nothing show nothing";
}

TEST(Replay, RunsOnlyWhatComesAfter) {
  trial_plan plan;
  plan.network.inputs = 4;
  plan.network.layers = {quick_layer("lif", 5), quick_layer("leaky_integrator", 2)};
  plan.lengths = {64};
  const trial t(plan);
  const arena<float> parameters = t.float_parameters();
  thread_pool pool(1);
  const replay_network ready(t.net, t.objective, parameters, pool);
  replay again(ready);
  again.start(t.data, 0);
  EXPECT_EQ(again.steps(), 64u);
  again.attempt(t.data, 60);
  EXPECT_EQ(again.steps(), 68u);
}

}  // namespace
}  // namespace backspike::testing
