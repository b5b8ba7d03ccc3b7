// Networks as graphs: who receives from whom, what runs together and in which order, and what is refused.

#include <backspike/core/error.hpp>
#include <backspike/network/network.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace backspike {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::ThrowsMessage;

layer_spec layer(const std::string& name, std::uint32_t size = 4, const std::string& cell = "lif") {
  layer_spec l;
  l.name = name;
  l.size = size;
  l.cell = cell;
  return l;
}

connection_spec link(const std::string& from, const std::string& to, std::optional<std::uint32_t> base_delay = {}) {
  connection_spec c;
  c.from = from;
  c.to = to;
  c.base_delay = base_delay;
  return c;
}

/// input -> a -> b -> c -> out.
network_spec chain() {
  network_spec spec;
  spec.inputs = 3;
  spec.layers = {layer("a"), layer("b"), layer("c"), layer("out", 2, "leaky_integrator")};
  return spec;
}

std::vector<std::string> sources_of(const network& net, std::size_t q) {
  std::vector<std::string> names;
  for (const std::size_t k : net.populations()[q].inputs) {
    const connection& c = net.connections()[k];
    names.push_back(c.comes_from_input() ? "input" : net.populations()[c.source].spec.name);
  }
  return names;
}

TEST(GraphNetwork, AChainIsItself) {
  const network net(chain());
  ASSERT_EQ(net.components().size(), 4u);
  for (std::size_t q = 0; q < 4; ++q) {
    EXPECT_THAT(net.components()[q].populations, ElementsAre(q));
    EXPECT_FALSE(net.components()[q].recurrent);
    EXPECT_TRUE(net.connections()[q].opens);
    EXPECT_EQ(net.populations()[q].sends, q < 3);
  }
}

TEST(GraphNetwork, LayersTakeWhatTheyName) {
  network_spec spec = chain();
  spec.layers[2].from = {"input", "a"};
  spec.layers[3].from = {"b", "c"};
  const network net(spec);
  EXPECT_THAT(sources_of(net, 2), ElementsAre("input", "a"));
  EXPECT_THAT(sources_of(net, 3), ElementsAre("b", "c"));
  EXPECT_NO_THROW(net.parameters().find("c.input.weight"));
  EXPECT_NO_THROW(net.parameters().find("c.a.weight"));
  EXPECT_NO_THROW(net.parameters().find("b.weight"));
}

TEST(GraphNetwork, OneNamedSourceHasThePlainName) {
  network_spec spec = chain();
  spec.layers[3].from = {"a"};
  const network net(spec);
  EXPECT_NO_THROW(net.parameters().find("out.weight"));
  EXPECT_THAT(sources_of(net, 3), ElementsAre("a"));
}

TEST(GraphNetwork, ConnectionsLeadFromPartsOfTheInput) {
  network_spec spec = chain();
  spec.parts = {{"left", 1}, {"right", 2}};
  spec.layers[0].from = {"right"};
  spec.connections = {link("left", "b"), link("input", "c")};
  const network net(spec);
  const auto is = [&](std::size_t k, const std::string& name, std::size_t first, std::size_t units, bool part) {
    const connection& c = net.connections()[k];
    EXPECT_TRUE(c.comes_from_input());
    EXPECT_EQ(source_name(net, c), name);
    EXPECT_EQ(c.first_source, first);
    EXPECT_EQ(c.source_units, units);
    EXPECT_EQ(c.of_part, part);
  };
  is(0, "right", 1, 2, true);
  is(4, "left", 0, 1, true);
  is(5, "input", 0, 3, false);
  EXPECT_EQ(net.parameters()[net.connections()[0].weight].extents, (shape{{2, 4}}));
  EXPECT_TRUE(net.has_parts());
}

TEST(GraphNetwork, PartsHaveAllChannelsOfTheData) {
  network_spec spec = chain();
  spec.parts = {{"left", 1}, {"right", 3}};
  EXPECT_THAT([&] { network net(spec); }, ThrowsMessage<shape_error>(HasSubstr("4 channels in 2 parts")));
}

