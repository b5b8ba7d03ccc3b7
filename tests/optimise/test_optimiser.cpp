// SGD, Adam and AdamW against the papers' algorithms in double; clipping, decay, ranges, the same bits on all threads.

#include <backspike/optimise/optimiser.hpp>

#include <backspike/core/field.hpp>
#include <backspike/core/random.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace backspike {
namespace {

/// A weight of several pieces of work with padded rows, a bias, a bounded vector and something that is not learned.
parameter_layout layout_of_a_network() {
  parameter_layout layout;
  layout.add("hidden.weight", {{190, 100}}, "", -unbounded, unbounded, true);
  layout.add("hidden.bias", {{100}}, "", -unbounded, unbounded, true);
  layout.add("hidden.tau_m", {{100}}, "ms", 5.0, 30.0, true);
  layout.add("hidden.v_th", {{1}}, "", 0.1, 10.0, false);
  return layout;
}

template <class F>
void for_each_number(const parameter_layout& layout, F&& visit) {
  for (const parameter_info& p : layout.entries()) {
    for (std::size_t r = 0; r < p.rows; ++r) {
      for (std::size_t c = 0; c < p.cols; ++c) {
        visit(p, p.offset + r * p.stride + c);
      }
    }
  }
}

void draw(arena<float>& a, double scale, std::uint64_t index) {
  random_stream stream(7, random_purpose::test, index);
  for_each_number(a.layout(), [&](const parameter_info&, std::size_t at) {
    a.values()[at] = static_cast<float>(scale * stream.normal());
  });
}

arena<float> initial_values(const parameter_layout& layout) {
  arena<float> values(layout);
  draw(values, 0.5, 0);
  const auto tau = values.view("hidden.tau_m");
  for (std::size_t c = 0; c < tau.cols; ++c) {
    tau(0, c) = 15.0f + tau(0, c);
  }
  return values;
}

arena<float> gradient_of_step(const parameter_layout& layout, std::uint64_t step) {
  arena<float> gradient(layout);
  draw(gradient, step % 5 == 0 ? 2.0 : 0.1, step + 1);
  return gradient;
}

double norm_of(const arena<float>& gradient) {
  double sum = 0.0;
  for_each_number(gradient.layout(), [&](const parameter_info& p, std::size_t at) {
    sum += p.learnable ? std::pow(static_cast<double>(gradient.values()[at]), 2) : 0.0;
  });
  return std::sqrt(sum);
}

double rate_of_step(std::uint64_t step) { return 0.01 + 0.001 * static_cast<double>(step % 7); }

/// The papers' algorithms, number by number in double precision.
class reference {
 public:
  reference(const optimiser_spec& spec, const arena<float>& start)
      : spec_(spec), layout_(start.layout()), first_(layout_.floats(), 0.0), second_(layout_.floats(), 0.0) {
    values.assign(start.values().begin(), start.values().end());
  }

  void step(const arena<float>& gradient, double rate) {
    ++t_;
    const double norm = norm_of(gradient);
    const double keep = spec_.clip_norm > 0.0 && norm > spec_.clip_norm ? spec_.clip_norm / norm : 1.0;
    for_each_number(layout_, [&](const parameter_info& p, std::size_t at) {
      if (p.learnable) {
        const double decay = p.name == "hidden.weight" ? spec_.weight_decay : 0.0;
        const double g = keep * static_cast<double>(gradient.values()[at]);
        values[at] = std::clamp(spec_.kind == optimiser_kind::sgd ? sgd(at, g, decay, rate) : adam(at, g, decay, rate),
                                p.low, p.high);
      }
    });
  }

  std::vector<double> values;

 private:
  double sgd(std::size_t at, double g, double decay, double rate) {
    first_[at] = spec_.momentum * first_[at] + g + decay * values[at];
    return values[at] - rate * first_[at];
  }

