// Attacks on values: budgets and ranges are kept, the best attack on a linear network is found, results do not depend
// on threads, nothing is changed without a budget, and what cannot be attacked is refused.

#include <backspike/core/error.hpp>
#include <backspike/robustness/adversary.hpp>
#include <backspike/robustness/attack_report.hpp>

#include "robustness/attack_trial.hpp"
#include "robustness/values/steps.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace backspike::testing {
namespace {

attack_options options_of(std::string_view attack, attack_norm norm, double budget) {
  attack_options o;
  o.attack = attack;
  o.norm = norm;
  o.budget = budget;
  o.steps = 8;
  o.restarts = 2;
  o.draws = 2;
  o.queries = 20;
  return o;
}

double size_of(attack_norm norm, std::span<const float> a, std::span<const float> b) {
  double most = 0.0, sum = 0.0, squares = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const double d = std::abs(static_cast<double>(a[k]) - static_cast<double>(b[k]));
    most = std::max(most, d);
    sum += d;
    squares += d * d;
  }
  return norm == attack_norm::linf ? most : norm == attack_norm::l2 ? std::sqrt(squares) : sum;
}

class ValueAttack : public ::testing::TestWithParam<encoder_kind> {};

TEST_P(ValueAttack, KeepsBudgetAndRange) {
  attack_trial t(encoder_of(GetParam()), 8);
  std::size_t changed = 0;
  for (const attack_info& a : attack_list()) {
    for (const attack_norm norm : {attack_norm::linf, attack_norm::l2, attack_norm::l1}) {
      for (const double budget : {0.03, 0.4}) {
        const bool coupled = GetParam() == encoder_kind::delta || GetParam() == encoder_kind::poisson;
        if (a.space != attack_space::values || (a.name == "reach" && (coupled || norm != attack_norm::linf))) {
          continue;
        }
        const attack_result r = t.attack(options_of(a.name, norm, budget));
        for (std::size_t s = 0; s < r.samples.size(); ++s) {
          const auto before = t.samples.values->of(s), after = r.changed.values->of(s);
          EXPECT_LE(size_of(norm, before, after), budget * (1.0 + 1e-6)) << a.name << " " << name_of(norm);
          EXPECT_THAT(after, ::testing::Each(::testing::AllOf(::testing::Ge(0.0f), ::testing::Le(1.0f))));
          changed += std::ranges::equal(before, after) ? 0 : 1;
        }
      }
    }
  }
  EXPECT_GT(changed, 50u);
}

/// A value reaches a spike that its slope does not see: one further away, past others.
TEST(Attack, ReachIsNoWeakerThanStepsAlongTheSlope) {
  double reach = 0.0, slope = 0.0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    attack_trial t(encoder_of(encoder_kind::latency), 8, 16, seed);
    reach += t.attack(options_of("reach", attack_norm::linf, 0.15)).success_rate();
    slope += t.attack(options_of("pgd", attack_norm::linf, 0.15)).success_rate();
  }
  EXPECT_GT(slope, 0.5);
  EXPECT_GE(reach, slope);
}

TEST(Attack, ReachRefusesEncodersOfAnotherKind) {
  attack_trial poisson(encoder_of(encoder_kind::poisson), 4), latency(encoder_of(encoder_kind::latency), 4);
  EXPECT_THROW(poisson.attack(options_of("reach", attack_norm::linf, 0.1)), value_error);
  EXPECT_THROW(latency.attack(options_of("reach", attack_norm::l2, 0.1)), value_error);
}

/// Of one class alone the error against shares is that of the label; shares are those of a softmax.
TEST(Shares, AddUpAndGiveTheGradientOfTheLabel) {
  attack_trial t(encoder_of(encoder_kind::current), 8);
  sample_losses losses(*t.net, t.objective, t.pool);
  const auto all = every_sample(t.samples.data);
  const batch_view batch{&t.samples.data, all};
  arena<float> by_label(t.net->parameters()), by_shares(t.net->parameters());
  losses.forward(*t.parameters, batch);
  losses.backward(by_label, {});
  losses.forward(*t.parameters, batch);
  const std::vector<double> told = losses.shares();
  std::vector<double> certain(told.size(), 0.0);
  for (std::size_t s = 0; s < all.size(); ++s) {
    EXPECT_NEAR(told[3 * s] + told[3 * s + 1] + told[3 * s + 2], 1.0, 1e-9);
    certain[3 * s + static_cast<std::size_t>(t.samples.data.labels[s])] = 1.0;
  }
  losses.judge_by(certain, 1.0);
  losses.backward(by_shares, {});
  float largest = 0.0f;
  for (std::size_t k = 0; k < by_label.values().size(); ++k) {
    EXPECT_NEAR(by_label.values()[k], by_shares.values()[k], 1e-5f);
    largest = std::max(largest, std::abs(by_label.values()[k]));
  }
  EXPECT_GT(largest, 1e-3f);
}

