// Streams through connections with delays: the bits of the engine with currents in flight, pause and resume between a
// spike's departure and its arrival, no allocation, and e-prop's gradient.

#include "gradient/compare.hpp"
#include "online/allocations.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/network/delays.hpp>
#include <backspike/online/online_learner.hpp>

#include <gmock/gmock.h>

#include <cstring>
#include <tuple>

namespace backspike::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

using stream_case = std::tuple<delay_sharing, delay_kernel, double, bool>;

delay_spec delays(const stream_case& kind, std::uint32_t max) {
  delay_spec d;
  d.per = std::get<0>(kind);
  d.kernel = std::get<1>(kind);
  d.width.from = std::get<2>(kind);
  d.width.learn = max > 8;
  d.max = max;
  return d;
}

trial_plan plan_for(const stream_case& kind, bool into_readout) {
  trial_plan plan;
  plan.network.inputs = 20;
  layer_spec hidden = quick_layer("cuba_lif", 37), second = quick_layer("lif", 18, true);
  hidden.recurrent = hidden.bias = true;
  hidden.surrogate = {surrogate_kind::fast_sigmoid, 0.4, 0.9};
  hidden.delay = delays(kind, 12);
  hidden.recurrent_delay = delays(kind, 5);
  layer_spec readout = quick_layer("leaky_integrator", 3);
  readout.bias = true;
  readout.delay = into_readout ? delays(kind, 7) : delay_spec{};
  plan.network.layers = {hidden, second, readout};
  plan.objective.loss = loss_kind::step_cross_entropy;
  plan.lengths = {90, 1, 0, 47, 130};
  plan.rate = 0.15;
  plan.gain = 4.0;
  return plan;
}

arena<float> parameters_of(const trial& t, const stream_case& kind) {
  auto parameters = t.float_parameters();
  if (std::get<3>(kind)) {
    round_delays(t.net, parameters);
  }
  return parameters;
}

event_row row_of(const trial& t, std::size_t sample, std::size_t step) {
  return t.data.inputs.spikes.row(t.data.inputs.sample_rows[sample] + step);
}

online_target label_of(std::size_t step) {
  return step % 5 == 4 ? online_target{} : online_target{static_cast<std::int32_t>(step / 7 % 3), {}};
}

online_options inference() {
  online_options o;
  o.learns = false;
  return o;
}

std::vector<float> learn(online_learner& learner, const trial& t, std::size_t first, std::size_t steps) {
  std::vector<float> out;
  for (std::size_t n = first; n < first + steps; ++n) {
    const auto y = learner.step(row_of(t, 0, n % 90), label_of(n));
    out.insert(out.end(), y.begin(), y.end());
  }
  return out;
}

class DelayedStream : public ::testing::TestWithParam<stream_case> {};

TEST_P(DelayedStream, InferenceHasTheBitsOfTheEngineOnRaggedSamples) {
  for (const bool into_readout : {false, true}) {
    for (const bool graded : {false, true}) {
      trial_plan plan = plan_for(GetParam(), into_readout);
      plan.graded = graded;
      const trial t(plan);
      const auto parameters = parameters_of(t, GetParam());
      thread_pool pool(2);
      engine simulation(t.net, {}, pool);
      online_learner stream(t.net, t.objective, parameters, into_readout ? inference() : online_options{});
      std::size_t spikes = 0;
      for (const std::uint32_t s : t.samples) {
        const sample_recording expected = simulation.record(parameters, t.data, s);
        for (std::size_t n = 0; n < expected.steps; ++n) {
          const auto y = stream.infer(row_of(t, s, n));
          for (std::size_t k = 0; k < 3; ++k) {
            ASSERT_EQ(y[k], expected.readout[k][n]) << "sample " << s << " step " << n;
          }
        }
        spikes += expected.rasters[1].steps.size();
        stream.reset_state();  // with spikes in flight
      }
      EXPECT_GT(spikes, 100u);
    }
  }
}

TEST_P(DelayedStream, GoesOnWithTheSameBitsAfterAPauseWithSpikesInFlight) {
  const trial t(plan_for(GetParam(), false));
  const auto parameters = parameters_of(t, GetParam());
  online_options plain, adam, seldom;
  adam.optimiser.kind = seldom.optimiser.kind = optimiser_kind::adam;
  seldom.update_every = 3;
  for (const online_options& options : {plain, adam, seldom}) {
    online_learner learner(t.net, t.objective, parameters, options);
    learn(learner, t, 0, 50);
    const auto saved = learner.save();
    double in_flight = 0.0;
    for (const named_tensor& tensor : saved) {
      for (std::size_t k = 0; tensor.name.ends_with("currents_in_flight") && k < tensor.values.size(); ++k) {
        in_flight += std::fabs(static_cast<double>(tensor.values[k]));
      }
    }
    EXPECT_GT(in_flight, 1.0);
    const auto expected = learn(learner, t, 50, 60);
    trial_plan other = plan_for(GetParam(), false);
    other.seed = 99;
    const trial elsewhere(other);
    online_learner resumed(t.net, t.objective, elsewhere.float_parameters(), options);
    learn(resumed, t, 7, 20);  // whatever it was before
    resumed.restore(saved);
    const auto actual = learn(resumed, t, 50, 60);
    EXPECT_EQ(std::memcmp(actual.data(), expected.data(), expected.size() * sizeof(float)), 0);
    const auto a = learner.parameters().values(), b = resumed.parameters().values();
    EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size_bytes()), 0);
    EXPECT_GT(learner.updates(), 0u);
  }
}

