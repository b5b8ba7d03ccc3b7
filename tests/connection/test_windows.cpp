// Convolutions, transposed convolutions and pools against the sums that define them, and the settings that they refuse.

#include <backspike/connection/connection_info.hpp>
#include <backspike/connection/connections.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace backspike {
namespace {

/// Channels, height and width on one side, and the numbers of a window.
struct geometry {
  std::int64_t channels, height, width, out_channels;
  std::int64_t kernel_y, kernel_x, stride_y, stride_x, padding_y, padding_x, dilation_y = 1, dilation_x = 1, groups = 1;
  std::int64_t more = 0;  // output_padding

  std::vector<double> settings(const connection_info& info) const {
    const std::map<std::string_view, std::int64_t> all{
        {"channels", out_channels},     {"kernel", kernel_y},   {"kernel_width", kernel_x},   {"stride", stride_y},
        {"stride_width", stride_x},     {"padding", padding_y}, {"padding_width", padding_x}, {"dilation", dilation_y},
        {"dilation_width", dilation_x}, {"groups", groups},     {"output_padding", more}};
    std::vector<double> values;
    for (const field& f : info.fields) {
      const auto at = all.find(f.name);
      values.push_back(at == all.end() ? f.initial : static_cast<double>(at->second));
    }
    return values;
  }
  grid_shape shape() const {
    return {static_cast<std::uint32_t>(channels), static_cast<std::uint32_t>(height),
            static_cast<std::uint32_t>(width)};
  }
};

struct grid {
  std::int64_t channels, height, width;
  std::vector<double> values = std::vector<double>(static_cast<std::size_t>(channels * height * width), 0.0);

