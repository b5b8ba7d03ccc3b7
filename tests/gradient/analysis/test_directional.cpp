// Directional derivatives against six-point differences (smooth mode), and against the transposed product of
// backpropagation (both modes).

#include "gradient/check_gradient.hpp"
#include "gradient/random_graph.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/directional.hpp>

#include <gmock/gmock.h>

#include <algorithm>

namespace backspike::testing {
namespace {

/// Recurrent hidden layer, reset with its gradient, arctangent: smooth enough for second differences.
trial_plan plan_for(const std::string& cell, bool per_neuron = true) {
  trial_plan plan;
  plan.network.inputs = 4;
  layer_spec hidden = quick_layer(cell, 5, per_neuron);
  hidden.surrogate = {surrogate_kind::arctangent, 0.4, 1.2};
  hidden.detach_reset = false;
  hidden.bias = hidden.recurrent = true;
  plan.network.layers = {hidden, quick_layer("leaky_integrator", 3, per_neuron)};
  plan.objective.rate_penalty = 0.05;
  plan.gain = cell == "lif" ? 2.0 : 4.0;
  return plan;
}

arena<double> random_direction(const trial& t, std::uint64_t seed) {
  arena<double> direction(t.net.parameters());
  random_stream random(seed, random_purpose::test);
  for (const std::size_t i : arena_entries(t.net.parameters()).at) {
    direction.values()[i] = random.normal();
  }
  return direction;
}

arena<double> moved_by(const trial& t, const arena<double>& direction, double length) {
  arena<double> moved = t.parameters;
  for (std::size_t i = 0; i < moved.values().size(); ++i) {
    moved.values()[i] += length * direction.values()[i];
  }
  return moved;
}

double spikes_of(const trial& t, spike_mode mode) {
  return dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), mode, nullptr).hidden_spikes;
}

void expect_near_difference(double actual, double expected, const std::string& name) {
  EXPECT_NEAR(actual, expected, 1e-8 + 1e-6 * std::fabs(expected)) << name;
}

class Directional : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Cells, Directional, ::testing::ValuesIn(spiking_cells()),
                         [](const auto& each) { return each.param; });

TEST_P(Directional, JacobianVectorEqualsFiniteDifferencesOfEveryOutput) {
  const trial t(plan_for(GetParam()));
  ASSERT_GT(spikes_of(t, spike_mode::smooth), 1.0);
  const arena<double> direction = random_direction(t, 4);
  const auto changes = jacobian_vector(t.net, t.parameters, direction, t.batch(), spike_mode::smooth);
  ASSERT_EQ(changes.size(), t.samples.size());
  double largest = 0.0;
  for (std::size_t s = 0; s < changes.size(); ++s) {
    ASSERT_EQ(changes[s].along.size(), t.data.inputs.length(s) * t.net.outputs());
    for (std::size_t k = 0; k < changes[s].along.size(); ++k) {
      const scalar_function output = [&](std::span<const double> x) {
        const arena<double> moved = moved_by(t, direction, x[0]);
        const dense_model<double> m(t.net, moved, spike_mode::smooth);
        return dense_forward(m, t.data, t.samples[s]).populations.back().output[k];
      };
      expect_near_difference(changes[s].along[k], six_point_difference(output, {0.0}, 0, 1e-4), std::to_string(k));
      largest = std::max(largest, std::fabs(changes[s].along[k]));
    }
  }
  EXPECT_GT(largest, 0.1);
}

/// <E, J v> = <J^T E, v>: forward and reverse mode agree to rounding, also where no finite difference exists.
TEST_P(Directional, IsTheTransposeOfBackpropagationInBothModes) {
  for (const spike_mode mode : {spike_mode::smooth, spike_mode::hard}) {
    trial_plan plan = plan_for(GetParam());
    plan.objective.rate_penalty = 0.0;
    plan.objective.readout = readout_kind::count;
    plan.objective.logit_scale = 0.1;  // a sum over time would saturate the softmax
    plan.lengths = {12};
    const trial t(plan);
    ASSERT_GT(spikes_of(t, mode), 3.0);
    arena<double> gradient(t.net.parameters());
    dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), mode, &gradient);
    const arena<double> direction = random_direction(t, 5);
    const output_change change = jacobian_vector(t.net, t.parameters, direction, t.batch(), mode).front();
    sample_objective<double> judge;
    const trace_view<const double> y{change.value.data(), change.steps, t.net.outputs(), t.net.outputs()};
    std::vector<double> error(change.value.size());
    judge.begin(t.objective, t.data.target(0), change.steps, t.net.outputs());
    judge.read(0, y, {});
    judge.finish();
    judge.error(0, y, 1.0, {error.data(), change.steps, t.net.outputs(), t.net.outputs()});
    double forward = 0.0, reverse = 0.0;
    for (std::size_t k = 0; k < error.size(); ++k) {
      forward += error[k] * change.along[k];
    }
    for (std::size_t i = 0; i < gradient.values().size(); ++i) {
      reverse += gradient.values()[i] * direction.values()[i];
    }
    EXPECT_GT(std::fabs(forward), 1e-3);
    EXPECT_NEAR(forward, reverse, 1e-11 * std::max(1.0, std::fabs(reverse)));
  }
}