  // Kingma & Ba 2015, algorithm 1; the decay as in Loshchilov & Hutter 2019, algorithm 2.
  double adam(std::size_t at, double g, double decay, double rate) {
    const bool decoupled = spec_.kind == optimiser_kind::adamw;
    g += decoupled ? 0.0 : decay * values[at];
    first_[at] = spec_.beta1 * first_[at] + (1.0 - spec_.beta1) * g;
    second_[at] = spec_.beta2 * second_[at] + (1.0 - spec_.beta2) * g * g;
    const double m = first_[at] / (1.0 - std::pow(spec_.beta1, t_));
    const double v = second_[at] / (1.0 - std::pow(spec_.beta2, t_));
    return values[at] - rate * (m / (std::sqrt(v) + spec_.epsilon) + (decoupled ? decay * values[at] : 0.0));
  }

  optimiser_spec spec_;
  const parameter_layout& layout_;
  std::vector<double> first_, second_;
  int t_ = 0;
};

std::vector<float> bits_after(const optimiser_spec& spec, std::size_t threads, std::uint64_t steps) {
  const parameter_layout layout = layout_of_a_network();
  arena<float> values = initial_values(layout);
  optimiser o(spec, layout);
  thread_pool pool(threads);
  for (std::uint64_t step = 0; step < steps; ++step) {
    arena<float> gradient = gradient_of_step(layout, step);
    o.step(values, gradient, rate_of_step(step), pool);
  }
  return {values.values().begin(), values.values().end()};
}

struct named_spec {
  std::string name;
  optimiser_spec spec;
};

void PrintTo(const named_spec& s, std::ostream* out) { *out << s.name; }

std::vector<named_spec> every_kind() {
  std::vector<named_spec> all;
  for (const auto& [name, kind] : std::map<std::string, optimiser_kind>{
           {"Sgd", optimiser_kind::sgd}, {"Adam", optimiser_kind::adam}, {"AdamW", optimiser_kind::adamw}}) {
    optimiser_spec spec;
    spec.kind = kind;
    all.push_back({name, spec});
    spec.weight_decay = 0.02;
    all.push_back({name + "Decay", spec});
    spec.clip_norm = 30.0;  // the norm is near 14 in most steps and near 280 in every fifth
    all.push_back({name + "DecayClip", spec});
  }
  return all;
}

class Optimiser : public testing::TestWithParam<named_spec> {
 protected:
  const parameter_layout layout_ = layout_of_a_network();
  thread_pool pool_{2};
};

TEST_P(Optimiser, FollowsTheReferenceOverFiftySteps) {
  arena<float> values = initial_values(layout_);
  const arena<float> start = values;
  reference expected(GetParam().spec, values);
  optimiser o(GetParam().spec, layout_);
  for (std::uint64_t step = 0; step < 50; ++step) {
    arena<float> gradient = gradient_of_step(layout_, step);
    o.step(values, gradient, rate_of_step(step), pool_);
    expected.step(gradient, rate_of_step(step));
  }
  EXPECT_EQ(o.steps(), 50u);
  double moved = 0.0, worst = 0.0;
  for_each_number(layout_, [&](const parameter_info&, std::size_t at) {
    const double got = values.values()[at], size = std::max(1.0, std::fabs(expected.values[at]));
    worst = std::max(worst, std::fabs(got - expected.values[at]) / size);
    moved = std::max(moved, std::fabs(got - static_cast<double>(start.values()[at])));
  });
  EXPECT_GT(moved, 0.1) << "nothing was learned, so that nothing was compared";
  EXPECT_LT(worst, 2e-5);
}

TEST_P(Optimiser, PaddingStaysZeroAndFixedParametersStay) {
  arena<float> values = initial_values(layout_);
  const float fixed = values.view("hidden.v_th")(0, 0);
  std::vector<char> padding(layout_.floats(), 1);
  for_each_number(layout_, [&](const parameter_info&, std::size_t at) { padding[at] = 0; });
  ASSERT_GT(std::count(padding.begin(), padding.end(), 1), 0);
  optimiser o(GetParam().spec, layout_);
  for (std::uint64_t step = 0; step < 5; ++step) {
    arena<float> gradient = gradient_of_step(layout_, step);
    o.step(values, gradient, 0.1, pool_);
  }
  for (std::size_t at = 0; at < padding.size(); ++at) {
    if (padding[at] != 0) {
      ASSERT_EQ(values.values()[at], 0.0f) << "float " << at;
      ASSERT_EQ(o.first_moment().values()[at], 0.0f) << "float " << at;
      ASSERT_EQ(o.second_moment().values()[at], 0.0f) << "float " << at;
    }
  }
  EXPECT_EQ(values.view("hidden.v_th")(0, 0), fixed);
}

TEST_P(Optimiser, GivesTheSameBitsAtAnyThreadCount) {
  const auto one = bits_after(GetParam().spec, 1, 10);
  EXPECT_EQ(one, bits_after(GetParam().spec, 3, 10));
  EXPECT_NE(one, bits_after(GetParam().spec, 1, 11));
}

TEST_P(Optimiser, ContinuesBitByBitFromItsSavedState) {
  arena<float> values = initial_values(layout_);
  optimiser first(GetParam().spec, layout_);
  const auto run = [&](optimiser& o, arena<float>& x, std::uint64_t begin, std::uint64_t end) {
    for (std::uint64_t step = begin; step < end; ++step) {
      arena<float> gradient = gradient_of_step(layout_, step);
      o.step(x, gradient, rate_of_step(step), pool_);
    }
  };
  run(first, values, 0, 8);
  arena<float> resumed_values = values, forgetful_values = values;
  optimiser resumed(GetParam().spec, layout_), forgetful(GetParam().spec, layout_);
  std::ranges::copy(first.first_moment().values(), resumed.first_moment().values().begin());
  std::ranges::copy(first.second_moment().values(), resumed.second_moment().values().begin());
  resumed.restore(first.steps());
  run(first, values, 8, 16);
  run(resumed, resumed_values, 8, 16);
  run(forgetful, forgetful_values, 8, 16);
  EXPECT_EQ(resumed.steps(), 16u);
  EXPECT_TRUE(std::ranges::equal(values.values(), resumed_values.values()));
  EXPECT_FALSE(std::ranges::equal(values.values(), forgetful_values.values())) << "the state does not matter here";
}

TEST_P(Optimiser, ClampsToTheRangeOfAParameter) {
  arena<float> values = initial_values(layout_);
  arena<float> gradient(layout_);
  const auto pull = gradient.view("hidden.tau_m");
  for (std::size_t c = 0; c < pull.cols; ++c) {
    pull(0, c) = c % 2 == 0 ? 1e3f : -1e3f;
  }
  optimiser o(GetParam().spec, layout_);
  for (int step = 0; step < 100; ++step) {
    o.step(values, gradient, 1.0, pool_);
  }
  const auto tau = values.view("hidden.tau_m");
  for (std::size_t c = 0; c < tau.cols; ++c) {
    EXPECT_EQ(tau(0, c), c % 2 == 0 ? 5.0f : 30.0f) << "neuron " << c;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Optimiser, testing::ValuesIn(every_kind()),
                         [](const auto& tested) { return tested.param.name; });

TEST(OptimiserClamp, ReachesAVectorOfSeveralPiecesOfWork) {
  parameter_layout layout;
  layout.add("hidden.tau_m", {{20000}}, "ms", 1.0, 2.0, true);
  arena<float> values(layout), gradient(layout);
  values.fill(1.5f);
  gradient.fill(-100.0f);
  optimiser_spec spec;
  spec.kind = optimiser_kind::sgd;
  optimiser o(spec, layout);
  thread_pool pool(2);
  o.step(values, gradient, 1.0, pool);
  const auto tau = values.view(0);
  EXPECT_EQ(std::count(tau.row(0), tau.row(0) + tau.cols, 2.0f), 20000);
}

TEST(GradientNorm, IsTheEuclideanNormOfWhatIsLearned) {
  const parameter_layout layout = layout_of_a_network();
  thread_pool pool(1);
  arena<float> gradient(layout);
  EXPECT_EQ(gradient_norm(gradient, pool), 0.0);
  gradient.view("hidden.weight")(3, 4) = 3.0f;
  gradient.view("hidden.bias")(0, 99) = -4.0f;
  gradient.view("hidden.v_th")(0, 0) = 100.0f;  // fixed: does not count
  EXPECT_DOUBLE_EQ(gradient_norm(gradient, pool), 5.0);
  draw(gradient, 1.0, 3);
  EXPECT_NEAR(gradient_norm(gradient, pool), norm_of(gradient), 1e-9);
}

TEST(GradientNorm, HasTheSameBitsAtAnyThreadCount) {
  parameter_layout layout;
  layout.add("weight", {{300, 130}}, "", -unbounded, unbounded, true);  // more than one worker's piece
  arena<float> gradient(layout);
  draw(gradient, 1.0, 4);
  thread_pool one(1), three(3);
  const double norm = gradient_norm(gradient, one);
  EXPECT_NEAR(norm, norm_of(gradient), 1e-9 * norm);
  EXPECT_EQ(gradient_norm(gradient, three), norm);
}

TEST(GradientNorm, DoesNotOverflowInFloatRange) {
  const parameter_layout layout = layout_of_a_network();
  thread_pool pool(1);
  arena<float> gradient(layout);
  gradient.fill(1e30f);
  EXPECT_NEAR(gradient_norm(gradient, pool) / (1e30 * std::sqrt(190.0 * 100.0 + 200.0)), 1.0, 1e-6);
}

TEST(Clipping, LeavesSmallGradientsAloneAndScalesLargeOnes) {
  const parameter_layout layout = layout_of_a_network();
  optimiser_spec plain, clipped;
  plain.kind = clipped.kind = optimiser_kind::sgd;
  clipped.clip_norm = 10.0;
  thread_pool pool(1);
  const arena<float> start = initial_values(layout);
  for (const auto& [size, factor] : std::map<float, float>{{9.0f, 1.0f}, {40.0f, 0.25f}}) {
    arena<float> gradient(layout), a = start, b = start;
    gradient.view("hidden.weight")(0, 0) = size;
    optimiser with(clipped, layout), without(plain, layout);
    with.step(a, gradient, 0.5, pool);
    gradient.view("hidden.weight")(0, 0) = size * factor;
    without.step(b, gradient, 0.5, pool);
    EXPECT_TRUE(std::ranges::equal(a.values(), b.values())) << "gradient of size " << size;
  }
}

TEST(WeightDecay, ActsOnWeightsOnly) {
  const parameter_layout layout = layout_of_a_network();
  thread_pool pool(1);
  for (const auto kind : {optimiser_kind::sgd, optimiser_kind::adam, optimiser_kind::adamw}) {
    optimiser_spec spec;
    spec.kind = kind;
    spec.weight_decay = 0.1;
    arena<float> values = initial_values(layout), no_gradient(layout);
    const arena<float> before = values;
    optimiser(spec, layout).step(values, no_gradient, 0.01, pool);
    EXPECT_LT(std::fabs(values.view("hidden.weight")(1, 1)), std::fabs(before.view("hidden.weight")(1, 1)));
    EXPECT_EQ(values.view("hidden.bias")(0, 7), before.view("hidden.bias")(0, 7));
    EXPECT_EQ(values.view("hidden.tau_m")(0, 7), before.view("hidden.tau_m")(0, 7));
  }
}

}  // namespace
}  // namespace backspike
