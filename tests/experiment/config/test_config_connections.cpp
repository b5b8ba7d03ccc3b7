// Networks that are graphs, in an experiment: every key, the way back to text, overrides, and what is refused with the
// line that says it.

#include <backspike/core/error.hpp>
#include <backspike/experiment/experiment.hpp>
#include <backspike/network/network.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace backspike {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Lines: excitatory 1, inhibitory 4, merged 8, the connections 13 and 20.
const std::string graph = R"([[network.layer]]
name = "excitatory"
size = 12
[[network.layer]]
name = "inhibitory"
size = 4
recurrent = true
[[network.layer]]
name = "merged"
cell = "leaky_integrator"
size = 3
from = ["excitatory", "inhibitory", "input"]
[[network.connection]]
from = "inhibitory"
to = "excitatory"
kind = "sparse"
density = 0.25
base_delay = 2
sign = "inhibitory"
[[network.connection]]
name = "pairs"
from = "input"
to = "inhibitory"
kind = "sparse"
sources = [0, 1]
targets = [3, 3]
init_sigma = 0.5
learn = false
delay = {per = "source", max = 9, kernel = "linear"}
)";

experiment parse(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return parse_experiment(text, "e.toml", overrides);
}

std::vector<std::string> connections_of(const experiment& e) {
  network_spec spec = e.network;
  spec.inputs = 5;
  std::vector<std::string> names;
  const network net(spec);
  for (const connection& c : net.connections()) {
    names.push_back(c.name);
  }
  return names;
}

TEST(ConfigConnections, AreReadAndWrittenBack) {
  const auto e = parse(graph);
  EXPECT_EQ(e.network.layers[0].from, std::nullopt);
  EXPECT_THAT(e.network.layers[2].from.value(), ElementsAre("excitatory", "inhibitory", "input"));
  ASSERT_EQ(e.network.connections.size(), 2U);
  connection_spec back;
  back.name = "excitatory.inhibitory";
  back.from = "inhibitory";
  back.to = "excitatory";
  back.kind = "sparse";
  back.settings = {{"density", 0.25}, {"seed", 1.0}, {"autapses", 1.0}};
  back.base_delay = 2;
  back.sign = weight_sign::inhibitory;
  EXPECT_EQ(e.network.connections[0], back);
  const connection_spec& pairs = e.network.connections[1];
  EXPECT_THAT(pairs.sources, ElementsAre(0, 1));
  EXPECT_THAT(pairs.targets, ElementsAre(3, 3));
  EXPECT_EQ(pairs.init_sigma, 0.5);
  EXPECT_FALSE(pairs.learn || pairs.base_delay);
  EXPECT_EQ(pairs.delay.max, 9U);
  EXPECT_THAT(connections_of(e), ElementsAre("excitatory", "inhibitory", "inhibitory.recurrent", "merged.excitatory",
                                             "merged.inhibitory", "merged.input", "excitatory.inhibitory", "pairs"));
  const auto again = parse_experiment(to_toml(e), "again.toml");
  EXPECT_EQ(again.network, e.network);
  EXPECT_EQ(to_toml(again), to_toml(e));
}

/// What a kind asks of the sizes is asked with the real ones.
TEST(ConfigConnections, EveryKindIsTaken) {
  const std::string zero = "network.connection.0.";
  const auto same = parse(graph, {"network.layer.inhibitory.size=12", zero + "kind=one_to_one"});
  EXPECT_THAT(same.network.connections[0].settings, IsEmpty());
  const auto grid = parse(graph, {"network.layer.inhibitory.size=20", zero + "kind=conv2d", zero + "height=4",
                                  zero + "width=5", zero + "kernel=2"});
  EXPECT_EQ(grid.network.connections[0].settings.at("stride"), 1.0);
  for (const auto& e : {same, grid}) {
    EXPECT_EQ(parse(to_toml(e)).network, e.network);
    EXPECT_EQ(connections_of(e).size(), 8U);
  }
}

TEST(ConfigConnections, LeaveNoTraceWhereThereAreNone) {
  const auto text = to_toml(parse("[[network.layer]]\nsize = 2\n[[network.layer]]\ncell = 'leaky_integrator'"));
  EXPECT_THAT(text, Not(HasSubstr("connection")));
  EXPECT_THAT(text, Not(HasSubstr("\nfrom =")));
}