TEST_P(DelayedStream, AllocatesNothingAfterConstruction) {
  const trial t(plan_for(GetParam(), false));
  for (const bool learns : {true, false}) {
    online_options options;
    options.learns = learns;
    online_learner stream(t.net, t.objective, parameters_of(t, GetParam()), options);
    const std::size_t before = allocations();
    float sum = 0.0f;
    for (std::size_t n = 0; n < 200; ++n) {
      sum += learns ? stream.step(row_of(t, 0, n % 90), label_of(n))[0] : 0.0f;
      sum += stream.infer(row_of(t, 0, n % 90))[0];
      if (n % 50 == 49) {
        stream.end_trial();
      }
    }
    EXPECT_EQ(allocations(), before);
    EXPECT_TRUE(std::isfinite(sum));
  }
}

/// Delays and widths stay, bit by bit, also where bptt would learn them; weights move.
TEST_P(DelayedStream, LearnsWeightsWhileDelaysStandStill) {
  const trial t(plan_for(GetParam(), false));
  const auto before = parameters_of(t, GetParam());
  for (const std::uint64_t every : {1u, 4u}) {
    online_options options;
    options.update_every = every;
    online_learner learner(t.net, t.objective, before, options);
    learn(learner, t, 0, 90);
    for (const connection& c : t.net.connections()) {
      for (const std::size_t i : {c.delay_parameter, c.kernel_width_parameter}) {
        const std::size_t floats = i == no_parameter ? 0 : t.net.parameters()[i].rows * t.net.parameters()[i].stride;
        for (std::size_t k = 0; k < floats; ++k) {
          EXPECT_EQ(learner.parameters().view(i).data[k], before.view(i).data[k]) << t.net.parameters()[i].name;
        }
      }
      double moved = 0.0;
      for (std::size_t k = 0; k < c.source_units; ++k) {
        moved += std::fabs(static_cast<double>(learner.parameters().view(c.weight)(k, 0)) -
                           static_cast<double>(before.view(c.weight)(k, 0)));
      }
      EXPECT_GT(moved, 1e-5) << t.net.parameters()[c.weight].name;
    }
  }
}

/// An update at every step may leave the gradient out; through one, at the end of a trial of one step, it is the same.
TEST_P(DelayedStream, UpdatesAtOnceAreThoseOfTheGradient) {
  const trial t(plan_for(GetParam(), false));
  const auto parameters = parameters_of(t, GetParam());
  for (const optimiser_kind kind : {optimiser_kind::sgd, optimiser_kind::adam}) {
    online_options at_once;
    at_once.optimiser.kind = kind;
    at_once.optimiser.epsilon = 1e-4;  // a gradient of nothing but rounding must not look large to Adam
    online_options at_the_end = at_once;
    at_the_end.update_every = 0;
    online_learner fused(t.net, t.objective, parameters, at_once), gathered(t.net, t.objective, parameters, at_the_end);
    online_target wrong;                    // the class that it holds for the least likely: an error that counts
    for (std::size_t n = 0; n < 20; ++n) {  // spikes on their way
      const auto y = fused.infer(row_of(t, 0, n));
      wrong.label = static_cast<std::int32_t>(std::ranges::min_element(y) - y.begin());
      gathered.infer(row_of(t, 0, n));
    }
    fused.step(row_of(t, 0, 20), wrong);
    gathered.step(row_of(t, 0, 20), wrong);
    gathered.end_trial();
    EXPECT_EQ(fused.updates(), 1u);
    double moved = 0.0;
    for (const connection& c : t.net.connections()) {
      const auto a = fused.parameters().view(c.weight), b = gathered.parameters().view(c.weight);
      for (std::size_t k = 0; k < a.rows * a.cols; ++k) {
        EXPECT_NEAR(a(k / a.cols, k % a.cols), b(k / a.cols, k % a.cols), 1e-6);
        moved += std::fabs(
            static_cast<double>(a(k / a.cols, k % a.cols) - parameters.view(c.weight)(k / a.cols, k % a.cols)));
      }
    }
    EXPECT_GT(moved, 1e-4);
  }
}

