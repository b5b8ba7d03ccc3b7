// Attacks on spikes: exhaustive search on tiny networks as the oracle, budgets and kinds of change that are kept,
// nothing that is not needed, the same bits at any number of threads, and what is refused.

#include "gradient/trial.hpp"

#include <backspike/core/error.hpp>
#include <backspike/robustness/attack.hpp>
#include <backspike/robustness/sample_losses.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <string>

namespace backspike::testing {
namespace {

const std::vector<std::string> spike_attacks{"spike_greedy", "spike_pgd", "spike_random", "spike_spsa",
                                             "spike_decision"};

/// A small network, and samples whose labels are what it tells.
struct victim {
  trial t;
  arena<float> parameters;
  thread_pool pool;
  attack_samples samples;

  explicit victim(const trial_plan& plan, std::size_t threads = 1)
      : t(plan), parameters(t.float_parameters()), pool(threads) {
    samples.data = t.data;
    samples.data.labels = told(t.data);
  }
  attack_problem problem() { return {t.net, t.objective, parameters, pool}; }
  std::vector<std::int32_t> told(const dataset& data) {
    sample_losses network(t.net, t.objective, pool);
    network.forward(parameters, {&data, every_sample(data)});
    return {network.predicted().begin(), network.predicted().end()};
  }
  attack_result attack(const attack_options& options) { return run_attack(problem(), samples, options); }
};

trial_plan plan_of(std::uint64_t seed, std::uint32_t inputs, const std::vector<std::size_t>& lengths) {
  trial_plan plan;
  plan.seed = seed;
  plan.network.inputs = inputs;
  plan.network.layers = {quick_layer("lif", 8), quick_layer("leaky_integrator", 3)};
  plan.network.layers[0].name = "hidden";
  plan.network.layers[0].recurrent = true;
  plan.network.layers[0].surrogate = {surrogate_kind::arctangent, 0.8, 1.0};
  plan.objective.readout = readout_kind::mean;
  plan.lengths = lengths;
  plan.gain = 3.0;
  return plan;
}

attack_options options_of(const std::string& attack, double budget) {
  attack_options o;
  o.attack = attack;
  o.budget = budget;
  o.steps = 12;
  o.draws = 3;
  o.queries = 120;
  return o;
}

/// Spikes of a sample as (step, channel).
std::vector<std::pair<std::size_t, std::uint32_t>> spikes_of(const dataset& data, std::size_t sample) {
  std::vector<std::pair<std::size_t, std::uint32_t>> all;
  for (std::size_t t = 0; t < data.inputs.length(sample); ++t) {
    for (const std::uint32_t c : data.inputs.spikes.row(data.inputs.sample_rows[sample] + t).channels) {
      all.emplace_back(t, c);
    }
  }
  return all;
}

using bins = std::vector<std::pair<std::size_t, std::uint32_t>>;
bins without(const bins& a, const bins& b) {
  bins rest;
  std::ranges::set_difference(a, b, std::back_inserter(rest));
  return rest;
}

/// The only sample with these bins flipped.
dataset flipped(const dataset& before, const bins& flips) {
  dataset after = before;
  after.inputs = {};
  const bins spikes = spikes_of(before, 0);
  bins changed;
  std::ranges::set_symmetric_difference(spikes, flips, std::back_inserter(changed));
  for (std::size_t t = 0; t < before.inputs.length(0); ++t) {
    for (const auto& [step, channel] : changed) {
      if (step == t) {
        after.inputs.spikes.channels.push_back(channel);
      }
    }
    after.inputs.spikes.end_row();
  }
  after.inputs.end_sample();
  return after;
}

/// The highest loss, and whether the class can be made wrong, with up to `budget` flips of one small sample.
struct exhaustive {
  double highest = 0.0;
  bool wrong = false;

  exhaustive(victim& v, std::size_t budget) {
    const auto all = static_cast<std::uint32_t>(v.samples.data.inputs.length(0) * v.samples.data.channels);
    try_all(v, budget, 0, all, {});
  }

