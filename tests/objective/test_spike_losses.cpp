// Losses on spike trains: values by hand, what they reward, and their errors by finite differences.

#include <backspike/objective/sample_objective.hpp>

#include <backspike/core/random.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace backspike {
namespace {

constexpr std::size_t steps = 60, outputs = 3;

struct problem {
  std::vector<double> y = std::vector<double>(steps * outputs, 0.0);
  std::vector<float> target = std::vector<float>(steps * outputs, 0.0f), weights;
  objective_spec spec;
  std::int32_t label = -1;

  explicit problem(loss_kind loss) {
    spec.loss = loss;
    spec.kernel_width = 2.0;
    spec.tau = 3.0;
    for (const std::size_t t : {10, 30, 50}) {
      target[t * outputs] = 1.0f;
    }
    target[25 * outputs + 1] = 1.0f;
  }

  sample_target given() const { return {label, {}, target, weights, 1.0}; }
  trace_view<const double> view() const { return {y.data(), steps, outputs, outputs}; }
  void spike(std::size_t t, std::size_t k) { y[t * outputs + k] = 1.0; }
  void match() { y.assign(target.begin(), target.end()); }

  double value(std::size_t piece = steps) const {
    sample_objective<double> objective;
    return run(objective, piece).value;
  }
  sample_loss<double> run(sample_objective<double>& objective, std::size_t piece = steps) const {
    objective.begin(spec, given(), steps, outputs);
    for (std::size_t t = 0; t < steps; t += piece) {
      objective.read(t, {y.data() + t * outputs, std::min(piece, steps - t), outputs, outputs}, {});
    }
    return objective.finish();
  }
  std::vector<double> error() const {
    sample_objective<double> objective;
    run(objective);
    std::vector<double> e(y.size(), 7.0);
    objective.error(0, view(), 1.0, {e.data(), steps, outputs, outputs});
    return e;
  }
};

constexpr loss_kind spike_losses[] = {loss_kind::soft_alignment, loss_kind::jitter, loss_kind::van_rossum,
                                      loss_kind::spike_count, loss_kind::first_spike_time};

void expect_slope(problem& p) {
  const auto error = p.error();
  double largest = 0.0;
  for (std::size_t i = 0; i < p.y.size(); ++i) {
    constexpr double h = 2e-5;
    const double at = p.y[i];
    const auto moved = [&](double by) {
      p.y[i] = at + by;
      return p.value();
    };
    const double slope = (8.0 * (moved(h) - moved(-h)) - moved(2.0 * h) + moved(-2.0 * h)) / (12.0 * h);
    p.y[i] = at;
    EXPECT_NEAR(error[i], slope, 2e-8 * std::max(1.0, std::fabs(error[i]))) << "entry " << i;
    EXPECT_TRUE(std::isfinite(error[i]));
    largest = std::max(largest, std::fabs(error[i]));
  }
  EXPECT_GT(largest, 1e-3);
}

class SpikeLoss : public testing::TestWithParam<loss_kind> {};

TEST_P(SpikeLoss, ErrorIsTheSlopeOfTheValueForAnyOutput) {
  problem p(GetParam());
  random_stream random(3, random_purpose::test, 5);
  for (double& y : p.y) {
    y = 0.3 * random.uniform();
  }
  expect_slope(p);
  p.weights.assign(steps, 1.0f);
  p.weights[11] = 0.0f;
  p.weights[40] = 0.5f;
  expect_slope(p);
}

TEST_P(SpikeLoss, SilenceHasAFiniteSlopeTowardsTheTarget) {
  problem p(GetParam());
  expect_slope(p);
  const auto error = p.error();
  EXPECT_LT(error[10 * outputs], 0.0) << "a spike at the first target lowers the loss";
  EXPECT_LT(error[25 * outputs + 1], 0.0);
}

TEST_P(SpikeLoss, AMatchIsBetterThanSilenceAndSpikesElsewhere) {
  problem silent(GetParam()), matched(GetParam()), astray(GetParam());
  matched.match();
  for (const std::size_t t : {16, 36, 56}) {
    astray.spike(t, 0);
  }
  astray.spike(31, 1);
  EXPECT_LT(matched.value(), silent.value());
  if (GetParam() != loss_kind::spike_count) {  // which does not ask when
    EXPECT_LT(matched.value(), astray.value());
  }
  if (GetParam() != loss_kind::jitter) {  // whose kernel has a width of its own
    EXPECT_NEAR(matched.value(), 0.0, 1e-12);
  }
}

TEST_P(SpikeLoss, ReadingInPiecesChangesNothing) {
  problem p(GetParam());
  p.match();
  p.spike(20, 2);
  for (const std::size_t piece : {1, 7, 59}) {
    EXPECT_EQ(p.value(piece), p.value());
  }
}

INSTANTIATE_TEST_SUITE_P(All, SpikeLoss, testing::ValuesIn(spike_losses));

TEST(SoftAlignment, ExtraAndMissingSpikesBothCostWhateverTheirNumber) {
  problem matched(loss_kind::soft_alignment), extra(matched), missing(matched);
  matched.match();
  extra.match();
  extra.spike(40, 2);
  missing.match();
  missing.y[30 * outputs] = 0.0;
  EXPECT_GT(extra.value(), 0.05);
  EXPECT_GT(missing.value(), 0.05);
  EXPECT_EQ(problem(loss_kind::soft_alignment).value(), 1.0);
}

TEST(SoftAlignment, IsTheInnerProductOfSmoothedTrains) {
  problem p(loss_kind::soft_alignment);
  p.spike(12, 0);
  p.spike(49, 0);
  p.spike(25, 1);
  const auto smoothed = [&](const auto& train) {  // on a grid ten times finer than a step, far beyond both ends
    std::vector<double> sums;
    for (std::size_t k = 0; k < outputs; ++k) {
      for (double x = -30.0; x < 90.0; x += 0.1) {
        double sum = 0.0;
        for (std::size_t t = 0; t < steps; ++t) {
          const double d = (x - static_cast<double>(t)) / 2.0;
          sum += static_cast<double>(train[t * outputs + k]) * std::exp(-0.5 * d * d);
        }
        sums.push_back(sum);
      }
    }
    return sums;
  };
  const auto o = smoothed(p.y), g = smoothed(p.target);
  double cross = 0.0, both = 0.0;
  for (std::size_t i = 0; i < o.size(); ++i) {
    cross += 2.0 * o[i] * g[i];
    both += o[i] * o[i] + g[i] * g[i];
  }
  EXPECT_NEAR(p.value(), 1.0 - cross / both, 2e-6);
}

TEST(VanRossum, KnowsTheDistancesOfItsPaper) {
  problem p(loss_kind::van_rossum);
  p.spec.tau = 200.0;  // a fine grid: discrete sums are the integrals
  p.target.assign(steps * outputs, 0.0f);
  p.spike(10, 0);
  EXPECT_NEAR(p.value() * outputs, 0.5, 0.01) << "one spike from none: 1/2";
  p.spec.tau = 0.5;  // far apart: both count in full
  p.target[40 * outputs] = 1.0f;
  const double one = 2.0 / (1.0 - std::exp(-4.0));  // of a spike at this coarse grid: dt / tau / (1 - alpha^2)
  EXPECT_NEAR(p.value() * outputs, 2.0 * one, 1e-9);
}

TEST(Jitter, IsOneInSilenceAndGrowsWithTheDistance) {
  problem p(loss_kind::jitter);
  EXPECT_NEAR(p.value(), 1.0, 1e-12);
  double before = 0.0;
  for (const std::size_t off : {0, 2, 4}) {
    problem near(loss_kind::jitter);
    for (const std::size_t t : {10, 30, 50}) {
      near.spike(t + off, 0);
    }
    near.spike(25 + off, 1);
    EXPECT_GT(near.value(), before);
    before = near.value();
  }
}

TEST(FirstSpike, TimeIsThatOfTheFirstSpikeAndSilenceCountsAsLate) {
  first_spike_times<double> first;
  first.begin(5, 2, 0.5, 3.0);
  first.read(2, 0, 1.0);
  first.read(4, 0, 1.0);
  first.finish();
  EXPECT_DOUBLE_EQ(first.time(0), 1.0);
  EXPECT_DOUBLE_EQ(first.time(1), 2.5 + 3.0);
  EXPECT_LT(first.slope(1, 0), 0.0);
  EXPECT_EQ(first.slope(3, 0), 0.0) << "after the first spike nothing matters";
}

class FirstSpikeReadout : public testing::TestWithParam<loss_kind> {};

TEST_P(FirstSpikeReadout, PredictsAndHasTheSlopeOfItsValue) {
  problem p(GetParam());
  p.spec.readout = readout_kind::first_spike;
  p.spec.count_true = 3.0;
  p.label = 1;
  p.spike(9, 2);
  p.spike(5, 1);
  p.spike(6, 1);
  sample_objective<double> objective;
  const auto loss = p.run(objective);
  EXPECT_EQ(loss.predicted, 1);
  EXPECT_EQ(loss.correct, 1u);
  expect_slope(p);
  p.y.assign(p.y.size(), 0.0);
  EXPECT_LT(p.error()[3 * outputs + 1], 0.0) << "in silence: towards firing of the label's output";
}

INSTANTIATE_TEST_SUITE_P(All, FirstSpikeReadout,
                         testing::Values(loss_kind::cross_entropy, loss_kind::class_spike_count));

TEST(Terms, AddUpWithTheirWeights) {
  problem first(loss_kind::soft_alignment), second(loss_kind::van_rossum), both(loss_kind::soft_alignment);
  first.spike(11, 0);
  second.y = both.y = first.y;
  both.spec.weight = 2.0;
  loss_spec term = second.spec;
  term.weight = 0.25;
  both.spec.terms = {term};
  EXPECT_NEAR(both.value(), 2.0 * first.value() + 0.25 * second.value(), 1e-12);
  const auto e = both.error(), e1 = first.error(), e2 = second.error();
  for (std::size_t i = 0; i < e.size(); ++i) {
    EXPECT_NEAR(e[i], 2.0 * e1[i] + 0.25 * e2[i], 1e-12);
  }
}

}  // namespace
}  // namespace backspike
