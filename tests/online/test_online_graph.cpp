// Random graphs as streams: the bits of the engine, also with analog populations inside, loops and delays; the same
// bits after a pause; and learning by e-prop's gradient, with frozen, signed and sparse weights.

#include "gradient/engine_and_dense.hpp"
#include "gradient/graph/eprop_plan.hpp"
#include "online/allocations.hpp"

#include <backspike/gradient/engine.hpp>
#include <backspike/gradient/eprop.hpp>
#include <backspike/gradient/unrolled.hpp>
#include <backspike/online/online_learner.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

namespace backspike::testing {
namespace {

constexpr std::uint64_t graphs = 60;
constexpr std::size_t steps = 90;

event_row row_of(const trial& t, std::size_t sample, std::size_t step) {
  return t.data.inputs.spikes.row(t.data.inputs.sample_rows[sample] + step);
}

online_options inference() {
  online_options o;
  o.learns = false;
  return o;
}

std::vector<float> infer(online_learner& stream, const trial& t, std::size_t first, std::size_t count) {
  std::vector<float> out;
  for (std::size_t n = first; n < first + count; ++n) {
    const auto y = stream.infer(row_of(t, 0, n % steps));
    out.insert(out.end(), y.begin(), y.end());
  }
  return out;
}

trial_plan stream_plan(std::uint64_t seed) {
  trial_plan plan = graph_plan(seed);
  plan.lengths = {steps, 1, 0, 37};
  return plan;
}

bool same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

bool moves(std::span<const float> y) {
  return std::ranges::any_of(y, [&](float v) { return v != y.front(); });
}

TEST(GraphStream, InferenceHasTheBitsOfTheEngineOnRaggedSamples) {
  graph_facts alive;
  std::size_t delayed_lists = 0;  // synapses of a list, each with a delay
  for (std::uint64_t seed = 1; seed <= graphs; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const trial t(stream_plan(seed));
    const auto parameters = t.float_parameters();
    thread_pool pool(2);
    engine simulation(t.net, any_objective(t.net), pool);
    unrolled whole(t.net, pool);
    const auto outputs = whole.forward(parameters, {&t.data, t.samples}, false);
    online_learner stream(t.net, {}, parameters, inference());
    for (const std::uint32_t s : t.samples) {
      const sample_recording expected = simulation.record(parameters, t.data, s);
      for (std::size_t n = 0; n < expected.steps; ++n) {
        const auto y = stream.infer(row_of(t, s, n));
        for (std::size_t k = 0; k < t.net.outputs(); ++k) {
          ASSERT_EQ(y[k], outputs[(whole.first_row()[s] + n) * t.net.outputs() + k]) << "sample " << s << " step " << n;
        }
        for (std::size_t k = 0; k < t.net.output(0).units; ++k) {
          ASSERT_EQ(y[k], expected.readout[k][n]) << "sample " << s << " step " << n;
        }
      }
      if (expected.steps == steps && moves(expected.readout[0])) {
        alive.add(t.net);
        delayed_lists += static_cast<std::size_t>(std::ranges::count_if(
            t.net.connections(), [](const connection& c) { return c.has_delays() && !c.is_matrix(); }));
      }
      stream.reset_state();  // with spikes in flight
    }
  }
  EXPECT_GT(alive.loops, 10u);
  EXPECT_GT(alive.skips, 10u);
  EXPECT_GT(alive.analog, 10u);
  EXPECT_GT(alive.listed, 10u);
  EXPECT_GT(alive.delayed, 10u);
  EXPECT_GT(alive.late, 10u);
  EXPECT_GT(delayed_lists, 5u);
}

TEST(GraphStream, InferenceGoesOnWithTheSameBitsAfterAPause) {
  std::size_t alive = 0;
  for (std::uint64_t seed = 1; seed <= graphs; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const trial t(stream_plan(seed));
    trial_plan elsewhere = stream_plan(seed);
    elsewhere.seed = seed + 1000;
    online_learner stream(t.net, t.objective, t.float_parameters(), inference());
    online_learner resumed(
        t.net, t.objective,
        [&] {
          arena<float> other(t.net.parameters());
          std::ranges::copy(trial(elsewhere).float_parameters().values(), other.values().begin());
          return other;
        }(),
        inference());
    infer(stream, t, 0, 41);
    const auto saved = stream.save();
    infer(resumed, t, 7, 20);  // whatever it was before
    const auto expected = infer(stream, t, 41, 40);
    resumed.restore(saved);
    EXPECT_TRUE(same_bits(infer(resumed, t, 41, 40), expected));
    alive += moves(expected) ? 1 : 0;
  }
  EXPECT_GE(alive, graphs / 2);
}

/// A graph that a stream learns. Over many steps, traces through a reset may grow for ever.
trial_plan learning_plan(std::uint64_t seed, bool detached = true) {
  trial_plan plan = eprop_graph_plan(seed, true);
  for (layer_spec& layer : plan.network.layers) {
    layer.activity = {};
    layer.detach_reset = layer.detach_reset || detached;
  }
  if (find_cell(plan.network.layers.back().cell).spiking) {
    name_layers(plan.network.layers);
    const std::string readout = plan.network.layers.back().name;
    plan.network.layers.back() = quick_layer("leaky_integrator", 3);
    plan.network.layers.back().name = readout;
    std::erase_if(plan.network.connections, [&](const connection_spec& c) {
      return c.from == readout && c.to == readout;  // a loop without spikes would grow for ever
    });
    for (connection_spec& c : plan.network.connections) {
      c.receptor = c.to == readout ? std::nullopt : c.receptor;
    }
    mend_kinds(plan.network);
  }
  ask_every_output(plan, objective_of(loss_kind::step_cross_entropy, readout_kind::mean, 0.3, 0.0, 0.0));
  plan.lengths = {steps};
  return plan;
}

/// A step of sample 0 with a label for each output, in most steps; not of all outputs in the same.
std::span<const float> learn_step(online_learner& learner, const trial& t, std::size_t step) {
  std::array<online_target, 2> targets;
  for (std::size_t k = 0; k < t.net.output_list().size(); ++k) {
    if (step % 5 != 4 - k) {
      targets[k].label = static_cast<std::int32_t>((step / 7 + k) % t.net.output(k).units);
    }
  }
  return learner.step_outputs(row_of(t, 0, step % steps), std::span(targets).first(t.net.output_list().size()));
}

std::vector<float> learn(online_learner& learner, const trial& t, std::size_t first, std::size_t count) {
  std::vector<float> out;
  for (std::size_t n = first; n < first + count; ++n) {
    const auto y = learn_step(learner, t, n);
    out.insert(out.end(), y.begin(), y.end());
  }
  return out;
}

/// Plain SGD goes from the traces to the weights, Adam and momentum row by row; gathered steps go through a gradient.
std::vector<online_options> ways_to_learn() {
  online_options plain, adam, momentum, gathered;
  adam.optimiser.kind = optimiser_kind::adam;
  adam.optimiser.epsilon = 1e-4;  // a gradient of nothing but rounding must not look large to Adam
  momentum.optimiser.momentum = 0.9;
  gathered.update_every = 3;
  return {plain, adam, momentum, gathered};
}

TEST(GraphStream, LearningGoesOnWithTheSameBitsAfterAPause) {
  std::size_t alive = 0;
  for (std::uint64_t seed = 1; seed <= graphs; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const trial t(learning_plan(seed));
    online_options options = ways_to_learn()[seed % 4];
    options.rule.feedback = static_cast<feedback_kind>(seed % 3);
    online_learner learner(t.net, t.objective, t.float_parameters(), options);
    online_learner resumed(t.net, t.objective, t.float_parameters(), options);
    learn(learner, t, 0, 40);
    const auto saved = learner.save();
    learn(resumed, t, 7, 20);  // whatever it was before
    resumed.restore(saved);
    const auto expected = learn(learner, t, 40, 45);
    EXPECT_TRUE(same_bits(learn(resumed, t, 40, 45), expected));
    EXPECT_TRUE(same_bits(resumed.parameters().values(), learner.parameters().values()));
    alive += moves(expected) && !same_bits(learner.parameters().values(), t.float_parameters().values()) ? 1 : 0;
  }
  EXPECT_GE(alive, graphs / 2);
}

/// One update at the end of a trial: steps times the offline gradient, which is a mean over steps. Both are floats, and
/// differ by the order of a sum. How far floats are from doubles depends on the graph (one of these is 1.6e-5 of its
/// largest entry away, offline as well): GraphEprop compares them.
TEST(GraphStream, ATrialGivesTheGradientOfTheOfflineRule) {
  std::size_t alive = 0;
  for (std::uint64_t seed = 1; seed <= graphs; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    trial t(learning_plan(seed, false));
    const auto parameters = t.float_parameters();
    online_options options;
    options.update_every = 0;
    options.optimiser.learning_rate = 1e-5;
    const eprop_feedback feedback(t.net, options.rule, parameters);
    thread_pool pool(1);
    arena<float> expected(t.net.parameters());
    eprop_gradient(t.net, t.objective, parameters, options.rule, feedback, t.batch(), expected, pool);
    online_learner learner(t.net, t.objective, parameters, options);
    std::vector<online_target> labels;
    for (const network_output& o : t.net.output_list()) {
      labels.push_back({t.data.targets(o.target).labels[0], {}});
    }
    for (std::size_t n = 0; n < steps; ++n) {
      learner.step_outputs(row_of(t, 0, n), labels);
    }
    const auto saved = learner.save();
    double top = 0.0;
    for (const float g : expected.values()) {
      top = std::max(top, std::fabs(static_cast<double>(g)));
    }
    for (std::size_t i = 0; i < t.net.parameters().size(); ++i) {
      const parameter_info& p = t.net.parameters()[i];
      const auto weight = std::ranges::find(t.net.connections(), i, &connection::weight);
      const auto g = std::as_const(expected).view(i);
      const auto gathered = std::ranges::find(saved, "gradient." + p.name, &named_tensor::name);
      ASSERT_NE(gathered, saved.end()) << p.name;
      for (std::size_t k = 0; weight != t.net.connections().end() && p.learnable && k < p.size(); ++k) {
        const double wanted = static_cast<double>(steps) * static_cast<double>(g(k / p.cols, k % p.cols));
        EXPECT_NEAR(gathered->values[k], wanted, static_cast<double>(steps) * (1e-6 * top + 1e-9))
            << p.name << " " << k;
      }
    }
    alive += top > 1e-3 ? 1 : 0;
  }
  EXPECT_GE(alive, graphs / 2);
}

/// An update at every step may leave the gradient out; through one, at the end of a trial of one step, it is the same.
TEST(GraphStream, UpdatesAtOnceAreThoseOfTheGradient) {
  std::size_t straight = 0, in_rows = 0;
  for (std::uint64_t seed = 1; seed <= graphs; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const trial t(learning_plan(seed, false));
    const auto parameters = t.float_parameters();
    const bool bounded =
        std::ranges::any_of(t.net.connections(), [](const connection& c) { return c.sign != weight_sign::any; });
    for (const online_options& at_once : {ways_to_learn()[0], ways_to_learn()[1]}) {
      online_options at_the_end = at_once;
      at_the_end.update_every = 0;
      online_learner fused(t.net, t.objective, parameters, at_once);
      online_learner gathered(t.net, t.objective, parameters, at_the_end);
      for (std::size_t n = 0; n < 20; ++n) {
        learn_step(fused, t, n);
        fused.end_trial();
        learn_step(gathered, t, n);
        gathered.end_trial();
      }
      double moved = 0.0;
      for (std::size_t k = 0; k < parameters.values().size(); ++k) {
        const float now = fused.parameters().values()[k];
        EXPECT_NEAR(now, gathered.parameters().values()[k], 1e-5f * std::max(1.0f, std::fabs(now)));
        moved = std::max(moved, std::fabs(static_cast<double>(now - parameters.values()[k])));
      }
      const bool plain = at_once.optimiser.kind == optimiser_kind::sgd && !bounded;
      (plain ? straight : in_rows) += moved > 1e-4 ? 1 : 0;
    }
  }
  EXPECT_GE(straight, 10u);
  EXPECT_GE(in_rows, graphs / 2);
}

TEST(GraphStream, AllocatesNothingAfterConstruction) {
  std::size_t alive = 0;
  for (std::uint64_t seed = 1; seed <= graphs; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const trial any(stream_plan(seed)), learned(learning_plan(seed));
    online_learner stream(any.net, {}, any.float_parameters(), inference());
    online_learner learner(learned.net, learned.objective, learned.float_parameters(), ways_to_learn()[seed % 4]);
    const auto first = stream.infer(row_of(any, 0, 0))[0];
    float sum = 0.0f;
    const std::size_t before = allocations();
    for (std::size_t n = 1; n < 40; ++n) {
      sum += std::fabs(stream.infer(row_of(any, 0, n))[0] - first);
      sum += learn_step(learner, learned, n)[0];
    }
    EXPECT_EQ(allocations(), before);
    EXPECT_TRUE(std::isfinite(sum));
    alive += learner.updates() > 0 && sum != 0.0f ? 1 : 0;
  }
  EXPECT_GE(alive, graphs / 2);
}

/// The weights of a connection before and after.
struct change {
  std::span<const float> before, after;

