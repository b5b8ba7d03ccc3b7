// Outputs of an experiment: what an [[objective.output]] says and what it takes from [objective], the way back to text,
// overrides, terms, and what is refused with the line that says it.

#include <backspike/core/error.hpp>
#include <backspike/experiment/experiment.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace backspike {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Lines: the layers 1, 4 and 7, [objective] 11, the outputs 15 and 17, the term 23.
const std::string two = R"([[network.layer]]
name = "body"
size = 12
[[network.layer]]
name = "article"
cell = "leaky_integrator"
[[network.layer]]
name = "kind"
cell = "leaky_integrator"
from = ["body"]
[objective]
loss = "cross_entropy"
readout = "max"
rate_penalty = 0.25
[[objective.output]]
from = "article"
[[objective.output]]
from = "kind"
name = "sort"
classes_from = [0, 1, 0]
class_names = ["top", "shoe"]
weight = 0.5
[[objective.term]]
loss = "class_spike_count"
output = "sort"
)";

experiment parse(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return parse_experiment(text, "e.toml", overrides);
}

TEST(ConfigOutputs, TakeFromTheObjectiveWhatTheyDoNotSay) {
  const experiment e = parse(two);
  ASSERT_EQ(e.network.outputs.size(), 2u);
  ASSERT_EQ(e.objective.outputs(), 2u);
  EXPECT_EQ(e.network.outputs[0].name, "article");
  EXPECT_EQ(e.network.outputs[1].name, "sort");
  EXPECT_EQ(e.network.outputs[1].from, "kind");
  EXPECT_THAT(e.network.outputs[1].classes_from, ElementsAre(0u, 1u, 0u));
  EXPECT_EQ(e.objective.of(1).readout, readout_kind::max) << "from [objective]";
  EXPECT_EQ(e.objective.of(1).weight, 0.5);
  EXPECT_EQ(e.objective.of(0).weight, 1.0);
  EXPECT_EQ(e.objective.rate_penalty, 0.25);
  EXPECT_THAT(e.objective.of(0).terms, IsEmpty());
  ASSERT_EQ(e.objective.of(1).terms.size(), 1u);
  EXPECT_EQ(e.objective.of(1).terms[0].loss, loss_kind::class_spike_count);
}

TEST(ConfigOutputs, ReadBackAsTheyWereWritten) {
  const experiment e = parse(two, {"objective.output.sort.readout=last"});
  const experiment again = parse(to_toml(e));
  EXPECT_EQ(again.network.outputs, e.network.outputs);
  EXPECT_EQ(again.objective, e.objective);
  EXPECT_EQ(to_toml(again), to_toml(e));
  EXPECT_EQ(e.objective.of(1).readout, readout_kind::last);
  EXPECT_EQ(e.objective.of(0).readout, readout_kind::max);
}

TEST(ConfigOutputs, AnExperimentWithoutThemSaysNothingOfThem) {
  const experiment e = parse("[[network.layer]]\nsize = 3\n[[objective.term]]\nloss = 'jitter'\n");
  EXPECT_THAT(e.network.outputs, IsEmpty());
  EXPECT_EQ(e.objective.outputs(), 1u);
  EXPECT_THAT(to_toml(e), Not(HasSubstr("output]]")));
  EXPECT_THAT(to_toml(e), Not(HasSubstr("output = ")));
}

TEST(ConfigOutputs, AreOverriddenByNameOrNumber) {
  const experiment e = parse(two, {"objective.output.sort.weight=0.1", "objective.output.0.logit_scale=2",
                                   "objective.output.article.weight=3", "objective.label_smoothing=0.1"});
  EXPECT_EQ(e.objective.of(1).weight, 0.1);
  EXPECT_EQ(e.objective.of(0).logit_scale, 2.0);
  EXPECT_EQ(e.objective.of(0).weight, 3.0);
  EXPECT_EQ(e.objective.of(0).label_smoothing, 0.1);
  EXPECT_EQ(e.objective.of(1).label_smoothing, 0.1);
}

struct mistake {
  std::string from, to;
  std::size_t line;
  std::string key;
  std::vector<std::string> said;
};