TEST_P(Directional, MixedDerivativeEqualsDifferencesOfTheGradientAndStaysInItsGroups) {
  const trial t(plan_for(GetParam(), false));
  ASSERT_GT(spikes_of(t, spike_mode::smooth), 1.0);
  const auto along = find_parameters(t.net.parameters(), std::vector<std::string>{"*.tau_*", "*.v_th"});
  const auto of = find_parameters(t.net.parameters(), std::vector<std::string>{"*weight"});
  const arena<double> everywhere = random_direction(t, 6);
  arena<double> only(t.net.parameters()), product(t.net.parameters());
  for (const std::size_t i : along) {
    only.view(i)(0, 0) = everywhere.view(i)(0, 0);
  }
  mixed_derivative(t.net, t.objective, t.parameters, along, everywhere, of, t.batch(), spike_mode::smooth, product);
  const arena_entries entries(t.net.parameters());
  double largest = 0.0;
  for (std::size_t k = 0; k < entries.at.size(); ++k) {
    const double actual = product.values()[entries.at[k]];
    if (entries.names[k].find("weight") == std::string::npos) {
      EXPECT_EQ(actual, 0.0) << entries.names[k];
      continue;
    }
    const scalar_function entry = [&](std::span<const double> x) {
      arena<double> g(t.net.parameters());
      dense_gradient<double>(t.net, t.objective, moved_by(t, only, x[0]), t.batch(), spike_mode::smooth, &g);
      return g.values()[entries.at[k]];
    };
    expect_near_difference(actual, six_point_difference(entry, {0.0}, 0, 1e-4), entries.names[k]);
    largest = std::max(largest, std::fabs(actual));
  }
  EXPECT_GT(largest, 0.01);
}

TEST_P(Directional, MixedMatrixIsSymmetricInBothModesAndItsColumnsAreProducts) {
  for (const spike_mode mode : {spike_mode::smooth, spike_mode::hard}) {
    trial_plan plan = plan_for(GetParam(), false);
    plan.network.layers[0].size = 3;
    plan.lengths = {12, 16};
    plan.rate = 0.5;
    const trial t(plan);
    ASSERT_GT(spikes_of(t, mode), 2.0);
    const auto weights = find_parameters(t.net.parameters(), std::vector<std::string>{"hidden1.*weight"});
    const auto cells = find_parameters(t.net.parameters(), std::vector<std::string>{"hidden1.?*_*", "readout.tau_m"});
    const mixed_matrix a = mixed_derivatives(t.net, t.objective, t.parameters, cells, weights, t.batch(), mode);
    const mixed_matrix b = mixed_derivatives(t.net, t.objective, t.parameters, weights, cells, t.batch(), mode);
    ASSERT_EQ(a.rows, b.columns);
    ASSERT_EQ(a.columns, b.rows);
    double largest = 0.0, largest_difference = 0.0;
    for (std::size_t r = 0; r < a.rows.size(); ++r) {
      for (std::size_t c = 0; c < a.columns.size(); ++c) {
        const double x = a.values[r * a.columns.size() + c], y = b.values[c * b.columns.size() + r];
        largest = std::max(largest, std::fabs(x));
        largest_difference = std::max(largest_difference, std::fabs(x - y));
      }
    }
    EXPECT_GT(largest, 0.01);
    EXPECT_LT(largest_difference, 1e-11 * std::max(1.0, largest));
  }
}

TEST(DirectionalGroups, PatternsNameParametersAndAnUnknownOneListsThem) {
  const trial t(plan_for("lif"));
  const auto group = find_parameters(t.net.parameters(), std::vector<std::string>{"*.weight", "hidden1.*weight"});
  std::vector<std::string> names;
  for (const std::size_t i : group) {
    names.push_back(t.net.parameters()[i].name);
  }
  EXPECT_THAT(names, ::testing::UnorderedElementsAre("hidden1.weight", "hidden1.recurrent.weight", "readout.weight"));
  try {
    find_parameters(t.net.parameters(), std::vector<std::string>{"hidden9.*"});
    FAIL() << "no parameter has this name";
  } catch (const value_error& e) {
    EXPECT_EQ(e.value, "hidden9.*");
    EXPECT_THAT(e.accepted, ::testing::HasSubstr("readout.tau_m"));
  }
}

}  // namespace
}  // namespace backspike::testing
