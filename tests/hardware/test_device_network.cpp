// Devices: what is drawn has the deviation that was asked for, belongs to seed and number alone, stays in its range,
// and its gradient is the derivative by the wanted numbers.

#include "gradient/trial.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/hardware/deployment.hpp>
#include <backspike/hardware/device_network.hpp>

#include <gmock/gmock.h>

#include <cmath>

namespace backspike::testing {
namespace {

trial_plan plan_of(std::uint64_t seed) {
  trial_plan plan;
  plan.seed = seed;
  plan.network.inputs = 6;
  plan.network.layers = {quick_layer("lif", 24), quick_layer("leaky_integrator", 3)};
  plan.network.layers[0].name = "first";
  plan.network.layers[0].bias = true;
  plan.network.layers[0].surrogate = {surrogate_kind::arctangent, 0.8, 1.0};
  plan.network.layers[1].name = "readout";
  plan.lengths = {14, 9, 20, 17};
  plan.gain = 3.0;
  return plan;
}

struct problem {
  trial t;
  arena<float> parameters;
  thread_pool pool;

  explicit problem(std::size_t threads = 1) : t(plan_of(5)), parameters(t.net.parameters()), pool(threads) {
    std::ranges::transform(t.parameters.values(), parameters.values().begin(),
                           [](double x) { return static_cast<float>(x); });
  }
};

device_spec all_of(double sigma, mismatch_distribution d = mismatch_distribution::normal, bool relative = true) {
  device_spec spec;
  spec.mismatch = {{"*", d, sigma, relative}};
  return spec;
}

/// Deviations of a device's weights from the wanted ones, over the size of each.
std::vector<double> changes(const problem& p, device_network& devices, std::size_t count, const std::string& name) {
  arena<float> on_device(devices.simulated().parameters());
  std::vector<double> found;
  for (std::size_t k = 0; k < count; ++k) {
    devices.draw(1, k);
    devices.realise(p.parameters, on_device);
    const auto wanted = p.parameters.view(name);
    const auto got = std::as_const(on_device).view(name);
    for (std::size_t r = 0; r < got.rows; ++r) {
      for (std::size_t c = 0; c < got.cols; ++c) {
        const double own = wanted(r, wanted.cols == got.cols ? c : 0);
        found.push_back((got(r, c) - own) / std::abs(own));
      }
    }
  }
  return found;
}

double deviation_of(const std::vector<double>& x) {
  double sum = 0.0, square = 0.0;
  for (const double v : x) {
    sum += v;
    square += v * v;
  }
  const auto n = static_cast<double>(x.size());
  return std::sqrt(square / n - (sum / n) * (sum / n));
}

TEST(DeviceNetwork, WeightsScatterWithTheSigmaThatIsAskedFor) {
  const problem p;
  for (const auto d : {mismatch_distribution::normal, mismatch_distribution::uniform}) {
    device_network devices(p.t.net, all_of(0.2, d));
    const auto found = changes(p, devices, 60, "first.weight");
    ASSERT_GT(found.size(), 5000u);
    EXPECT_NEAR(deviation_of(found), 0.2, 0.006);
  }
  device_network devices(p.t.net, all_of(0.2, mismatch_distribution::lognormal));
  auto found = changes(p, devices, 60, "first.tau_m");
  std::ranges::transform(found, found.begin(), [](double x) { return std::log(1.0 + x); });
  EXPECT_NEAR(deviation_of(found), 0.2, 0.02);
}

TEST(DeviceNetwork, EveryNeuronHasItsOwnConstants) {
  const problem p;
  ASSERT_EQ(p.parameters.view("first.tau_m").cols, 1u);
  device_network devices(p.t.net, all_of(0.1));
  ASSERT_EQ(devices.simulated().parameters()[devices.simulated().parameters().find("first.tau_m")].cols, 24u);
  const auto found = changes(p, devices, 1, "first.tau_m");
  EXPECT_EQ(std::set<double>(found.begin(), found.end()).size(), 24u);
}

TEST(DeviceNetwork, ADeviceBelongsToItsSeedAndNumberAlone) {
  const problem p;
  device_network one(p.t.net, all_of(0.2)), other(p.t.net, all_of(0.2));
  arena<float> a(one.simulated().parameters()), b(one.simulated().parameters()), c(one.simulated().parameters());
  one.draw(7, 3);
  one.realise(p.parameters, a);
  other.draw(7, 0);
  other.draw(7, 3);
  other.realise(p.parameters, b);
  EXPECT_THAT(b.values(), ::testing::ElementsAreArray(a.values()));
  other.draw(8, 3);
  other.realise(p.parameters, c);
  EXPECT_THAT(c.values(), ::testing::Not(::testing::ElementsAreArray(a.values())));
}

TEST(DeviceNetwork, WithoutMismatchItIsTheNetwork) {
  const problem p;
  device_network devices(p.t.net, all_of(0.2));
  arena<float> on_device(devices.simulated().parameters());
  EXPECT_EQ(devices.realise(p.parameters, on_device), 0u);
  thread_pool pool(1);
  engine wanted(p.t.net, p.t.objective, pool), device(devices.simulated(), p.t.objective, pool);
  const auto a = wanted.evaluate(p.parameters, {&p.t.data, p.t.samples});
  const auto b = device.evaluate(on_device, {&p.t.data, p.t.samples});
  ASSERT_GT(a.hidden_spikes, 20u);
  EXPECT_EQ(a.loss, b.loss);
  EXPECT_EQ(a.hidden_spikes, b.hidden_spikes);
}

TEST(DeviceNetwork, SilentNeuronsNeverFireAndDeadSynapsesAreZero) {
  const problem p;
  device_spec spec;
  spec.silent_neurons = 0.5;
  spec.dead_synapses = 0.25;
  device_network devices(p.t.net, spec);
  arena<float> on_device(devices.simulated().parameters());
  devices.draw(1, 0);
  devices.realise(p.parameters, on_device);
  const auto thresholds = std::as_const(on_device).view("first.v_th");
  const auto weights = std::as_const(on_device).view("first.weight");
  std::size_t silent = 0, dead = 0;
  for (std::size_t c = 0; c < thresholds.cols; ++c) {
    silent += thresholds(0, c) > 1e5f ? 1 : 0;
  }
  for (std::size_t r = 0; r < weights.rows; ++r) {
    for (std::size_t c = 0; c < weights.cols; ++c) {
      dead += weights(r, c) == 0.0f ? 1 : 0;
    }
  }
  EXPECT_THAT(silent, ::testing::AllOf(::testing::Gt(5u), ::testing::Lt(19u)));
  EXPECT_THAT(dead, ::testing::AllOf(::testing::Gt(15u), ::testing::Lt(60u)));
  thread_pool pool(1);
  engine device(devices.simulated(), p.t.objective, pool);
  predictions kept;
  ASSERT_GT(device.evaluate(on_device, {&p.t.data, p.t.samples}, &kept).hidden_spikes, 0u);
  for (std::size_t c = 0; c < thresholds.cols; ++c) {
    EXPECT_TRUE(thresholds(0, c) < 1e5f || kept.spikes[0][c] == 0);
  }
}

/// In double on the smooth relaxation there is no need to look: both steps are linear. So is this test: the gradient by
/// a wanted number is that by all numbers of the device which it decides, each times how much.
TEST(DeviceNetwork, TheGradientGoesBackThroughTheMismatch) {
  const problem p;
  device_network devices(p.t.net, all_of(0.1));
  arena<float> moved(p.parameters), a(devices.simulated().parameters()), b(devices.simulated().parameters());
  arena<float> slope(devices.simulated().parameters()), gathered(p.t.net.parameters());
  devices.draw(3, 1);
  devices.realise(p.parameters, a);
  random_stream stream(1, random_purpose::test);
  for (float& x : slope.values()) {
    x = static_cast<float>(stream.normal());
  }
  devices.gather(slope, gathered);
  for (std::size_t i = 0; i < moved.layout().size(); ++i) {
    const auto view = moved.view(i);
    const float step = 0.01f * (1.0f + std::abs(view(0, 0)));
    view(0, 0) += step;
    devices.realise(moved, b);
    double change = 0.0;
    for (std::size_t r = 0; r < b.view(i).rows; ++r) {
      for (std::size_t c = 0; c < b.view(i).cols; ++c) {
        change += static_cast<double>(slope.view(i)(r, c)) * (b.view(i)(r, c) - a.view(i)(r, c));
      }
    }
    const double wanted = gathered.view(i)(0, 0);
    ASSERT_NE(wanted, 0.0);
    EXPECT_NEAR(change / step, wanted, 2e-3 * (1.0 + std::abs(wanted))) << moved.layout()[i].name;
    view(0, 0) -= step;
  }
}

std::string refusal(const device_spec& spec) {
  const problem p;
  try {
    const device_network devices(p.t.net, spec);
  } catch (const value_error& e) {
    return e.what();
  }
  return "taken";
}

TEST(DeviceNetwork, WhatNoChipIsLikeIsRefusedByName) {
  EXPECT_THAT(refusal(all_of(0.5)), ::testing::HasSubstr("would be negative on some devices"));
  EXPECT_THAT(refusal(all_of(-0.1)), ::testing::HasSubstr("above 0"));
  EXPECT_THAT(refusal(all_of(NAN)), ::testing::HasSubstr("above 0"));
  device_spec spec = all_of(0.1);
  spec.mismatch.front().match = "*.tau_n";
  EXPECT_THAT(refusal(spec), ::testing::HasSubstr("first.tau_m"));
  spec = all_of(0.1);
  spec.dead_synapses = 1.5;
  EXPECT_THAT(refusal(spec), ::testing::HasSubstr("0 to 1"));
  EXPECT_EQ(refusal(all_of(0.5, mismatch_distribution::lognormal)), "taken");
}

deployment deployed(std::size_t threads, std::uint32_t devices, double sigma) {
  problem p(threads);
  return deploy("trial", p.t.net, p.t.objective, p.parameters, p.t.data,
                {.device = all_of(sigma, mismatch_distribution::lognormal), .devices = devices}, p.pool);
}

TEST(Deployment, HasTheSameFiguresAtAnyNumberOfThreads) {
  EXPECT_EQ(to_json(deployed(1, 6, 0.3)), to_json(deployed(3, 6, 0.3)));
}

TEST(Deployment, SumsUpItsDevices) {
  const deployment d = deployed(1, 12, 0.4);
  ASSERT_EQ(d.devices.size(), 12u);
  ASSERT_GT(d.ideal.rates.front(), 0.0);
  double sum = 0.0, worst = 1.0;
  std::set<double> losses;
  for (const device_result& r : d.devices) {
    sum += r.accuracy;
    worst = std::min(worst, r.accuracy);
    losses.insert(r.loss);
  }
  EXPECT_EQ(losses.size(), 12u);
  EXPECT_DOUBLE_EQ(d.mean(), sum / 12.0);
  EXPECT_DOUBLE_EQ(d.worst(), worst);
  EXPECT_THAT(to_text(d), ::testing::HasSubstr("of the devices reach"));
  EXPECT_THAT(to_html(d), ::testing::HasSubstr("chart-histogram"));
}

}  // namespace
}  // namespace backspike::testing
