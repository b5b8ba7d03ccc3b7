// The list of losses: every kind is computed by one class, and what is said of a kind is what its class does.

#include <backspike/objective/sample_objective.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace backspike {
namespace {

template <std::size_t I = 0>
std::size_t classes_that_take(const loss_spec& spec) {
  if constexpr (I == std::variant_size_v<any_loss<double>>) {
    return 0;
  } else {
    const bool takes = std::variant_alternative_t<I, any_loss<double>>::takes(spec);
    return (takes ? 1 : 0) + classes_that_take<I + 1>(spec);
  }
}

TEST(LossList, EveryKindIsComputedByOneClass) {
  for (const loss_info& info : loss_list) {
    for (const auto& readout : enum_names<readout_kind>) {
      const loss_spec spec{.loss = info.kind, .readout = readout.value};
      EXPECT_EQ(classes_that_take(spec), 1u) << info.name << " of " << readout.name;
    }
  }
}

/// A stepwise loss gives the same error before its end as after it; another one is not asked before.
TEST(LossList, StepwiseOnesKnowTheirErrorAtOnce) {
  constexpr std::size_t steps = 4, outputs = 3;
  const std::array<double, steps * outputs> y{0.3, -0.2, 1.1, 0.0, 0.4, -0.7, 0.9, 0.1, 0.2, -1.0, 0.5, 0.6};
  const std::array<float, steps * outputs> wanted{1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0};
  for (const loss_info& info : loss_list) {
    if (!info.stepwise) {
      continue;
    }
    objective_spec spec;
    spec.loss = info.kind;
    sample_target target;
    target.label = 1;
    if (info.target != target_kind::classes) {
      target.values = wanted;
    }
    sample_objective<double> at_once, later;
    at_once.begin(spec, target, steps, outputs);
    later.begin(spec, target, steps, outputs);
    const trace_view<const double> whole{y.data(), steps, outputs, outputs};
    later.read(0, whole, {});
    later.finish();
    std::array<double, steps * outputs> expected{}, error{};
    later.error(0, whole, 1.0, {expected.data(), steps, outputs, outputs});
    double largest = 0.0;
    for (std::size_t t = 0; t < steps; ++t) {
      const trace_view<const double> row{y.data() + t * outputs, 1, outputs, outputs};
      at_once.read(t, row, {});
      at_once.error(t, row, 1.0, {error.data() + t * outputs, 1, outputs, outputs});
      for (std::size_t k = 0; k < outputs; ++k) {
        EXPECT_EQ(error[t * outputs + k], expected[t * outputs + k]) << info.name << " in step " << t;
        largest = std::max(largest, std::fabs(expected[t * outputs + k]));
      }
    }
    EXPECT_GT(largest, 0.01) << info.name;
  }
}

}  // namespace
}  // namespace backspike