/// Against itself a divergence has no slope; from changed samples it has one.
TEST(Adversary, ChangesBatchesWithinTheBudget) {
  attack_trial t(encoder_of(encoder_kind::current), 8);
  const std::vector<std::uint32_t> picked{3, 0, 7};
  for (const defence_kind kind : {defence_kind::noise, defence_kind::pgd, defence_kind::trades}) {
    for (const double budget : {0.0, 0.2}) {
      const defence_spec defence{.kind = kind, .budget = budget};
      adversary a(defence, *t.net, t.objective, *t.parameters, t.pool, t.samples, 1);
      const dataset changed = a.attack(picked, 1, 0);
      ASSERT_EQ(changed.size(), 3u);
      EXPECT_EQ(changed.labels[1], t.samples.data.labels[0]);
      arena<float> gradient(t.net->parameters());
      gradient.fill(0.0f);
      a.add_divergence(gradient);
      double size = 0.0;
      for (const float g : gradient.values()) {
        size += std::abs(static_cast<double>(g));
      }
      if (budget == 0.0) {
        EXPECT_EQ(changed.inputs.spikes.values, subset(t.samples.data, picked).inputs.spikes.values);
        EXPECT_LT(size, 1e-5);
      } else {
        EXPECT_GT(size, 1e-3);
        EXPECT_EQ(a.attack(picked, 1, 0).inputs.spikes.values, changed.inputs.spikes.values)
            << "a function of the batch";
      }
    }
  }
}

/// The reported class is what the network tells of the changed samples.
TEST_P(ValueAttack, ReportsWhatTheHardNetworkTells) {
  attack_trial t(encoder_of(GetParam()), 8);
  const attack_result r = t.attack(options_of("pgd", attack_norm::linf, 0.3));
  sample_losses told(*t.net, t.objective, t.pool);
  const auto all = every_sample(r.changed.data);
  told.forward(*t.parameters, {&r.changed.data, all});
  std::size_t fooled = 0;
  for (std::size_t s = 0; s < all.size(); ++s) {
    EXPECT_EQ(r.samples[s].after, told.predicted()[s]);
    EXPECT_NEAR(r.samples[s].loss_after, told.losses()[s], 1e-9);
    EXPECT_EQ(r.samples[s].success, told.predicted()[s] != t.samples.data.labels[s]);
    fooled += r.samples[s].success ? 1 : 0;
  }
  EXPECT_GT(fooled, 3u);
}

INSTANTIATE_TEST_SUITE_P(Every, ValueAttack,
                         ::testing::Values(encoder_kind::latency, encoder_kind::poisson, encoder_kind::current,
                                           encoder_kind::delta, encoder_kind::population),
                         [](const auto& tested) { return std::string(name_of(tested.param)); });

/// The score of each class is linear in the pixels, so that the best change in linf is known: each pixel goes as far as
/// it may towards the other class.
bool can_be_fooled(attack_trial& t, std::size_t sample, double budget) {
  const auto label = t.samples.data.labels[sample];
  const auto scores_of = [&](std::span<const float> values) {
    attack_samples one = subset(t.samples, std::vector{static_cast<std::uint32_t>(sample)});
    one.data.inputs = encode(*one.values, values, 0, t.pool);
    unrolled network(*t.net, t.pool);
    const auto all = every_sample(one.data);
    const auto out = network.forward(*t.parameters, {&one.data, all}, false);
    std::vector<double> sums(3, 0.0);
    for (std::size_t k = 0; k < out.size(); ++k) {
      sums[k % 3] += static_cast<double>(out[k]);
    }
    return sums;
  };
  const auto before = t.samples.values->of(sample);
  const std::vector<double> here = scores_of(before);
  const auto own = static_cast<std::size_t>(label);
  std::vector<double> best(3);
  for (std::size_t c = 0; c < 3; ++c) {
    best[c] = here[c] - here[own];
  }
  for (std::size_t k = 0; k < before.size(); ++k) {
    std::vector<float> moved(before.begin(), before.end());
    const float low = std::max(0.0f, moved[k] - static_cast<float>(budget)),
                high = std::min(1.0f, moved[k] + static_cast<float>(budget));
    for (std::size_t c = 0; c < 3; ++c) {
      moved[k] = low;
      const auto down = scores_of(moved);
      moved[k] = high;
      const auto up = scores_of(moved);
      best[c] += std::max(down[c] - down[own] - here[c] + here[own], up[c] - up[own] - here[c] + here[own]);
    }
  }
  return *std::ranges::max_element(best) > 1e-4;
}

