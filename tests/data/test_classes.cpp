// From labels to classes, and how the classes of two sources meet.

#include <backspike/core/error.hpp>
#include <backspike/data/classes.hpp>

#include "data/refusal.hpp"

#include <gmock/gmock.h>

#include <chrono>

namespace backspike {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using names = std::vector<std::string>;

/// A sample of one step for each label.
dataset labelled(std::vector<std::int32_t> labels, names classes) {
  dataset d;
  d.channels = 1;
  for (std::size_t s = 0; s < labels.size(); ++s) {
    d.inputs.spikes.end_row();
    d.inputs.end_sample();
  }
  d.labels = std::move(labels);
  d.class_names = std::move(classes);
  return d;
}

TEST(Classes, DifferentValuesInAscendingOrder) {
  const std::vector<std::int64_t> holes{5, 1, 2, 5}, signs{1, -1, 1}, none;
  EXPECT_THAT(classes_of(holes).labels, ElementsAre(2, 0, 1, 2));
  EXPECT_THAT(classes_of(holes).names, ElementsAre("1", "2", "5"));
  EXPECT_THAT(classes_of(signs).labels, ElementsAre(1, 0, 1));
  EXPECT_THAT(classes_of(signs).names, ElementsAre("-1", "1"));
  EXPECT_THAT(step_classes_of(signs).labels, ElementsAre(0, -1, 0));
  EXPECT_THAT(step_classes_of(signs).names, ElementsAre("1"));
  EXPECT_THAT(classes_of(none).names, IsEmpty());
  const std::vector<std::int64_t> numeric{10, 9};
  EXPECT_THAT(classes_of(numeric).names, ElementsAre("9", "10")) << "by value, not as texts";
}

TEST(Classes, NumbersAreWholeAndCanonical) {
  EXPECT_TRUE(are_numbers(names{"-3", "0", "12"}));
  for (const char* name : {"01", "1.5", "cat", "", "+1", " 1", "9999999999999999999999"}) {
    EXPECT_FALSE(are_numbers(names{"1", name})) << name;
  }
}

TEST(Classes, ASubsetIsToldByTheNetworksNames) {
  auto d = labelled({0, 1, 1}, {"2", "5"});
  d.step_labels = {1, -1, 0};
  adopt_classes(d, names{"1", "2", "5"}, "network");
  EXPECT_THAT(d.labels, ElementsAre(1, 2, 2));
  EXPECT_THAT(d.step_labels, ElementsAre(2, -1, 1));
  EXPECT_THAT(d.class_names, ElementsAre("1", "2", "5"));
}

TEST(Classes, ManyNamesOfANetworkThatHasNumbersTakeNoTime) {
  constexpr std::size_t count = 65536;
  names own;
  for (std::size_t k = 0; k < count; ++k) {
    own.push_back("class " + std::to_string(k));
  }
  auto d = labelled({7, count - 1}, own);
  const auto start = std::chrono::steady_clock::now();
  adopt_classes(d, numbered_classes(count), "network");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20)) << "minutes, if each looks at all";
  EXPECT_THAT(d.labels, ElementsAre(7, count - 1));
}

TEST(Classes, UnknownLabelsAreNamedAndUnusedOnesAreNot) {
  auto d = labelled({0, 1}, {"2", "7"});
  EXPECT_THAT(refusal_of([&] {
                adopt_classes(d, names{"1", "2", "5"}, "read x.h5");
              }),
              AllOf(HasSubstr("read x.h5: label of sample 1 = 7"), HasSubstr("1, 2, 5")));
  EXPECT_THAT(d.class_names, ElementsAre("2", "7")) << "a refusal changes nothing";
  d.labels = {0, 0};
  adopt_classes(d, names{"1", "2", "5"}, "network");
  EXPECT_THAT(d.labels, ElementsAre(1, 1));
  auto steps = labelled({}, {"2", "7"});
  steps.inputs = labelled({0}, {"2"}).inputs;
  steps.step_labels = {1};
  EXPECT_THAT(refusal_of([&] {
                adopt_classes(steps, names{"1", "2"}, "network");
              }),
              HasSubstr("label of step 0 of sample 0 = 7"));
}

TEST(Classes, NamesAndPlainNumbersMeetByPlace) {
  auto numbers = labelled({0, 1}, {"0", "2"});
  adopt_classes(numbers, names{"cat", "dog", "eel"}, "network");
  EXPECT_THAT(numbers.labels, ElementsAre(0, 2));
  auto named = labelled({1, 0}, {"cat", "dog"});
  adopt_classes(named, names{"0", "1", "2"}, "network");
  EXPECT_THAT(named.labels, ElementsAre(1, 0));
  EXPECT_THAT(named.class_names, ElementsAre("0", "1", "2"));
  auto other = labelled({0}, {"cat"});
  EXPECT_THAT(refusal_of([&] {
                adopt_classes(other, names{"1", "2", "5"}, "network");
              }),
              HasSubstr("= cat"))
      << "the numbers 1, 2, 5 are no places";
  auto swapped = labelled({0, 1}, {"dog", "cat"});
  adopt_classes(swapped, names{"cat", "dog"}, "network");
  EXPECT_THAT(swapped.labels, ElementsAre(1, 0));
}

TEST(Classes, ANetworkWithoutNames) {
  auto fits = labelled({0, 1}, {"-1", "1"});
  spread_classes(fits, 2, "network");
  EXPECT_THAT(fits.class_names, ElementsAre("-1", "1"));
  auto some = labelled({0, 1}, {"0", "2"});
  spread_classes(some, 3, "network");
  EXPECT_THAT(some.labels, ElementsAre(0, 2));
  EXPECT_THAT(some.class_names, ElementsAre("0", "1", "2"));
  auto far = labelled({0, 1}, {"1", "7"});
  EXPECT_THAT(refusal_of([&] { spread_classes(far, 3, "network"); }), AllOf(HasSubstr("2: 1, 7"), HasSubstr("0 to 2")));
  auto many = labelled({0, 1}, {"1", "7"});
  EXPECT_THAT(refusal_of([&] { spread_classes(many, 1, "network"); }), HasSubstr("accepted: 1 of them"));
  auto named = labelled({0, 1}, {"cat", "dog"});
  spread_classes(named, 3, "network");
  EXPECT_THAT(named.class_names, ElementsAre("cat", "dog", "2"));
}

TEST(Classes, TwoFilesTogether) {
  EXPECT_THAT(common_classes(names{"1", "10"}, names{"2", "10"}, "load"), ElementsAre("1", "2", "10"));
  EXPECT_THAT(common_classes(names{"no"}, names{"no", "yes"}, "load"), ElementsAre("no", "yes"));
  EXPECT_THAT(refusal_of([&] {
                common_classes(names{"no", "yes"}, names{"no", "maybe"}, "load");
              }),
              HasSubstr("name of class 1"));
}

TEST(Classes, LongListsAreShortened) {
  EXPECT_EQ(listed_classes(names{"a", "b"}), "a, b");
  const auto text = listed_classes(numbered_classes(1000));
  EXPECT_THAT(text, AllOf(HasSubstr("0, 1, 2"), HasSubstr("1000 in all, the last is 999")));
  EXPECT_LT(text.size(), 100u);
}

}  // namespace
}  // namespace backspike
