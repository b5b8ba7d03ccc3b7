// Receptors in an experiment: read, written back, set on the command line, and refused with the line that names them.

#include <backspike/core/error.hpp>
#include <backspike/experiment/experiment.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace backspike {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ThrowsMessage;

const std::string inhibited = R"([[network.layer]]
name = "body"
cell = "conductance_lif"
size = 12
recurrent = true
recurrent_receptor = "inhibitory"
[[network.layer]]
cell = "leaky_integrator"
size = 3
[[network.connection]]
from = "input"
to = "body"
receptor = "inhibitory"
sign = "excitatory"
)";

experiment parse(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return parse_experiment(text, "e.toml", overrides);
}

TEST(ConfigReceptors, AreReadAndWrittenBack) {
  const experiment e = parse(inhibited);
  EXPECT_EQ(e.network.layers[0].receptor, std::nullopt);
  EXPECT_EQ(e.network.layers[0].recurrent_receptor, "inhibitory");
  EXPECT_EQ(e.network.connections[0].receptor, "inhibitory");
  const std::string text = to_toml(e);
  EXPECT_THAT(text, HasSubstr("recurrent_receptor = \"inhibitory\""));
  EXPECT_TRUE(parse(text).network == e.network);
}

TEST(ConfigReceptors, LeaveNoTraceWhereThereAreNone) {
  EXPECT_THAT(to_toml(parse("[[network.layer]]\nsize = 3\n")), Not(HasSubstr("receptor")));
}

TEST(ConfigReceptors, AreSetOnTheCommandLine) {
  EXPECT_EQ(parse(inhibited, {"network.connection.body.input.receptor=excitatory"}).network.connections[0].receptor,
            "excitatory");
}

void expect_refused(const std::string& text, const std::string& key, const std::string& accepted) {
  EXPECT_THAT([&] { parse(text); }, ThrowsMessage<user_error>(AllOf(HasSubstr(key), HasSubstr(accepted)))) << text;
}

TEST(ConfigReceptors, MistakesHaveTheirLine) {
  std::string text = inhibited;
  text.replace(text.rfind("inhibitory"), 10, "slow");
  expect_refused(text, "e.toml:13:", "a receptor of conductance_lif: excitatory, inhibitory");
  expect_refused("[[network.layer]]\nsize = 3\nreceptor = \"fast\"\n",
                 "e.toml:3:", "none: neurons of lif have one kind of input");
}

}  // namespace
}  // namespace backspike