 private:
  void try_all(victim& v, std::size_t left, std::uint32_t from, std::uint32_t all, const bins& flips) {
    dataset data = flipped(v.samples.data, flips);
    sample_losses network(v.t.net, v.t.objective, v.pool);
    network.forward(v.parameters, {&data, every_sample(data)});
    highest = std::max(highest, network.losses()[0]);
    wrong = wrong || network.predicted()[0] != data.labels[0];
    for (std::uint32_t b = from; b < all && left > 0; ++b) {
      bins more = flips;
      more.emplace_back(b / data.channels, b % data.channels);
      try_all(v, left - 1, b + 1, all, more);
    }
  }
};

TEST(SpikeAttacks, FindWhatExhaustiveSearchFinds) {
  int found = 0, there = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    victim v(plan_of(seed, 3, {5}));
    for (const std::size_t budget : {1u, 2u}) {
      const exhaustive best(v, budget);
      attack_options o = options_of("spike_greedy", static_cast<double>(budget));
      o.spikes.candidates = 64;
      const attack_result stopped = v.attack(o);
      EXPECT_LE(stopped.samples[0].success, best.wrong) << "nothing beats the oracle";
      o.stops = o.spikes.prunes = false;
      const attack_result r = v.attack(o);
      EXPECT_LE(r.samples[0].loss_after, best.highest);
      if (budget == 1 && r.samples[0].predicted > 0.0) {
        EXPECT_GE(r.samples[0].loss_after, r.samples[0].loss_before);
      }
      there += best.wrong ? 1 : 0;
      found += stopped.samples[0].success ? 1 : 0;
    }
  }
  ASSERT_GT(there, 20);
  EXPECT_GE(found, there * 9 / 10);
}

/// What was promised of a change: its size, its place and its kind.
void expect_kept(const victim& v, const attack_result& r, const attack_options& o) {
  r.changed.data.inputs.spikes.validate(r.changed.data.channels);
  ASSERT_EQ(r.changed.data.inputs.sample_rows, v.samples.data.inputs.sample_rows);
  for (std::size_t s = 0; s < r.samples.size(); ++s) {
    const bins before = spikes_of(v.samples.data, s), after = spikes_of(r.changed.data, s);
    const bins added = without(after, before), removed = without(before, after);
    EXPECT_EQ(r.samples[s].size, static_cast<double>(added.size() + removed.size()));
    EXPECT_TRUE(added.empty() || o.spikes.allows(spike_change::add) || o.spikes.allows(spike_change::shift));
    EXPECT_TRUE(removed.empty() || o.spikes.allows(spike_change::remove) || o.spikes.allows(spike_change::shift));
    if (o.spikes.changes == std::vector{spike_change::shift}) {
      EXPECT_EQ(added.size(), removed.size());
    }
    std::vector<double> counts(1 + v.samples.data.inputs.length(s) / std::max(o.spikes.window, 1u), 0.0);
    for (const bins* all : {&added, &removed}) {
      for (const auto& bin : *all) {
        counts[o.spikes.window == 0 ? 0 : bin.first / o.spikes.window] += 1.0;
      }
    }
    EXPECT_LE(*std::ranges::max_element(counts), o.budget);
  }
}

TEST(SpikeAttacks, StayWithinTheirBudgetAndKinds) {
  std::size_t moved = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    random_stream random(seed, random_purpose::test, 9);
    victim v(plan_of(seed, 6, {14, 9, 20}));
    const std::string name = spike_attacks[random.below(static_cast<std::uint32_t>(spike_attacks.size()))];
    attack_options o = options_of(name, 1.0 + random.below(8));
    o.spikes.window = random.below(2) * (1 + random.below(5));
    o.spikes.changes.clear();
    for (const spike_change c : all_of<spike_change>()) {
      if (random.below(2) == 0 || (c == spike_change::remove && o.spikes.changes.empty())) {
        o.spikes.changes.push_back(c);
      }
    }
    if (random.below(3) == 0 && name != "spike_pgd" && name != "spike_spsa") {
      o.spikes.changes = {spike_change::shift};
    }
    o.spikes.prunes = random.below(2) == 0;
    o.stops = random.below(2) == 0;
    SCOPED_TRACE(name + " seed " + std::to_string(seed));
    const attack_result r = v.attack(o);
    expect_kept(v, r, o);
    for (const attacked_sample& a : r.samples) {
      moved += a.size > 0.0 ? 1 : 0;
    }
  }
  EXPECT_GT(moved, 30u) << "changes that never come show nothing";
}

