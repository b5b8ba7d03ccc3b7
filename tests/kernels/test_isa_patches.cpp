// The patches of convolutions on every instruction set: the bits of the scalar kernels, and the sums over the
// connection's own list of synapses.

#include "gradient/connection/patch_table.hpp"
#include "gradient/connection/synapse_table.hpp"
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

/// The gradient of all events of a row by channel of the source, as the engine sums it.
std::vector<float> summed(const kernels::patch_functions& k, const network& net, const event_row& row,
                          const std::vector<float>& errors, bool row_by_row) {
  const connection& c = net.connections().front();
  const parameter_info& info = net.parameters()[c.weight];
  patch_table patches;
  memory_plan take = memory_plan::take();
  plan_patches(take, patches, c);
  patches.fill(c, info.stride);
  EXPECT_TRUE(patches.sums());
  std::vector<float> gradient = random_values(info.rows * info.stride, 3);
  for (std::uint32_t channel = 0; channel < patches.shape.channels; ++channel) {
    std::vector<kernels::patch_event> events;
    std::vector<float> values;
    for (std::size_t e = 0; e < row.channels.size(); ++e) {
      if (row.channels[e] % patches.shape.channels == channel) {
        events.push_back(patches.spots[row.channels[e] / patches.shape.channels]);
        values.push_back(row.values.empty() ? 1.0f : row.values[e]);
      }
    }
    const float* graded = row.values.empty() ? nullptr : values.data();
    for (std::size_t column = 0; column < patches.shape.length; column += lanes) {
      const std::size_t step = row_by_row ? 1 : patches.kernel_rows;
      for (std::size_t first = 0; first < patches.kernel_rows; first += step) {
        patches.sum(k, channel, column, events, graded, first, first + step, errors.data(), gradient.data());
      }
    }
  }
  return gradient;
}

TEST_P(IsaPatches, SumsInRegistersAreThoseOfEveryEvent) {
  const kernels::patch_functions &scalar = kernels::patch_functions_of("scalar"),
                                 &here = kernels::patch_functions_of(GetParam()->name);
  for (const double kernel : {3.0, 5.0}) {
    for (const double padding : {0.0, 2.0}) {
      for (const bool transposed : {false, true}) {
        for (const double groups : {1.0, 2.0}) {
          network_spec spec = convolution(4, 32.0 * groups, groups, 1.0, 1.0);
          spec.layers[0].kind = transposed ? "conv_transpose2d" : "conv2d";
          spec.layers[0].settings["kernel"] = kernel;
          spec.layers[0].settings["kernel_width"] = 8.0 - kernel;
          spec.layers[0].settings["padding"] = padding;
          const network net(spec);
          const auto errors = random_values(net.populations().front().padded_units, 5);
          std::vector<std::uint32_t> ids;
          for (std::uint32_t i = 0; i < net.spec().inputs; i += 1 + i % 3) {
            ids.push_back(i);
          }
          const auto values = random_values(ids.size(), 6);
          const std::vector<float> weights(net.parameters()[0].rows * net.parameters()[0].stride);
          for (const bool graded : {false, true}) {
            const event_row row{ids, graded ? std::span<const float>(values) : std::span<const float>()};
            const std::vector<float> event_by_event = run(scalar, net, row, weights, errors).gradient;
            EXPECT_TRUE(same_bits(summed(here, net, row, errors, false), event_by_event)) << kernel;
            EXPECT_TRUE(same_bits(summed(here, net, row, errors, true), event_by_event)) << kernel;
          }
        }
      }
    }
  }
}

TEST_P(IsaPatches, PoolsSendBackTheBitsOfTheirList) {
  const kernels::patch_functions& here = kernels::patch_functions_of(GetParam()->name);
  for (const std::uint32_t channels : {8u, 16u, 21u}) {
    for (const double stride : {2.0, 1.0}) {
      for (const char* kind : {"sum_pool", "average_pool"}) {
        network_spec spec = convolution(channels, 1.0, 1.0, 1.0, 1.0);
        spec.layers[0].kind = kind;
        spec.layers[0].settings = {{"kernel", 2.0}, {"stride", stride}, {"padding", 1.0}};
        const network net(spec);
        const connection& c = net.connections().front();
        ASSERT_TRUE(has_pools(c));
        patch_table patches;
        synapse_table list;
        memory_plan take = memory_plan::take();
        plan_patches(take, patches, c);
        plan_table(take, list, c);
        patches.fill(c, net.parameters()[c.weight].stride);
        list.fill(c, net.parameters()[c.weight].stride);
        const auto error = random_values(net.populations().front().padded_units, 5);
        std::vector<float> expected = random_values(c.source_units, 2), actual = expected;
        const std::vector<float> weight(lanes, 0.7f);
        list.send_back_to_all(weight.data(), error.data(), expected.data());
        const double factor = c.synapses.patches.factor;
        patches.send_back_pooled(here, factor == 1.0 ? 0.7f : 0.7f * static_cast<float>(factor), error.data(),
                                 actual.data());
        EXPECT_TRUE(same_bits(actual, expected)) << kind << " " << channels;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, IsaPatches,
                         ::testing::ValuesIn(kernels::all_tables().begin(), kernels::all_tables().end()),
                         [](const auto& tested) { return std::string(tested.param->name); });

}  // namespace
}  // namespace backspike
