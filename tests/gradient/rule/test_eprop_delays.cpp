// E-prop of connections with delays: backpropagation's gradient where no path leads through another neuron, with
// recurrence that of the network whose own spikes come from outside, and its float path against its double one.

#include "gradient/compare.hpp"
#include "gradient/trial.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/eprop.hpp>
#include <backspike/gradient/learning_rule.hpp>
#include <backspike/network/delays.hpp>

#include <gmock/gmock.h>

#include <cstring>
#include <tuple>

namespace backspike::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr double tolerance = 1e-10;  // of the largest entry of a parameter's gradient

struct delayed_result {
  arena<double> gradient;
  dense_result<double> sum;
  delayed_result(const trial& t, spike_mode mode) : gradient(t.net.parameters()) {
    const eprop_feedback feedback(t.net, {}, t.parameters);
    sum = eprop_gradient(t.net, t.objective, t.parameters, {}, feedback, t.batch(), mode, &gradient);
  }
};

using delay_case = std::tuple<std::string, bool, delay_sharing, delay_kernel, double>;

class DelayedEprop : public ::testing::TestWithParam<delay_case> {
 protected:
  delay_spec delays(std::uint32_t max) const {
    delay_spec d;
    d.max = max;
    d.per = std::get<2>(GetParam());
    d.kernel = std::get<3>(GetParam());
    d.width.from = std::get<4>(GetParam());
    d.learn = false;
    return d;
  }

  trial_plan plan() const {
    trial_plan plan;
    plan.network.inputs = 12;
    layer_spec hidden = quick_layer(std::get<0>(GetParam()), 19);
    hidden.surrogate = {surrogate_kind::fast_sigmoid, 0.4, 0.9};
    hidden.detach_reset = std::get<1>(GetParam());
    hidden.bias = true;
    hidden.delay = delays(9);
    plan.network.layers = {hidden, quick_layer("leaky_integrator", 3)};
    plan.lengths = {30, 0, 1, 21};
    plan.gain = 4.0;
    plan.objective.logit_scale = 0.2;
    plan.objective.rate_penalty = 0.02;
    return plan;
  }
};

void expect_alive(const trial& t, const arena<double>& gradient, double spikes) {
  EXPECT_GT(spikes, 10.0);
  for (const connection& c : t.net.connections()) {
    EXPECT_GT(largest(gradient.view(c.weight)), 1e-6) << t.net.parameters()[c.weight].name;
  }
}

TEST_P(DelayedEprop, EqualsBpttWithoutRecurrence) {
  for (const spike_mode mode : {spike_mode::hard, spike_mode::smooth}) {
    for (const bool graded : {false, true}) {
      trial_plan p = plan();
      p.graded = graded;
      const trial t(p);
      const delayed_result actual(t, mode);
      arena<double> expected(t.net.parameters());
      const auto sum = dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), mode, &expected);
      expect_alive(t, expected, sum.hidden_spikes);
      expect_same_gradient(actual.gradient, expected, tolerance);
      EXPECT_NEAR(actual.sum.loss, sum.loss, 1e-12 * sum.loss);
    }
  }
}

/// The spikes of the hidden layer one step later, as channels behind those of the input.
dataset with_spikes_as_input(const trial& t) {
  const dense_model<double> m(t.net, t.parameters, spike_mode::hard);
  dataset data = t.data;
  const std::size_t inputs = data.channels, units = m.at(0).units;
  data.channels = static_cast<std::uint32_t>(inputs + units);
  events rows;
  for (const std::uint32_t s : t.samples) {
    const auto x = dense_forward(m, t.data, s);
    for (std::size_t n = 0; n < x.steps; ++n) {
      const auto row = t.data.inputs.spikes.row(t.data.inputs.sample_rows[s] + n);
      rows.channels.insert(rows.channels.end(), row.channels.begin(), row.channels.end());
      for (std::size_t j = 0; n > 0 && j < units; ++j) {
        if (x.populations[0].output[(n - 1) * units + j] != 0.0) {
          rows.channels.push_back(static_cast<std::uint32_t>(inputs + j));
        }
      }
      rows.end_row();
    }
  }
  data.inputs.spikes = rows;
  return data;
}

/// Rows of `from` to rows of `to` from `first` on.
void copy_rows(matrix_view<const double> from, matrix_view<double> to, std::size_t first) {
  for (std::size_t r = 0; r < from.rows; ++r) {
    std::copy_n(from.row(r), from.cols, to.row(first + r));
  }
}

/// Delays of the loop behind those of the input. A target has one for both.
void join_delays(trial& looped, trial& open) {
  const auto loop = looped.parameters.view("hidden1.recurrent.delay"), all = open.parameters.view("hidden1.delay");
  switch (looped.net.connections()[0].late.per) {
    case delay_sharing::synapse:
      copy_rows(std::as_const(looped.parameters).view("hidden1.recurrent.delay"), all, 12);
      break;
    case delay_sharing::source:
      std::copy_n(loop.row(0), 19, all.row(0) + 12);
      break;
    case delay_sharing::target:
      std::copy_n(all.row(0), 19, loop.row(0));
      break;
  }
}