/// `two` with one text in the place of another.
void expect_mistake(const mistake& m) {
  SCOPED_TRACE(m.to);
  const bool of_term = m.key.starts_with("objective.term");
  std::string text = of_term ? two : two.substr(0, two.find("[[objective.term]]"));  // which names an output
  ASSERT_NE(text.find(m.from), std::string::npos);
  text.replace(text.find(m.from), m.from.size(), m.to);
  try {
    parse(text);
    FAIL() << "nothing was thrown";
  } catch (const config_error& e) {
    EXPECT_EQ(e.line, m.line) << e.what();
    EXPECT_EQ(e.key, m.key) << e.what();
    for (const std::string& part : m.said) {
      EXPECT_THAT(e.what(), HasSubstr(part));
    }
  }
}

TEST(ConfigOutputs, RefuseWhatDoesNotFitWithItsLine) {
  expect_mistake(
      {"from = \"kind\"\n", "from = \"kinds\"\n", 18, "objective.output.1.from", {"\"kinds\"", "body, article, kind"}});
  expect_mistake({"name = \"sort\"\n",
                  "name = \"article\"\n",
                  19,
                  "objective.output.1.name",
                  {"a name that no other output has"}});
  expect_mistake({"name = \"sort\"\n", "name = \"1st\"\n", 19, "objective.output.1.name", {"no digit first"}});
  expect_mistake(
      {"[0, 1, 0]", "[0, 2, 0]", 20, "objective.output.1.classes_from", {"every number from 0 to the largest"}});
  expect_mistake(
      {"[\"top\", \"shoe\"]", "[\"top\"]", 21, "objective.output.1.class_names", {"has 1 names", "2, one for each"}});
  expect_mistake({"weight = 0.5", "wieght = 0.5", 22, "objective.output.1.wieght", {"did you mean weight?"}});
  expect_mistake({"output = \"sort\"", "output = \"kind\"", 25, "objective.term.0.output", {"article, sort"}});
  expect_mistake({"size = 12", "size = 0", 3, "network.layer.body.size", {"only an output's 0"}});
  expect_mistake(
      {"weight = 0.5", "class_weights = [1.0, -1.0]", 22, "objective.output.1.class_weights", {"0 or more"}});
  expect_mistake({"weight = 0.5",
                  "read = \"membrane\"",
                  22,
                  "objective.output.1.read",
                  {"is membrane", "accepted: output: the value of leaky_integrator is what it would read"}});
  expect_mistake({"weight = 0.5", "read = \"voltage\"", 22, "objective.output.1.read", {"output, membrane"}});
}

TEST(ConfigOutputs, AMembraneIsReadBackAndTakesNoLossOfSpikes) {
  const std::string spiking = "[[network.layer]]\nsize = 4\nname = \"out\"\n[[objective.output]]\nfrom = \"out\"\n";
  const std::string membrane = spiking + "read = \"membrane\"\n";
  EXPECT_EQ(parse(spiking).network.outputs[0].read, output_read::output);
  const experiment e = parse(membrane);
  EXPECT_EQ(e.network.outputs[0].read, output_read::membrane);
  EXPECT_EQ(parse(to_toml(e)).network.outputs, e.network.outputs);
  EXPECT_EQ(parse(spiking, {"objective.output.out.read=membrane"}).network.outputs, e.network.outputs);
  for (const char* loss :
       {"van_rossum", "soft_alignment", "jitter", "spike_count", "first_spike_time", "class_spike_count"}) {
    EXPECT_THAT([&] { parse(membrane + "loss = \"" + loss + "\"\n"); },
                ::testing::ThrowsMessage<config_error>(
                    ::testing::AllOf(HasSubstr("e.toml:6: objective.output.0.read: is \"membrane\""),
                                     HasSubstr("the loss " + std::string(loss)))));
  }
  EXPECT_THAT([&] { parse(membrane + "readout = \"first_spike\"\n"); },
              ::testing::ThrowsMessage<config_error>(HasSubstr("the readout first_spike is of spikes")));
  EXPECT_NO_THROW(parse(membrane + "readout = \"max\"\n"));
}

}  // namespace
}  // namespace backspike