  change(const trial& t, const connection& c, const arena<float>& was, const arena<float>& is) {
    const parameter_info& p = t.net.parameters()[c.weight];
    before = was.values().subspan(p.offset, p.rows * p.stride);
    after = is.values().subspan(p.offset, p.rows * p.stride);
  }
};

/// Signed weights start small, so that some of them come to the bound.
arena<float> near_the_bound(const trial& t) {
  arena<float> parameters = t.float_parameters();
  for (const connection& c : t.net.connections()) {
    const parameter_info& p = t.net.parameters()[c.weight];
    for (float& w : parameters.values().subspan(p.offset, c.sign == weight_sign::any ? 0 : p.rows * p.stride)) {
      w *= 0.01f;
    }
  }
  return parameters;
}

TEST(GraphStream, FrozenWeightsStaySignsStayAndSparseWeightsLearn) {
  for (online_options options : ways_to_learn()) {
    std::size_t frozen = 0, bounded = 0, at_the_bound = 0, sparse = 0;
    options.optimiser.learning_rate = options.optimiser.momentum > 0.0 ? 0.001
                                      : options.update_every > 1       ? 0.005
                                                                       : 0.02;
    for (std::uint64_t seed = 1; seed <= graphs; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      const trial t(learning_plan(seed));
      const arena<float> before = near_the_bound(t);
      online_learner learner(t.net, t.objective, before, options);
      learn(learner, t, 0, steps);
      for (const connection& c : t.net.connections()) {
        const change w(t, c, before, learner.parameters());
        const bool learns = t.net.parameters()[c.weight].learnable, same = same_bits(w.before, w.after);
        EXPECT_TRUE(learns || same) << t.net.parameters()[c.weight].name;
        frozen += learns ? 0 : 1;
        sparse += learns && !c.is_matrix() && !same ? 1 : 0;
        if (c.sign == weight_sign::excitatory) {
          EXPECT_TRUE(std::ranges::all_of(w.after, [](float x) { return x >= 0.0f; }));
          bounded += learns && !same ? 1 : 0;
          for (std::size_t k = 0; k < w.after.size(); ++k) {
            at_the_bound += w.before[k] > 0.0f && w.after[k] == 0.0f ? 1 : 0;
          }
        }
      }
    }
    EXPECT_GE(frozen, 5u);
    EXPECT_GE(bounded, 5u);
    EXPECT_GT(at_the_bound, 0u);
    EXPECT_GE(sparse, 10u);
  }
}

}  // namespace
}  // namespace backspike::testing
