// Samples as training, validation and test set: the test set is the one that is marked or apart, the rest is shared.

#include "data/split_data.hpp"

#include "data/refusal.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace backspike {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

/// Sample s spikes on channel s, and is of the class s % 3 and of the speaker s % 2.
dataset numbered(std::uint32_t samples, bool labelled = true) {
  dataset d;
  d.name = "numbers";
  d.channels = samples;
  d.class_names = {"a", "b", "c"};
  d.speaker_names = {"ann", "bob", "cid"};
  for (std::uint32_t s = 0; s < samples; ++s) {
    d.inputs.spikes.channels.push_back(s);
    d.inputs.spikes.end_row();
    d.inputs.end_sample();
    d.speakers.push_back(static_cast<std::int32_t>(s % 2));
    if (labelled) {
      d.labels.push_back(static_cast<std::int32_t>(s % 3));
    }
  }
  return d;
}

/// The samples' numbers.
std::vector<std::uint32_t> of(const dataset& d) { return d.inputs.spikes.channels; }

data_spec share(double validation, std::uint32_t limit = 0) {
  data_spec spec;
  spec.validation = validation;
  spec.limit = limit;
  return spec;
}

TEST(SplitData, MarkedSamplesAreTheTestSetAndTheOthersAreShared) {
  const auto all = numbered(30);
  std::vector<bool> marks(30);
  marks[2] = marks[3] = marks[28] = true;
  const auto split = split_marked(all, marks, share(0.25), 1);
  EXPECT_THAT(of(split.test), ElementsAre(2, 3, 28));
  EXPECT_EQ(split.validation.size(), 7u);  // a quarter of 27
  std::vector<int> seen(30, 0);
  for (const auto* part : {&split.train, &split.validation, &split.test}) {
    for (std::size_t k = 0; k < part->size(); ++k) {
      ++seen[of(*part)[k]];
      EXPECT_EQ(part->labels[k], static_cast<std::int32_t>(of(*part)[k] % 3));
    }
  }
  EXPECT_THAT(seen, Each(1));
  EXPECT_EQ(of(split_marked(all, marks, share(0.25), 1).validation), of(split.validation));
  EXPECT_NE(of(split_marked(all, marks, share(0.25), 2).validation), of(split.validation));
}

TEST(SplitData, ATestSetApartIsSplitAsOneThatIsMarkedAtTheEnd) {
  const auto all = numbered(30), training = numbered(24);
  std::vector<bool> marks(30);
  std::vector<std::uint32_t> last;
  for (std::uint32_t s = 24; s < 30; ++s) {
    marks[s] = true;
    last.push_back(s);
  }
  const auto marked = split_marked(all, marks, share(0.25, 6), 3);
  const auto apart = split_apart(training, subset(all, last), share(0.25, 6), 3);
  EXPECT_EQ(of(apart.train), of(marked.train));
  EXPECT_EQ(of(apart.validation), of(marked.validation));
  EXPECT_EQ(of(apart.test), of(marked.test));
  EXPECT_EQ(apart.train.size(), 6u);
}

TEST(SplitData, SamplesWithoutLabelsAreDrawnAlikeAndALimitKeepsTheFirst) {
  const auto training = numbered(24, false), test = numbered(5, false);
  const auto split = split_apart(training, test, share(0.5, 4), 1);
  EXPECT_EQ(split.validation.size(), 4u);
  EXPECT_THAT(of(split.test), ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(split.train.size(), 4u);
}

TEST(SplitData, AClassNeedsASampleForTraining) {
  const auto all = numbered(9);
  std::vector<bool> marks(9);
  marks[1] = marks[4] = marks[7] = true;
  EXPECT_THAT(refusal_of([&] { split_marked(all, marks, share(0.0), 1); }),
              AllOf(HasSubstr("numbers"), HasSubstr("class b")));
}

TEST(SplitData, SamplesOfASpeaker) {
  const auto all = numbered(4);
  EXPECT_THAT(samples_of("bob", all), ElementsAre(false, true, false, true));
  EXPECT_THAT(refusal_of([&] { samples_of("zoe", all); }), HasSubstr("accepted: ann, bob, cid"));
  EXPECT_THAT(refusal_of([&] { samples_of("cid", all); }), HasSubstr("a speaker who has samples"));
}

}  // namespace
}  // namespace backspike
