// Receptors of a population: what its connections feed, which of them begins a sum, and what is refused.

#include <backspike/core/error.hpp>
#include <backspike/network/network.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace backspike {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// input -> a (lif) -> b (conductance_lif, recurrent) -> out; from the input and from a to the inhibition of b.
network_spec inhibited() {
  network_spec spec;
  spec.inputs = 3;
  for (const auto& [name, cell] : {std::pair("a", "lif"), {"b", "conductance_lif"}, {"out", "leaky_integrator"}}) {
    spec.layers.emplace_back();
    spec.layers.back().name = name;
    spec.layers.back().cell = cell;
    spec.layers.back().size = 4;
  }
  spec.layers[1].recurrent = true;
  spec.layers[1].recurrent_receptor = "inhibitory";
  for (const char* from : {"input", "a"}) {
    connection_spec c;
    c.from = from;
    c.to = "b";
    c.name = std::string("inhibition.") + from;
    c.receptor = "inhibitory";
    spec.connections.push_back(c);
  }
  return spec;
}

const connection& connection_of(const network& net, const std::string& name) {
  return *std::ranges::find(net.connections(), name, &connection::name);
}

TEST(NetworkReceptors, EveryReceptorIsAnInlet) {
  const network net(inhibited());
  ASSERT_EQ(net.inlets().size(), 4u);
  EXPECT_EQ(net.populations()[1].first_inlet, 1u);
  EXPECT_EQ(net.populations()[1].inlets(), 2u);
  EXPECT_EQ(net.populations()[2].first_inlet, 3u);
  EXPECT_EQ(net.inlets()[2].population, 1u);
  EXPECT_EQ(net.inlets()[2].receptor, 1u);
  EXPECT_EQ(connection_of(net, "b").inlet, 1u) << "the first receptor, where none is named";
  EXPECT_EQ(connection_of(net, "b.recurrent").inlet, 2u);
  EXPECT_EQ(connection_of(net, "inhibition.a").inlet, 2u);
  EXPECT_EQ(connection_of(net, "out").inlet, 3u);
}

TEST(NetworkReceptors, TheFirstConnectionOfEachBeginsItsSum) {
  const network net(inhibited());
  EXPECT_TRUE(connection_of(net, "b").opens);
  EXPECT_TRUE(connection_of(net, "inhibition.input").opens);
  EXPECT_FALSE(connection_of(net, "inhibition.a").opens);
  EXPECT_FALSE(connection_of(net, "b.recurrent").opens);
}

TEST(NetworkReceptors, ALayersOwnConnectionsFeedTheOneThatItNames) {
  network_spec spec = inhibited();
  spec.layers[1].receptor = "inhibitory";
  EXPECT_EQ(connection_of(network(spec), "b").receptor, 1u);
}

TEST(NetworkReceptors, PlasticityStandsBeforeTheReceptor) {
  network_spec spec = inhibited();
  spec.connections[1].short_term_plasticity.emplace();
  const network net(spec);
  EXPECT_EQ(connection_of(net, "inhibition.a").receptor, 1u);
  EXPECT_EQ(connection_of(net, "inhibition.a.plasticity").receptor, 0u);
}

void expect_refused(const std::function<void(network_spec&)>& change, const std::string& argument,
                    const std::string& accepted) {
  network_spec spec = inhibited();
  change(spec);
  EXPECT_THAT([&] { const network net(spec); },
              ThrowsMessage<value_error>(AllOf(HasSubstr(argument), HasSubstr(accepted))));
}

TEST(NetworkReceptors, OthersAreRefusedByName) {
  const std::string both = "a receptor of conductance_lif: excitatory, inhibitory";
  expect_refused([](network_spec& s) { s.connections[0].receptor = "slow"; }, "connection.0.receptor", both);
  expect_refused([](network_spec& s) { s.connections[0].receptor = ""; }, "connection.0.receptor", both);
  expect_refused([](network_spec& s) { s.layers[1].receptor = "slow"; }, "b.receptor", both);
  expect_refused([](network_spec& s) { s.layers[1].recurrent_receptor = "slow"; }, "b.recurrent_receptor", both);
  expect_refused([](network_spec& s) { s.layers[1].recurrent = false; }, "b.recurrent_receptor", "not recurrent");
  expect_refused([](network_spec& s) { s.layers[0].receptor = "excitatory"; }, "a.receptor",
                 "none: neurons of lif have one kind of input");
}

}  // namespace
}  // namespace backspike
