// The dense path in smooth mode, where the gradient is the exact derivative of the loss, against finite differences.
// fast_sigmoid and triangle have kinks in their second derivative: trials are drawn until all membranes are away from
// them (kinks.hpp), so that one set of tolerances holds for every surrogate.

#include "gradient/smooth_plan.hpp"

#include <gtest/gtest-spi.h>

#include <algorithm>
#include <tuple>

namespace backspike::testing {
namespace {

using cell_case = std::tuple<std::size_t, surrogate_kind, reset_kind, bool>;

class CellGradient : public ::testing::TestWithParam<cell_case> {};

TEST_P(CellGradient, EqualsFiniteDifferences) {
  const auto [cell, surrogate, reset, recurrent] = GetParam();
  trial_plan plan = plan_for(known_cells()[cell], surrogate);
  plan.network.layers[0].reset = reset;
  plan.network.layers[0].recurrent = recurrent;
  check_every_parameter(plan);
}

std::string name_of_case(const ::testing::TestParamInfo<cell_case>& info) {
  const auto [cell, surrogate, reset, recurrent] = info.param;
  return std::string(known_cells()[cell].name) + "_" + std::string(name_of(surrogate)) + "_" +
         std::string(name_of(reset)) + (recurrent ? "_recurrent" : "");
}

INSTANTIATE_TEST_SUITE_P(All, CellGradient,
                         ::testing::Combine(::testing::Range(std::size_t{0}, known_cells().size()),
                                            ::testing::ValuesIn(all_of<surrogate_kind>()),
                                            ::testing::ValuesIn(all_of<reset_kind>()), ::testing::Bool()),
                         name_of_case);

class EachCellGradient : public ::testing::TestWithParam<std::size_t> {
 protected:
  trial_plan plan() const { return plan_for(known_cells()[GetParam()]); }
};

std::string name_of_cell(const ::testing::TestParamInfo<std::size_t>& info) {
  return std::string(known_cells()[info.param].name);
}

INSTANTIATE_TEST_SUITE_P(All, EachCellGradient, ::testing::Range(std::size_t{0}, known_cells().size()), name_of_cell);

TEST_P(EachCellGradient, ParametersSharedByALayer) { check(plan_for(known_cells()[GetParam()], false)); }

TEST_P(EachCellGradient, TwoHiddenLayersOfDifferentShape) {
  trial_plan p = plan();
  p.network.layers.insert(p.network.layers.begin() + 1, p.network.layers.front());
  p.network.layers[0].size = 3;
  p.network.layers[0].recurrent = true;
  check(p);
}

TEST_P(EachCellGradient, ReadoutThatSpikes) {
  trial_plan p = plan();
  if (!known_cells()[GetParam()].spiking) {
    GTEST_SKIP() << "an analog cell is the readout of every other test";
  }
  p.network.layers[1] = p.network.layers[0];
  p.network.layers[1].size = 3;
  p.network.layers[1].recurrent = true;
  p.objective.readout = readout_kind::count;
  check(p);
}

TEST_P(EachCellGradient, GradedInput) {
  trial_plan p = plan();
  p.graded = true;
  check(p);
}

/// With a detached reset the gradient leaves a path out, so that finite differences do not apply; that it leaves out
/// the right one is the business of the hand-written reference (test_engine.cpp).
TEST_P(EachCellGradient, DetachingTheResetLeavesAPathOut) {
  trial_plan p = plan();
  if (!known_cells()[GetParam()].spiking) {
    GTEST_SKIP() << "an analog cell has no reset";
  }
  for (const reset_kind reset : {reset_kind::subtract, reset_kind::to_value, reset_kind::none}) {
    std::vector<double> gradients[2];
    for (const bool detach : {false, true}) {
      p.network.layers[0].reset = reset;
      p.network.layers[0].detach_reset = detach;
      const trial t(p);
      arena<double> g(t.net.parameters());
      dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::smooth, &g);
      gradients[detach ? 1 : 0] = arena_entries(t.net.parameters()).pick(g);
    }
    double largest = 0.0;
    for (std::size_t i = 0; i < gradients[0].size(); ++i) {
      largest = std::max(largest, std::fabs(gradients[0][i] - gradients[1][i]));
    }
    EXPECT_EQ(largest > 1e-3, reset != reset_kind::none) << "largest change " << largest;
  }
}

class ObjectiveGradient : public ::testing::TestWithParam<readout_kind> {};

TEST_P(ObjectiveGradient, ReadoutWithSmoothingPenaltyAndScale) {
  trial_plan plan = plan_for(find_cell("lif"));
  plan.objective.readout = GetParam();
  check(plan);
  plan.objective.label_smoothing = 0.2;
  plan.objective.rate_penalty = 0.05;
  plan.objective.logit_scale = 0.7;
  check(plan);
}

std::string name_of_readout(const ::testing::TestParamInfo<readout_kind>& info) {
  constexpr std::string_view names[] = {"Max", "Mean", "Last", "Count"};
  return std::string(names[static_cast<std::size_t>(info.param)]);
}

INSTANTIATE_TEST_SUITE_P(All, ObjectiveGradient,
                         ::testing::Values(readout_kind::max, readout_kind::mean, readout_kind::last,
                                           readout_kind::count),
                         name_of_readout);

TEST(FiniteDifferences, RatePenaltyAlone) {
  trial_plan plan = plan_for(find_cell("lif"));
  plan.objective.rate_penalty = 1.0;
  plan.objective.logit_scale = 0.0;
  gradient_tolerances tolerances;
  tolerances.share = 0.2;  // the readout has no part in it
  check(plan, tolerances);
}

TEST(FiniteDifferences, SpecialValues) {
  trial_plan plan = plan_for(find_cell("cuba_lif"));
  plan.network.layers[0].recurrent = true;
  plan.network.layers[0].reset = reset_kind::to_value;
  trial t(plan);
  arena<double>& values = t.parameters;
  values.view("hidden1.tau_syn")(0, 0) = values.view("hidden1.tau_m")(0, 0);  // removable singularity of the gain
  values.view("hidden1.tau_syn")(0, 1) = values.view("hidden1.tau_m")(0, 1) * (1.0 + 1e-9);
  values.view("hidden1.tau_m")(0, 2) = 1e3;
  values.view("hidden1.tau_syn")(0, 3) = 0.25;
  values.view("hidden1.v_reset")(0, 4) = 0.0;
  values.view("hidden1.bias")(0, 4) = 0.0;
  for (std::size_t n = 0; n < 5; ++n) {
    values.view("hidden1.weight")(0, n) = 0.0;
  }
  check_network_gradient(t);
}

TEST(FiniteDifferences, SampleWithoutStepsAndSampleOfOneStep) {
  trial_plan plan = plan_for(find_cell("lif"));
  plan.lengths = {0, 1, 9};
  check(plan);
}

/// Dual numbers of the perturbing role go through the whole computation: the derivative of every gradient entry along
/// a direction, in one pass.
TEST(FiniteDifferences, HessianVectorProduct) {
  using perturbed = dual<double, 1, dual_role::perturbation>;
  trial_plan plan = plan_for(find_cell("cuba_lif"));
  plan.network.layers[0].recurrent = true;
  plan.objective.rate_penalty = 0.05;
  const trial t(plan);
  const arena_entries entries(t.net.parameters());
  arena<perturbed> parameters(t.net.parameters()), gradient(t.net.parameters());
  arena<double> direction(t.net.parameters());
  random_stream random(3, random_purpose::test);
  for (const std::size_t i : entries.at) {
    direction.values()[i] = random.normal();
    parameters.values()[i] = perturbed(t.parameters.values()[i]);
    parameters.values()[i].d[0] = direction.values()[i];
  }
  dense_gradient<perturbed>(t.net, t.objective, parameters, t.batch(), spike_mode::smooth, &gradient);
  std::vector<double> product, expected;
  for (const std::size_t i : entries.at) {
    product.push_back(gradient.values()[i].d[0]);
    const scalar_function entry = [&](std::span<const double> along) {
      arena<double> moved = t.parameters, g(t.net.parameters());
      for (const std::size_t k : entries.at) {
        moved.values()[k] += along[0] * direction.values()[k];
      }
      dense_gradient<double>(t.net, t.objective, moved, t.batch(), spike_mode::smooth, &g);
      return g.values()[i];
    };
    expected.push_back(six_point_difference(entry, {0.0}, 0, 1e-4));
    EXPECT_NEAR(product.back(), expected.back(), 1e-8 + 1e-6 * std::fabs(expected.back()))
        << entries.names[expected.size() - 1];
  }
  EXPECT_GT(std::fabs(*std::max_element(product.begin(), product.end())), 0.01);
}

/// The harness itself: it has to see a wrong gradient and a silent one.
TEST(FiniteDifferences, HarnessSeesAWrongEntry) {
  const scalar_function cube = [](std::span<const double> x) { return x[0] * x[0] * x[0]; };
  EXPECT_NEAR(six_point_difference(cube, {2.0}, 0, 1e-3), 12.0, 1e-10);
  check_gradient(cube, {2.0}, {12.0}, {"x"});
  EXPECT_NONFATAL_FAILURE((check_gradient(cube, {2.0}, {12.001}, {"x"})), "x");
  EXPECT_FATAL_FAILURE((check_gradient([](std::span<const double>) { return 0.0; }, {2.0}, {0.0}, {"x"})), "silent");
}

}  // namespace
}  // namespace backspike::testing
