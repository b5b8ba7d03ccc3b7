// Parameter groups (rates, freezing) and transforms: what a step of training does to parameters that are not like the
// rest.

#include <backspike/core/error.hpp>
#include <backspike/core/field.hpp>
#include <backspike/optimise/optimiser.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace backspike {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

parameter_layout two_layers() {
  parameter_layout layout;
  layout.add("hidden1.weight", {{3, 5}}, "", -unbounded, unbounded, true);
  layout.add("hidden1.tau_m", {{5}}, "ms", 0.01, 1e6, true);
  layout.add("hidden1.v_th", {{5}}, "", 1e-6, 1e6, false);
  layout.add("readout.weight", {{5, 2}}, "", -unbounded, unbounded, true);
  layout.add("readout.tau_m", {{1}}, "ms", 0.01, 1e6, true);
  return layout;
}

optimiser_spec sgd_with(std::vector<parameter_group> groups) {
  optimiser_spec spec;
  spec.kind = optimiser_kind::sgd;
  spec.momentum = 0.0;
  spec.groups = std::move(groups);
  return spec;
}

/// How far each parameter moves in one step of rate 0.5 under a gradient of 1.
std::vector<float> moves(const optimiser_spec& spec, const parameter_layout& layout) {
  arena<float> values(layout), gradient(layout);
  values.fill(10.0f);
  gradient.fill(1.0f);
  thread_pool pool(2);
  optimiser(spec, layout).step(values, gradient, 0.5, pool);
  std::vector<float> moved;
  for (std::size_t k = 0; k < layout.size(); ++k) {
    const auto view = values.view(k);
    moved.push_back(10.0f - view(0, 0));
    EXPECT_EQ(view(view.rows - 1, view.cols - 1), view(0, 0));
  }
  return moved;
}

TEST(Groups, RateFactorAndFreezingByPattern) {
  const parameter_layout layout = two_layers();
  using floats = std::vector<float>;
  EXPECT_EQ(moves(sgd_with({}), layout), (floats{0.5f, 0.5f, 0.0f, 0.5f, 0.5f}));
  EXPECT_EQ(moves(sgd_with({{"*.tau_m", 0.5}}), layout), (floats{0.5f, 0.25f, 0.0f, 0.5f, 0.25f}));
  EXPECT_EQ(moves(sgd_with({{"hidden1.*", 2.0}}), layout), (floats{1.0f, 1.0f, 0.0f, 0.5f, 0.5f}));
  EXPECT_EQ(moves(sgd_with({{"readout.weight", 1.0, true}}), layout), (floats{0.5f, 0.5f, 0.0f, 0.0f, 0.5f}));
}

TEST(Groups, TheFirstThatMatchesDecides) {
  const parameter_layout layout = two_layers();
  const optimiser_spec spec = sgd_with({{"hidden1.tau_m", 4.0}, {"*.tau_m", 1.0, true}, {"*", 0.5}});
  EXPECT_EQ(moves(spec, layout), (std::vector<float>{0.25f, 2.0f, 0.0f, 0.25f, 0.0f}));
  const optimiser o(spec, layout);
  EXPECT_EQ(o.rate_factor(1), 4.0);
  EXPECT_EQ(o.rate_factor(2), 0.0);
  EXPECT_EQ(o.rate_factor(4), 0.0);
}

TEST(Groups, OneThatIsForNothingIsRefusedWithTheNames) {
  const parameter_layout layout = two_layers();
  const auto make = [&](const char* pattern) {
    return [&layout, pattern] { optimiser o(sgd_with({{"*", 1.0}, {pattern, 1.0}}), layout); };
  };
  EXPECT_THAT(make("hiden1.*"), ThrowsMessage<value_error>(
                                    AllOf(HasSubstr("match of group 1 = \"hiden1.*\""),
                                          HasSubstr("hidden1.weight, hidden1.tau_m, readout.weight, readout.tau_m"))));
  EXPECT_THAT(make("hidden1.v_th"), ThrowsMessage<value_error>(HasSubstr("a learned parameter")));
}

