// What a gradient predicts and what comes: losses of samples one by one, the control on the smooth relaxation, budgets
// that are kept, and networks in which there is nothing to measure.

#include "gradient/trial.hpp"
#include "robustness/directions.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/robustness/mismatch.hpp>
#include <backspike/robustness/sample_losses.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace backspike::testing {
namespace {

/// Two spiking layers, of which the first skips to the outputs, too; the input reaches both.
trial_plan plan_of(std::uint64_t seed, readout_kind readout = readout_kind::mean) {
  trial_plan plan;
  plan.seed = seed;
  plan.network.inputs = 6;
  plan.network.layers = {quick_layer("lif", 12, false), quick_layer("cuba_lif", 10, true),
                         quick_layer("leaky_integrator", 3, false)};
  for (std::size_t k = 0; k < 2; ++k) {
    plan.network.layers[k].name = k == 0 ? "first" : "second";
    plan.network.layers[k].surrogate = {surrogate_kind::arctangent, 0.8, 1.0};  // smooth everywhere
    plan.network.layers[k].bias = true;
  }
  plan.network.layers[0].recurrent = true;
  plan.network.layers[1].from = {"input", "first"};
  plan.network.layers[2].from = {"first", "second"};
  plan.objective.readout = readout;
  plan.lengths = {14, 9, 20, 17};
  plan.gain = 3.0;
  return plan;
}

struct problem {
  trial t;
  arena<float> parameters;
  thread_pool pool;

  explicit problem(const trial_plan& plan, std::size_t threads = 1)
      : t(plan), parameters(t.net.parameters()), pool(threads) {
    std::ranges::transform(t.parameters.values(), parameters.values().begin(),
                           [](double x) { return static_cast<float>(x); });
  }
  batch_view batch() const { return {&t.data, t.samples}; }
  mismatch measure(const mismatch_options& options) {
    return measure_mismatch("trial", t.net, t.objective, parameters, t.data, t.samples, options, pool);
  }
};

TEST(SampleLosses, AddUpToThoseOfTheEngine) {
  for (const readout_kind readout : {readout_kind::mean, readout_kind::max, readout_kind::last}) {
    problem p(plan_of(3, readout));
    sample_losses losses(p.t.net, p.t.objective, p.pool);
    losses.forward(p.parameters, p.batch());
    arena<float> own(p.t.net.parameters()), gradient(p.t.net.parameters());
    losses.backward(own, {});
    engine simulator(p.t.net, p.t.objective, p.pool);
    const batch_result result = simulator.gradient(p.parameters, p.batch(), gradient);
    double sum = 0.0;
    for (const double loss : losses.losses()) {
      sum += loss;
    }
    EXPECT_NEAR(sum, result.loss, 1e-5 * std::abs(result.loss));
    float largest = 0.0f;
    for (const float g : gradient.values()) {
      largest = std::max(largest, std::abs(g));
    }
    ASSERT_GT(largest, 1e-3f);
    ASSERT_GT(result.hidden_spikes, 20u);
    for (std::size_t k = 0; k < own.values().size(); ++k) {
      EXPECT_NEAR(own.values()[k] / static_cast<float>(p.t.samples.size()), gradient.values()[k], 1e-5f * largest);
    }
  }
}

TEST(SampleLosses, DoNotDependOnTheSamplesBeside) {
  problem p(plan_of(4));
  sample_losses together(p.t.net, p.t.objective, p.pool), alone(p.t.net, p.t.objective, p.pool);
  together.forward(p.parameters, p.batch());
  for (std::size_t k = 0; k < p.t.samples.size(); ++k) {
    alone.forward(p.parameters, {&p.t.data, std::span(p.t.samples).subspan(k, 1)});
    EXPECT_EQ(alone.losses()[0], together.losses()[k]);
    EXPECT_EQ(alone.predicted()[0], together.predicted()[k]);
  }
}

/// On the relaxation a right gradient leaves a difference of second order; a wrong one leaves one of first.
TEST(Mismatch, TheControlAgreesToSecondOrder) {
  for (const moved_part of : {moved_part::input, moved_part::parameters}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      problem p(plan_of(seed));
      const mismatch m = p.measure({.of = of, .sizes = {3e-5, 1e-4, 3e-4}, .widths = {1.0}});
      EXPECT_EQ(m.control.left_out, "");
      EXPECT_NEAR(m.control.slope, 2.0, 0.1) << seed;
      const mismatch_point& along = m.points.front();
      EXPECT_GT(along.predicted, 1e2 * m.control.differences.front()) << "the prediction is not what vanishes";
    }
  }
}