TEST(GraphNetwork, NothingIsAllowed) {
  network_spec spec = chain();
  spec.layers[1].from = std::vector<std::string>();
  const network net(spec);
  EXPECT_THAT(sources_of(net, 1), IsEmpty());
}

TEST(GraphNetwork, ALoopOverTwoRunsStepByStep) {
  network_spec spec = chain();
  spec.connections = {link("b", "a", 1)};
  const network net(spec);
  ASSERT_EQ(net.components().size(), 3u);
  EXPECT_THAT(net.components()[0].populations, ElementsAre(0, 1));
  EXPECT_TRUE(net.components()[0].recurrent);
  EXPECT_FALSE(net.components()[1].recurrent);
  EXPECT_TRUE(net.connections().back().inner);  // b to a
  EXPECT_TRUE(net.connections()[1].inner);      // a to b
  EXPECT_FALSE(net.connections()[0].inner);
}

TEST(GraphNetwork, TheOrderIsThatOfAStep) {
  network_spec spec = chain();
  spec.layers[0].from = {"c"};  // c, a, b: whatever the order in which they are listed
  spec.layers[1].from = {"a"};
  spec.layers[2].from = {"input"};
  spec.layers[3].from = {"b"};
  const network net(spec);
  EXPECT_THAT(net.order(), ElementsAre(2, 0, 1, 3));
}

TEST(GraphNetwork, InputComesFirstAndTheOwnComponentLast) {
  network_spec spec = chain();
  spec.layers[1].recurrent = true;
  spec.connections = {link("input", "b"), link("c", "b", 2)};
  const network net(spec);
  EXPECT_THAT(sources_of(net, 1), ElementsAre("input", "a", "b", "c"));
}

TEST(GraphNetwork, ASelfLoopTakesAStep) {
  network_spec spec = chain();
  spec.connections = {link("b", "b")};
  const network net(spec);
  EXPECT_EQ(net.connections().back().base_delay, 1u);
}

TEST(GraphNetwork, SignsAreRangesOfWeights) {
  network_spec spec = chain();
  spec.connections = {link("a", "c"), link("b", "b")};
  spec.connections[0].sign = weight_sign::excitatory;
  spec.connections[1].sign = weight_sign::inhibitory;
  const network net(spec);
  EXPECT_EQ(net.parameters()[net.parameters().find("c.a.weight")].low, 0.0);
  EXPECT_EQ(net.parameters()[net.parameters().find("b.b.weight")].high, 0.0);
}

TEST(GraphNetwork, WhatIsNotLearnedIsNoLearnableParameter) {
  network_spec spec = chain();
  spec.connections = {link("a", "c")};
  spec.connections[0].learn = false;
  const network net(spec);
  EXPECT_FALSE(net.parameters()[net.parameters().find("c.a.weight")].learnable);
}

struct graph_refusal {
  std::string what;
  std::function<void(network_spec&)> spoil;
  std::vector<std::string> words;
};

class GraphRefusal : public ::testing::TestWithParam<graph_refusal> {};

TEST_P(GraphRefusal, SaysWhatItSawAndWhatItAccepts) {
  network_spec spec = chain();
  spec.connections = {link("a", "c")};
  GetParam().spoil(spec);
  for (const std::string& word : GetParam().words) {
    EXPECT_THAT([&] { network net(spec); }, ThrowsMessage<value_error>(HasSubstr(word)));
  }
}

