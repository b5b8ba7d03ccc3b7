// The learner on a stream: the network's own output, the gradient of e-prop, no allocation, the same bits after a
// pause.

#include "gradient/compare.hpp"
#include "online/allocations.hpp"

#include <backspike/core/error.hpp>
#include <backspike/online/online_learner.hpp>

#include <gmock/gmock.h>

#include <cstring>
#include <numeric>

namespace backspike::testing {
namespace {

trial_plan plan_for(const std::string& cell, bool deep = false) {
  trial_plan plan;
  plan.network.inputs = 20;
  layer_spec hidden = quick_layer(cell, 37);
  hidden.recurrent = hidden.bias = true;
  hidden.surrogate = {surrogate_kind::fast_sigmoid, 0.4, 0.9};
  plan.network.layers = {hidden, quick_layer("leaky_integrator", 3)};
  if (deep) {
    plan.network.layers.insert(plan.network.layers.begin() + 1, quick_layer("cuba_lif", 21, true));
  }
  plan.objective.loss = loss_kind::step_cross_entropy;
  plan.lengths = {300};
  plan.rate = 0.15;
  plan.gain = 4.0;
  return plan;
}

event_row row_of(const trial& t, std::size_t step) { return t.data.inputs.spikes.row(step % 300); }

online_target label_of(std::size_t step) {
  return step % 5 == 4 ? online_target{} : online_target{static_cast<std::int32_t>(step / 7 % 3), {}};
}

std::vector<float> run(online_learner& learner, const trial& t, std::size_t first, std::size_t steps) {
  std::vector<float> out;
  out.reserve(3 * steps);
  for (std::size_t n = first; n < first + steps; ++n) {
    const auto y = learner.step(row_of(t, n), label_of(n));
    out.insert(out.end(), y.begin(), y.end());
  }
  return out;
}

/// Everything at once: deep, learned cells, adaptive feedback, rates, Adam.
online_options everything() {
  online_options o;
  o.rule.feedback = feedback_kind::adaptive;
  o.rule.feedback_decay = 0.01;
  o.rule.rates = {{"hidden1", 20.0, 0.1}};
  o.optimiser.kind = optimiser_kind::adam;
  o.update_every = 3;
  return o;
}

TEST(OnlineLearner, InferenceHasTheBitsOfTheEngine) {
  for (const bool deep : {false, true}) {
    const trial t(plan_for("cuba_lif", deep));
    thread_pool pool(1);
    const sample_recording expected = engine(t.net, {}, pool).record(t.float_parameters(), t.data, 0);
    online_learner learner(t.net, t.objective, t.float_parameters());
    for (std::size_t n = 0; n < 300; ++n) {
      const auto y = learner.infer(row_of(t, n));
      for (std::size_t k = 0; k < 3; ++k) {
        ASSERT_EQ(y[k], expected.readout[k][n]) << "step " << n;
      }
    }
    EXPECT_GT(expected.rasters[1].steps.size(), 300u);
    EXPECT_EQ(learner.updates(), 0u);
  }
}

TEST(OnlineLearner, DenseInputIsTheSameAsEvents) {
  const trial t(plan_for("lif"));
  online_learner events(t.net, t.objective, t.float_parameters()), dense(t.net, t.objective, t.float_parameters());
  for (std::size_t n = 0; n < 100; ++n) {
    std::vector<float> values(20, 0.0f);
    for (const std::uint32_t c : row_of(t, n).channels) {
      values[c] = 1.0f;
    }
    const auto a = events.step(row_of(t, n), label_of(n)), b = dense.step(values, label_of(n));
    ASSERT_TRUE(std::equal(a.begin(), a.end(), b.begin()));
  }
  EXPECT_GT(events.loss(), 0.0);
}

/// One update at the end of a trial: steps times the offline gradient, which is a mean over steps.
TEST(OnlineLearner, ATrialGivesTheGradientOfTheOfflineRule) {
  for (const feedback_kind kind : {feedback_kind::symmetric, feedback_kind::random}) {
    const trial t(plan_for("cuba_lif"));
    online_options options;
    options.rule.feedback = kind;
    options.optimiser.learning_rate = 1e-3;
    options.update_every = 0;
    online_learner learner(t.net, t.objective, t.float_parameters(), options);
    const eprop_feedback feedback(t.net, options.rule, t.float_parameters());
    arena<double> expected(t.net.parameters());
    eprop_gradient(t.net, t.objective, t.parameters, options.rule, feedback, t.batch(), spike_mode::hard, &expected);
    for (std::size_t n = 0; n < 300; ++n) {
      learner.step(row_of(t, n), {t.data.labels[0], {}});
    }
    learner.end_trial();
    EXPECT_EQ(learner.updates(), 1u);
    for (std::size_t i = 0; i < t.net.parameters().size(); ++i) {
      const auto now = learner.parameters().view(i);
      const auto before = t.parameters.view(i), g = std::as_const(expected).view(i);
      const std::string& name = t.net.parameters()[i].name;
      EXPECT_EQ(largest(g) > 1e-9, name != "hidden1.v_reset") << name << " (of no use to this reset)";
      for (std::size_t k = 0; k < now.rows * now.cols; ++k) {
        const std::size_t r = k / now.cols, c = k % now.cols;
        const double moved = before(r, c) - static_cast<double>(now(r, c));
        EXPECT_NEAR(moved, 1e-3 * 300.0 * g(r, c), 1e-4 * 0.3 * largest(g) + 1e-6) << t.net.parameters()[i].name;
      }
    }
  }
}

/// SGD at every step writes to the weights at once; through a gradient it ends within rounding of that.
TEST(OnlineLearner, FusedUpdatesAreThoseOfTheGradient) {
  const trial t(plan_for("lif"));
  online_options at_once, at_the_end;
  at_once.optimiser.learning_rate = at_the_end.optimiser.learning_rate = 1e-3;
  at_the_end.update_every = 0;
  const arena<float> parameters = t.float_parameters();
  online_learner fused(t.net, t.objective, parameters, at_once);
  online_learner gathered(t.net, t.objective, parameters, at_the_end);
  fused.step(row_of(t, 0), label_of(0));
  gathered.step(row_of(t, 0), label_of(0));
  EXPECT_EQ(fused.updates(), 1u);
  EXPECT_EQ(gathered.updates(), 0u);
  gathered.end_trial();
  double moved = 0.0;
  for (std::size_t i = 0; i < parameters.values().size(); ++i) {
    const float now = fused.parameters().values()[i];
    EXPECT_NEAR(now, gathered.parameters().values()[i], 1e-6);
    moved = std::max(moved, std::fabs(static_cast<double>(now - parameters.values()[i])));
  }
  EXPECT_GT(moved, 1e-5);
}

/// Adam at every step takes the gradient row by row from the traces: the same numbers, so the same bits.
TEST(OnlineLearner, AdamOnRowsHasTheBitsOfAdamOnTheGradient) {
  const trial t(plan_for("lif"));
  online_options at_once, at_the_end;
  at_once.optimiser.kind = at_the_end.optimiser.kind = optimiser_kind::adam;
  at_the_end.update_every = 0;
  const arena<float> parameters = t.float_parameters();
  online_learner rows(t.net, t.objective, parameters, at_once);
  online_learner gathered(t.net, t.objective, parameters, at_the_end);
  for (std::size_t n = 0; n < 50; ++n) {  // trials of one step
    for (online_learner* learner : {&rows, &gathered}) {
      learner->step(row_of(t, n), {static_cast<std::int32_t>(n % 3), {}});
      learner->end_trial();
    }
    const auto a = rows.parameters().values(), b = gathered.parameters().values();
    ASSERT_TRUE(std::equal(a.begin(), a.end(), b.begin())) << "step " << n;
  }
  EXPECT_EQ(rows.updates(), 50u);
  std::size_t moved = 0;
  for (std::size_t i = 0; i < parameters.values().size(); ++i) {
    moved += rows.parameters().values()[i] != parameters.values()[i] ? 1u : 0u;
  }
  EXPECT_GT(moved, 500u);
}

TEST(OnlineLearner, AllocatesNothingAfterConstruction) {
  for (const bool deep : {false, true}) {
    const trial t(plan_for("lif", deep));
    online_options plain, seldom = everything();
    plain.rule.feedback = feedback_kind::random;
    seldom.optimiser.kind = optimiser_kind::sgd;
    for (const online_options& options : {online_options{}, plain, everything(), seldom}) {
      online_learner learner(t.net, t.objective, t.float_parameters(), options);
      const std::size_t before = allocations();
      float sum = 0.0f;
      for (std::size_t n = 0; n < 500; ++n) {
        sum += learner.step(row_of(t, n), label_of(n))[0];
        sum += learner.infer(row_of(t, n))[0];
        if (n % 100 == 99) {
          learner.end_trial();
        }
      }
      EXPECT_EQ(allocations(), before) << "deep " << deep << ", every " << options.update_every;
      EXPECT_TRUE(std::isfinite(sum));
      EXPECT_GT(learner.updates(), 0u);
    }
  }
  const std::size_t before = allocations();
  const std::vector<int> one(1);
  EXPECT_EQ(allocations(), before + one.size()) << "the counter counts";
}

TEST(OnlineLearner, GoesOnWithTheSameBitsAfterAPause) {
  for (const bool deep : {false, true}) {
    for (const online_options& options : {online_options{}, everything()}) {
      const trial t(plan_for("cuba_lif", deep));
      trial_plan other_plan = plan_for("cuba_lif", deep);
      other_plan.seed = 99;
      const trial other(other_plan);
      online_learner learner(t.net, t.objective, t.float_parameters(), options);
      run(learner, t, 0, 130);
      const auto saved = learner.save();
      const auto expected = run(learner, t, 130, 100);
      arena<float> elsewhere(t.net.parameters());
      std::ranges::copy(other.float_parameters().values(), elsewhere.values().begin());
      online_learner resumed(t.net, t.objective, elsewhere, options);
      run(resumed, t, 7, 30);  // whatever it was before
      resumed.restore(saved);
      const auto actual = run(resumed, t, 130, 100);
      EXPECT_EQ(std::memcmp(actual.data(), expected.data(), expected.size() * sizeof(float)), 0);
      const auto a = learner.parameters().values(), b = resumed.parameters().values();
      EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size_bytes()), 0);
      EXPECT_EQ(learner.steps(), resumed.steps());
      EXPECT_EQ(learner.updates(), resumed.updates());
      EXPECT_EQ(learner.loss(), resumed.loss());
    }
  }
}

