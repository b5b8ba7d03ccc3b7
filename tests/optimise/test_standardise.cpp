// Weights whose columns keep a mean of 0 and their norm: their gradient against differences, their steps against the
// formula, and what training may not change.

#include <backspike/core/random.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/optimise/optimiser.hpp>

#include "gradient/check_gradient.hpp"
#include "optimise/standardise.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace backspike::testing {
namespace {

constexpr std::size_t rows = 25, columns = 19;  // two tiles, the second of three columns

parameter_layout layout_of(bool standardised) {
  parameter_layout layout;
  layout.add("conv.bias", {{columns}}, "", -unbounded, unbounded, true);
  const std::size_t weight = layout.add("conv.weight", {{rows, columns}}, "", -unbounded, unbounded, true);
  if (standardised) {
    layout.standardise(weight);
  }
  return layout;
}

void draw(arena<float>& a, double mean, double scale, std::uint64_t index) {
  random_stream random(11, random_purpose::test, index);
  for (std::size_t k = 0; k < a.layout().size(); ++k) {
    const auto view = a.view(k);
    for (std::size_t i = 0; i < view.rows * view.cols; ++i) {
      view(i / view.cols, i % view.cols) = static_cast<float>(mean + scale * random.normal());
    }
  }
}

struct column_facts {
  double mean = 0.0, norm = 0.0;
};

column_facts facts_of(const arena<float>& a, std::size_t column) {
  const auto w = a.view("conv.weight");
  column_facts f;
  for (std::size_t r = 0; r < rows; ++r) {
    f.mean += static_cast<double>(w(r, column)) / rows;
  }
  for (std::size_t r = 0; r < rows; ++r) {
    f.norm += std::pow(static_cast<double>(w(r, column)) - f.mean, 2);
  }
  f.norm = std::sqrt(f.norm);
  return f;
}

/// The weights of a column that v stands for.
std::vector<double> weights_of(std::span<const double> v, double norm) {
  double mean = 0.0, squares = 0.0;
  for (const double x : v) {
    mean += x / static_cast<double>(v.size());
  }
  for (const double x : v) {
    squares += (x - mean) * (x - mean);
  }
  std::vector<double> w;
  for (const double x : v) {
    w.push_back((x - mean) * norm / std::sqrt(squares));
  }
  return w;
}

/// A function of one column's weights that is not symmetric in anything, and its derivative.
double loss(std::span<const double> w) {
  double sum = 0.0;
  for (std::size_t r = 0; r < w.size(); ++r) {
    sum += std::sin(1.0 + static_cast<double>(r)) * w[r] + 0.4 * std::cos(3.0 * w[r] + static_cast<double>(r));
  }
  return sum;
}

double slope(double w, std::size_t r) {
  return std::sin(1.0 + static_cast<double>(r)) - 1.2 * std::sin(3.0 * w + static_cast<double>(r));
}

TEST(Standardise, TheProjectedGradientEqualsDifferences) {
  const parameter_layout layout = layout_of(true);
  arena<float> values(layout), gradient(layout);
  draw(values, 0.0, 0.3, 0);
  thread_pool pool(2);
  const parameter_info& p = layout[1];
  const std::vector<double> wanted(columns, 1.7);
  standardise_columns(p, wanted, values.values().data() + p.offset, pool);
  const auto w = values.view("conv.weight"), g = gradient.view("conv.weight");
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      g(r, c) = static_cast<float>(slope(static_cast<double>(w(r, c)), r));
    }
  }
  const auto norms = project_gradient(p, values.values().data() + p.offset, gradient.values().data() + p.offset, pool);
  gradient_tolerances tolerances;
  tolerances.relative = 2e-6;  // the gradient is in single precision
  tolerances.absolute = 1e-6;
  for (const std::size_t c : {std::size_t{0}, std::size_t{7}, columns - 1}) {
    EXPECT_NEAR(norms[c], 1.7, 1e-6);
    std::vector<double> v, found;
    std::vector<std::string> names;
    for (std::size_t r = 0; r < rows; ++r) {
      v.push_back(static_cast<double>(w(r, c)));
      found.push_back(static_cast<double>(g(r, c)));
      names.push_back(std::to_string(r));
    }
    check_gradient([&](std::span<const double> x) { return loss(weights_of(x, norms[c])); }, v, found, names,
                   tolerances);
  }
}