TEST(Mismatch, SmallPerturbationsChangeNoSpike) {
  problem p(plan_of(2));
  const mismatch m = p.measure({.sizes = {1e-7, 0.5}, .widths = {1.0}});
  ASSERT_EQ(m.points.size(), 4u);
  for (const mismatch_point& point : m.points) {
    ASSERT_EQ(point.layers.size(), 2u);
    if (point.size == 0.5) {
      EXPECT_LT(point.unchanged, 0.5) << point.direction;
      EXPECT_GT(point.layers[0].changed, 0.0);
    } else {
      EXPECT_EQ(point.unchanged, 1.0) << point.direction;
      EXPECT_EQ(point.layers[0].first_still, 1.0);
      EXPECT_EQ(point.layers[1].first_still, 0.0);
    }
  }
}

TEST(Mismatch, HasTheSameBitsAtAnyNumberOfThreads) {
  for (const moved_part of : {moved_part::input, moved_part::parameters}) {
    const mismatch_options options{.of = of, .sizes = {0.01, 0.1}, .widths = {0.5, 1.0}};
    problem one(plan_of(6), 1), three(plan_of(6), 3);
    EXPECT_EQ(to_json(one.measure(options)), to_json(three.measure(options)));
  }
}

TEST(Mismatch, MovesEveryValueByTheSizeAtMost) {
  problem p(plan_of(7));
  const dense_input before(p.t.data);
  dense_input after(p.t.data);
  random_stream random(1, random_purpose::test);
  std::vector<float> way(before.data().inputs.spikes.values.size());
  std::ranges::generate(way, [&] { return random.below(4) == 0 ? 0.0f : static_cast<float>(random.normal()); });
  for (const double size : {0.3, 0.01}) {  // the second from the beginning again, not from the first
    after.move(std::span<const float>(way), size);
    for (std::size_t k = 0; k < way.size(); ++k) {
      const float moved = after.data().inputs.spikes.values[k] - before.data().inputs.spikes.values[k];
      EXPECT_NEAR(moved, way[k] == 0.0f ? 0.0 : std::copysign(size, way[k]), 1e-6);
    }
  }
}

TEST(Mismatch, SaysWhatItFound) {
  problem p(plan_of(5));
  const mismatch m = p.measure({.sizes = {0.01, 0.1}, .widths = {1.0, 2.0}});
  const std::string json = to_json(m), page = to_html(m), text = to_text(m);
  for (const char* key : {"correlation", "sign_agreement", "unchanged", "first_still", "slope"}) {
    EXPECT_THAT(json, ::testing::HasSubstr(std::string("\"") + key + "\""));
    EXPECT_THAT(page, ::testing::HasSubstr(key));
  }
  EXPECT_THAT(text, ::testing::HasSubstr("second"));
  EXPECT_EQ(m.points.size(), 8u);
}

template <class F>
std::string message_of(const F& f) {
  try {
    f();
  } catch (const user_error& e) {
    return e.what();
  }
  return "no error";
}

TEST(Mismatch, RefusesWhatMeansNothing) {
  problem p(plan_of(1));
  EXPECT_THAT(message_of([&] { p.measure({.sizes = {0.0}}); }), ::testing::HasSubstr("sizes"));
  EXPECT_THAT(message_of([&] { p.measure({.sizes = {}}); }), ::testing::HasSubstr("at least one"));
  EXPECT_THAT(message_of([&] { p.measure({.widths = {-1.0}}); }), ::testing::HasSubstr("widths"));
  problem silent(plan_of(1));
  for (std::size_t k = 0; k < silent.t.net.parameters().size(); ++k) {
    const std::string& name = silent.t.net.parameters()[k].name;
    const auto view = silent.parameters.view(k);
    for (std::size_t r = 0; r < view.rows && (name.ends_with("weight") || name.ends_with("bias")); ++r) {
      std::fill_n(view.row(r), view.cols, 0.0f);
    }
  }
  EXPECT_THAT(message_of([&] { silent.measure({}); }), ::testing::HasSubstr("fires"));
}

}  // namespace
}  // namespace backspike::testing