TEST(OnlineLearner, StateDoesNotGrow) {
  const trial t(plan_for("lif"));
  online_learner learner(t.net, t.objective, t.float_parameters());
  const auto size_after = [&](std::size_t steps) {
    run(learner, t, 0, steps);
    const auto saved = learner.save();
    return std::transform_reduce(saved.begin(), saved.end(), std::size_t{0}, std::plus<>(),
                                 [](const named_tensor& tensor) { return tensor.values.size(); });
  };
  EXPECT_EQ(size_after(10), size_after(20000));
}

/// Three classes, each a set of channels; the label changes every 20 steps.
TEST(OnlineLearner, LearnsOnAStream) {
  for (const feedback_kind kind : {feedback_kind::symmetric, feedback_kind::random, feedback_kind::adaptive}) {
    trial_plan plan = plan_for("lif");
    const trial t(plan);
    online_options options;
    options.rule.feedback = kind;
    options.optimiser.learning_rate = 5e-3;
    online_learner learner(t.net, t.objective, t.float_parameters(), options);
    random_stream random(5, random_purpose::test, 5);
    std::vector<double> errors;
    for (std::size_t n = 0; n < 6000; ++n) {
      const auto label = static_cast<std::uint32_t>(n / 20 % 3);
      std::vector<std::uint32_t> channels;
      for (std::uint32_t c = 0; c < 20; ++c) {
        if (random.uniform() < (c % 3 == label ? 0.3 : 0.05)) {
          channels.push_back(c);
        }
      }
      learner.step(event_row{channels, {}}, {static_cast<std::int32_t>(label), {}});
      errors.push_back(learner.loss());
    }
    const double early = std::accumulate(errors.begin(), errors.begin() + 600, 0.0) / 600.0;
    const double late = std::accumulate(errors.end() - 600, errors.end(), 0.0) / 600.0;
    EXPECT_LT(late, 0.5 * early) << "feedback " << static_cast<int>(kind) << ": " << early << " -> " << late;
  }
}

