// Rasters from chance, pictures and letters; the noise of samples has the size that is asked for.

#include <backspike/core/error.hpp>
#include <backspike/data/tasks/spike_pattern.hpp>

#include "data/refusal.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace backspike {
namespace {

using testing::HasSubstr;

/// The steps in which a neuron is to spike.
std::vector<std::size_t> times_of(const std::vector<float>& raster, std::size_t outputs, std::size_t neuron) {
  std::vector<std::size_t> times;
  for (std::size_t t = 0; t * outputs < raster.size(); ++t) {
    if (raster[t * outputs + neuron] == 1.0F) {
      times.push_back(t);
    }
  }
  return times;
}

/// Spikes of a sample: step * channels + channel.
std::vector<std::size_t> spikes_of(const dataset& d, std::size_t sample) {
  std::vector<std::size_t> found;
  for (std::size_t t = 0; t < d.inputs.length(sample); ++t) {
    for (const auto c : d.inputs.spikes.row(d.inputs.sample_rows[sample] + t).channels) {
      found.push_back(t * d.channels + c);
    }
  }
  return found;
}

TEST(RandomRaster, HasTheSpikesThatAreAskedForWithTheirDistance) {
  spike_pattern_spec spec;
  spec.spikes = 253;
  const auto raster = random_raster(spec, 1);
  ASSERT_EQ(raster.size(), 500u * 50u);
  std::size_t all = 0, nearest = 500, latest = 0;
  for (std::size_t n = 0; n < spec.outputs; ++n) {
    const auto times = times_of(raster, spec.outputs, n);
    EXPECT_EQ(times.size(), n < 3 ? 6u : 5u);
    all += times.size();
    EXPECT_GE(times.front(), spec.onset);
    latest = std::max(latest, times.back());
    for (std::size_t i = 1; i < times.size(); ++i) {
      nearest = std::min(nearest, times[i] - times[i - 1]);
    }
  }
  EXPECT_EQ(all, 253u);
  EXPECT_GE(nearest, spec.distance);
  EXPECT_LE(nearest, spec.distance + 3) << "200 intervals: some are as short as they may be";
  EXPECT_GT(latest, 490u);
  EXPECT_EQ(raster, random_raster(spec, 1));
  EXPECT_NE(raster, random_raster(spec, 2));
}

TEST(RandomRaster, FillsARasterThatHasRoomForNothingElse) {
  spike_pattern_spec spec;
  spec.steps = 41;
  spec.onset = 10;
  spec.outputs = 2;
  spec.spikes = 8;
  EXPECT_EQ(times_of(random_raster(spec, 1), 2, 0), (std::vector<std::size_t>{10, 20, 30, 40}));
}

picture two_rows() { return {2, 2, {1.0F, 0.0F, 0.5F, 0.5F}}; }

TEST(PictureRaster, SpikesInProportionToTheDarkness) {
  spike_pattern_spec spec;
  spec.steps = 220;
  spec.outputs = 2;
  const auto raster = raster_of(two_rows(), spec);
  const auto top = times_of(raster, 2, 1), bottom = times_of(raster, 2, 0);
  ASSERT_EQ(top.size(), 10u) << "100 black steps";
  ASSERT_EQ(bottom.size(), 10u) << "200 grey ones";
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(top[i], 20 + 4 + 10 * i);
    EXPECT_EQ(bottom[i], 20 + 9 + 20 * i);
  }
}

TEST(PictureRaster, SharesRowsAndColumnsAmongNeuronsAndSteps) {
  spike_pattern_spec spec;
  spec.outputs = 6;  // three for each row
  const auto fine = raster_of(two_rows(), spec);
  EXPECT_EQ(times_of(fine, 6, 3), times_of(fine, 6, 5));
  EXPECT_EQ(times_of(fine, 6, 0), times_of(fine, 6, 2));
  EXPECT_NE(times_of(fine, 6, 2), times_of(fine, 6, 3));
  spec.outputs = 1;  // the mean of both
  EXPECT_EQ(times_of(raster_of(two_rows(), spec), 1, 0).size(), 24u)
      << "240 steps of 3/4 and 240 of 1/4, 10 to a spike";
}

TEST(PictureRaster, RefusesAWhiteOne) {
  EXPECT_THAT(refusal_of([] { raster_of({1, 1, {0.0F}}, {}); }), HasSubstr("data.spike_pattern.picture = so bright"));
}

TEST(Text, IsDrawnInDots) {
  const auto drawn = draw_text("iL");
  ASSERT_EQ(drawn.width, 13u);
  ASSERT_EQ(drawn.height, 9u);
  std::string dots;
  for (std::size_t r = 0; r < drawn.height; ++r) {
    for (std::size_t c = 0; c < drawn.width; ++c) {
      dots += drawn.at(r, c) > 0.0F ? '#' : '.';
    }
    dots += '\n';
  }
  EXPECT_EQ(dots,
            ".............\n"
            "..###..#.....\n"
            "...#...#.....\n"
            "...#...#.....\n"
            "...#...#.....\n"
            "...#...#.....\n"
            "...#...#.....\n"
            "..###..#####.\n"
            ".............\n");
}

TEST(Text, RefusesWhatItCannotDraw) {
  EXPECT_THAT(refusal_of([] { draw_text("A-B"); }), HasSubstr("character - = A-B (accepted: letters A to Z"));
  EXPECT_THAT(refusal_of([] { draw_text("  "); }), HasSubstr("text = \"  \" (accepted: at least one letter"));
}

