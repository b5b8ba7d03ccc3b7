// The raster to write as training, validation and test set: what it is made of, and how repeats are shared out.

#include <backspike/core/error.hpp>
#include <backspike/data/load.hpp>

#include "io/scratch.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>

namespace backspike {
namespace {

using testing::HasSubstr;

class LoadSpikePattern : public scratch {
 protected:
  LoadSpikePattern() {
    spec_.source = data_source::spike_pattern;
    task_.train_samples = 4;
    task_.validation_samples = 2;
    task_.test_samples = 3;
    task_.input_jitter = 1.0;
  }
  double target_spikes() const {
    const auto split = load_data(spec_, 1);
    const auto wanted = split.test.target(0).values;
    return std::accumulate(wanted.begin(), wanted.end(), 0.0);
  }

  data_spec spec_;
  spike_pattern_spec& task_ = spec_.spike_pattern;
};

TEST_F(LoadSpikePattern, MakesRepeatsOfOneTargetAndNoneTwice) {
  const auto split = load_data(spec_, 1);
  EXPECT_EQ(split.train.size(), 4u);
  EXPECT_EQ(split.validation.size(), 2u);
  EXPECT_EQ(split.test.size(), 3u);
  std::vector<std::vector<std::uint64_t>> all;  // when how many spikes come tells repeats apart
  for (const auto* part : {&split.train, &split.validation, &split.test}) {
    part->validate();
    for (std::uint32_t s = 0; s < part->size(); ++s) {
      EXPECT_TRUE(std::ranges::equal(part->target(s).values, split.train.target(0).values));
      const auto first = part->inputs.sample_rows[s];
      auto& counts = all.emplace_back();
      for (std::size_t t = 0; t < part->inputs.length(s); ++t) {
        counts.push_back(part->inputs.spikes.row(first + t).channels.size());
      }
    }
  }
  std::ranges::sort(all);
  EXPECT_EQ(std::ranges::adjacent_find(all), all.end());
}

TEST_F(LoadSpikePattern, WritesTextsAndDrawsPictures) {
  EXPECT_EQ(target_spikes(), 250.0);
  task_.text = "SPIKE 1";
  const double text = target_spikes();
  EXPECT_GT(text, 300.0);
  task_.text.clear();
  task_.picture = at("drawn.pbm");
  put(task_.picture, "P1 2 1 10");
  EXPECT_EQ(target_spikes(), 50.0 * 24.0) << "the first half is black for all neurons";
}

TEST_F(LoadSpikePattern, RefusesTwoTargetsAndBadFiles) {
  task_.text = "A";
  task_.picture = at("none.pgm");
  EXPECT_THAT(message_of<value_error>([&] { load_data(spec_, 1); }), HasSubstr("accepted: one of them"));
  task_.text.clear();
  EXPECT_THAT(message_of<file_error>([&] { load_data(spec_, 1); }), HasSubstr("none.pgm"));
  put(task_.picture, "P2 2 2 4 1 1");
  EXPECT_THAT(message_of<format_error>([&] { load_data(spec_, 1); }), HasSubstr("truncated"));
}

TEST_F(LoadSpikePattern, KeepsTheFirstSamplesUnderALimit) {
  spec_.limit = 2;
  const auto split = load_data(spec_, 1);
  EXPECT_EQ(split.train.size(), 2u);
  EXPECT_EQ(split.validation.size(), 2u);
  EXPECT_EQ(split.test.size(), 2u);
}

TEST_F(LoadSpikePattern, RefusesAnEmptySetAndOneThatDoesNotFit) {
  task_.test_samples = 0;
  EXPECT_THAT(message_of<value_error>([&] { load_data(spec_, 1); }), HasSubstr("test_samples = 0"));
  task_.test_samples = 1;
  task_.train_samples = 16777216;
  task_.steps = 1000000;
  EXPECT_THROW(load_data(spec_, 1), resource_error);
}

}  // namespace
}  // namespace backspike