template <class F>
void expect_error(const F& f, const std::string& text) {
  try {
    f();
    ADD_FAILURE() << "expected an error that says " << text;
  } catch (const user_error& e) {
    EXPECT_THAT(e.what(), ::testing::HasSubstr(text));
  }
}

/// A layer's own price of a spike is the network's where there is one hidden layer.
TEST(OnlineLearner, L1OfALayerHasTheBitsOfTheRatePenalty) {
  trial_plan plan = plan_for("lif");
  plan.objective.rate_penalty = 0.25;
  const trial priced(plan);
  plan.objective.rate_penalty = 0.0;
  const trial plain(plan);
  plan.network.layers[0].activity.l1 = 0.25;
  const trial by_layer(plan);
  online_learner a(priced.net, priced.objective, priced.float_parameters());
  online_learner b(by_layer.net, by_layer.objective, by_layer.float_parameters());
  online_learner c(plain.net, plain.objective, plain.float_parameters());
  const auto expected = run(a, priced, 0, 200);
  EXPECT_EQ(run(b, by_layer, 0, 200), expected);
  EXPECT_NE(run(c, plain, 0, 200), expected);
}

TEST(OnlineLearner, RefusesWhatDoesNotFitAndStaysAsItWas) {
  const trial t(plan_for("lif"));
  const arena<float> initial = t.float_parameters();
  expect_error([&] { online_learner(t.net, objective_spec{}, initial); }, "step_cross_entropy");
  online_options options;
  options.optimiser.learning_rate = 0.0;
  expect_error([&] { online_learner(t.net, t.objective, initial, options); }, "learning_rate");
  objective_spec budgeted = t.objective;
  budgeted.synaptic_operations.weight = 1.0;
  expect_error([&] { online_learner(t.net, budgeted, initial); }, "synaptic_operations.weight = 1");
  trial_plan bounded = plan_for("lif");
  bounded.network.layers[0].activity.lower_weight = 1.0;
  const trial b(bounded);
  expect_error([&] { online_learner(b.net, b.objective, b.float_parameters()); }, "hidden1.activity");
  online_learner learner(t.net, t.objective, initial), other(t.net, t.objective, initial);
  run(learner, t, 0, 10);
  run(other, t, 0, 10);
  const std::vector<std::uint32_t> far{20};
  const std::vector<float> narrow(19), values(2);
  expect_error([&] { learner.step(event_row{far, {}}, {}); }, "20 exclusive");
  expect_error([&] { learner.step(narrow, {}); }, "[19]");
  expect_error([&] { learner.infer(event_row{far, narrow}); }, "[19]");
  expect_error([&] { learner.step(row_of(t, 0), {3, {}}); }, "target label = 3");
  expect_error([&] { learner.step(row_of(t, 0), {-2, {}}); }, "-2");
  expect_error([&] { learner.step(row_of(t, 0), {0, values}); }, "[3 outputs]");
  auto saved = learner.save();
  saved.back().name = "other";
  expect_error([&] { learner.restore(saved); }, "other");
  saved = learner.save();
  saved[1].values.pop_back();
  expect_error([&] { learner.restore(saved); }, saved[1].name);
  EXPECT_EQ(run(learner, t, 10, 50), run(other, t, 10, 50));
}

TEST(OnlineLearner, RegressionTakesValuesAndDivergenceIsAnError) {
  trial_plan plan = plan_for("lif");
  plan.objective.loss = loss_kind::mean_squared;
  const trial t(plan);
  online_options options;
  options.optimiser.learning_rate = 1e-3;
  online_learner learner(t.net, t.objective, t.float_parameters(), options);
  const std::vector<float> target{0.5f, -0.5f, 0.0f};
  double early = 0.0, late = 0.0;
  for (std::size_t n = 0; n < 3000; ++n) {
    learner.step(row_of(t, n), {-1, target});
    (n < 300 ? early : late) += n < 300 || n >= 2700 ? learner.loss() : 0.0;
  }
  EXPECT_LT(late, 0.5 * early);
  options.optimiser.learning_rate = 1e6;
  online_learner wild(t.net, t.objective, t.float_parameters(), options);
  EXPECT_THROW(
      {
        for (std::size_t n = 0; n < 3000; ++n) {
          wild.step(row_of(t, n), {-1, target});
        }
      },
      numeric_error);
}

}  // namespace
}  // namespace backspike::testing