TEST(Groups, AFrozenParameterDoesNotCountInTheNorm) {
  const parameter_layout layout = two_layers();
  optimiser_spec spec = sgd_with({{"hidden1.*", 1.0, true}});
  spec.clip_norm = 1.0;
  arena<float> values(layout), gradient(layout);
  gradient.view("hidden1.weight")(0, 0) = 1000.0f;
  gradient.view("readout.weight")(0, 0) = 0.6f;
  thread_pool pool(1);
  optimiser(spec, layout).step(values, gradient, 1.0, pool);
  EXPECT_EQ(values.view("readout.weight")(0, 0), -0.6f);
  EXPECT_EQ(values.view("hidden1.weight")(0, 0), 0.0f);
}

TEST(Groups, AdamLeavesAFrozenParameterAndItsMomentsAlone) {
  const parameter_layout layout = two_layers();
  optimiser_spec spec;
  spec.kind = optimiser_kind::adamw;
  spec.weight_decay = 0.1;
  spec.groups = {{"hidden1.weight", 1.0, true}, {"readout.weight", 0.5}};
  optimiser_spec slower = spec;
  slower.groups.pop_back();
  arena<float> a(layout), b(layout), gradient(layout);
  a.fill(1.0f);
  b.fill(1.0f);
  gradient.fill(0.3f);
  thread_pool pool(1);
  optimiser one(spec, layout), other(slower, layout);
  for (int step = 0; step < 5; ++step) {
    one.step(a, gradient, 0.02, pool);
    other.step(b, gradient, 0.01, pool);
  }
  EXPECT_EQ(a.view("hidden1.weight")(1, 1), 1.0f);
  EXPECT_EQ(one.first_moment().view("hidden1.weight")(1, 1), 0.0f);
  EXPECT_EQ(a.view("readout.weight")(1, 1), b.view("readout.weight")(1, 1));  // half the rate, of decay too
  EXPECT_NE(a.view("hidden1.tau_m")(0, 1), b.view("hidden1.tau_m")(0, 1));
}

class Transform : public ::testing::TestWithParam<parameter_transform> {
 protected:
  static constexpr double low_ = 2.0, high_ = 50.0;
  parameter_layout layout() const {
    parameter_layout l;
    l.add("hidden1.tau_m", {{21}}, "ms", low_, high_, true, GetParam());
    return l;
  }
  /// The definitions of the transforms, and their inverses, written out.
  double free(double v) const {
    switch (GetParam()) {
      case parameter_transform::exp:
        return std::log(v - low_);
      case parameter_transform::softplus:
        return std::log(std::exp(v - low_) - 1.0);
      case parameter_transform::sigmoid:
        return -std::log((high_ - low_) / (v - low_) - 1.0);
      case parameter_transform::clamp:
        break;
    }
    return v;
  }
  double value(double u) const {
    switch (GetParam()) {
      case parameter_transform::exp:
        return std::min(high_, low_ + std::exp(u));
      case parameter_transform::softplus:
        return std::min(high_, low_ + std::log(1.0 + std::exp(u)));
      case parameter_transform::sigmoid:
        return low_ + (high_ - low_) / (1.0 + std::exp(-u));
      case parameter_transform::clamp:
        break;
    }
    return std::clamp(u, low_, high_);
  }
  thread_pool pool_{2};
};

INSTANTIATE_TEST_SUITE_P(All, Transform,
                         ::testing::Values(parameter_transform::clamp, parameter_transform::exp,
                                           parameter_transform::sigmoid, parameter_transform::softplus));