/// SGD without momentum, number by number in double.
TEST(Standardise, AStepMovesTheDirectionAlone) {
  const parameter_layout layout = layout_of(true);
  arena<float> values(layout), gradient(layout);
  draw(values, 0.2, 0.3, 1);
  draw(gradient, 0.5, 1.0, 2);
  const arena<float> start = values;
  const arena<float> given = gradient;
  optimiser_spec spec;
  spec.kind = optimiser_kind::sgd;
  spec.momentum = 0.0;
  spec.weight_decay = 0.3;  // which a norm that is kept does not know
  thread_pool pool(1);
  optimiser(spec, layout).step(values, gradient, 0.05, pool);
  for (std::size_t c = 0; c < columns; ++c) {
    const column_facts before = facts_of(start, c);
    double along = 0.0, mean = 0.0;
    for (std::size_t r = 0; r < rows; ++r) {
      const double g = static_cast<double>(given.view("conv.weight")(r, c));
      along += g * (static_cast<double>(start.view("conv.weight")(r, c)) - before.mean) / (before.norm * before.norm);
      mean += g / rows;
    }
    std::vector<double> moved;
    for (std::size_t r = 0; r < rows; ++r) {
      const double w = static_cast<double>(start.view("conv.weight")(r, c));
      const double g = static_cast<double>(given.view("conv.weight")(r, c)) - mean - along * (w - before.mean);
      moved.push_back(w - 0.05 * g);
    }
    const std::vector<double> expected = weights_of(moved, before.norm);
    for (std::size_t r = 0; r < rows; ++r) {
      EXPECT_NEAR(values.view("conv.weight")(r, c), expected[r], 1e-6) << r << ", " << c;
    }
    EXPECT_NE(values.view("conv.bias")(0, c), start.view("conv.bias")(0, c)) << "is no column of weights";
  }
}

TEST(Standardise, ManyStepsKeepMeanAndNorm) {
  for (const auto kind : {optimiser_kind::sgd, optimiser_kind::adam, optimiser_kind::adamw}) {
    const parameter_layout layout = layout_of(true);
    arena<float> values(layout), alone(layout), gradient(layout);
    draw(values, 0.0, 0.3, 3);
    optimiser_spec spec;
    spec.kind = kind;
    spec.weight_decay = 0.1;
    optimiser many(spec, layout), one(spec, layout);
    thread_pool three(3), single(1);
    alone = values;
    const arena<float> start = values;
    for (std::uint64_t step = 0; step < 300; ++step) {
      draw(gradient, 0.1, 1.0, 10 + step);
      arena<float> same = gradient;
      many.step(values, gradient, 0.01, three);
      one.step(alone, same, 0.01, single);
    }
    EXPECT_TRUE(std::ranges::equal(values.values(), alone.values())) << "threads";
    double moved = 0.0;
    for (std::size_t c = 0; c < columns; ++c) {
      const column_facts before = facts_of(start, c), after = facts_of(values, c);
      EXPECT_NEAR(after.mean, 0.0, 1e-7);
      EXPECT_NEAR(after.norm, before.norm, 2e-6 * before.norm);
      moved += std::fabs(static_cast<double>(values.view("conv.weight")(0, c)) -
                         static_cast<double>(start.view("conv.weight")(0, c)));
    }
    EXPECT_GT(moved, 0.5);
  }
}

TEST(Standardise, AColumnOfZerosTakesTheNormOfItsFirstStep) {
  const parameter_layout layout = layout_of(true);
  arena<float> values(layout), gradient(layout);
  draw(gradient, 0.1, 1.0, 4);
  optimiser steps({}, layout);
  thread_pool pool(1);
  steps.step(values, gradient, 0.01, pool);
  const double first = facts_of(values, 2).norm;
  EXPECT_GT(first, 0.01);
  draw(gradient, 0.1, 1.0, 5);
  steps.step(values, gradient, 0.01, pool);
  EXPECT_NEAR(facts_of(values, 2).norm, first, 1e-6 * first);
}

}  // namespace
}  // namespace backspike::testing