  double& at(std::int64_t c, std::int64_t y, std::int64_t x) {
    return values[static_cast<std::size_t>((y * width + x) * channels + c)];
  }
  double get(std::int64_t c, std::int64_t y, std::int64_t x) {
    return y < 0 || y >= height || x < 0 || x >= width ? 0.0 : at(c, y, x);
  }
};

/// The weight of a kernel's place: made up, and another one for each.
double weight_at(std::uint64_t row, std::uint64_t column) {
  return std::cos(0.7 * static_cast<double>(row) + 1.3 * static_cast<double>(column));
}

double kernel_weight(const geometry& g, std::int64_t ky, std::int64_t kx, std::int64_t channel, std::int64_t out) {
  const std::int64_t of_group = g.channels / g.groups;
  return weight_at(static_cast<std::uint64_t>((ky * g.kernel_x + kx) * of_group + channel % of_group),
                   static_cast<std::uint64_t>(out));
}

bool same_group(const geometry& g, std::int64_t channel, std::int64_t out) {
  return channel / (g.channels / g.groups) == out / (g.out_channels / g.groups);
}

/// The sum over channels and kernel, as every textbook writes it.
grid convolved(const geometry& g, grid& in) {
  grid out{g.out_channels, (g.height + 2 * g.padding_y - g.dilation_y * (g.kernel_y - 1) - 1) / g.stride_y + 1,
           (g.width + 2 * g.padding_x - g.dilation_x * (g.kernel_x - 1) - 1) / g.stride_x + 1};
  for (std::int64_t o = 0; o < out.channels; ++o) {
    for (std::int64_t y = 0; y < out.height; ++y) {
      for (std::int64_t x = 0; x < out.width; ++x) {
        for (std::int64_t c = 0; c < g.channels; ++c) {
          for (std::int64_t k = 0; k < g.kernel_y * g.kernel_x && same_group(g, c, o); ++k) {
            const std::int64_t ky = k / g.kernel_x, kx = k % g.kernel_x;
            out.at(o, y, x) +=
                kernel_weight(g, ky, kx, c, o) * in.get(c, y * g.stride_y + ky * g.dilation_y - g.padding_y,
                                                        x * g.stride_x + kx * g.dilation_x - g.padding_x);
          }
        }
      }
    }
  }
  return out;
}

/// Each place spreads its kernel over a canvas, which is then cut.
grid spread(const geometry& g, grid& in) {
  grid out{g.out_channels, (g.height - 1) * g.stride_y - 2 * g.padding_y + g.dilation_y * (g.kernel_y - 1) + g.more + 1,
           (g.width - 1) * g.stride_x - 2 * g.padding_x + g.dilation_x * (g.kernel_x - 1) + g.more + 1};
  for (std::int64_t c = 0; c < g.channels; ++c) {
    for (std::int64_t o = 0; o < g.out_channels; ++o) {
      for (std::int64_t place = 0; place < g.height * g.width && same_group(g, c, o); ++place) {
        for (std::int64_t k = 0; k < g.kernel_y * g.kernel_x; ++k) {
          const std::int64_t ky = k / g.kernel_x, kx = k % g.kernel_x;
          const std::int64_t y = place / g.width * g.stride_y + ky * g.dilation_y - g.padding_y;
          const std::int64_t x = place % g.width * g.stride_x + kx * g.dilation_x - g.padding_x;
          if (y >= 0 && y < out.height && x >= 0 && x < out.width) {
            out.at(o, y, x) += kernel_weight(g, ky, kx, c, o) * in.get(c, place / g.width, place % g.width);
          }
        }
      }
    }
  }
  return out;
}

grid pooled(const geometry& g, grid& in, bool mean) {
  grid out{g.channels, (g.height + 2 * g.padding_y - g.kernel_y) / g.stride_y + 1,
           (g.width + 2 * g.padding_x - g.kernel_x) / g.stride_x + 1};
  for (std::int64_t c = 0; c < g.channels; ++c) {
    for (std::int64_t y = 0; y < out.height; ++y) {
      for (std::int64_t x = 0; x < out.width; ++x) {
        for (std::int64_t k = 0; k < g.kernel_y * g.kernel_x; ++k) {
          out.at(c, y, x) +=
              in.get(c, y * g.stride_y + k / g.kernel_x - g.padding_y, x * g.stride_x + k % g.kernel_x - g.padding_x);
        }
        out.at(c, y, x) /= mean ? static_cast<double>(g.kernel_y * g.kernel_x) : 1.0;
      }
    }
  }
  return out;
}

grid source_of(const geometry& g) {
  grid in{g.channels, g.height, g.width};
  for (std::size_t i = 0; i < in.values.size(); ++i) {
    in.values[i] = std::sin(1.0 + static_cast<double>(i));
  }
  return in;
}

synapse_plan plan_of(const connection_info& info, const synapse_request& r) {
  synapse_plan plan;
  plan.sources = r.sources;
  plan.targets = r.targets;
  info.plan(r, plan);
  return plan;
}

void expect_sums(const std::string& kind, const geometry& g, grid& in, const grid& expected) {
  const connection_info& info = find_connection(kind);
  const std::vector<double> settings = g.settings(info);
  const bool line = kind == "conv1d";
  const grid_shape from =
      line ? grid_shape{static_cast<std::uint32_t>(g.channels), static_cast<std::uint32_t>(g.width)} : g.shape();
  const synapse_request r{in.values.size(), expected.values.size(), false, settings, {}, {}, from};
  const auto problem = info.problem(r);
  ASSERT_FALSE(problem) << problem->key << " = " << problem->value << "; " << problem->accepted;
  EXPECT_EQ(neurons_of(info.target_shape(r)), expected.values.size());
  EXPECT_EQ(info.target_shape(r).front(), expected.channels);
  const synapse_plan plan = plan_of(info, r);
  std::vector<double> out(expected.values.size(), 0.0);
  std::size_t synapses = 0;
  with_connection_kind(info.kind, [&](auto of) {
    for (std::uint32_t i = 0; i < r.sources; ++i) {
      std::int64_t last = -1;
      decltype(of)::each_synapse(i, plan, [&](const synapse& s) {
        EXPECT_LT(s.row, info.weights(plan).rows);
        EXPECT_LT(s.column, info.weights(plan).columns);
        EXPECT_GT(static_cast<std::int64_t>(s.target), last);
        last = s.target;
        out.at(s.target) += (info.fixed ? 1.0 : weight_at(s.row, s.column)) * s.factor * in.values[i];
        ++synapses;
      });
    }
  });
  EXPECT_GT(synapses, 0U);
  for (std::size_t i = 0; i < out.size(); ++i) {
    EXPECT_NEAR(out[i], expected.values[i], 1e-12) << kind << " target " << i;
  }
}

const geometry windows[] = {
    {2, 5, 7, 3, 3, 3, 1, 1, 0, 0},
    {1, 8, 8, 2, 3, 3, 2, 2, 1, 1},
    {3, 6, 4, 1, 2, 3, 2, 1, 0, 1},
    {2, 9, 5, 2, 5, 4, 3, 2, 2, 0},
    {1, 4, 4, 1, 1, 1, 1, 1, 0, 0},
    {4, 9, 9, 6, 3, 3, 1, 1, 2, 2, 2, 2, 2},
    {4, 11, 8, 4, 3, 2, 2, 3, 1, 1, 3, 2, 4},
    {6, 7, 7, 3, 2, 3, 3, 3, 0, 0, 2, 1, 3},
    {2, 10, 10, 2, 3, 3, 4, 4, 3, 3, 6, 6, 1},
    {1, 3, 3, 1, 2, 2, 3, 3, 4, 4},
};

TEST(Windows, ConvolutionIsTheSumOverItsKernel) {
  for (const geometry& g : windows) {
    grid in = source_of(g);
    expect_sums("conv2d", g, in, convolved(g, in));
  }
}

TEST(Windows, ConvolutionAlongALineIsOneOfHeightOne) {
  for (geometry g : windows) {
    g.height = g.kernel_y = g.stride_y = g.dilation_y = 1;
    g.padding_y = 0;
    grid in = source_of(g);
    const grid expected = convolved(g, in);
    g.kernel_y = g.kernel_x;  // the names of a line's settings have no axis
    g.stride_y = g.stride_x;
    g.dilation_y = g.dilation_x;
    g.padding_y = g.padding_x;
    expect_sums("conv1d", g, in, expected);
  }
}

TEST(Windows, TransposedConvolutionSpreadsEachPlace) {
  std::size_t tested = 0;
  for (geometry g : windows) {
    for (const std::int64_t more : {0, 1}) {
      g.more = std::min({more, g.stride_y - 1, g.stride_x - 1});
      grid in = source_of(g);
      if ((g.height - 1) * g.stride_y - 2 * g.padding_y + g.dilation_y * (g.kernel_y - 1) + g.more >= 0 &&
          (g.width - 1) * g.stride_x - 2 * g.padding_x + g.dilation_x * (g.kernel_x - 1) + g.more >= 0) {
        expect_sums("conv_transpose2d", g, in, spread(g, in));
        ++tested;
      }
    }
  }
  EXPECT_GT(tested, 12U);
}

TEST(Windows, PoolsAreSumsAndMeansOfAChannel) {
  for (const geometry& g : {geometry{3, 6, 8, 3, 2, 2, 2, 2, 0, 0}, geometry{2, 7, 5, 2, 3, 2, 2, 3, 1, 1},
                            geometry{1, 5, 5, 1, 3, 3, 1, 1, 0, 0}}) {
    grid in = source_of(g);
    expect_sums("sum_pool", g, in, pooled(g, in, false));
    expect_sums("average_pool", g, in, pooled(g, in, true));
  }
}

TEST(Windows, APoolsStrideIsItsKernelUnlessItIsGiven) {
  const connection_info& info = find_connection("sum_pool");
  std::vector<double> settings;
  for (const field& f : info.fields) {
    settings.push_back(f.name == "kernel" ? 3.0 : f.initial);
  }
  const grid_shape from{4, 9, 7};
  EXPECT_EQ(info.target_shape({252, 0, false, settings, {}, {}, from}), (grid_shape{4, 3, 2}));
}

std::string problem_of(const std::string& kind, const grid_shape& from, std::size_t targets,
                       const std::map<std::string, double>& given, const grid_shape& to = {}) {
  const connection_info& info = find_connection(kind);
  std::vector<double> settings;
  for (const field& f : info.fields) {
    const auto at = given.find(std::string(f.name));
    settings.push_back(at == given.end() ? f.initial : at->second);
  }
  const bool sized = from.size() == 1;  // neurons without a shape
  const auto found = info.problem({neurons_of(from),
                                   to.empty() ? targets : neurons_of(to),
                                   false,
                                   settings,
                                   {},
                                   {},
                                   sized ? grid_shape{} : from,
                                   to});
  return found ? found->key + " = " + found->value + " (" + found->accepted + ")" : std::string();
}

TEST(Windows, RefuseWhatDoesNotFit) {
  EXPECT_EQ(problem_of("conv2d", {10}, 4, {{"height", 3}, {"width", 3}, {"kernel", 2}}),
            "height = 3 by 3 (a grid that divides the 10 neurons before it into channels)");
  EXPECT_EQ(problem_of("conv2d", {9}, 4, {}),
            "height = 0 by 0 (the grid of the 9 neurons before it, or for these a shape, [channels, height, width])");
  EXPECT_EQ(problem_of("conv2d", {1, 3, 3}, 4, {{"kernel", 4}}),
            "kernel = 4 (at most the height and the width, padding included)");
  EXPECT_EQ(problem_of("conv2d", {1, 5, 5}, 4, {{"kernel", 3}, {"dilation", 3}}),
            "kernel = 3 (at most the height and the width, padding included; with its dilation it reaches over 7)");
  EXPECT_EQ(problem_of("conv2d", {1, 3, 3}, 5, {{"kernel", 2}}),
            "kind = conv2d to 5 neurons ([channels, 2, 2], a multiple of 4 neurons)");
  EXPECT_EQ(problem_of("conv2d", {1, 3, 3}, 8, {{"kernel", 2}, {"channels", 3}}),
            "kind = conv2d to 8 neurons ([3, 2, 2], 12 neurons)");
  EXPECT_EQ(problem_of("conv2d", {1, 3, 3}, 0, {{"kernel", 2}}, {3, 1, 4}),
            "kind = conv2d to a layer of shape [3, 1, 4] ([channels, 2, 2], a multiple of 4 neurons)");
  EXPECT_EQ(problem_of("conv2d", {1, 3, 3}, 4, {{"stride", 1.5}}), "stride = 1.500000 (a whole number)");
  EXPECT_EQ(problem_of("conv2d", {4, 3, 3}, 0, {{"channels", 6}, {"groups", 4}}),
            "groups = 4 (a divisor of the 4 channels before it and of the 6 behind it)");
  EXPECT_EQ(problem_of("conv2d", {1, 3, 3}, 0, {{"kernel", 2}}),
            "channels = 0 (at least 1: nothing else says the size of the layer that conv2d leads to)");
  EXPECT_EQ(problem_of("conv2d", {2, 9}, 0, {{"channels", 1}}),
            "kind = conv2d from a layer of shape [2, 9] (a layer of shape [channels, height, width])");
  EXPECT_EQ(problem_of("conv2d", {1, 3, 3}, 4, {{"height", 4}}),
            "height = 4 by 0 (0, or that of the shape before it, [1, 3, 3])");
  EXPECT_EQ(problem_of("conv_transpose2d", {1, 2, 2}, 0, {{"channels", 1}, {"kernel", 2}, {"padding", 2}}),
            "padding = 2 (less than half of what it is cut from, 3)");
  EXPECT_EQ(problem_of("conv_transpose2d", {1, 2, 2}, 0, {{"channels", 1}, {"output_padding", 1}}),
            "output_padding = 1 (less than the stride)");
  EXPECT_EQ(problem_of("sum_pool", {4, 4, 4}, 15, {}), "kind = sum_pool to 15 neurons ([4, 2, 2], 16 neurons)");
  EXPECT_NE(problem_of("conv2d", {1, 60000, 2}, 0, {{"channels", 16777216}, {"kernel", 1}}).find("2147483647"),
            std::string::npos);
  EXPECT_NE(problem_of("conv2d", {16, 1000, 1000}, 0, {{"channels", 512}, {"kernel", 1000}}).find("2147483647"),
            std::string::npos);
}

}  // namespace
}  // namespace backspike
