// Shapes of layers: given, found by what leads to them, and refused.

#include <backspike/core/error.hpp>
#include <backspike/network/network.hpp>

#include <gmock/gmock.h>

namespace backspike {
namespace {

using ::testing::HasSubstr;

layer_spec windows(const std::string& kind, const connection_settings& settings) {
  layer_spec layer;
  layer.kind = kind;
  layer.settings = settings;
  return layer;
}

layer_spec readout(std::uint32_t size = 10) {
  layer_spec layer;
  layer.cell = "leaky_integrator";
  layer.size = size;
  return layer;
}

network_spec chain() {
  network_spec spec;
  spec.input_shape = {2, 34, 34};
  spec.layers = {windows("conv2d", {{"channels", 16}, {"kernel", 5}, {"padding", 2}}), windows("sum_pool", {}),
                 windows("conv2d", {{"channels", 32}}), windows("average_pool", {}), readout()};
  return spec;
}

TEST(Shapes, FollowFromTheInputToTheReadout) {
  const network net(chain());
  EXPECT_EQ(net.spec().inputs, 2312U);
  const grid_shape expected[] = {{16, 34, 34}, {16, 17, 17}, {32, 15, 15}, {32, 7, 7}, {}};
  for (std::size_t q = 0; q < net.populations().size(); ++q) {
    EXPECT_EQ(net.populations()[q].spec.shape, expected[q]) << q;
    EXPECT_EQ(net.populations()[q].units, expected[q].empty() ? 10 : neurons_of(expected[q]));
  }
  EXPECT_EQ(net.parameters()[net.connections()[0].weight].extents, (shape{{50, 16}}));
  EXPECT_EQ(net.parameters()[net.connections()[1].weight].extents, (shape{{1, 1}}));
  EXPECT_FALSE(net.parameters()[net.connections()[1].weight].learnable);
  EXPECT_EQ(net.parameters()[net.connections()[4].weight].extents, (shape{{1568, 10}}));
}

TEST(Shapes, AreFoundOverConnectionsInAnyOrder) {
  network_spec spec = chain();
  for (std::size_t k = 0; k < 4; ++k) {
    connection_spec c;
    c.from = k == 0 ? input_name : default_layer_name(k - 1, 5);
    c.to = default_layer_name(k, 5);
    c.kind = spec.layers[k].kind;
    c.settings = spec.layers[k].settings;
    spec.layers[k].kind = "dense";
    spec.layers[k].settings.clear();
    spec.layers[k].from = std::vector<std::string>{};
    spec.connections.insert(spec.connections.begin(), c);
  }
  const network net(spec), expected(chain());
  for (std::size_t q = 0; q < net.populations().size(); ++q) {
    EXPECT_EQ(net.populations()[q].spec.shape, expected.populations()[q].spec.shape) << q;
  }
}

TEST(Shapes, AChannelIsTheSameNumberAtEveryPlace) {
  network_spec spec = chain();
  spec.layers[0].parameters["v_th"].per = parameter_sharing::channel;
  spec.layers[0].parameters["v_th"].value = 1.0;
  spec.layers[0].bias = true;
  const network net(spec);
  const population& p = net.populations()[0];
  for (std::size_t k = 0; k < p.parameters.size(); ++k) {
    if (p.cell->parameters[k].name == "v_th") {
      EXPECT_EQ(p.columns[k], 16U);
      EXPECT_EQ(p.column_of(k, 5 * 16 + 3), 3U);
    } else {
      EXPECT_EQ(p.column_of(k, 5 * 16 + 3), 0U);
    }
  }
  EXPECT_EQ(net.parameters()[p.bias].extents, (shape{{16}})) << "a convolution's bias is one number a channel";
  EXPECT_EQ(p.column_of_bias(33 * 16 + 15), 15U);
}

TEST(Shapes, NeighboursShareWhereThereIsNone) {
  network_spec spec;
  spec.inputs = 3;
  spec.layers = {readout(12)};
  spec.layers[0].channels = 4;
  spec.layers[0].bias = true;
  spec.layers[0].bias_per = parameter_sharing::channel;
  spec.layers[0].parameters["tau_m"].per = parameter_sharing::channel;
  spec.layers[0].parameters["tau_m"].value = 20.0;
  const network net(spec);
  EXPECT_EQ(net.populations()[0].column_of(0, 5), 1U);
  EXPECT_EQ(net.populations()[0].column_of_bias(11), 3U);
}

TEST(Shapes, OfASizeThatIsGivenFollowToo) {
  network_spec spec = chain();
  spec.layers[0].size = 16 * 34 * 34;
  spec.layers[0].settings.erase("channels");
  const network net(spec);
  EXPECT_EQ(net.populations()[0].spec.shape, (grid_shape{16, 34, 34}));
}

std::string refusal(const network_spec& spec) {
  try {
    const network net(spec);
  } catch (const user_error& e) {
    return e.what();
  }
  return "";
}

TEST(Shapes, RefuseWhatDoesNotFitByName) {
  network_spec spec = chain();
  spec.layers[2].settings["kernel"] = 18;
  EXPECT_EQ(refusal(spec),
            "network: hidden3.conv2d.kernel = 18 (accepted: at most the height and the width, padding included)");
  spec = chain();
  spec.layers[0].shape = {16, 34, 33};
  EXPECT_THAT(refusal(spec), HasSubstr("hidden1.conv2d.kind = conv2d to a layer of shape [16, 34, 33]"));
  spec = chain();
  spec.layers[0].settings.erase("channels");
  EXPECT_THAT(refusal(spec), HasSubstr("hidden1.conv2d.channels = 0"));
  spec = chain();
  spec.input_shape = {};
  spec.inputs = 2312;
  EXPECT_THAT(refusal(spec), HasSubstr("hidden1.conv2d.height = 0 by 0"));
  spec = chain();
  spec.inputs = 7;
  EXPECT_THAT(refusal(spec), HasSubstr("input_shape = [2, 34, 34] (accepted: a shape of its 7 neurons)"));
  spec = chain();
  spec.layers[4].shape = {65536, 65536, 65536};
  EXPECT_THAT(refusal(spec), HasSubstr("readout.shape = [65536, 65536, 65536]"));
  spec = chain();
  spec.layers[0].channels = 4;
  EXPECT_THAT(refusal(spec), HasSubstr("hidden1.channels = 4 (accepted: 0, or those of its shape [16, 34, 34])"));
  spec = chain();
  spec.layers[1].kind = "dense";
  spec.layers[1].settings.clear();
  EXPECT_THAT(refusal(spec), HasSubstr("hidden2.size = 0"));
}

}  // namespace
}  // namespace backspike