TEST(SpikeAttacks, HaveTheSameBitsAtAnyNumberOfThreads) {
  for (const std::string& name : spike_attacks) {
    victim one(plan_of(3, 6, {14, 9, 20, 17, 12}), 1), three(plan_of(3, 6, {14, 9, 20, 17, 12}), 3);
    const attack_result a = one.attack(options_of(name, 6.0)), b = three.attack(options_of(name, 6.0));
    EXPECT_EQ(a.changed.data.inputs.spikes.channels, b.changed.data.inputs.spikes.channels) << name;
    EXPECT_EQ(a.changed.data.inputs.spikes.row_offsets, b.changed.data.inputs.spikes.row_offsets) << name;
    for (std::size_t s = 0; s < a.samples.size(); ++s) {
      EXPECT_EQ(a.samples[s].loss_after, b.samples[s].loss_after) << name;
      EXPECT_EQ(a.samples[s].queries, b.samples[s].queries) << name;
    }
  }
}

TEST(SpikeAttacks, KeepNothingThatIsNotNeeded) {
  int looked_at = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    victim v(plan_of(seed, 6, {16}));
    attack_options o = options_of("spike_greedy", 40.0);
    o.spikes.changes = {spike_change::add, spike_change::remove};
    const attack_result r = v.attack(o);
    const bins before = spikes_of(v.samples.data, 0), after = spikes_of(r.changed.data, 0);
    bins changed;
    std::ranges::set_symmetric_difference(before, after, std::back_inserter(changed));
    for (std::size_t k = 0; k < changed.size() && r.samples[0].success && changed.size() > 1; ++k) {
      bins fewer = changed;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(k));
      EXPECT_EQ(v.told(flipped(v.samples.data, fewer))[0], v.samples.data.labels[0]) << "seed " << seed;
      ++looked_at;
    }
  }
  EXPECT_GT(looked_at, 10);
}

constexpr std::uint64_t several_classes = 2;  // a network that tells more than one

TEST(SpikeAttacks, ReachMoreWithMore) {
  victim v(plan_of(several_classes, 6, std::vector<std::size_t>(24, 16)));
  ASSERT_NE(std::ranges::count(v.samples.data.labels, v.samples.data.labels[0]), 24) << "there is another class";
  double before = 0.0;
  for (const double budget : {1.0, 2.0, 4.0, 8.0, 1000.0}) {
    const double now = v.attack(options_of("spike_greedy", budget)).success_rate();
    EXPECT_GE(now, before) << budget;
    before = now;
  }
  EXPECT_EQ(before, 1.0);
  EXPECT_GT(v.attack(options_of("spike_greedy", 2.0)).success_rate(),
            v.attack(options_of("spike_random", 2.0)).success_rate() - 0.1);
}

TEST(SpikeAttacks, LookAtAnotherNetworkWhereThereIsOne) {
  victim v(plan_of(5, 6, std::vector<std::size_t>(12, 16))), other(plan_of(6, 6, {16}));
  const attack_problem source = other.problem();
  attack_problem problem = v.problem();
  problem.source = &source;
  const attack_result r = run_attack(problem, v.samples, options_of("spike_greedy", 8.0));
  EXPECT_LE(r.success_rate(), v.attack(options_of("spike_greedy", 8.0)).success_rate());
  EXPECT_EQ(r.samples[0].after, v.told(r.changed.data)[0]) << "what comes of it is told by the network attacked";
}

template <class F>
std::string message_of(const F& f) {
  try {
    f();
  } catch (const user_error& e) {
    return e.what();
  }
  return "no error";
}

TEST(SpikeAttacks, RefuseWhatMeansNothing) {
  victim v(plan_of(1, 4, {10}));
  attack_options o = options_of("spike_pgd", 3.0);
  o.spikes.changes = {spike_change::shift};
  EXPECT_THAT(message_of([&] { v.attack(o); }), ::testing::HasSubstr("add or remove"));
  o.spikes.changes = {};
  EXPECT_THAT(message_of([&] { v.attack(o); }), ::testing::HasSubstr("changes"));
  o = options_of("spike_greedy", -1.0);
  EXPECT_THAT(message_of([&] { v.attack(o); }), ::testing::HasSubstr("budget"));
  o = options_of("spike_greedy", 3.0);
  o.spikes.reach = 0;
  EXPECT_THAT(message_of([&] { v.attack(o); }), ::testing::HasSubstr("reach"));
  EXPECT_EQ(v.attack(options_of("spike_greedy", 0.0)).changed.data.inputs.spikes.channels,
            v.samples.data.inputs.spikes.channels);
}

}  // namespace
}  // namespace backspike::testing
