// Initial weights: drawn alone or with everything else, for the cells as they are; and no weight that is not a number,
// whatever cell parameters and step a network takes.

#include "gradient/trial.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/gradient/initialise.hpp>
#include <backspike/network/delays.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

namespace backspike::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

trial_plan plan() {
  trial_plan p;
  p.network.inputs = 30;
  layer_spec hidden = quick_layer("lif", 40, true);
  hidden.bias = hidden.recurrent = true;
  hidden.delay.max = 5;
  hidden.parameters["tau_m"].distribution = parameter_distribution::normal;
  hidden.parameters["tau_m"].spread = 1.0;
  p.network.layers = {hidden, quick_layer("leaky_integrator", 3)};
  p.lengths.assign(6, 60);
  return p;
}

bool is_weight(const parameter_info& p) { return p.name.ends_with(".weight") || p.name.ends_with(".bias"); }

TEST(InitialiseWeights, OfAnUntouchedNetworkAreThoseOfInitialise) {
  const trial t(plan());
  thread_pool pool(2);
  arena<float> whole(t.net.parameters());
  initialise(t.net, whole, 3, t.data, pool);
  arena<float> again = whole;
  for (std::size_t i = 0; i < t.net.parameters().size(); ++i) {
    if (is_weight(t.net.parameters()[i])) {
      again.view(i)(0, 0) = std::nanf("");  // whatever was there before
    }
  }
  initialise_weights(t.net, again, 3, t.data, pool);
  EXPECT_TRUE(std::ranges::equal(again.values(), whole.values()));
}

TEST(InitialiseWeights, LeavesCellsAndDelaysAndDrawsForThemAsTheyAre) {
  const trial t(plan());
  thread_pool pool(2);
  arena<float> whole(t.net.parameters());
  initialise(t.net, whole, 3, t.data, pool);
  arena<float> touched = whole;
  std::ranges::fill(touched.values().subspan(t.net.parameters()[t.net.parameters().find("hidden1.v_th")].offset, 40),
                    8.0f);
  touched.view("hidden1.tau_m")(0, 5) = 2.5f;
  touched.view("hidden1.delay")(1, 1) = 4.25f;
  touched.view("hidden1.bias")(0, 2) = 7.0f;
  const arena<float> before = touched;
  initialise_weights(t.net, touched, 3, t.data, pool);
  for (std::size_t i = 0; i < t.net.parameters().size(); ++i) {
    const parameter_info& p = t.net.parameters()[i];
    const auto now = touched.values().subspan(p.offset, p.rows * p.stride);
    const auto was = before.values().subspan(p.offset, p.rows * p.stride);
    EXPECT_EQ(std::ranges::equal(now, was), !is_weight(p)) << p.name;
  }
  EXPECT_EQ(touched.view("hidden1.bias")(0, 2), 0.0f);
  // A threshold ten times as high asks for weights ten times as large.
  const auto spread = [&](const arena<float>& a) {
    const auto w = a.view("hidden1.weight");
    double sum = 0.0;
    for (std::size_t k = 0; k < 30 * 40; ++k) {
      sum += std::pow(static_cast<double>(w(k / 40, k % 40)), 2);
    }
    return std::sqrt(sum);
  };
  EXPECT_NEAR(spread(touched) / spread(whole), 8.0 / 0.8, 1.0);
}