TEST(ConfigConnections, ALayerMayReceiveFromOneOrFromNone) {
  const std::string none =
      "[[network.layer]]\nname = 'a'\nsize = 2\nfrom = []\n[[network.layer]]\nname = 'b'\nsize = 2\n";
  const auto e = parse(none + "from = 'input'");
  EXPECT_THAT(e.network.layers[0].from.value(), IsEmpty());
  EXPECT_THAT(e.network.layers[1].from.value(), ElementsAre("input"));
  EXPECT_THAT(connections_of(e), ElementsAre("b"));
  EXPECT_EQ(parse(to_toml(e)).network, e.network);
}

TEST(ConfigConnections, AreCalledByNameOrNumberOnTheCommandLine) {
  const auto e =
      parse(graph, {"network.connection.excitatory.inhibitory.density=0.5", "network.connection.1.base_delay=4",
                    "network.connection.pairs.delay.width.to=1.5", "network.connection.0={seed = 3}",
                    "network.layer.merged.from=excitatory", "network.connection.pairs.sources=[2, 1]"});
  EXPECT_EQ(e.network.connections[0].settings.at("density"), 0.5);
  EXPECT_EQ(e.network.connections[0].settings.at("seed"), 3.0);
  EXPECT_EQ(e.network.connections[1].base_delay, 4U);
  EXPECT_EQ(e.network.connections[1].delay.width.to, 1.5);
  EXPECT_THAT(e.network.connections[1].sources, ElementsAre(2, 1));
  EXPECT_THAT(e.network.layers[2].from.value(), ElementsAre("excitatory"));
}

TEST(ConfigConnections, AnotherKindLosesTheSettingsItDoesNotHave) {
  const auto e = parse(graph, {"network.connection.0.kind=dense"});
  EXPECT_THAT(e.network.connections[0].settings, IsEmpty());
  EXPECT_EQ(parse(to_toml(e)).network, e.network);
}

/// Parameters of connections can be trained otherwise, under their names.
TEST(ConfigConnections, AreFoundByGroupsOfTheOptimiser) {
  const auto group = [](const std::string& match) { return "[[optimiser.group]]\nmatch = '" + match + "'\n"; };
  EXPECT_EQ(parse(graph + group("excitatory.inhibitory.weight")).optimiser.groups.size(), 1U);
  EXPECT_THROW(parse(graph + group("pairs.weight")), config_error) << "it is not learned";
}

TEST(ConfigConnections, AnalogLayersMayStandInTheMiddle) {
  const auto e = parse(graph, {"network.layer.inhibitory.cell=leaky_integrator"});
  EXPECT_EQ(e.network.layers[1].cell, "leaky_integrator");
  EXPECT_EQ(connections_of(e).size(), 8U);
}

struct refusal {
  std::string override_text;
  std::size_t line;  // 0: of the override
  std::string key;
  std::vector<std::string> words;
};

class ConfigConnectionRefusal : public ::testing::TestWithParam<refusal> {};

TEST(ConfigConnections, PartsOfTheInputAreReadAndWrittenBack) {
  const std::string parts = R"([[network.input]]
name = "left"
size = 2
[[network.input]]
name = "right"
size = 3
[[network.layer]]
size = 3
cell = "leaky_integrator"
from = ["left"]
[[network.connection]]
from = "right"
to = "readout"
)";
  const auto e = parse(parts);
  EXPECT_THAT(e.network.parts, ElementsAre(input_part{"left", 2}, input_part{"right", 3}));
  EXPECT_EQ(parse(to_toml(e)).network, e.network);
  EXPECT_THAT(connections_of(e), ElementsAre("readout", "readout.right"));
  EXPECT_EQ(parse(parts, {"network.input.1.size=9"}).network.parts[1].size, 9U);
  const auto refused = [&](const std::string& setting, const std::string& words) {
    EXPECT_THAT([&] { parse(parts, {setting}); }, ::testing::ThrowsMessage<config_error>(HasSubstr(words))) << setting;
  };
  refused("network.connection.0.from=rigt", "did you mean right?");
  refused("network.input.0.name=right", "is \"right\"; accepted: a name that neither a layer nor another part");
  refused("network.input.0.size=0", "is 0 channels; accepted: an integer, 1 to");
}

TEST_P(ConfigConnectionRefusal, NamesTheKey) {
  const auto& expected = GetParam();
  try {
    parse(graph, {expected.override_text});
    ADD_FAILURE() << "was accepted";
  } catch (const config_error& e) {
    EXPECT_EQ(e.line, expected.line);
    EXPECT_EQ(e.key, expected.key);
    for (const auto& word : expected.words) {
      EXPECT_THAT(e.what(), HasSubstr(word));
    }
  }
}

const std::string back = "network.connection.excitatory.inhibitory.", pairs = "network.connection.pairs.";

