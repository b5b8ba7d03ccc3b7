// Random graphs as nodes of somebody else's graph: the engine's outputs and gradient, and the error on their input
// against the dense path.

#include <backspike/gradient/unrolled.hpp>

#include "gradient/engine_and_dense.hpp"
#include "gradient/graph/graph_plan.hpp"
#include "gradient/outcome.hpp"
#include "gradient/output_error.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

namespace backspike::testing {
namespace {

constexpr std::uint64_t graphs = 60;
constexpr const char* source = "source";

/// Without prices of spikes: another program's graph has that program's loss.
trial_plan unpriced_plan(std::uint64_t seed) {
  trial_plan plan = graph_plan(seed);
  plan.draws = {};  // recordings have none
  for (layer_spec& layer : plan.network.layers) {
    layer.activity = {};
  }
  plan.objective.rate_penalty = 0.0;
  plan.objective.synaptic_operations.weight = 0.0;
  return plan;
}

TEST(GraphUnrolled, HasTheBitsOfTheEngine) {
  std::size_t alive = 0;
  for (std::uint64_t seed = 1; seed <= graphs; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    trial t(unpriced_plan(seed));
    give_step_targets(t, seed);
    const outcome expected(t, {});
    const auto parameters = t.float_parameters();
    thread_pool pool(1 + seed % 3);
    unrolled u(t.net, pool);
    engine simulation(t.net, t.objective, pool);
    arena<float> gradient(t.net.parameters());
    const auto outputs = u.forward(parameters, t.batch(), true);
    for (std::size_t s = 0; s < t.samples.size(); ++s) {
      const sample_recording run = simulation.record(parameters, t.data, t.samples[s]);
      for (std::size_t k = 0; k < run.steps * t.net.output(0).units; ++k) {
        const std::size_t n = k / t.net.output(0).units, j = k % t.net.output(0).units;
        ASSERT_EQ(outputs[(u.first_row()[s] + n) * t.net.outputs() + j], run.readout[j][n]) << "step " << n;
      }
    }
    u.backward(error_of(t, outputs, u.first_row()), gradient);
    EXPECT_EQ(std::memcmp(gradient.values().data(), expected.gradient.values().data(), gradient.values().size_bytes()),
              0);
    alive += expected.sums.hidden_spikes > 20 && expected.norm() > 1e-3 ? 1 : 0;
  }
  EXPECT_GE(alive, graphs / 2);
}

/// The same network behind analog cells without memory, one for each channel. Row t of their weights is the input of
/// step t, which a spike of channel t calls: the gradient of these weights is the error on the input.
trial_plan behind_a_source(trial_plan plan, std::uint32_t steps) {
  name_layers(plan.network.layers);
  layer_spec cells;
  cells.name = source;
  cells.cell = "leaky_integrator";
  cells.size = plan.network.inputs;
  cells.parameters["tau_m"].value = 0.01;  // it keeps exp(-100)
  for (layer_spec& layer : plan.network.layers) {
    for (std::size_t k = 0; layer.from && k < layer.from->size(); ++k) {
      (*layer.from)[k] = (*layer.from)[k] == input_name ? source : (*layer.from)[k];
    }
  }
  for (connection_spec& c : plan.network.connections) {
    c.from = c.from == input_name ? source : c.from;
  }
  plan.network.layers.insert(plan.network.layers.begin(), cells);
  plan.network.inputs = steps;
  plan.lengths = {};
  return plan;
}

void copy_parameters(const trial& from, trial& to) {
  const std::string before = std::string(".") + input_name + ".", after = std::string(".") + source + ".";
  for (const parameter_info& p : from.net.parameters().entries()) {
    std::string name = p.name;
    if (const auto at = name.find(before); at != std::string::npos) {
      name.replace(at, before.size(), after);
    }
    const auto values = from.parameters.view(p.name);
    for (std::size_t r = 0; r < p.rows; ++r) {
      std::copy_n(values.row(r), p.cols, to.parameters.view(name).row(r));
    }
  }
}

/// Sample 0 of `from`, its numbers as weights.
void copy_sample(const trial& from, trial& to) {
  const auto weight = to.parameters.view(std::string(source) + ".weight");
  to.parameters.view(std::string(source) + ".tau_m")(0, 0) = 0.01;
  for (std::uint32_t t = 0; t < to.net.spec().inputs; ++t) {
    std::fill_n(weight.row(t), weight.cols, 0.0);
    const event_row row = from.data.inputs.spikes.row(t);
    for (std::size_t k = 0; k < row.channels.size(); ++k) {
      weight(t, row.channels[k]) = row.values.empty() ? 1.0 : static_cast<double>(row.values[k]);
    }
    to.data.inputs.spikes.channels.push_back(t);
    to.data.inputs.spikes.end_row();
  }
  to.data.inputs.end_sample();
  to.data.labels = {from.data.labels[0]};
  to.data.further = from.data.further;
  to.samples = {0};
}

TEST(GraphUnrolled, ErrorOnTheInputIsThatOfTheDensePath) {
  std::size_t alive = 0, delayed = 0, listed = 0;
  for (std::uint64_t seed = 1; seed <= graphs; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    trial_plan plan = unpriced_plan(seed);
    ask_every_output(plan, objective_of(loss_kind::cross_entropy, readout_kind::mean, 0.1, 0.1, 0.0));
    plan.lengths = {20};
    plan.network.layers.back().size = std::max(plan.network.layers.back().size, 2u);
    join_parts(plan.network);
    for (connection_spec& c : plan.network.connections) {
      if (c.from == input_name) {
        c.short_term_plasticity.reset();  // which no analog source can have
      }
    }
    const trial t(plan);
    trial behind(behind_a_source(plan, 20));
    copy_parameters(t, behind);
    copy_sample(t, behind);
    const dense_model<double> m(t.net, t.parameters, spike_mode::hard);
    if (!(closest_call(m, dense_forward(m, t.data, 0)) > 1e-4)) {
      continue;
    }
    arena<double> expected(behind.net.parameters());
    dense_gradient<double>(behind.net, behind.objective, behind.parameters, behind.batch(), spike_mode::hard,
                           &expected);
    const auto wanted = std::as_const(expected).view(std::string(source) + ".weight");
    thread_pool pool(1);
    unrolled u(t.net, pool);
    arena<float> gradient(t.net.parameters());
    const auto parameters = t.float_parameters();
    const auto outputs = u.forward(parameters, t.batch(), true);
    std::vector<float> actual(20 * t.net.spec().inputs, 7.0f);
    u.backward(error_of(t, outputs, u.first_row()), gradient, actual);
    const double top = largest(wanted);
    for (std::size_t k = 0; k < actual.size(); ++k) {
      ASSERT_NEAR(actual[k], wanted(k / wanted.cols, k % wanted.cols), 3e-3 * top + 1e-8)
          << "channel " << k % wanted.cols << ", step " << k / wanted.cols;
    }
    alive += top > 1e-4 ? 1 : 0;
    for (const connection& c : t.net.connections()) {
      delayed += c.comes_from_input() && c.has_delays() && top > 1e-4 ? 1 : 0;
      listed += c.comes_from_input() && !c.is_matrix() && top > 1e-4 ? 1 : 0;
    }
  }
  EXPECT_GE(alive, graphs / 2);
  EXPECT_GE(delayed, 5u);
  EXPECT_GE(listed, 5u);
}

/// Parts of the input in a network, and the same network with whole inputs, whose further weights are zero.
trial_plan plan_of_parts(bool whole) {
  trial_plan plan;
  plan.network.inputs = 5;
  plan.rate = 0.4;
  plan.lengths = {20};
  if (!whole) {
    plan.network.parts = {{"left", 2}, {"right", 3}};
  }
  const std::string left = whole ? input_name : "left", right = whole ? input_name : "right";
  plan.network.layers = {quick_layer("lif", 4), quick_layer("leaky_integrator", 2)};
  plan.network.layers[0].name = "a";
  plan.network.layers[0].from = {left};
  plan.network.layers[1].name = "out";
  connection_spec late, pairs;
  late.name = "late";
  late.from = right;
  late.to = "out";
  late.base_delay = 1;
  late.delay.max = 4;
  late.delay.width.from = 0.7;
  pairs.name = "pairs";
  pairs.from = right;
  pairs.to = "a";
  pairs.kind = "sparse";
  pairs.sources = whole ? std::vector<std::uint32_t>{2, 3, 4} : std::vector<std::uint32_t>{0, 1, 2};
  pairs.targets = {1, 3, 0};
  plan.network.connections = {late, pairs};
  return plan;
}

void copy_rows(const trial& from, trial& to, const std::string& name, std::size_t first) {
  const auto source_of = from.parameters.view(name);
  const auto target = to.parameters.view(name);
  for (std::size_t r = 0; r < target.rows; ++r) {
    const bool there = r >= first && r - first < source_of.rows;
    for (std::size_t c = 0; c < target.cols; ++c) {
      const bool weight = name.ends_with("weight");
      target(r, c) = there ? source_of(r - first, c) : weight ? 0.0 : target(r, c);
    }
  }
}

TEST(GraphUnrolled, APartOfTheInputIsTheWholeWithoutTheRest) {
  trial parts(plan_of_parts(false)), whole(plan_of_parts(true));
  for (const parameter_info& p : parts.net.parameters().entries()) {
    const bool of_right = p.name.starts_with("late.") && p.rows == 3;
    copy_rows(parts, whole, p.name, of_right ? 2 : 0);
  }
  thread_pool pool(1);
  unrolled a(parts.net, pool), b(whole.net, pool);
  arena<float> gradient(parts.net.parameters()), other(whole.net.parameters());
  const arena<float> of_parts = parts.float_parameters(), of_whole = whole.float_parameters();
  const auto y = a.forward(of_parts, parts.batch(), true);
  const auto z = b.forward(of_whole, whole.batch(), true);
  ASSERT_EQ(std::vector<float>(y.begin(), y.end()), std::vector<float>(z.begin(), z.end()));
  std::vector<float> error(y.size()), back(20 * 5), expected(20 * 5);
  for (std::size_t k = 0; k < error.size(); ++k) {
    error[k] = 0.1f * static_cast<float>(k % 7) - 0.3f;
  }
  a.backward(error, gradient, back);
  b.backward(error, other, expected);
  float of_left = 0.0f, of_right = 0.0f;
  for (std::size_t k = 0; k < back.size(); ++k) {
    EXPECT_NEAR(back[k], expected[k], 1e-5f) << "channel " << k % 5 << ", step " << k / 5;
    (k % 5 < 2 ? of_left : of_right) += std::fabs(back[k]);
  }
  EXPECT_GT(of_left, 0.01f);
  EXPECT_GT(of_right, 0.01f);
  EXPECT_GT(std::fabs(gradient.view("late.delay")(0, 0)), 0.0f);
}

}  // namespace
}  // namespace backspike::testing
