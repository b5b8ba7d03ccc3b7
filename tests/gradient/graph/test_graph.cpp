// Random graphs through every way in which a gradient is computed: finite differences, the dense path, the engine,
// RTRL, windows of time, threads.

#include "gradient/dense_truncated.hpp"
#include "gradient/engine_and_dense.hpp"
#include "gradient/graph/clear_samples.hpp"
#include "gradient/graph/graph_plan.hpp"
#include "gradient/outcome.hpp"
#include "gradient/smooth_plan.hpp"

#include <backspike/gradient/rtrl.hpp>

#include <gtest/gtest.h>

namespace backspike::testing {
namespace {

constexpr std::uint64_t graphs = 60;

/// Drops the entries of parameters that are not learned: the dense path has their gradient, other rules do not.
arena<double> learned_part(const arena<double>& gradient) {
  arena<double> part = gradient;
  for (std::size_t i = 0; i < part.layout().size(); ++i) {
    const auto view = part.view(i);
    for (std::size_t k = 0; !part.layout()[i].learnable && k < view.rows * view.cols; ++k) {
      view(k / view.cols, k % view.cols) = 0.0;
    }
  }
  return part;
}

TEST(Graph, DrawsEverything) {
  graph_facts facts;
  for (std::uint64_t seed = 1; seed <= graphs; ++seed) {
    facts.add(network(graph_plan(seed).network));
  }
  EXPECT_GT(facts.loops, 10u);
  EXPECT_GT(facts.skips, 10u);
  EXPECT_GT(facts.analog, 10u);
  EXPECT_GT(facts.listed, 10u);
  EXPECT_GT(facts.shared, 2u);
  EXPECT_GT(facts.delayed, 10u);
  EXPECT_GT(facts.late, 10u);
  EXPECT_GT(facts.masked, 10u);
  EXPECT_GT(facts.noisy, 10u);
  EXPECT_GT(facts.parts, 10u);
  EXPECT_GT(facts.refractory, 10u);
  EXPECT_GT(facts.plastic, 10u);
  EXPECT_GT(facts.to_second_receptors, 10u);
  EXPECT_GT(facts.two_outputs, 20u);
  EXPECT_GT(facts.outputs_inside, 10u);
  EXPECT_GT(facts.membranes, 10u);
  EXPECT_GT(facts.membranes_and_spikes, 5u);
}

TEST(Graph, DensePathEqualsFiniteDifferences) {
  std::size_t alive = 0;
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    trial_plan plan = graph_plan(seed);
    plan.lengths = {5, 7};
    plan.rate = 0.5;
    plan.gain = 1.5;
    ask_every_output(plan, objective_of(loss_kind::cross_entropy, readout_kind::mean, 0.5, 0.0, 0.01));
    for (layer_spec& layer : plan.network.layers) {
      layer.detach_reset = false;
      layer.activity = {};
    }
    const auto t = away_from_kinks(plan);
    ASSERT_NE(t, nullptr) << "seed " << seed;
    gradient_tolerances tolerances;
    tolerances.share = 0.0;  // which of its entries are alive depends on the graph: counted below
    check_network_gradient(*t, tolerances);
    arena<double> gradient(t->net.parameters());
    dense_gradient<double>(t->net, t->objective, t->parameters, t->batch(), spike_mode::smooth, &gradient);
    const auto entries = arena_entries(t->net.parameters()).pick(gradient);
    const auto moving = std::ranges::count_if(entries, [](double g) { return std::fabs(g) > 1e-5; });
    alive += 3 * static_cast<std::size_t>(moving) > entries.size() ? 1 : 0;
  }
  EXPECT_GE(alive, 15u);
}

TEST(Graph, EngineEqualsTheDensePath) {
  std::size_t alive = 0, judged = 0;
  for (std::uint64_t seed = 1; seed <= graphs; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    trial t(graph_plan(seed));
    give_step_targets(t, seed);
    if (!keep_clear_samples(t)) {
      continue;
    }
    arena<double> expected(t.net.parameters());
    const auto sum = dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &expected);
    const outcome actual(t, {});
    EXPECT_EQ(static_cast<double>(actual.sums.hidden_spikes), sum.hidden_spikes);
    EXPECT_NEAR(actual.sums.loss, sum.loss, 1e-4 * std::max(1.0, sum.loss));
    for (std::size_t k = 0; k < sum.others.size(); ++k) {
      EXPECT_NEAR(actual.sums.others[k].part, sum.others[k].part, 1e-4 * std::max(1.0, sum.others[k].part));
      EXPECT_EQ(actual.sums.others[k].correct, sum.others[k].correct);
      EXPECT_EQ(actual.sums.others[k].counted, sum.others[k].counted);
      judged += sum.others[k].part > 1e-3 ? 1 : 0;
    }
    const double top = largest_of(learned_part(expected));
    expect_same_gradient(actual.gradient, learned_part(expected), 1e-3, true, 1e-5 * top + 1e-9);
    alive += sum.hidden_spikes > 20.0 && top > 1e-3 ? 1 : 0;
  }
  EXPECT_GE(alive, graphs / 2);
  EXPECT_GE(judged, graphs / 4) << "second outputs";
}