TEST(AttackOracle, OnALinearNetworkTheBestChangeIsFound) {
  attack_trial t(encoder_of(encoder_kind::current), 0, 16);
  attack_options o = options_of("pgd", attack_norm::linf, 0.1);
  o.steps = 20;
  for (const std::string attack : {"pgd", "apgd"}) {
    o.attack = attack;
    const attack_result r = t.attack(o);
    std::size_t possible = 0;
    for (std::size_t s = 0; s < r.samples.size(); ++s) {
      const bool can = can_be_fooled(t, s, o.budget);
      EXPECT_EQ(r.samples[s].success, can) << attack << " sample " << s;
      possible += can ? 1 : 0;
    }
    EXPECT_GT(possible, 2u);
    EXPECT_LT(possible, r.samples.size() - 2);
  }
}

TEST(Attack, ReachesTheTargetOnlyWhereItSucceeds) {
  attack_trial t(encoder_of(encoder_kind::current), 8);
  attack_options o = options_of("pgd", attack_norm::linf, 1.0);
  o.target = 1;
  const attack_result r = t.attack(o);
  std::size_t reached = 0;
  for (const attacked_sample& a : r.samples) {
    EXPECT_EQ(a.attacked, a.label != 1);
    EXPECT_EQ(a.success, a.attacked && a.after == 1);
    reached += a.success ? 1 : 0;
  }
  EXPECT_GT(reached, 2u);
}

TEST(Attack, WithoutABudgetChangesNothing) {
  attack_trial t(encoder_of(encoder_kind::latency), 8);
  const attack_result r = t.attack(options_of("pgd", attack_norm::linf, 0.0));
  EXPECT_EQ(r.changed.values->values, t.samples.values->values);
  EXPECT_EQ(r.changed.data.inputs.spikes.channels, t.samples.data.inputs.spikes.channels);
  EXPECT_EQ(r.accuracy(), 1.0);
  EXPECT_EQ(r.success_rate(), 0.0);
}

TEST(Attack, HasTheSameBitsAtAnyNumberOfThreads) {
  for (const std::string attack : {"noise", "fgsm", "pgd", "apgd"}) {
    attack_trial one(encoder_of(encoder_kind::latency), 8, 20, 2, 1),
        three(encoder_of(encoder_kind::latency), 8, 20, 2, 3);
    const attack_options o = options_of(attack, attack_norm::l2, 0.5);
    const attack_result a = one.attack(o), b = three.attack(o);
    EXPECT_EQ(a.changed.values->values, b.changed.values->values) << attack;
    for (std::size_t s = 0; s < a.samples.size(); ++s) {
      EXPECT_EQ(a.samples[s].loss_after, b.samples[s].loss_after);
      EXPECT_EQ(a.samples[s].queries, b.samples[s].queries);
    }
  }
}

/// Graded input has no encoder: the network reads the values.
TEST(Attack, MovesGradedInput) {
  attack_trial t(encoder_of(encoder_kind::current), 8);
  t.samples.values.reset();
  const attack_result r = t.attack(options_of("pgd", attack_norm::l2, 2.0));
  EXPECT_GT(r.success_rate(), 0.3);
  for (const attacked_sample& a : r.samples) {
    EXPECT_LE(a.size, 2.0 * (1.0 + 1e-6));
  }
}

std::string refusal(attack_trial& t, const attack_options& o) {
  try {
    t.attack(o);
  } catch (const value_error& e) {
    return e.what();
  }
  return "accepted";
}