TEST_P(Transform, AStepIsGradientDescentInTheFreeNumber) {
  const parameter_layout l = layout();
  arena<float> values(l), gradient(l);
  const auto x = values.view(0), g = gradient.view(0);
  std::vector<double> expected;
  for (std::size_t k = 0; k < x.cols; ++k) {
    x(0, k) = 2.3f + 2.2f * static_cast<float>(k);
    g(0, k) = k % 2 == 0 ? 0.01f : -0.02f;
    const double u = free(x(0, k)), h = 1e-5, slope = (value(u + h) - value(u - h)) / (2.0 * h);
    expected.push_back(value(u - 0.5 * static_cast<double>(g(0, k)) * slope));
  }
  optimiser(sgd_with({}), l).step(values, gradient, 0.5, pool_);
  for (std::size_t k = 0; k < x.cols; ++k) {
    EXPECT_NEAR(x(0, k), expected[k], 2e-6 * expected[k]) << k;
    EXPECT_NE(x(0, k), 2.3f + 2.2f * static_cast<float>(k));
  }
}

TEST_P(Transform, NothingMovesWithoutAGradient) {
  const parameter_layout l = layout();
  arena<float> values(l), gradient(l);
  for (std::size_t k = 0; k < 21; ++k) {
    values.view(0)(0, k) = 2.0001f + 2.3f * static_cast<float>(k);
  }
  const arena<float> before = values;
  for (const auto kind : {optimiser_kind::sgd, optimiser_kind::adam}) {
    optimiser_spec spec;
    spec.kind = kind;
    optimiser o(spec, l);
    for (int step = 0; step < 1000; ++step) {
      o.step(values, gradient, 0.1, pool_);
    }
    EXPECT_TRUE(std::ranges::equal(values.values(), before.values()));
  }
}

TEST_P(Transform, AValueNeverLeavesItsRangeAndComesBack) {
  const parameter_layout l = layout();
  arena<float> values(l), gradient(l);
  values.fill(10.0f);
  optimiser_spec spec;
  spec.kind = optimiser_kind::adam;
  const bool open = GetParam() != parameter_transform::clamp;
  const auto push = [&](float force, int steps) {
    optimiser o(spec, l);  // a new one: the memory of a force a million times larger would hold the value where it is
    gradient.fill(force);
    for (int step = 0; step < steps; ++step) {
      o.step(values, gradient, 0.5, pool_);
      const float x = values.view(0)(0, 4);
      ASSERT_TRUE(open ? x > 2.0f && x < 50.0f : x >= 2.0f && x <= 50.0f) << x;
    }
  };
  push(1e6f, 100);
  EXPECT_LT(values.view(0)(0, 4), 2.1f);
  push(-1e6f, 300);
  EXPECT_GT(values.view(0)(0, 4), 45.0f);
}

TEST_P(Transform, PaddingStaysZero) {
  const parameter_layout l = layout();
  arena<float> values(l), gradient(l);
  values.fill(10.0f);
  gradient.fill(1.0f);
  optimiser(sgd_with({}), l).step(values, gradient, 0.5, pool_);
  for (std::size_t k = 21; k < l.floats(); ++k) {
    EXPECT_EQ(values.values()[k], 0.0f);
  }
}

TEST_P(Transform, WhatIsNotANumberIsReportedWithTheLayersName) {
  const parameter_layout l = layout();
  arena<float> values(l), gradient(l);
  values.fill(10.0f);
  gradient.view(0)(0, 7) = std::numeric_limits<float>::quiet_NaN();
  optimiser o(sgd_with({}), l);
  try {
    o.step(values, gradient, 0.5, pool_);
    ADD_FAILURE() << "was accepted";
  } catch (const numeric_error& e) {
    EXPECT_EQ(e.where, "hidden1.tau_m");
    EXPECT_EQ(e.step, 1u);
    EXPECT_THAT(e.what(), AllOf(HasSubstr("value 7 is"), HasSubstr("nan"), HasSubstr("2 to 50 ms")));
  }
}

}  // namespace
}  // namespace backspike
