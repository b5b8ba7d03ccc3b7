// What the report draws as pictures: layers and input with the shape of one, and the first convolution's kernels.

#include <backspike/network/network.hpp>

#include "experiment/run/finish.hpp"

#include <gtest/gtest.h>

namespace backspike {
namespace {

/// [2, 6, 5] - conv2d [3, 6, 5] - pool [3, 3, 2] - 4
network small_convolution() {
  network_spec spec;
  spec.input_shape = {2, 6, 5};
  spec.layers.resize(3);
  spec.layers[0].name = "edges";
  spec.layers[0].kind = "conv2d";
  spec.layers[0].settings = {{"channels", 3.0}, {"kernel", 3.0}, {"padding", 1.0}};
  spec.layers[1].name = "pooled";
  spec.layers[1].kind = "sum_pool";
  spec.layers[1].settings = {{"kernel", 2.0}};
  spec.layers[2].name = "readout";
  spec.layers[2].cell = "leaky_integrator";
  spec.layers[2].size = 4;
  return network(spec);
}

TEST(ReportPictures, AreOfEverythingThatStandsInAGrid) {
  const auto grids = grids_of(small_convolution());
  ASSERT_EQ(grids.size(), 3U);
  EXPECT_EQ(grids[0].name, "input");
  EXPECT_EQ(grids[0].channels, 2U);
  EXPECT_EQ(grids[0].height, 6U);
  EXPECT_EQ(grids[0].width, 5U);
  EXPECT_EQ(grids[1].name, "edges");
  EXPECT_EQ(grids[1].channels, 3U);
  EXPECT_EQ(grids[2].name, "pooled");
  EXPECT_EQ(grids[2].height, 3U);
  EXPECT_EQ(grids[2].width, 2U);
}

TEST(ReportPictures, KernelsHaveTheirWeightsInPlace) {
  const auto net = small_convolution();
  arena<float> parameters(net.parameters());
  const auto& c = net.connections()[0];
  // As in connection/conv2d.hpp: the row of a weight is (kernel y, kernel x, channel in), its column the channel out.
  const auto number = [](std::size_t out, std::size_t in, std::size_t y, std::size_t x) {
    return static_cast<float>(1000 * out + 100 * in + 10 * y + x);
  };
  for (std::size_t y = 0; y < 3; ++y) {
    for (std::size_t x = 0; x < 3; ++x) {
      for (std::size_t in = 0; in < 2; ++in) {
        for (std::size_t out = 0; out < 3; ++out) {
          parameters.view(c.weight)((y * 3 + x) * 2 + in, out) = number(out, in, y, x);
        }
      }
    }
  }
  const auto kernels = first_kernels(net, parameters);
  ASSERT_EQ(kernels.size(), 1U);
  const auto& k = kernels[0];
  EXPECT_EQ(k.name, "edges.weight");
  ASSERT_EQ(k.outputs, 3U);
  ASSERT_EQ(k.inputs, 2U);
  ASSERT_EQ(k.weights.size(), 54U);
  std::size_t at = 0;
  for (std::size_t out = 0; out < 3; ++out) {
    for (std::size_t in = 0; in < 2; ++in) {
      for (std::size_t y = 0; y < 3; ++y) {
        for (std::size_t x = 0; x < 3; ++x) {
          EXPECT_EQ(k.weights[at++], number(out, in, y, x));
        }
      }
    }
  }
}

TEST(ReportPictures, DenseNetworksHaveNone) {
  network_spec spec;
  spec.inputs = 60;
  spec.layers.resize(1);
  spec.layers[0].size = 4;
  const network net(spec);
  EXPECT_TRUE(grids_of(net).empty());
  EXPECT_TRUE(first_kernels(net, arena<float>(net.parameters())).empty());
}

}  // namespace
}  // namespace backspike
