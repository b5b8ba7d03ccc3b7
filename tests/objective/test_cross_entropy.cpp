// Cross-entropy against its formula in long double, and its error against finite differences and dual numbers.

#include <backspike/objective/sample_objective.hpp>

#include <backspike/core/random.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace backspike {
namespace {

using testing::Each;

template <class S>
struct readout_values {
  std::vector<S> values;  // [classes] softmax of the reduced readout
};

/// The objective over one sample, read in two ranges; the error, where asked for, in two as well.
template <class S>
sample_loss<S> cross_entropy(const objective_spec& spec, trace_view<const S> y, std::int32_t label, double weight,
                             readout_values<S>& z, trace_view<S> error) {
  sample_objective<S> objective;
  objective.begin(spec, {label, {}, {}, {}}, y.steps, y.classes);
  const std::size_t half = y.steps / 2;
  const trace_view<const S> first{y.data, half, y.classes, y.stride};
  const trace_view<const S> second{y.data + half * y.stride, y.steps - half, y.classes, y.stride};
  objective.read(0, first, {});
  objective.read(half, second, {});
  const auto loss = objective.finish();
  z.values = objective.scores();
  if (error.data != nullptr) {
    objective.error(half, second, weight, {error.data + half * error.stride, y.steps - half, y.classes, error.stride});
    objective.error(0, first, weight, {error.data, half, y.classes, error.stride});
  }
  return loss;
}

/// A readout of 7 steps and 5 classes in rows of 8 numbers, drawn at random.
template <class S>
struct trace {
  static constexpr std::size_t steps = 7, classes = 5, stride = 8;
  std::vector<S> values = std::vector<S>(steps * stride, constant<S>(0.0));