/// With recurrence, e-prop takes what the neurons send for given.
TEST_P(DelayedEprop, TakesItsOwnSpikesAsIfTheyCameFromOutside) {
  trial_plan looped = plan(), open = plan();
  looped.network.layers[0].recurrent = true;
  looped.network.layers[0].recurrent_delay = delays(9);
  open.network.inputs += 19;
  trial t(looped), o(open);
  for (const parameter_info& p : o.net.parameters().entries()) {
    copy_rows(std::as_const(t.parameters).view(p.name), o.parameters.view(p.name), 0);
  }
  join_delays(t, o);
  copy_rows(std::as_const(t.parameters).view("hidden1.recurrent.weight"), o.parameters.view("hidden1.weight"), 12);
  o.data = with_spikes_as_input(t);

  const delayed_result actual(t, spike_mode::hard);
  arena<double> expected(o.net.parameters()), joined(o.net.parameters());
  const auto sum = dense_gradient<double>(o.net, o.objective, o.parameters, o.batch(), spike_mode::hard, &expected);
  expect_alive(o, expected, sum.hidden_spikes);
  EXPECT_EQ(actual.sum.hidden_spikes, sum.hidden_spikes);
  for (const parameter_info& p : o.net.parameters().entries()) {
    copy_rows(actual.gradient.view(p.name), joined.view(p.name), 0);
  }
  const auto loop = std::as_const(actual.gradient).view("hidden1.recurrent.weight");
  EXPECT_GT(largest(loop), 1e-6);
  copy_rows(loop, joined.view("hidden1.weight"), 12);
  expect_same_gradient(joined, expected, tolerance);
}

TEST_P(DelayedEprop, FloatEqualsDoubleAndHasTheSameBitsAtAnyThreadCount) {
  trial_plan p = plan();
  p.network.layers[0].recurrent = true;
  p.network.layers[0].recurrent_delay = delays(6);
  p.lengths = {12, 30, 7, 1, 25};
  const trial t(p);
  const delayed_result expected(t, spike_mode::hard);
  const arena<float> parameters = t.float_parameters();
  const eprop_feedback feedback(t.net, {}, parameters);
  arena<float> first(t.net.parameters());
  for (const std::size_t threads : {1u, 3u}) {
    thread_pool pool(threads);
    arena<float> gradient(t.net.parameters());
    const auto result = eprop_gradient(t.net, t.objective, parameters, {}, feedback, t.batch(), gradient, pool);
    if (threads == 1) {
      EXPECT_EQ(static_cast<double>(result.hidden_spikes), expected.sum.hidden_spikes);
      expect_same_gradient(gradient, expected.gradient, 2e-4, true, 1e-6);
      first = gradient;
    }
    EXPECT_EQ(std::memcmp(first.values().data(), gradient.values().data(), first.values().size_bytes()), 0);
  }
}

std::string name_of_case(const ::testing::TestParamInfo<delay_case>& info) {
  const auto [cell, detach, per, kernel, width] = info.param;
  return cell + (detach ? "Detached" : "") + "_" + std::string(name_of(per)) + "_" + std::string(name_of(kernel)) +
         "_" + std::to_string(static_cast<int>(100.0 * width));
}

INSTANTIATE_TEST_SUITE_P(Gaussian, DelayedEprop,
                         ::testing::Combine(::testing::Values("lif", "cuba_lif", "alif"), ::testing::Bool(),
                                            ::testing::ValuesIn(all_of<delay_sharing>()),
                                            ::testing::Values(delay_kernel::gaussian), ::testing::Values(0.22, 2.3)),
                         name_of_case);
INSTANTIATE_TEST_SUITE_P(Linear, DelayedEprop,
                         ::testing::Combine(::testing::Values("lif"), ::testing::Bool(),
                                            ::testing::ValuesIn(all_of<delay_sharing>()),
                                            ::testing::Values(delay_kernel::linear), ::testing::Values(1.0)),
                         name_of_case);

trial_plan small_plan() {
  trial_plan plan;
  plan.network.inputs = 4;
  layer_spec hidden = quick_layer("lif", 6);
  hidden.delay.max = 5;
  plan.network.layers = {hidden, quick_layer("leaky_integrator", 2)};
  return plan;
}

TEST(DelayedEpropRule, TrainsOnlyWhereDelaysStandStill) {
  trial_plan plan = small_plan();
  const rule_spec rule{rule_kind::eprop};
  const network learned(plan.network);
  EXPECT_THAT([&] { check_rule(rule, learned, 1, 1u << 30); },
              ThrowsMessage<value_error>(AllOf(HasSubstr("hidden1.delay learn = true"), HasSubstr("bptt"))));
  plan.network.layers[0].delay.learn = false;
  plan.network.layers[0].delay.width.learn = true;
  const network width(plan.network);
  EXPECT_THAT([&] { check_rule(rule, width, 1, 1u << 30); },
              ThrowsMessage<value_error>(HasSubstr("hidden1.delay_width width.learn = true")));
  plan.network.layers[0].delay.width.learn = false;
  EXPECT_NO_THROW(check_rule(rule, network(plan.network), 1, 1u << 30));
}

TEST(DelayedEpropRule, RefusesDelaysIntoTheReadout) {
  trial_plan plan = small_plan();
  plan.network.layers[1].delay.max = 3;
  const network net(plan.network);
  EXPECT_THAT([&] { check_eprop(net, {}); },
              ThrowsMessage<value_error>(AllOf(HasSubstr("readout.delay max = 3 steps"), HasSubstr("bptt"))));
}

TEST(DelayedEpropRule, RefusesADelayOutsideItsRange) {
  trial_plan plan = small_plan();
  plan.network.layers[0].delay.learn = false;
  const trial t(plan);
  arena<float> parameters = t.float_parameters(), gradient(t.net.parameters());
  const eprop_feedback feedback(t.net, {}, parameters);
  parameters.view("hidden1.delay")(1, 2) = 5.5f;
  thread_pool pool(1);
  EXPECT_THAT([&] { eprop_gradient(t.net, t.objective, parameters, {}, feedback, t.batch(), gradient, pool); },
              ThrowsMessage<value_error>(HasSubstr("5.5 steps")));
}

}  // namespace
}  // namespace backspike::testing