const std::vector<refusal> refusals{
    {back + "from=inhibitry", 0, back + "from", {"is \"inhibitry\"; did you mean inhibitory?", "or input"}},
    {back + "to=input", 0, back + "to", {"is \"input\"", "the name of a layer: excitatory, inhibitory, merged"}},
    {back + "from=", 0, back + "from", {"is missing; accepted: the name of a layer"}},
    {"network.layer.merged.from=[\"input\", \"exitatory\"]",
     0,
     "network.layer.merged.from",
     {"is \"exitatory\"; did you mean excitatory?"}},
    {"network.layer.merged.from=[\"input\", \"input\"]", 0, "network.layer.merged.from", {"names \"input\" twice"}},
    {"network.layer.merged.from=[1]",
     0,
     "network.layer.merged.from",
     {"is a list; accepted: a list of names in quotes"}},
    {"network.layer.excitatory.from=merged",
     0,
     "network.layer.excitatory.from",
     {"closes the loop excitatory -> merged -> excitatory, in which no spike takes time",
      "a [[network.connection]] with base_delay = 1 instead"}},
    {back + "base_delay=0",
     0,
     back + "base_delay",
     {"closes the loop excitatory -> inhibitory -> excitatory", "accepted: 1 step or more in one of its connections"}},
    {back + "base_delay=65536", 0, back + "base_delay", {"is 65536 steps; accepted: an integer, 0 to 65535 steps"}},
    {back + "name=merged.input",
     0,
     "network.connection.excitatory.inhibitory.name",
     {"is \"merged.input\"; accepted: a name that no other connection has"}},
    {back + "name=a..b", 0, back + "name", {"is \"a..b\"; accepted: letters, digits, _, - and ., no digit first"}},
    {back + "name=1a", 0, back + "name", {"no digit first"}},
    {back + "kind=one_to_one", 0, back + "kind", {"is one_to_one from 4 to 12; accepted: two populations of one size"}},
    {back + "kind=spars", 0, back + "kind", {"did you mean sparse?"}},
    {pairs + "kind=dense", 25, pairs + "sources", {"is 2 neurons; accepted: none: the kind dense says itself"}},
    {back + "densty=1", 0, back + "densty", {"did you mean density?", "Accepted here: name, from, to, kind"}},
    {back + "density=1.5", 0, back + "density", {"is 1.5; accepted: a number, 0 to 1"}},
    {back + "seed=1.5", 0, back + "seed", {"is 1.500000; accepted: a whole number"}},
    {back + "delay={max = 3, init = 'constant', value = 4}",
     0,
     back + "delay.value",
     {"is 4 steps; accepted: 0 to delay.max, 3 steps"}},
    {back + "sources=[5]", 13, back + "targets", {"is 0 neurons; accepted: as many as in sources, 1"}},
    {back + "sources=[0.5]", 0, back + "sources", {"is a list; accepted: a list of integers, 0 to 4294967295"}},
    {back + "autapses=0.5", 0, back + "autapses", {"accepted: 0 or 1"}},
    {back + "init=identity", 0, back + "init", {"is identity; accepted: auto or fluctuation"}},
    {"network.connection.other.learn=true",
     0,
     "network.connection.other.learn",
     {"no such connection; connections: excitatory.inhibitory, pairs, or their numbers from 0"}},
    {"network.layer.excitatory.name=input", 0, "network.layer.excitatory.name", {"another name"}},
};
INSTANTIATE_TEST_SUITE_P(Keys, ConfigConnectionRefusal, ::testing::ValuesIn(refusals));

TEST(ConfigConnections, MistakesInAFileHaveTheirLine) {
  const auto line_of = [](const std::string& right, const std::string& wrong) {
    std::string text = graph;
    text.replace(text.find(right), right.size(), wrong);
    try {
      parse(text);
    } catch (const config_error& e) {
      return e.line;
    }
    return std::size_t{0};
  };
  EXPECT_EQ(line_of("\"inhibitory\", \"input\"", "\"inhibitory\", \"data\""), 12U);
  EXPECT_EQ(line_of("from = \"inhibitory\"", "from = \"inhibit\""), 14U);
  EXPECT_EQ(line_of("density", "densty"), 17U);
  EXPECT_EQ(line_of("base_delay = 2", ""), 13U) << "the loop is closed where its connection begins";
  EXPECT_EQ(line_of("\"pairs\"", "\"merged.input\""), 21U);
  EXPECT_EQ(line_of("targets = [3, 3]", "targets = [3]"), 0U) << "how many inputs there are only the data know";
}

}  // namespace
}  // namespace backspike
