// The patches of convolutions on every instruction set: the bits of the scalar kernels, and the sums over the
// connection's own list of synapses.

#include "gradient/connection/patch_table.hpp"
#include "kernels/kernel_table.hpp"

#include <backspike/core/random.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace backspike {
namespace {

using kernels::table;

std::vector<float> random_values(std::size_t n, std::uint64_t stream) {
  random_stream random(20240229, random_purpose::test, stream);
  std::vector<float> x(n);
  std::ranges::generate(x, [&] { return static_cast<float>(random.normal()); });
  return x;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// A convolution into channels of a number that vectors like or not.
network_spec convolution(std::uint32_t channels_in, double channels_out, double groups, double stride,
                         double dilation) {
  network_spec spec;
  spec.input_shape = {channels_in, 7, 6};
  layer_spec layer;
  layer.cell = "leaky_integrator";
  layer.kind = "conv2d";
  layer.settings = {{"channels", channels_out}, {"groups", groups}, {"stride", stride},
                    {"dilation", dilation},     {"padding", 2.0},   {"kernel_width", 2.0}};
  spec.layers = {layer};
  return spec;
}

struct patch_results {
  std::vector<float> current, errors, gradient;
};

class IsaPatches : public ::testing::TestWithParam<const table*> {
 protected:
  void SetUp() override {
    if (!GetParam()->supported()) {
      GTEST_SKIP() << "this processor does not run " << GetParam()->name;
    }
  }
};

patch_results run(const kernels::patch_functions& k, const network& net, const event_row& row,
                  const std::vector<float>& weights, const std::vector<float>& errors) {
  const connection& c = net.connections().front();
  const parameter_info& info = net.parameters()[c.weight];
  patch_table patches;
  memory_plan take = memory_plan::take();
  plan_patches(take, patches, c);
  patches.fill(c, info.stride);
  patch_results r;
  r.current = random_values(net.populations().front().padded_units, 1);
  patches.add(k, weights.data(), row, r.current.data());
  r.errors = random_values(c.source_units, 2);
  patches.send_back(k, weights.data(), errors.data(), row.channels, r.errors.data());
  patches.send_back_to_all(k, weights.data(), errors.data(), r.errors.data());
  r.gradient = random_values(info.rows * info.stride, 3);
  for (std::size_t part = 0; part < patches.kernel_rows; ++part) {
    patches.gather(k, row, part, part + 1, errors.data(), r.gradient.data());
  }
  return r;
}

/// The same from the list of synapses, in double.
patch_results listed(const network& net, const event_row& row, const std::vector<float>& weights,
                     const std::vector<float>& errors) {
  const connection& c = net.connections().front();
  const parameter_info& info = net.parameters()[c.weight];
  std::vector<double> current(net.populations().front().padded_units), back(c.source_units),
      gradient(info.rows * info.stride);
  std::vector<double> sent(c.source_units, 0.0), asked(c.source_units, 1.0);
  for (std::size_t e = 0; e < row.channels.size(); ++e) {
    sent[row.channels[e]] = row.values.empty() ? 1.0 : static_cast<double>(row.values[e]);
    asked[row.channels[e]] += 1.0;
  }
  each_synapse(c, [&](std::uint32_t i, const synapse& s) {
    const std::size_t at = s.row * info.stride + s.column;
    const double w = static_cast<double>(weights[at]), error = static_cast<double>(errors[s.target]);
    current[s.target] += sent[i] * w;
    back[i] += asked[i] * w * error;
    gradient[at] += sent[i] * error;
  });
  const auto added = [](std::vector<float> to, const std::vector<double>& sum) {
    for (std::size_t k = 0; k < to.size(); ++k) {
      to[k] = static_cast<float>(static_cast<double>(to[k]) + sum[k]);
    }
    return to;
  };
  return {added(random_values(current.size(), 1), current), added(random_values(back.size(), 2), back),
          added(random_values(gradient.size(), 3), gradient)};
}

void expect_near(const std::vector<float>& a, const std::vector<float>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t k = 0; k < a.size(); ++k) {
    ASSERT_NEAR(a[k], b[k], 1e-4) << k;
  }
}

TEST_P(IsaPatches, AreTheSumsOverSynapsesInTheBitsOfTheScalarKernels) {
  const kernels::patch_functions &scalar = kernels::patch_functions_of("scalar"),
                                 &here = kernels::patch_functions_of(GetParam()->name);
  for (const double channels : {1.0, 7.0, 8.0, 12.0, 16.0, 24.0, 30.0, 32.0, 47.0, 64.0, 72.0}) {
    for (const bool grouped : {false, true}) {
      const std::uint32_t in = grouped ? 6 : 3;
      const network net(
          convolution(in, grouped ? 2 * channels : channels, grouped ? 2 : 1, grouped ? 2 : 1, grouped ? 3 : 1));
      const parameter_info& info = net.parameters()[net.connections().front().weight];
      const auto weights = random_values(info.rows * info.stride, 4);
      const auto errors = random_values(net.populations().front().padded_units, 5);
      std::vector<std::uint32_t> ids;
      for (std::uint32_t i = 0; i < net.spec().inputs; i += 1 + i % 3) {
        ids.push_back(i);
      }
      const auto values = random_values(ids.size(), 6);
      for (const bool graded : {false, true}) {
        const event_row row{ids, graded ? std::span<const float>(values) : std::span<const float>()};
        const patch_results expected = run(scalar, net, row, weights, errors),
                            actual = run(here, net, row, weights, errors);
        EXPECT_TRUE(same_bits(actual.current, expected.current)) << channels;
        EXPECT_TRUE(same_bits(actual.errors, expected.errors)) << channels;
        EXPECT_TRUE(same_bits(actual.gradient, expected.gradient)) << channels;
        const patch_results sums = listed(net, row, weights, errors);
        expect_near(actual.current, sums.current);
        expect_near(actual.errors, sums.errors);
        expect_near(actual.gradient, sums.gradient);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, IsaPatches,
                         ::testing::ValuesIn(kernels::all_tables().begin(), kernels::all_tables().end()),
                         [](const auto& tested) { return std::string(tested.param->name); });

}  // namespace
}  // namespace backspike
