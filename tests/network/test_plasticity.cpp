// The short-term plasticity of a connection: the population and the connection that it becomes, and what is refused.

#include "network/plasticity.hpp"

#include <backspike/core/error.hpp>
#include <backspike/network/network.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace backspike {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

network_spec plastic() {
  network_spec spec;
  spec.inputs = 6;
  spec.layers.resize(3);
  spec.layers[0].size = 5;
  spec.layers[0].channels = 5;
  spec.layers[1].size = 4;
  spec.layers[2].size = 3;
  spec.layers[2].cell = "leaky_integrator";
  connection_spec c;
  c.name = "path";
  c.from = "hidden1";
  c.to = "readout";
  c.base_delay = 2;
  c.short_term_plasticity = {0.2, 300.0, 40.0, {"U", "tau_d"}, parameter_sharing::neuron};
  spec.connections = {c};
  return spec;
}

std::vector<std::string> names_of(const network& net) {
  std::vector<std::string> names;
  for (const population& p : net.populations()) {
    names.push_back(p.spec.name);
  }
  return names;
}

const connection& connection_of(const network& net, const std::string& name) {
  return *std::ranges::find(net.connections(), name, &connection::name);
}

TEST(ShortTermPlasticity, IsAPopulationBetweenTheSourceAndTheWeights) {
  const network net(plastic());
  EXPECT_THAT(names_of(net), ElementsAre("hidden1", "hidden2", "path.plasticity", "readout"));
  EXPECT_EQ(net.output(0).population, 3u);
  const population& p = net.populations()[2];
  EXPECT_EQ(p.cell->name, "tsodyks_markram");
  EXPECT_EQ(p.units, 5u);
  EXPECT_EQ(p.inputs.size(), 1u);
  EXPECT_EQ(net.parameters()[p.parameters[0]].name, "path.plasticity.U");
  EXPECT_TRUE(net.parameters()[p.parameters[0]].learnable);
  EXPECT_EQ(net.parameters()[p.parameters[0]].cols, 5u);
  EXPECT_FALSE(net.parameters()[p.parameters[2]].learnable);
  EXPECT_EQ(p.spec.parameters.at("tau_f").value, 40.0);

  const connection &relay = connection_of(net, "path.plasticity"), &path = connection_of(net, "path");
  EXPECT_EQ(relay.source, 0u);
  EXPECT_EQ(relay.target, 2u);
  EXPECT_EQ(relay.info->name, "one_to_one");
  EXPECT_EQ(relay.base_delay, 0u);
  EXPECT_EQ(relay.init, weight_init::identity);
  EXPECT_FALSE(net.parameters()[relay.weight].learnable);
  EXPECT_EQ(path.source, 2u);
  EXPECT_EQ(path.target, 3u);
  EXPECT_EQ(path.base_delay, 2u);
  EXPECT_TRUE(net.parameters()[path.weight].learnable);
  EXPECT_EQ(connection_of(net, "readout").source, 1u);  // which receives from the layer before, as without
  network_spec named = plastic();
  name_layers(named.layers);
  EXPECT_TRUE(net.spec() == named) << "the specification is the user's";
}

TEST(ShortTermPlasticity, OfTheInputAndOfALoop) {
  network_spec spec = plastic();
  spec.connections[0].from = "input";
  EXPECT_EQ(network(spec).populations()[2].units, 6u);

  spec.connections[0].from = spec.connections[0].to = "hidden2";
  spec.connections[0].base_delay.reset();
  spec.connections[0].kind = "sparse";
  spec.connections[0].settings = {{"density", 1.0}, {"autapses", 0.0}};
  const network loop(spec);
  const connection& path = connection_of(loop, "path");
  EXPECT_EQ(path.base_delay, 1u) << "as every connection from a layer to itself";
  EXPECT_EQ(synapse_count(path), 4u * 3u) << "none from a neuron to itself";
  EXPECT_TRUE(path.inner);
}

TEST(ShortTermPlasticity, OfANetworkOfOneLayer) {
  network_spec spec = plastic();
  spec.layers.erase(spec.layers.begin(), spec.layers.begin() + 2);
  spec.connections[0].from = "input";
  const network net(spec);
  EXPECT_THAT(names_of(net), ElementsAre("path.plasticity", "readout"));
  EXPECT_TRUE(connection_of(net, "readout").comes_from_input());
}

void expect_refused(const std::function<void(network_spec&)>& change, const std::string& argument,
                    const std::string& accepted) {
  network_spec spec = plastic();
  change(spec);
  EXPECT_THAT([&] { const network net(spec); },
              ThrowsMessage<value_error>(AllOf(HasSubstr(argument), HasSubstr(accepted))));
}

TEST(ShortTermPlasticity, RefusesWhatCannotBe) {
  const auto plasticity = [](network_spec& s) -> short_term_plasticity_spec& {
    return *s.connections[0].short_term_plasticity;
  };
  const std::string table = "connection.0.short_term_plasticity.";
  expect_refused([&](auto& s) { plasticity(s).U = 1.5; }, table + "U = 1.5", "1e-06 to 1");
  expect_refused([&](auto& s) { plasticity(s).U = 0.0; }, table + "U = 0", "1e-06 to 1");
  expect_refused([&](auto& s) { plasticity(s).tau_d = std::nan(""); }, table + "tau_d = nan", "0.01 to 1e+06");
  expect_refused([&](auto& s) { plasticity(s).tau_f = -1.0; }, table + "tau_f = -1", "0.01 to 1e+06");
  expect_refused([&](auto& s) { plasticity(s).learn = {"tau_m"}; }, table + "learn = tau_m", "U, tau_d, tau_f");
  expect_refused([&](auto& s) { s.layers[0].cell = "leaky_integrator"; }, "connection.0.from = hidden1",
                 "a layer whose neurons spike");
  expect_refused([&](auto& s) { s.connections[0].from = "nobody"; }, "connection.0.from = nobody",
                 "the name of a layer");
  expect_refused([&](auto& s) { s.connections.push_back(s.connections[0]); }, "connection.1.name = path",
                 "a name that no other connection has");
  expect_refused(
      [&](auto& s) {
        s.connections[0].to = "hidden1";
        s.connections[0].from = "hidden2";
        s.connections[0].base_delay = 0;
      },
      "path.plasticity", "base_delay = 1");
}

}  // namespace
}  // namespace backspike