  explicit trace(std::uint64_t index = 0, double scale = 1.0) {
    random_stream stream(5, random_purpose::test, index);
    for (std::size_t t = 0; t < steps; ++t) {
      for (std::size_t c = 0; c < classes; ++c) {
        values[t * stride + c] = constant<S>(scale * stream.normal());
      }
    }
  }
  trace_view<const S> view() const { return {values.data(), steps, classes, stride}; }
  trace_view<S> view() { return {values.data(), steps, classes, stride}; }
};

/// The header's equations as they are printed there, in long double and without any care for overflow.
struct expectation {
  std::vector<long double> probability;
  long double loss = 0.0L;
};

long double reduced(const objective_spec& spec, const trace<double>& y, std::size_t c) {
  const auto v = y.view();
  long double largest = v(0, c), sum = 0.0L;
  for (std::size_t t = 0; t < v.steps; ++t) {
    largest = std::max<long double>(largest, v(t, c));
    sum += v(t, c);
  }
  switch (spec.readout) {
    case readout_kind::max:
      return largest;
    case readout_kind::mean:
      return sum / static_cast<long double>(v.steps);
    case readout_kind::last:
      return v(v.steps - 1, c);
    case readout_kind::count:
    case readout_kind::first_spike:  // tested in test_spike_losses.cpp
      break;
  }
  return sum;
}

expectation expected_of(const objective_spec& spec, const trace<double>& y, std::size_t label) {
  constexpr std::size_t classes = trace<double>::classes;
  expectation e;
  long double total = 0.0L;
  for (std::size_t c = 0; c < classes; ++c) {
    e.probability.push_back(std::exp(spec.logit_scale * reduced(spec, y, c)));
    total += e.probability.back();
  }
  for (std::size_t c = 0; c < classes; ++c) {
    e.probability[c] /= total;
    const long double q = (c == label ? 1.0L - spec.label_smoothing : 0.0L) + spec.label_smoothing / classes;
    e.loss -= q * std::log(e.probability[c]);
  }
  return e;
}

double loss_of(const objective_spec& spec, const trace<double>& y, std::int32_t label) {
  readout_values<double> z;
  return cross_entropy<double>(spec, y.view(), label, 1.0, z, {}).value;
}

struct named_objective {
  std::string name;
  objective_spec spec;
};

void PrintTo(const named_objective& o, std::ostream* out) { *out << o.name; }

std::vector<named_objective> every_objective() {
  std::vector<named_objective> all;
  for (const auto& [name, readout] : std::map<std::string, readout_kind>{{"Max", readout_kind::max},
                                                                         {"Mean", readout_kind::mean},
                                                                         {"Last", readout_kind::last},
                                                                         {"Count", readout_kind::count}}) {
    objective_spec spec;
    spec.readout = readout;
    all.push_back({name, spec});
    spec.logit_scale = 2.5;
    all.push_back({name + "Scaled", spec});
    spec.label_smoothing = 0.2;
    all.push_back({name + "ScaledSmoothed", spec});
  }
  return all;
}

class CrossEntropy : public testing::TestWithParam<named_objective> {
 protected:
  const objective_spec spec_ = GetParam().spec;
};

TEST_P(CrossEntropy, IsTheFormulaInDoubleAndFloat) {
  for (std::uint64_t index = 0; index < 20; ++index) {
    const auto label = static_cast<std::int32_t>(index % 5);
    const trace<double> y(index);
    const trace<float> y_float(index);
    const auto expected = expected_of(spec_, y, static_cast<std::size_t>(label));
    readout_values<double> z;
    readout_values<float> z_float;
    const auto got = cross_entropy<double>(spec_, y.view(), label, 1.0, z, {});
    const auto got_float = cross_entropy<float>(spec_, y_float.view(), label, 1.0, z_float, {});
    EXPECT_NEAR(got.value, static_cast<double>(expected.loss), 1e-12);
    EXPECT_NEAR(got_float.value, static_cast<double>(expected.loss), 2e-5);
    const auto& p = expected.probability;
    EXPECT_EQ(got.predicted, std::ranges::max_element(p) - p.begin());
    EXPECT_EQ(got_float.predicted, got.predicted);
    for (std::size_t c = 0; c < p.size(); ++c) {
      EXPECT_NEAR(z.values[c], static_cast<double>(p[c]), 1e-13);
      EXPECT_NEAR(z_float.values[c], static_cast<double>(p[c]), 5e-6);
    }
  }
}

TEST_P(CrossEntropy, ErrorIsTheSlopeOfTheLossByFiniteDifferences) {
  constexpr double weight = 0.25, h = 1e-4;
  for (std::uint64_t index = 0; index < 5; ++index) {
    const auto label = static_cast<std::int32_t>(index % 5);
    trace<double> y(index, 0.3), error(99);
    readout_values<double> z;
    cross_entropy<double>(spec_, std::as_const(y).view(), label, weight, z, error.view());
    double largest = 0.0;
    for (std::size_t t = 0; t < y.steps; ++t) {
      for (std::size_t c = 0; c < y.classes; ++c) {
        double& x = y.view()(t, c);
        const double before = x;
        x = before + h;
        const double above = loss_of(spec_, y, label);
        x = before - h;
        const double below = loss_of(spec_, y, label);
        x = before;
        EXPECT_NEAR(error.view()(t, c), weight * (above - below) / (2.0 * h), 1e-8) << "step " << t << ", class " << c;
        largest = std::max(largest, std::fabs(error.view()(t, c)));
      }
    }
    EXPECT_GT(largest, 1e-3) << "no error, so that nothing was compared";
  }
}

TEST_P(CrossEntropy, DualNumbersCarryTheSameSlope) {
  using number = dual<double, 1>;
  trace<number> y(3);
  const trace<double> plain_y(3);
  trace<double> error(99);
  readout_values<double> z;
  cross_entropy<double>(spec_, plain_y.view(), 2, 1.0, z, error.view());
  for (std::size_t t = 0; t < y.steps; ++t) {
    for (std::size_t c = 0; c < y.classes; ++c) {
      number& x = y.view()(t, c);
      x.d[0] = 1.0;
      readout_values<number> z_dual;
      const auto loss = cross_entropy<number>(spec_, std::as_const(y).view(), 2, 1.0, z_dual, {}).value;
      EXPECT_NEAR(loss.d[0], error.view()(t, c), 1e-13) << "step " << t << ", class " << c;
      x.d[0] = 0.0;
    }
  }
}

TEST_P(CrossEntropy, WritesEveryEntryOfTheErrorAndNothingBetweenRows) {
  const trace<float> y(1);
  trace<float> error;
  std::ranges::fill(error.values, std::numeric_limits<float>::quiet_NaN());
  readout_values<float> z;
  cross_entropy<float>(spec_, y.view(), 4, 1.0, z, error.view());
  for (std::size_t t = 0; t < y.steps; ++t) {
    for (std::size_t c = 0; c < y.stride; ++c) {
      EXPECT_EQ(std::isnan(error.values[t * y.stride + c]), c >= y.classes) << "step " << t << ", column " << c;
    }
  }
}

TEST_P(CrossEntropy, WeightScalesTheErrorButNotTheValue) {
  const trace<double> y(1);
  trace<double> whole, half;
  readout_values<double> z;
  const double a = cross_entropy<double>(spec_, y.view(), 1, 1.0, z, whole.view()).value;
  const double b = cross_entropy<double>(spec_, y.view(), 1, 0.5, z, half.view()).value;
  EXPECT_EQ(a, b);
  for (std::size_t k = 0; k < whole.values.size(); ++k) {
    if (k % whole.stride < whole.classes) {
      EXPECT_DOUBLE_EQ(half.values[k], 0.5 * whole.values[k]);
    }
  }
}

// With 0 steps every class looks the same: the loss is log(classes), and there is nowhere to write an error to.
TEST_P(CrossEntropy, SampleWithoutStepsIsAGuess) {
  readout_values<float> z;
  float unused = 7.0f;
  const auto loss = cross_entropy<float>(spec_, {nullptr, 0, 5, 8}, 3, 1.0, z, {&unused, 0, 5, 8});
  EXPECT_NEAR(loss.value, std::log(5.0f), 1e-6);
  EXPECT_EQ(loss.predicted, 0);
  EXPECT_EQ(unused, 7.0f);
  EXPECT_THAT(z.values, Each(testing::FloatNear(0.2f, 1e-6f)));
}

TEST_P(CrossEntropy, ExtremeReadoutsStayFinite) {
  for (const double size : {1e2, 1e4, 1e30}) {
    const trace<float> y(2, size);
    for (std::int32_t label = 0; label < 5; ++label) {
      trace<float> error;
      readout_values<float> z;
      const auto loss = cross_entropy<float>(spec_, y.view(), label, 1.0, z, error.view());
      EXPECT_TRUE(std::isfinite(loss.value)) << "size " << size << ", label " << label;
      EXPECT_GE(loss.value, 0.0f);
      float sum = 0.0f;
      for (const float p : z.values) {
        sum += p;
      }
      EXPECT_NEAR(sum, 1.0f, 1e-3f) << "size " << size;
      EXPECT_TRUE(std::ranges::all_of(error.values, [](float e) { return std::isfinite(e); }));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Objectives, CrossEntropy, testing::ValuesIn(every_objective()),
                         [](const auto& tested) { return tested.param.name; });

TEST(CrossEntropyTies, MaximumBelongsToTheFirstStepThatAttainsIt) {
  const std::vector<double> y{1.0, 0.0,   // [4 steps][2 classes]
                              3.0, -1.0,  //
                              3.0, 0.0,   //
                              2.0, -2.0};
  std::vector<double> error(8, 9.0);
  readout_values<double> z;
  objective_spec maximum;
  maximum.readout = readout_kind::max;
  cross_entropy<double>(maximum, {y.data(), 4, 2, 2}, 1, 1.0, z, {error.data(), 4, 2, 2});
  const double p = 1.0 / (1.0 + std::exp(-3.0));
  const std::vector<double> expected{0.0, -p, p, 0.0, 0.0, 0.0, 0.0, 0.0};
  EXPECT_THAT(error, testing::Pointwise(testing::DoubleNear(1e-12), expected));
}

TEST(CrossEntropyTies, PredictionIsTheFirstOfEqualClasses) {
  const std::vector<float> y{-1.0f, 2.0f, 2.0f, 0.0f};
  readout_values<float> z;
  EXPECT_EQ((cross_entropy<float>({}, {y.data(), 1, 4, 4}, 0, 1.0, z, {}).predicted), 1);
}

TEST(CrossEntropyTies, PredictionFollowsTheReadoutWhereSoftmaxSaturates) {
  const std::vector<float> y{1000.0f, 1001.0f, 2000.0f, 2000.5f};  // the first two have probability 0
  readout_values<float> z;
  EXPECT_EQ((cross_entropy<float>({}, {y.data(), 1, 4, 4}, 0, 1.0, z, {}).predicted), 3);
  const std::vector<float> lost{1000.0f, 0.0f};
  EXPECT_FLOAT_EQ((cross_entropy<float>({}, {lost.data(), 1, 2, 2}, 1, 1.0, z, {}).value), 1000.0f);
}

}  // namespace
}  // namespace backspike