TEST(Attack, RefusesWhatItCannotTake) {
  using ::testing::HasSubstr;
  attack_trial t(encoder_of(encoder_kind::latency), 4);
  EXPECT_THAT(refusal(t, options_of("pgd", attack_norm::linf, -0.1)), HasSubstr("budget = -0.1"));
  EXPECT_THAT(refusal(t, options_of("pgd", attack_norm::linf, std::nan(""))), HasSubstr("budget"));
  EXPECT_THAT(refusal(t, options_of("pgd", attack_norm::l0, 0.1)), HasSubstr("l0"));
  EXPECT_THAT(refusal(t, options_of("unknown", attack_norm::linf, 0.1)), HasSubstr("apgd"));
  attack_options o = options_of("pgd", attack_norm::linf, 0.1);
  o.target = 3;
  EXPECT_THAT(refusal(t, o), HasSubstr("target = 3"));
  o.target.reset();
  o.width = 0.0;
  EXPECT_THAT(refusal(t, o), HasSubstr("width = 0"));
  o.width = 1.0;
  t.samples.values->values[13] = 1.5f;
  EXPECT_THAT(refusal(t, o), HasSubstr("sample 1, value 1 = 1.5"));
  t.samples.values.reset();
  EXPECT_THAT(refusal(t, o), HasSubstr("these samples are spikes"));
  t.samples.data.labels.clear();
  EXPECT_THAT(refusal(t, o), HasSubstr("spikes"));
}

TEST(AttackReport, HasAPointForEachBudgetAndAChecklist) {
  attack_trial t(encoder_of(encoder_kind::current), 8);
  const attack_report r = measure_attack("trial", t.problem(), t.samples, options_of("pgd", attack_norm::linf, 0.1),
                                         {.budgets = {0.3, 0.1}, .checklist = true});
  ASSERT_EQ(r.points.size(), 2u);
  EXPECT_EQ(r.points[0].budget, 0.1);
  EXPECT_LE(r.points[0].success_rate, r.points[1].success_rate);
  EXPECT_EQ(r.checklist.size(), 7u);
  const std::string json = to_json(r), page = to_html(r);
  for (const char* key :
       {"\"success\"", "\"checklist\"", "\"reliable\"", "\"accuracy_before\"", "\"without_gradient\""}) {
    EXPECT_THAT(json, ::testing::HasSubstr(key));
  }
  EXPECT_THAT(page, ::testing::HasSubstr("Can it be believed?"));
  EXPECT_THAT(page, ::testing::Not(::testing::HasSubstr("{{")));
  EXPECT_FALSE(r.examples.empty());
}

/// An attack whose surrogate is so narrow that no gradient is left: the list has to say so.
TEST(AttackReport, SaysWhereGradientsAreMasked) {
  attack_trial t(encoder_of(encoder_kind::latency), 8);
  attack_options o = options_of("fgsm", attack_norm::linf, 0.3);
  o.encoder_width = 1e-4;
  o.width = 1e-4;
  const attack_report r =
      measure_attack("trial", t.problem(), t.samples, o, {.budgets = {0.1, 0.3}, .checklist = true});
  EXPECT_FALSE(is_reliable(r.checklist));
  EXPECT_THAT(to_text(r), ::testing::HasSubstr("unreliable"));
  EXPECT_THAT(to_html(r), ::testing::HasSubstr("These figures are unreliable"));
}

TEST(Steps, ProjectionOntoL1IsTheNearestPlace) {
  random_stream random(5, random_purpose::test);
  const std::vector<float> before{0.5f, 0.5f, 0.5f};
  for (int round = 0; round < 50; ++round) {
    std::vector<float> now(3);
    std::ranges::generate(now, [&] { return static_cast<float>(random.uniform()); });
    std::vector<float> nearest = now;
    project(attack_norm::l1, 0.2, {0.0f, 1.0f}, before, nearest);
    EXPECT_LE(size_of(attack_norm::l1, before, nearest), 0.2 * (1.0 + 1e-6));
    const double own = size_of(attack_norm::l2, now, nearest);
    for (int other = 0; other < 50; ++other) {  // no other place of the ball is nearer
      std::vector<float> place(3);
      std::ranges::generate(place, [&] { return static_cast<float>(random.uniform()); });
      if (size_of(attack_norm::l1, before, place) <= 0.2) {
        EXPECT_GE(size_of(attack_norm::l2, now, place), own - 1e-6);
      }
    }
  }
}

}  // namespace
}  // namespace backspike::testing
