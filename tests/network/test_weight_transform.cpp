// Weights that keep the norm of each channel, and dropout of channels: what takes them, and what is refused by name.

#include <backspike/core/error.hpp>
#include <backspike/network/network.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace backspike {
namespace {

network_spec convolution() {
  network_spec spec;
  spec.input_shape = {2, 6, 6};
  layer_spec conv, dense, readout;
  conv.name = "conv";
  conv.kind = "conv2d";
  conv.settings = {{"channels", 4.0}};
  conv.transform = weight_transform::standardise;
  dense.name = "dense";
  dense.size = 5;
  dense.recurrent = true;
  dense.transform = weight_transform::standardise;
  readout.cell = "leaky_integrator";
  readout.size = 2;
  spec.layers = {conv, dense, readout};
  return spec;
}

TEST(WeightTransform, IsOfALayersOwnWeights) {
  const network net(convolution());
  for (const parameter_info& p : net.parameters().entries()) {
    EXPECT_EQ(p.standardised, p.name == "conv.weight" || p.name == "dense.weight") << p.name;
  }
}

std::string refused(const std::function<void(network_spec&)>& change) {
  network_spec spec = convolution();
  change(spec);
  try {
    const network net(spec);
  } catch (const value_error& e) {
    return e.argument + " = " + e.value;
  }
  return "";
}

connection_spec extra(const std::string& kind) {
  connection_spec c;
  c.name = "extra";
  c.from = "dense";
  c.to = "readout";
  c.kind = kind;
  c.transform = weight_transform::standardise;
  return c;
}

TEST(WeightTransform, IsRefusedByNameWhereItMeansNothing) {
  const std::string layer = "conv.conv2d.weight_transform = standardise",
                    connection = "connection.0.weight_transform = standardise";
  EXPECT_EQ(refused([](network_spec& s) { s.layers[0].kind = "sum_pool", s.layers[0].settings.clear(); }),
            "conv.sum_pool.weight_transform = standardise");
  EXPECT_EQ(refused([](network_spec& s) { s.connections = {extra("sparse")}; }), connection);
  EXPECT_EQ(refused([](network_spec& s) {
              s.connections = {extra("dense")};
              s.connections[0].learn = false;
            }),
            connection);
  EXPECT_EQ(refused([](network_spec& s) {
              s.connections = {extra("dense")};
              s.connections[0].sign = weight_sign::inhibitory;
            }),
            connection);
  EXPECT_EQ(refused([](network_spec& s) {
              s.connections = {extra("dense")};
              s.connections[0].to = "dense";
              s.connections[0].init = weight_init::identity;
            }),
            connection);
  EXPECT_EQ(refused([](network_spec& s) {
              s.input_shape = {1, 6, 6};
              s.layers[0].settings["kernel"] = 1.0;
            }),
            layer)
      << "one weight a channel";
  EXPECT_EQ(refused([](network_spec& s) { s.connections = {extra("dense")}; }), "");
}

TEST(DropoutOfChannels, NeedsChannels) {
  EXPECT_EQ(refused([](network_spec& s) { s.layers[0].dropout_per = parameter_sharing::channel; }), "");
  EXPECT_EQ(refused([](network_spec& s) { s.layers[0].dropout_per = parameter_sharing::layer; }),
            "conv.dropout_per = layer");
  EXPECT_EQ(refused([](network_spec& s) { s.layers[1].dropout_per = parameter_sharing::channel; }),
            "dense.dropout_per = channel");
  EXPECT_EQ(refused([](network_spec& s) {
              s.layers[1].channels = 5;
              s.layers[1].dropout_per = parameter_sharing::channel;
            }),
            "");
  EXPECT_EQ(refused([](network_spec& s) {
              s.connections = {extra("dense")};
              s.connections[0].dropout_per = parameter_sharing::channel;
            }),
            "connection.0.dropout_per = channel");
}

}  // namespace
}  // namespace backspike