/// A loop over several populations: what leads forward is drawn as in a chain, for the rates that were measured.
TEST(InitialiseWeights, OfAChainAreThoseOfTheChainInALoop) {
  trial_plan p = plan();
  p.network.layers[0].recurrent = false;
  p.network.layers[0].delay = {};
  p.network.layers.insert(p.network.layers.begin() + 1, quick_layer("lif", 40));
  const trial chain(p);
  connection_spec back;
  back.name = "back";
  back.from = "hidden2";
  back.to = "hidden1";
  back.base_delay = 1;
  back.init = weight_init::identity;  // which takes no part of the variance
  p.network.connections = {back};
  const trial loop(p);
  thread_pool pool(2);
  arena<float> expected(chain.net.parameters()), actual(loop.net.parameters());
  initialise(chain.net, expected, 3, chain.data, pool);
  initialise(loop.net, actual, 3, loop.data, pool);
  for (const char* name : {"hidden1.weight", "hidden2.weight"}) {
    const auto w = std::as_const(expected).view(name), in_loop = std::as_const(actual).view(name);
    EXPECT_TRUE(std::equal(w.row(0), w.row(w.rows - 1) + w.cols, in_loop.row(0))) << name;
    EXPECT_NE(w(0, 0), 0.0f) << name;
  }
  EXPECT_EQ(actual.view("back.weight")(3, 3), 1.0f);
}

TEST(InitialiseWeights, OfAMembraneThatInputCannotMoveAreRefused) {
  thread_pool pool(1);
  const auto with = [&](const char* name, double value) {
    trial_plan p;
    p.network.inputs = 5;
    layer_spec hidden;
    hidden.cell = "resonate_and_fire";
    hidden.size = 4;
    hidden.parameters[name] = {value};
    p.network.layers = {hidden, quick_layer("leaky_integrator", 3)};
    const trial t(p);
    arena<float> parameters(t.net.parameters());
    initialise(t.net, parameters, 1, t.data, pool);
  };
  const std::pair<const char*, double> still[] = {{"tau", 0.01}, {"frequency", 0.0}, {"frequency", 500.0}};
  for (const auto& setting : still) {
    const auto make = [&] { with(setting.first, setting.second); };
    EXPECT_THAT(make, ThrowsMessage<value_error>(AllOf(HasSubstr("hidden1"), HasSubstr("times a weight"),
                                                       HasSubstr("resonate_and_fire in steps of 1 ms"))));
  }
  EXPECT_NO_THROW(with("tau", 0.2));
}

class InitialWeightsInRange : public ::testing::TestWithParam<std::size_t> {};

INSTANTIATE_TEST_SUITE_P(All, InitialWeightsInRange, ::testing::Range(std::size_t{0}, known_cells().size()),
                         [](const auto& tested) { return std::string(known_cells()[tested.param].name); });

/// At the ends of every range and between, at steps of every width: finite weights and a network that runs, or a
/// refusal by name.
TEST_P(InitialWeightsInRange, AreFiniteAndTheNetworkRuns) {
  const cell_info& cell = known_cells()[GetParam()];
  thread_pool pool(1);
  std::size_t taken = 0, all = 0;
  for (const double dt : {least_dt, 0.1, 1.0, 10.0, most_dt}) {
    for (std::size_t k = 0; k < 12; ++k, ++all) {
      random_stream random(17, random_purpose::test, all);
      trial_plan p;
      p.network.inputs = 6;
      p.network.dt = dt;
      layer_spec tested = quick_layer(std::string(cell.name), 3), readout = quick_layer("leaky_integrator", 3);
      for (const field& f : cell.parameters) {
        const double x = random.uniform();
        tested.parameters[std::string(f.name)] = {x < 0.3 ? f.low : x < 0.6 ? f.high : f.initial};
      }
      p.network.layers = cell.spiking ? std::vector{tested, readout} : std::vector{tested};
      p.lengths.assign(2, 20);
      try {
        const trial t(p);
        arena<float> parameters(t.net.parameters());
        initialise(t.net, parameters, 1, t.data, pool);
        EXPECT_NO_THROW(require_in_range(parameters));
        EXPECT_NO_THROW(engine(t.net, t.objective, pool).evaluate(parameters, t.batch()));
        ++taken;
      } catch (const value_error& e) {
        EXPECT_THAT(e.what(), ::testing::AnyOf(HasSubstr("grows"), HasSubstr("times a weight")));
      }
    }
  }
  EXPECT_GT(taken, all / 10);
}

}  // namespace
}  // namespace backspike::testing