TEST(SpikePattern, RepeatsWithoutNoiseAreTheSame) {
  const spike_pattern_spec spec;
  const auto raster = random_raster(spec, 1);
  const auto data = make_spike_pattern(spec, raster, 1, 5, 3);
  data.validate();
  EXPECT_EQ(data.size(), 3u);
  EXPECT_EQ(data.outputs(), 50u);
  EXPECT_EQ(spikes_of(data, 0), spikes_of(data, 2));
  EXPECT_NEAR(static_cast<double>(spikes_of(data, 0).size()), 2000.0, 150.0) << "200 neurons, 20 Hz, 0.5 s";
  for (std::size_t s = 0; s < 3; ++s) {
    const auto wanted = data.target(static_cast<std::uint32_t>(s)).values;
    EXPECT_TRUE(std::equal(raster.begin(), raster.end(), wanted.begin(), wanted.end()));
  }
  EXPECT_NE(spikes_of(make_spike_pattern(spec, raster, 2, 5, 1), 0), spikes_of(data, 0));
}

TEST(SpikePattern, NoiseIsOfTheSizeThatIsAskedFor) {
  spike_pattern_spec spec;
  spec.steps = 5000;
  const auto raster = random_raster(spec, 1);
  const auto count = [&] {
    return static_cast<double>(spikes_of(make_spike_pattern(spec, raster, 1, 0, 1), 0).size());
  };
  const double frozen = count();
  spec.deletion = 0.25;
  EXPECT_NEAR(count() / frozen, 0.75, 0.02);
  spec.deletion = 1.0;
  EXPECT_EQ(count(), 0.0);
  spec.extra_rate = 10.0;
  EXPECT_NEAR(count() / frozen, 0.5, 0.03);
}

/// Channels with one spike before and one after show how far it moved.
TEST(SpikePattern, MovesSpikesByTheJitter) {
  spike_pattern_spec spec;
  spec.inputs = 500;
  spec.rate = 2.0;  // rarely twice in one step after they moved
  const auto raster = random_raster(spec, 1);
  const auto frozen = make_spike_pattern(spec, raster, 1, 0, 1);
  spec.input_jitter = 3.0;
  const auto moved = make_spike_pattern(spec, raster, 1, 0, 1), other = make_spike_pattern(spec, raster, 1, 1, 1);
  EXPECT_NE(spikes_of(moved, 0), spikes_of(other, 0));
  double squares = 0.0, counted = 0.0;
  std::vector<std::vector<double>> before(spec.inputs), after(spec.inputs);
  const auto sort_into = [&](const dataset& d, std::vector<std::vector<double>>& times) {
    for (const auto k : spikes_of(d, 0)) {
      const std::size_t step = k / spec.inputs;
      times[k % spec.inputs].push_back(static_cast<double>(step));
    }
  };
  sort_into(frozen, before);
  sort_into(moved, after);
  for (std::size_t c = 0; c < spec.inputs; ++c) {
    if (before[c].size() == 1 && after[c].size() == 1) {  // no doubt which spike it was
      squares += std::pow(after[c][0] - before[c][0], 2.0);
      ++counted;
    }
  }
  ASSERT_GT(counted, 100.0);
  EXPECT_NEAR(std::sqrt(squares / counted), 3.0, 0.5);
}

TEST(SpikePattern, SampleDoesNotDependOnHowManyThereAre) {
  spike_pattern_spec spec;
  spec.input_jitter = 1.0;
  spec.deletion = 0.1;
  spec.extra_rate = 5.0;
  const auto raster = random_raster(spec, 1);
  EXPECT_EQ(spikes_of(make_spike_pattern(spec, raster, 1, 0, 4), 3),
            spikes_of(make_spike_pattern(spec, raster, 1, 3, 1), 0));
}

TEST(SpikePattern, RefusesSettingsWithTheirValues) {
  const auto refused = [](const std::function<void(spike_pattern_spec&)>& change) {
    spike_pattern_spec spec;
    change(spec);
    return refusal_of([&] { random_raster(spec, 1); });
  };
  EXPECT_THAT(refused([](auto& s) { s.steps = 0; }), HasSubstr("data.spike_pattern.steps = 0"));
  EXPECT_THAT(refused([](auto& s) { s.inputs = 0; }), HasSubstr("data.spike_pattern.inputs = 0"));
  EXPECT_THAT(refused([](auto& s) { s.outputs = 0; }), HasSubstr("data.spike_pattern.outputs = 0"));
  EXPECT_THAT(refused([](auto& s) { s.distance = 0; }), HasSubstr("data.spike_pattern.distance = 0"));
  EXPECT_THAT(refused([](auto& s) { s.spikes = 0; }), HasSubstr("data.spike_pattern.spikes = 0"));
  EXPECT_THAT(refused([](auto& s) { s.onset = 500; }), HasSubstr("onset = 500 (accepted: fewer than the 500 steps"));
  EXPECT_THAT(refused([](auto& s) { s.spikes = 50 * 49; }),
              HasSubstr("spikes = 2450 (accepted: fewer: 49 of a neuron have no room in 480 steps, 10 apart"));
  EXPECT_THAT(refused([](auto& s) { s.input_jitter = -1.0; }), HasSubstr("input_jitter = -1"));
  EXPECT_THAT(refused([](auto& s) { s.input_jitter = std::nan(""); }), HasSubstr("input_jitter = nan"));
  EXPECT_THAT(refused([](auto& s) { s.deletion = 1.5; }), HasSubstr("deletion = 1.5"));
  EXPECT_THAT(refused([](auto& s) { s.rate = 1001.0; }), HasSubstr("data.spike_pattern.rate = 1001"));
  EXPECT_THAT(refused([](auto& s) { s.extra_rate = -1.0; }), HasSubstr("data.spike_pattern.extra_rate = -1"));
}

}  // namespace
}  // namespace backspike