/// One update at the end of a trial: steps times the offline gradient, which is a mean over steps.
TEST_P(DelayedStream, ATrialGivesTheGradientOfTheOfflineRule) {
  const trial t(plan_for(GetParam(), false));
  const auto parameters = parameters_of(t, GetParam());
  arena<double> precise(t.net.parameters()), expected(t.net.parameters());
  std::ranges::copy(parameters.values(), precise.values().begin());
  const eprop_feedback feedback(t.net, {}, parameters);
  const std::vector<std::uint32_t> first{0};
  eprop_gradient(t.net, t.objective, precise, {}, feedback, {&t.data, first}, spike_mode::hard, &expected);
  online_options options;
  options.update_every = 0;
  online_learner learner(t.net, t.objective, parameters, options);
  for (std::size_t n = 0; n < 90; ++n) {
    learner.step(row_of(t, 0, n), {t.data.labels[0], {}});
  }
  learner.end_trial();
  for (const connection& c : t.net.connections()) {
    const auto now = learner.parameters().view(c.weight), was = parameters.view(c.weight);
    const auto g = std::as_const(expected).view(c.weight);
    EXPECT_GT(largest(g), 1e-6) << t.net.parameters()[c.weight].name;
    for (std::size_t k = 0; k < now.rows * now.cols; ++k) {
      const std::size_t r = k / now.cols, j = k % now.cols;
      const double moved = static_cast<double>(was(r, j)) - static_cast<double>(now(r, j));
      EXPECT_NEAR(moved, 1e-3 * 90.0 * g(r, j), 1e-4 * 0.09 * largest(g) + 1e-6) << t.net.parameters()[c.weight].name;
    }
  }
}

std::string name_of_case(const ::testing::TestParamInfo<stream_case>& info) {
  const auto [per, kernel, width, is_rounded] = info.param;
  return std::string(name_of(per)) + "_" + std::string(name_of(kernel)) + "_" +
         std::to_string(static_cast<int>(100.0 * width)) + (is_rounded ? "_rounded" : "");
}

INSTANTIATE_TEST_SUITE_P(Gaussian, DelayedStream,
                         ::testing::Combine(::testing::ValuesIn(all_of<delay_sharing>()),
                                            ::testing::Values(delay_kernel::gaussian), ::testing::Values(0.22, 3.3),
                                            ::testing::Bool()),
                         name_of_case);
INSTANTIATE_TEST_SUITE_P(Linear, DelayedStream,
                         ::testing::Combine(::testing::ValuesIn(all_of<delay_sharing>()),
                                            ::testing::Values(delay_kernel::linear), ::testing::Values(1.0),
                                            ::testing::Bool()),
                         name_of_case);

const stream_case one_kind{delay_sharing::synapse, delay_kernel::gaussian, 0.5, false};

TEST(DelayedStreamErrors, SayWhatIsRefusedAndWhatWorks) {
  const trial plain(plan_for(one_kind, false)), into(plan_for(one_kind, true));
  EXPECT_THAT([&] { online_learner(into.net, into.objective, into.float_parameters()); },
              ThrowsMessage<value_error>(AllOf(HasSubstr("readout.delay max = 7 steps"), HasSubstr("does not learn"))));
  online_learner stream(into.net, into.objective, into.float_parameters(), inference());
  EXPECT_THAT([&] { stream.step(row_of(into, 0, 0), {}); },
              ThrowsMessage<value_error>(AllOf(HasSubstr("learns = false"), HasSubstr("infer()"))));
  auto parameters = plain.float_parameters();
  parameters.view("hidden1.delay")(0, 3) = -1.0f;
  EXPECT_THAT([&] { online_learner(plain.net, plain.objective, parameters); },
              ThrowsMessage<value_error>(AllOf(HasSubstr("hidden1.delay[0, 3]"), HasSubstr("-1 steps"))));
}

TEST(DelayedStreamErrors, ARestoredDelayOutsideItsRangeChangesNothing) {
  const trial t(plan_for(one_kind, false));
  online_learner learner(t.net, t.objective, t.float_parameters()), other(t.net, t.objective, t.float_parameters());
  learn(learner, t, 0, 20);
  learn(other, t, 0, 20);
  auto saved = learner.save();
  const auto at = std::ranges::find(saved, "parameters.hidden1.delay", &named_tensor::name);
  ASSERT_NE(at, saved.end());
  at->values[0] = 99.0f;
  EXPECT_THAT([&] { learner.restore(saved); }, ThrowsMessage<value_error>(HasSubstr("99 steps")));
  EXPECT_EQ(learn(learner, t, 20, 30), learn(other, t, 20, 30));
}

/// A stream that only infers takes any network and objective, and keeps no traces.
TEST(DelayedStreamMemory, WithoutLearningTheStateIsSmallAndAnyLossWillDo) {
  const trial t(plan_for(one_kind, false));
  const auto size_of = [](const online_learner& l) {
    std::size_t values = 0;
    for (const named_tensor& tensor : l.save()) {
      values += tensor.name.starts_with("state.") ? tensor.values.size() : 0;
    }
    return values;
  };
  const online_learner learner(t.net, t.objective, t.float_parameters());
  const online_learner stream(t.net, objective_spec{}, t.float_parameters(), inference());
  EXPECT_LT(4 * size_of(stream), size_of(learner));
}

}  // namespace
}  // namespace backspike::testing