const std::vector<graph_refusal> refusals{
    {"Loop",
     [](network_spec& s) { s.connections = {link("c", "a")}; },
     {"loop = a -> b -> c -> a", "at least one step: base_delay = 1"}},
    {"LoopToItself", [](network_spec& s) { s.connections = {link("b", "b", 0)}; }, {"loop = b -> b"}},
    {"UnknownSource",
     [](network_spec& s) { s.connections[0].from = "d"; },
     {"connection.0.from = d", "the name of a layer: a, b, c, out, or input"}},
    {"UnknownSourceBesideParts",
     [](network_spec& s) {
       s.parts = {{"left", 1}, {"right", 2}};
       s.connections[0].from = "d";
     },
     {"connection.0.from = d", "a, b, c, out, or input, left, right"}},
    {"PartOfALayersName",
     [](network_spec& s) {
       s.parts = {{"b", 3}};
     },
     {"input.0.name = b", "neither a layer nor"}},
    {"PartCalledInput",
     [](network_spec& s) {
       s.parts = {{"input", 3}};
     },
     {"input.0.name = input"}},
    {"PartTwice",
     [](network_spec& s) {
       s.parts = {{"x", 1}, {"x", 2}};
     },
     {"input.0.name = x"}},
    {"PartWithoutAName",
     [](network_spec& s) {
       s.parts = {{"", 3}};
     },
     {"input.0.name = empty"}},
    {"PartWithoutChannels",
     [](network_spec& s) {
       s.parts = {{"x", 3}, {"y", 0}};
     },
     {"input.1.size = 0"}},
    {"UnknownTarget",
     [](network_spec& s) { s.connections[0].to = "input"; },
     {"connection.0.to = input", "the name of a layer: a, b, c, out"}},
    {"UnknownLayerSource", [](network_spec& s) { s.layers[1].from = {"x"}; }, {"b.from = x", "a, b, c, out, or input"}},
    {"UnknownKind",
     [](network_spec& s) { s.connections[0].kind = "conv5d"; },
     {"kind of a connection = conv5d", "one of dense"}},
    {"UnknownSetting",
     [](network_spec& s) { s.connections[0].settings["density"] = 0.5; },
     {"connection.0.density", "a setting of the kind dense: none"}},
    {"SettingOutOfRange",
     [](network_spec& s) {
       s.connections[0].kind = "sparse";
       s.connections[0].settings["density"] = 1.5;
     },
     {"connection.0.density = 1.5", "0 to 1"}},
    {"ASeedThatIsNotWhole",
     [](network_spec& s) {
       s.connections[0].kind = "sparse";
       s.connections[0].settings["seed"] = 1.5;
     },
     {"connection.0.seed = 1.500000", "a whole number"}},
    {"PairsOfDense",
     [](network_spec& s) { s.connections[0].sources = {1}; },
     {"connection.0.sources = 1 neurons", "the kind dense says itself"}},
    {"PairOutside",
     [](network_spec& s) {
       s.connections[0].kind = "sparse";
       s.connections[0].sources = {4};
       s.connections[0].targets = {0};
     },
     {"connection.0.sources = 4 to 0", "one of the 4 neurons before"}},
    {"PairTwice",
     [](network_spec& s) {
       s.connections[0].kind = "sparse";
       s.connections[0].sources = {1, 1};
       s.connections[0].targets = {2, 2};
     },
     {"1 to 2, twice", "each pair once"}},
    {"HalfAPair",
     [](network_spec& s) {
       s.connections[0].kind = "sparse";
       s.connections[0].sources = {1, 2};
       s.connections[0].targets = {2};
     },
     {"connection.0.targets = 1 neurons", "as many as in sources, 2"}},
    {"TheSameNameTwice",
     [](network_spec& s) { s.connections.push_back(s.connections[0]); },
     {"connection.1.name = c.a", "a name that no other connection has"}},
    {"ANameOfALayersOwn",
     [](network_spec& s) { s.connections[0].name = "b"; },
     {"connection.0.name = b", "a name that no other connection has"}},
    {"ALayerCalledInput",
     [](network_spec& s) { s.layers[0].name = "input"; },
     {"name of layer 0 = input", "connections call the data so"}},
    {"TooLate",
     [](network_spec& s) { s.connections[0].base_delay = 65536; },
     {"connection.0.base_delay = 65536 steps", "at most 65535 steps"}},
    {"IdentityBetweenSizes",
     [](network_spec& s) {
       s.connections[0].to = "out";
       s.connections[0].init = weight_init::identity;
     },
     {"connection.0.init = identity", "4 neurons before it and 2 of its own"}},
    {"IdentityThatInhibits",
     [](network_spec& s) {
       s.connections[0].init = weight_init::identity;
       s.connections[0].sign = weight_sign::inhibitory;
     },
     {"connection.0.init = identity", "weights of 1 do not inhibit"}},
};

