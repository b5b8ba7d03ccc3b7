// Random manifolds: one spike of every channel, the same samples for a seed, and manifolds as smooth as asked for.

#include "data/tasks/random_manifolds.hpp"

#include "data/refusal.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

namespace backspike {
namespace {

using testing::HasSubstr;

random_manifolds_spec small() {
  random_manifolds_spec spec;
  spec.classes = 3;
  spec.channels = 20;
  spec.dimensions = 1;
  return spec;
}

/// The step in which each channel spikes; fails unless each spikes once.
std::vector<std::uint32_t> steps_of(const dataset& d, std::uint32_t sample) {
  std::vector<std::uint32_t> steps(d.channels, 0), count(d.channels, 0);
  for (std::size_t t = 0; t < d.inputs.length(sample); ++t) {
    for (const std::uint32_t c : d.inputs.spikes.row(d.inputs.sample_rows[sample] + t).channels) {
      steps[c] = static_cast<std::uint32_t>(t);
      ++count[c];
    }
  }
  EXPECT_THAT(count, testing::Each(1u)) << "sample " << sample;
  return steps;
}

TEST(RandomManifolds, EveryChannelSpikesOnceASample) {
  const auto spec = small();
  const auto d = random_manifolds(spec, 1).make(0, 30);
  d.validate();
  EXPECT_EQ(d.channels, 20u);
  EXPECT_EQ(d.classes(), 3u);
  std::set<std::uint32_t> seen;
  for (std::uint32_t s = 0; s < 30; ++s) {
    EXPECT_EQ(d.inputs.length(s), 100u);
    EXPECT_EQ(d.labels[s], static_cast<std::int32_t>(s % 3));
    const auto steps = steps_of(d, s);
    seen.insert(steps.begin(), steps.end());
  }
  EXPECT_GT(seen.size(), 80u) << "times over the whole sample";
}

TEST(RandomManifolds, ASampleDependsOnItsNumberAndTheSeedAlone) {
  const auto spec = small();
  const auto all = random_manifolds(spec, 5).make(0, 12), later = random_manifolds(spec, 5).make(7, 2);
  EXPECT_EQ(steps_of(later, 0), steps_of(all, 7));
  EXPECT_EQ(steps_of(later, 1), steps_of(all, 8));
  EXPECT_EQ(later.labels[0], all.labels[7]);
  EXPECT_NE(steps_of(random_manifolds(spec, 6).make(7, 1), 0), steps_of(all, 7));
}

TEST(RandomManifolds, OneWaveIsASineBetweenItsEnds) {
  auto spec = small();
  spec.cutoff = 1;  // f = A sin(2 pi (B x + C)): monotonous up and down, at most one turn of less than a period
  spec.channels = 1;
  const random_manifold manifold(spec, 3, 0);
  int turns = 0;
  double least = 1.0, most = 0.0;
  for (int k = 2; k <= 200; ++k) {
    const double a = manifold.time(0, {0.005 * (k - 2)}), b = manifold.time(0, {0.005 * (k - 1)}),
                 c = manifold.time(0, {0.005 * k});
    turns += (b - a) * (c - b) < 0.0 ? 1 : 0;
    least = std::min(least, b);
    most = std::max(most, b);
  }
  EXPECT_LE(turns, 2);
  EXPECT_LT(least, 0.02);
  EXPECT_GT(most, 0.98);
}

/// How far a spike moves, on average, as a share of the sample, when a point moves by 0.01.
double movement(double alpha, std::uint64_t seed) {
  auto spec = small();
  spec.alpha = alpha;
  const random_manifold manifold(spec, seed, 0);
  double sum = 0.0;
  for (std::uint32_t c = 0; c < spec.channels; ++c) {
    for (int k = 0; k < 50; ++k) {
      sum += std::fabs(manifold.time(c, {0.01 + 0.018 * k}) - manifold.time(c, {0.018 * k}));
    }
  }
  return sum / (50.0 * spec.channels);
}

TEST(RandomManifolds, ALargerAlphaBringsNeighboursNearer) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const double rough = movement(0.0, seed), usual = movement(1.0, seed), smooth = movement(4.0, seed);
    EXPECT_LT(smooth, 0.6 * usual) << seed;
    EXPECT_LT(usual, 0.6 * rough) << seed;
    EXPECT_LT(smooth, 0.02) << seed;
    EXPECT_GT(smooth, 0.001) << seed;
  }
}

TEST(RandomManifolds, TakesTheMemoryThatItAnnounces) {
  const auto spec = small();
  const auto used = static_cast<double>(bytes_of(random_manifolds(spec, 1).make(0, 50)));
  EXPECT_NEAR(50.0 * spec.steps * random_manifolds::step_bytes(spec), used, 0.03 * used);
}

TEST(RandomManifolds, RefusesSettingsThatMakeNoSense) {
  const auto refused = [](auto member, auto value) {
    auto spec = small();
    spec.*member = value;
    return refusal_of([&] { random_manifolds(spec, 1); });
  };
  using s = random_manifolds_spec;
  EXPECT_THAT(refused(&s::steps, 0u), HasSubstr("data.random_manifolds.steps = 0"));
  EXPECT_THAT(refused(&s::classes, 1u), HasSubstr("accepted: at least 2"));
  EXPECT_THAT(refused(&s::channels, 0u), HasSubstr("channels"));
  EXPECT_THAT(refused(&s::dimensions, 0u), HasSubstr("dimensions"));
  EXPECT_THAT(refused(&s::cutoff, 0u), HasSubstr("cutoff"));
  EXPECT_THAT(refused(&s::alpha, -1.0), HasSubstr("alpha = -1"));
  EXPECT_THAT(refused(&s::alpha, std::nan("")), HasSubstr("alpha"));
  auto large = small();
  large.classes = large.channels = 65536;
  large.cutoff = 100000;
  EXPECT_THROW(random_manifolds(large, 1), resource_error);
}

}  // namespace
}  // namespace backspike
