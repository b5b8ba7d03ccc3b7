// Several targets of one data set, by name: which are found, checked, kept by subsets, and classes made from classes.

#include <backspike/data/classes.hpp>
#include <backspike/data/digest.hpp>
#include <backspike/data/first_steps.hpp>

#include "data/append.hpp"
#include "data/refusal.hpp"

#include <gmock/gmock.h>

namespace backspike {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Three samples of 2, 1 and 2 steps with labels of their own, and values for each step as "angle".
dataset two_targets() {
  dataset data;
  data.name = "toy";
  data.channels = 2;
  for (const int steps : {2, 1, 2}) {
    for (int t = 0; t < steps; ++t) {
      data.inputs.spikes.channels.push_back(static_cast<std::uint32_t>(t));
      data.inputs.spikes.end_row();
    }
    data.inputs.end_sample();
  }
  data.labels = {0, 2, 1};
  data.class_names = {"shirt", "shoe", "coat"};
  named_targets& angle = data.further.emplace_back();
  angle.name = "angle";
  angle.target_width = 1;
  angle.step_targets = {0.1f, 0.2f, 0.3f, 0.4f, 0.5f};
  return data;
}

TEST(NamedTargets, AreFoundByTheirName) {
  const dataset data = two_targets();
  EXPECT_EQ(&data.targets(""), &data);
  EXPECT_EQ(data.targets("angle").outputs(), 1u);
  EXPECT_THAT(data.target(2, data.targets("angle")).values, ElementsAre(0.4f, 0.5f));
  EXPECT_EQ(data.target(2, data.targets("angle")).label, -1);
  EXPECT_THAT(refusal_of([&] { data.targets("angel"); }),
              AllOf(HasSubstr("target = angel"), HasSubstr("angle"), HasSubstr("or none, for their own")));
}

TEST(NamedTargets, SubsetsAndAppendedSamplesHaveThem) {
  const dataset data = two_targets();
  const std::uint32_t picked[] = {2, 0};
  dataset part = subset(data, picked);
  EXPECT_THAT(part.targets("angle").step_targets, ElementsAre(0.4f, 0.5f, 0.1f, 0.2f));
  append_samples(part, data);
  EXPECT_EQ(part.size(), 5u);
  EXPECT_EQ(part.targets("angle").step_targets.size(), 9u);
  EXPECT_NO_THROW(part.validate());
}

TEST(NamedTargets, AreCutWithTheirSamples) {
  const std::uint32_t picked[] = {0, 2};
  EXPECT_THAT(first_steps(two_targets(), picked, 1).targets("angle").step_targets, ElementsAre(0.1f, 0.4f));
}

TEST(NamedTargets, AreCheckedAsTheDatasOwn) {
  const auto refused = [](const auto& spoil) {
    dataset data = two_targets();
    spoil(data.further.front());
    return refusal_of([&] { data.validate(); });
  };
  EXPECT_NO_THROW(two_targets().validate());
  EXPECT_THAT(refused([](named_targets& t) { t.step_targets[3] = 1e30f; }),
              AllOf(HasSubstr("target angle"), HasSubstr("step 0 of sample 2")));
  EXPECT_THAT(refused([](named_targets& t) {
                t.labels = {0, 3, 0};
                t.class_names = {"a"};
              }),
              AllOf(HasSubstr("target angle"), HasSubstr("label of sample 1")));
  EXPECT_THAT(refused([](named_targets& t) { t.name.clear(); }), HasSubstr("name of further targets 0"));
}

TEST(NamedTargets, AreInTheDigestAndOthersLeaveItAsItWas) {
  dataset data = two_targets();
  const auto with = digest_of(data);
  data.further.front().step_targets[0] = 0.5f;
  EXPECT_NE(digest_of(data), with);
  data.further.clear();
  EXPECT_NE(digest_of(data), with);
}

TEST(MappedClasses, PutEveryClassIntoAnother) {
  const dataset data = two_targets();
  const std::uint32_t from[] = {0, 1, 0};
  const std::vector<std::string> names{"top", "shoe"};
  const named_targets kind = mapped_classes(data, from, names, "kind", "here");
  EXPECT_EQ(kind.name, "kind");
  EXPECT_THAT(kind.labels, ElementsAre(0, 0, 1));
  EXPECT_THAT(kind.class_names, ElementsAre("top", "shoe"));
  EXPECT_THAT(mapped_classes(data, from, {}, "kind", "here").class_names, ElementsAre("0", "1"));
}

TEST(MappedClasses, RefuseWhatDoesNotFit) {
  const dataset data = two_targets();
  const auto refused = [&](const std::vector<std::uint32_t>& from, const std::vector<std::string>& names) {
    return refusal_of([&] { mapped_classes(data, from, names, "kind", "here"); });
  };
  EXPECT_THAT(refused({0, 1}, {}), AllOf(HasSubstr("here: classes_from = 2 numbers"), HasSubstr("3, one for each"),
                                         HasSubstr("shirt, shoe, coat")));
  EXPECT_THAT(refused({0, 2, 0}, {}), HasSubstr("no class of the data becomes 1"));
  EXPECT_THAT(refused({0, 1, 0}, {"top"}), HasSubstr("class_names = 1 names"));
}

}  // namespace
}  // namespace backspike