TEST(Graph, RtrlEqualsTheDensePath) {
  graph_limits limits;
  limits.delays = false;
  std::size_t alive = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    trial t(graph_plan(seed, limits));
    give_step_targets(t, seed);
    for (const spike_mode mode : {spike_mode::hard, spike_mode::smooth}) {
      arena<double> expected(t.net.parameters()), actual(t.net.parameters());
      const auto reverse = dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), mode, &expected);
      const auto forward = rtrl_gradient(t.net, t.objective, t.parameters, t.batch(), mode, &actual);
      EXPECT_NEAR(forward.loss, reverse.loss, 1e-10 * std::max(1.0, reverse.loss));
      const double top = largest_of(learned_part(expected));
      expect_same_gradient(actual, learned_part(expected), 1e-9, true, 1e-11 * top + 1e-12);
      alive += reverse.hidden_spikes > 20.0 && top > 1e-3 ? 1 : 0;
    }
  }
  EXPECT_GE(alive, 30u);
}

TEST(Graph, CheckpointsAndThreadsDoNotChangeABit) {
  std::size_t alive = 0;
  for (std::uint64_t seed = 1; seed <= graphs; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    trial t(graph_plan(seed));
    give_step_targets(t, seed);
    const outcome full(t, {});
    alive += full.sums.hidden_spikes > 20 && full.norm() > 1e-3 ? 1 : 0;
    for (const std::size_t threads : {2u, 3u}) {
      EXPECT_TRUE(outcome(t, {}, threads).same_bits(full)) << threads << " threads";
    }
    for (const std::uint32_t every : {1u, 2u, 5u, 11u, 30u}) {
      EXPECT_TRUE(outcome(t, checkpoints_every(every), 1 + every % 3).same_bits(full)) << "every " << every;
    }
  }
  EXPECT_GE(alive, graphs / 2);
}

TEST(Graph, TruncationEqualsTheDensePathCutByHand) {
  std::size_t alive = 0;
  for (std::uint64_t seed = 1; seed <= graphs; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    trial t(graph_plan(seed));
    give_step_targets(t, seed);
    if (!keep_clear_samples(t)) {
      continue;
    }
    for (const auto& [window, stride] : {std::pair{5u, 5u}, {8u, 3u}, {25u, 10u}}) {
      const arena<double> expected = learned_part(dense_truncated(t, window, stride));
      expect_same_gradient(outcome(t, truncated(window, stride)).gradient, expected, 1e-3, true,
                           1e-5 * largest_of(expected) + 1e-9);
      alive += largest_of(expected) > 1e-3 ? 1 : 0;
    }
  }
  EXPECT_GE(alive, 3 * graphs / 2);
}

}  // namespace
}  // namespace backspike::testing
