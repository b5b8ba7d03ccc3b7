// What dropout and noise draw: their distributions, and that a number is a function of its place and of nothing else.

#include <backspike/gradient/draws.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

namespace backspike::testing {
namespace {

constexpr std::uint32_t units = 1000;

/// 70 inputs, a population with dropout and noise, and a readout; the last connection has dropout of its own, too.
network drawing_network(double dropout, double own, double noise) {
  network_spec spec;
  spec.inputs = 70;
  layer_spec hidden, readout;
  hidden.size = units;
  hidden.dropout = dropout;
  hidden.noise = noise;
  readout.cell = "leaky_integrator";
  readout.size = 3;
  readout.noise = noise;
  spec.layers = {hidden, readout};
  connection_spec extra;
  extra.name = "extra";
  extra.from = "hidden1";
  extra.to = "readout";
  extra.dropout = own;
  spec.connections = {extra};
  return network(spec);
}

std::vector<float> factors(const network& net, const batch_draws& from, std::uint32_t sample, std::size_t k) {
  const sample_draws draws(net, from, sample);
  return {draws.factors(k).begin(), draws.factors(k).end()};
}

std::vector<float> noise(const network& net, const batch_draws& from, std::uint32_t sample, std::size_t q,
                         std::uint32_t step) {
  aligned_vector<float> row(net.populations()[q].padded_units, 0.0f);
  sample_draws(net, from, sample).add_noise(q, step, row.data());
  for (std::size_t n = net.populations()[q].units; n < row.size(); ++n) {
    EXPECT_EQ(row[n], 0.0f) << "padding";
  }
  return {row.begin(), row.begin() + static_cast<std::ptrdiff_t>(net.populations()[q].units)};
}

/// Of standardised numbers: near 0 where they have nothing to do with each other.
double correlation(const std::vector<float>& a, const std::vector<float>& b) {
  const auto mean = [](const std::vector<float>& x) {
    return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
  };
  const double of_a = mean(a), of_b = mean(b);
  double ab = 0.0, aa = 0.0, bb = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const double x = static_cast<double>(a[k]) - of_a, y = static_cast<double>(b[k]) - of_b;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / std::sqrt(aa * bb);
}

constexpr double unrelated = 5.0 / 31.6;  // five standard deviations of a correlation of 1000 pairs

TEST(Draws, DropoutKeepsTheMeanOfWhatIsSent) {
  for (const double p : {0.1, 0.5, 0.9}) {
    const network net = drawing_network(p, 0.0, 0.0);
    const auto kept = static_cast<float>(1.0 / (1.0 - p));
    std::size_t dropped = 0;
    for (std::uint32_t sample = 0; sample < 100; ++sample) {
      for (const float f : factors(net, {7, 2, true}, sample, 1)) {
        ASSERT_TRUE(f == 0.0f || f == kept) << f;
        dropped += f == 0.0f ? 1 : 0;
      }
    }
    const double share = static_cast<double>(dropped) / (100.0 * units);
    EXPECT_NEAR(share, p, 5.0 * std::sqrt(p * (1.0 - p) / (100.0 * units)));
  }
}

TEST(Draws, DropoutOfAConnectionComesOnTop) {
  const network net = drawing_network(0.5, 0.25, 0.0);
  const auto of_layer = factors(net, {1, 1, true}, 3, 1), both = factors(net, {1, 1, true}, 3, 2);
  std::size_t own = 0, heard = 0;
  for (std::size_t n = 0; n < units; ++n) {
    if (of_layer[n] == 0.0f) {
      EXPECT_EQ(both[n], 0.0f);
    } else {
      ++heard;
      own += both[n] == 0.0f ? 1 : 0;
      EXPECT_TRUE(both[n] == 0.0f || std::fabs(both[n] - 2.0f / 0.75f) < 1e-6f) << both[n];
    }
  }
  EXPECT_NEAR(static_cast<double>(own) / static_cast<double>(heard), 0.25, 5.0 * std::sqrt(0.25 * 0.75 / 500.0));
  EXPECT_TRUE(sample_draws(net, {1, 1, true}, 3).factors(0).empty()) << "of the input";
}

/// 40 channels of 5 by 5, behind an input of 3; the input's own channels are dropped on one connection.
network channel_network() {
  network_spec spec;
  spec.input_shape = {3, 7, 7};
  layer_spec conv, groups, readout;
  conv.kind = "conv2d";
  conv.settings = {{"channels", 40.0}};
  conv.dropout = 0.5;
  conv.dropout_per = parameter_sharing::channel;
  groups.size = 60;
  groups.channels = 20;
  groups.dropout = 0.5;
  groups.dropout_per = parameter_sharing::channel;
  readout.cell = "leaky_integrator";
  readout.size = 2;
  spec.layers = {conv, groups, readout};
  connection_spec extra;
  extra.name = "extra";
  extra.from = "input";
  extra.to = "readout";
  extra.dropout = 0.5;
  extra.dropout_per = parameter_sharing::channel;
  spec.connections = {extra};
  return network(spec);
}

/// Every neuron of a channel has its factor, and channels have others.
void expect_by_channel(const std::vector<float>& factors, std::size_t channels, bool in_places) {
  std::vector<float> of_channel(channels, -1.0f);
  for (std::size_t n = 0; n < factors.size(); ++n) {
    float& known = of_channel[in_places ? n % channels : n / (factors.size() / channels)];
    EXPECT_TRUE(known == -1.0f || known == factors[n]) << n;
    EXPECT_TRUE(factors[n] == 0.0f || factors[n] == 2.0f) << n;
    known = factors[n];
  }
}

TEST(Draws, WholeChannelsAreDropped) {
  const network net = channel_network();
  std::size_t dropped = 0, all = 0;
  for (std::uint32_t sample = 0; sample < 100; ++sample) {
    const auto maps = factors(net, {3, 1, true}, sample, 1);
    ASSERT_EQ(maps.size(), 1000U);
    expect_by_channel(maps, 40, true);
    expect_by_channel(factors(net, {3, 1, true}, sample, 2), 20, false);
    const auto input = factors(net, {3, 1, true}, sample, 3);
    ASSERT_EQ(input.size(), 147U);
    expect_by_channel(input, 3, true);
    for (std::size_t channel = 0; channel < 40; ++channel, ++all) {
      dropped += maps[channel] == 0.0f ? 1 : 0;
    }
  }
  EXPECT_NEAR(static_cast<double>(dropped) / static_cast<double>(all), 0.5, 5.0 * std::sqrt(0.25 / 4000.0));
}

TEST(Draws, EverySampleEpochAndSeedHasOthers) {
  const network net = drawing_network(0.5, 0.0, 1.0);
  const batch_draws here{5, 4, true};
  const auto mask = factors(net, here, 9, 1), currents = noise(net, here, 9, 0, 20);
  for (const auto& [from, sample] : {std::pair{batch_draws{5, 4, true}, 10u},
                                     {batch_draws{5, 5, true}, 9u},
                                     {batch_draws{6, 4, true}, 9u},
                                     {batch_draws{5 + (1ull << 32), 4, true}, 9u}}) {
    EXPECT_LT(std::fabs(correlation(mask, factors(net, from, sample, 1))), unrelated);
    EXPECT_LT(std::fabs(correlation(currents, noise(net, from, sample, 0, 20))), unrelated);
  }
  EXPECT_LT(std::fabs(correlation(currents, noise(net, here, 9, 0, 21))), unrelated) << "another step";
  EXPECT_LT(std::fabs(correlation(currents, mask)), unrelated);
  EXPECT_EQ(factors(net, here, 9, 1), mask);
  EXPECT_EQ(noise(net, here, 9, 0, 20), currents);
  const auto readout = noise(net, here, 9, 1, 20);
  EXPECT_FALSE(std::equal(readout.begin(), readout.end(), currents.begin())) << "another population";
}

TEST(Draws, NoiseIsNormal) {
  const double deviation = 0.3;
  const network net = drawing_network(0.0, 0.0, deviation);
  double sum[5]{};
  float largest = 0.0f;
  for (std::uint32_t step = 0; step < 500; ++step) {
    for (const float x : noise(net, {11, 1, true}, 2, 0, step)) {
      double power = 1.0;
      for (double& s : sum) {
        s += power;
        power *= static_cast<double>(x) / deviation;
      }
      largest = std::max(largest, std::fabs(x));
    }
  }
  const double n = sum[0];
  EXPECT_NEAR(sum[1] / n, 0.0, 5.0 / std::sqrt(n));
  EXPECT_NEAR(sum[2] / n, 1.0, 5.0 * std::sqrt(2.0 / n));
  EXPECT_NEAR(sum[3] / n, 0.0, 5.0 * std::sqrt(15.0 / n));
  EXPECT_NEAR(sum[4] / n, 3.0, 5.0 * std::sqrt(96.0 / n));
  EXPECT_GT(largest, 4.0 * deviation);
  EXPECT_LT(largest, 6.0 * deviation);
}

TEST(Draws, NeighboursHaveNothingToDoWithEachOther) {
  const network net = drawing_network(0.0, 0.0, 1.0);
  for (const std::size_t apart : {1u, 16u, 32u, 48u, 64u}) {  // pairs of one counter are 16 apart
    std::vector<float> a, b;
    for (std::uint32_t step = 0; step < 20; ++step) {
      const auto row = noise(net, {3, 1, true}, 0, 0, step);
      a.insert(a.end(), row.begin(), row.end() - static_cast<std::ptrdiff_t>(apart));
      b.insert(b.end(), row.begin() + static_cast<std::ptrdiff_t>(apart), row.end());
    }
    EXPECT_LT(std::fabs(correlation(a, b)), 5.0 / std::sqrt(static_cast<double>(a.size()))) << apart;
  }
}

TEST(Draws, NothingIsDrawnUnlessEnabled) {
  const network net = drawing_network(0.5, 0.5, 1.0), plain = drawing_network(0.0, 0.0, 0.0);
  EXPECT_FALSE(sample_draws(net, {1, 1, false}, 0).any());
  EXPECT_TRUE(sample_draws(net, {1, 1, false}, 0).factors(1).empty());
  EXPECT_FALSE(sample_draws(net, {1, 1, false}, 0).has_noise(0));
  EXPECT_FALSE(sample_draws(plain, {1, 1, true}, 0).any());
  EXPECT_TRUE(net.draws());
  EXPECT_FALSE(plain.draws());
}

TEST(Draws, AKeyIsAFunctionOfAllItsParts) {
  const random_key key(1, random_purpose::noise, 2, 3, 4);
  const auto first = key.four(0);
  EXPECT_EQ(first, random_key(1, random_purpose::noise, 2, 3, 4).four(0));
  EXPECT_NE(first, key.four(1));
  EXPECT_NE(first, random_key(1, random_purpose::dropout, 2, 3, 4).four(0));
  EXPECT_NE(first, random_key(1, random_purpose::noise, 3, 2, 4).four(0));
}

}  // namespace
}  // namespace backspike::testing