INSTANTIATE_TEST_SUITE_P(All, GraphRefusal, ::testing::ValuesIn(refusals),
                         [](const auto& tested) { return tested.param.what; });

/// The chain with two outputs, one of which feeds others.
network_spec with_outputs(const std::vector<network_output_spec>& outputs) {
  network_spec spec = chain();
  spec.outputs = outputs;
  return spec;
}

TEST(NetworkOutputs, TheLastLayerIsTheOutputUnlessOthersAreNamed) {
  const network net(chain());
  ASSERT_EQ(net.output_list().size(), 1u);
  EXPECT_EQ(net.output(0).name, net.populations().back().spec.name);
  EXPECT_EQ(net.output(0).population, net.populations().size() - 1);
  EXPECT_EQ(net.outputs(), net.populations().back().units);
  EXPECT_TRUE(net.populations().back().is_output);
  EXPECT_TRUE(net.spec().outputs.empty()) << "what was given stays as it was";
}

TEST(NetworkOutputs, LieBesideEachOtherInARow) {
  const network net(with_outputs({{"out", "", ""}, {"a", "early", "other"}}));
  ASSERT_EQ(net.output_list().size(), 2u);
  EXPECT_EQ(net.output(0).first, 0u);
  EXPECT_EQ(net.output(1).first, net.output(0).units);
  EXPECT_EQ(net.outputs(), net.output(0).units + net.output(1).units);
  EXPECT_EQ(net.output(1).name, "early");
  EXPECT_EQ(net.output(1).target, "other");
  EXPECT_EQ(net.output(1).population, 0u);
  EXPECT_TRUE(net.populations()[0].is_output && net.populations()[0].sends);
  EXPECT_FALSE(net.populations()[1].is_output);
}

TEST(NetworkOutputs, AreRefusedByName) {
  EXPECT_THAT(
      [] {
        network(with_outputs({{"nobody", "", ""}}));
      },
      ThrowsMessage<value_error>(
          AllOf(HasSubstr("output.0.from = nobody"), HasSubstr("a, b, c, out"), Not(HasSubstr("or input")))));
  EXPECT_THAT(
      [] {
        network(with_outputs({{"out", "", ""}, {"a", "out", ""}}));
      },
      ThrowsMessage<value_error>(HasSubstr("output.1.name = out")));
}

TEST(NetworkOutputs, OfASpikingLayerTheMembraneCanBeReadBesideItsSpikes) {
  const network net(with_outputs({{"a", "", ""}, {"a", "v", "other", {}, {}, output_read::membrane}}));
  EXPECT_TRUE(net.populations()[0].shows_membrane);
  EXPECT_FALSE(net.output(0).membrane);
  EXPECT_TRUE(net.output(1).membrane);
  EXPECT_TRUE(gives_spikes(net, net.output(0)));
  EXPECT_FALSE(gives_spikes(net, net.output(1)));
  network_spec analog = with_outputs({{"out", "", "", {}, {}, output_read::membrane}});
  analog.layers.back().cell = "leaky_integrator";
  EXPECT_THAT([&] { network{analog}; },
              ThrowsMessage<value_error>(HasSubstr("output.0.read = membrane (accepted: output")));
}

TEST(NetworkOutputs, TheLastStateOfEveryCellThatSpikesIsItsMembrane) {
  for (const cell_info& cell : known_cells()) {
    if (cell.spiking) {
      EXPECT_EQ(cell.states[cell.membrane()], "v") << cell.name;
      EXPECT_EQ(cell.refractory->states[cell.refractory->membrane()], "v") << cell.name;
    }
  }
}

}  // namespace
}  // namespace backspike
