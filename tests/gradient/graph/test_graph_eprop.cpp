// E-prop on random graphs: RTRL and the dense path where theory says that it equals them, its feedback, its two forms,
// its float path, threads, and what it refuses.

#include "gradient/eprop_forms.hpp"
#include "gradient/graph/eprop_plan.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/rtrl.hpp>

#include <gmock/gmock.h>

#include <functional>

namespace backspike::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr std::uint64_t graphs = 60;

arena<double> eprop_of(const trial& t, spike_mode mode, dense_result<double>& sums) {
  arena<double> gradient(t.net.parameters());
  const eprop_feedback feedback(t.net, {}, t.parameters);
  sums = eprop_gradient(t.net, t.objective, t.parameters, {}, feedback, t.batch(), mode, &gradient);
  return gradient;
}

/// What its neurons send reaches outputs by their own synapses and no other neuron, and these have a low pass.
/// `loops_are_cut`: what comes back to a population that is not behind it does not count.
bool has_only_ways_of_its_own(const network& net, std::size_t q, bool loops_are_cut) {
  return std::ranges::all_of(net.connections(), [&](const connection& c) {
    const population& target = net.populations()[c.target];
    const bool to_low_pass = c.target != q && target.is_output && !target.cell->spiking &&
                             (!target.sends || loops_are_cut);  // not one that gives it to other neurons
    return c.source != q || to_low_pass || (loops_are_cut && !is_behind(net, c.target, q));
  });
}

/// An output that leads to no other.
bool is_end(const network& net, std::size_t q) { return net.populations()[q].is_output && !net.populations()[q].sends; }

/// The learned parameters of the populations that `take` picks; zero elsewhere.
arena<double> part_of(const trial& t, const arena<double>& gradient, const std::function<bool(std::size_t)>& take) {
  arena<double> part(t.net.parameters());
  for (std::size_t q = 0; q < t.net.populations().size(); ++q) {
    const population& p = t.net.populations()[q];
    std::vector<std::size_t> owned = p.parameters;
    owned.insert(owned.end(), p.bias == no_parameter ? 0 : 1, p.bias);
    for (const std::size_t k : p.inputs) {
      owned.push_back(t.net.connections()[k].weight);
    }
    for (const std::size_t i : owned) {
      const parameter_info& info = t.net.parameters()[i];
      const std::size_t floats = info.learnable && take(q) ? info.rows * info.stride : 0;
      std::copy_n(gradient.values().data() + info.offset, floats, part.values().data() + info.offset);
    }
  }
  return part;
}

/// What is compared: everything of populations with ways of their own. Counts them, and hidden ones of which there is a
/// gradient.
struct exact_parts {
  std::size_t readouts = 0, hidden = 0;

  void expect_equal(const trial& t, const arena<double>& actual, const arena<double>& expected, bool loops_are_cut) {
    const auto exact = [&](std::size_t q) { return has_only_ways_of_its_own(t.net, q, loops_are_cut); };
    const auto exact_hidden = [&](std::size_t q) { return !is_end(t.net, q) && exact(q); };
    const arena<double> wanted = part_of(t, expected, exact);
    const double top = largest_of(wanted);
    expect_same_gradient(part_of(t, actual, exact), wanted, 1e-9, true, 1e-11 * top + 1e-12);
    readouts += exact(t.net.output(0).population) && top > 1e-3 ? 1 : 0;
    hidden += largest_of(part_of(t, expected, exact_hidden)) > 1e-3 ? 1 : 0;
  }
};

TEST(GraphEprop, EqualsRtrlWithoutTheInfluenceBetweenNeurons) {
  exact_parts parts;
  for (std::uint64_t seed = 1; seed <= graphs; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    trial t(eprop_graph_plan(seed, false));
    give_step_targets(t, seed);
    for (const spike_mode mode : {spike_mode::hard, spike_mode::smooth}) {
      arena<double> expected(t.net.parameters());
      rtrl_options cut;
      cut.cut_between_neurons = true;
      const auto forward = rtrl_gradient(t.net, t.objective, t.parameters, t.batch(), mode, &expected, cut);
      dense_result<double> sums;
      parts.expect_equal(t, eprop_of(t, mode, sums), expected, true);
      EXPECT_NEAR(sums.loss, forward.loss, 1e-10 * std::max(1.0, forward.loss));
      EXPECT_NEAR(sums.hidden_spikes, forward.hidden_spikes, 1e-10 * std::max(1.0, forward.hidden_spikes));
    }
  }
  EXPECT_GE(parts.readouts, graphs);
  EXPECT_GE(parts.hidden, graphs / 2);
}

/// With every kind of delay, without loops.
TEST(GraphEprop, EqualsTheDensePathWhereNoWayLeadsThroughAnotherNeuron) {
  exact_parts parts;
  std::size_t delayed = 0;
  for (std::uint64_t seed = 1; seed <= 2 * graphs; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    trial_plan plan = eprop_graph_plan(seed, true);
    const network before(plan.network);
    for (std::size_t k = 0; k < plan.network.layers.size(); ++k) {
      layer_spec& layer = plan.network.layers[k];
      if (before.populations()[k].is_output) {
        continue;
      }
      layer.delay = layer.from ? delay_spec{} : graph_delay(graph_choices(seed), 9 + k);
      layer.delay.learn = layer.delay.width.learn = false;
    }
    trial t(plan);
    give_step_targets(t, seed);
    for (const spike_mode mode : {spike_mode::hard, spike_mode::smooth}) {
      arena<double> expected(t.net.parameters());
      dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), mode, &expected);
      dense_result<double> sums;
      parts.expect_equal(t, eprop_of(t, mode, sums), expected, false);
    }
    delayed += std::ranges::any_of(t.net.connections(), [&](const connection& c) {
      return c.has_delays() && !is_end(t.net, c.target) && has_only_ways_of_its_own(t.net, c.target, false);
    });
  }
  EXPECT_GE(parts.readouts, graphs);
  EXPECT_GE(parts.hidden, graphs / 2);
  EXPECT_GE(delayed, 10u);
}

/// The product of the weights on every way that leads forward from a neuron to a value of an output, one way after
/// another.
double sum_over_ways(const trial& t, std::size_t q, std::size_t neuron, const network_output& o, std::size_t value) {
  double sum = 0.0;
  for (const connection& c : t.net.connections()) {
    if (c.source != q || !is_behind(t.net, c.target, q)) {
      continue;
    }
    each_synapse(c, neuron, [&](const synapse& s) {
      const auto receptors = t.net.populations()[c.target].cell->receptors;
      const double effect = receptors.empty() ? 1.0 : receptors[c.receptor].effect;
      const double weight = effect * t.parameters.view(c.weight)(s.row, s.column);
      sum += weight * sum_over_ways(t, c.target, s.target, o, value);
      sum += c.target == o.population && s.target == value ? weight : 0.0;
    });
  }
  return sum;
}

TEST(GraphEprop, FeedbackIsTheSumOverAllWaysForward) {
  std::size_t alive = 0, from_outputs = 0;
  for (std::uint64_t seed = 1; seed <= graphs; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const trial t(eprop_graph_plan(seed, true));
    std::vector<std::vector<double>> products;
    std::vector<aligned_vector<double>> b;
    eprop_feedback(t.net, {}, t.parameters).write(t.parameters, products, b);
    for (std::size_t at = 0; at < t.net.populations().size() * t.net.outputs(); ++at) {
      const std::size_t q = at / t.net.outputs(), k = at % t.net.outputs();
      const population& p = t.net.populations()[q];
      const network_output& o = t.net.output(k < t.net.output(0).units ? 0 : 1);
      const double expected = q == o.population ? 0.0 : sum_over_ways(t, q, 0, o, k - o.first);
      const double actual = b[q].empty() ? 0.0 : b[q][k * p.padded_units];
      EXPECT_NEAR(actual, expected, 1e-12 * (1.0 + std::fabs(expected))) << p.spec.name;
      alive += std::fabs(expected) > 1e-3 ? 1 : 0;
      from_outputs += std::fabs(expected) > 1e-3 && p.is_output ? 1 : 0;
    }
  }
  EXPECT_GE(alive, 2 * graphs);
  EXPECT_GE(from_outputs, 10u) << "an output with another behind it";
}

/// Options of every kind, by the seed.
eprop_options options_of(const trial& t, std::uint64_t seed) {
  eprop_options options;
  options.feedback = static_cast<feedback_kind>(seed % 3);
  options.seed = seed;
  options.rate_window = seed % 2 == 0 ? 10.0 : 1000.0;
  for (std::size_t q = 0; q < t.net.populations().size() && seed % 4 < 3; ++q) {
    if (!t.net.populations()[q].is_output) {
      options.rates.push_back({t.net.populations()[q].spec.name, 30.0, q == 0 ? 0.3 : 0.0});
    }
  }
  return options;
}

TEST(GraphEprop, BackwardFormEqualsTheForwardFormAndThreadsDoNotChangeABit) {
  std::size_t alive = 0, looped = 0, delayed = 0;
  for (std::uint64_t seed = 1; seed <= graphs; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    trial t(eprop_graph_plan(seed, seed % 2 == 0));
    give_step_targets(t, seed);
    if (!keep_clear_samples(t, 1e-5)) {
      continue;
    }
    const eprop_options options = options_of(t, seed);
    const forward_result expected(t, options);
    const backward_result actual(t, options);
    expect_same(t, actual, expected);
    for (const std::size_t threads : {2u, 3u}) {
      EXPECT_TRUE(backward_result(t, options, backward_rule(3 + 4 * static_cast<std::uint32_t>(threads)), threads)
                      .same_bits(actual))
          << threads << " threads";
    }
    alive += expected.sums.hidden_spikes > 20.0 && largest_of(expected.gradient) > 1e-3 ? 1 : 0;
    graph_facts facts;
    facts.add(t.net);
    looped += facts.loops;
    delayed += facts.delayed;
  }
  EXPECT_GE(alive, graphs / 2);
  EXPECT_GE(looped, 10u);
  EXPECT_GE(delayed, 10u);
}

TEST(GraphEprop, FloatEqualsDoubleAndThreadsDoNotChangeABit) {
  std::size_t alive = 0;
  for (std::uint64_t seed = 1; seed <= graphs; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    trial t(eprop_graph_plan(seed, seed % 2 == 1));
    give_step_targets(t, seed);
    if (!keep_clear_samples(t)) {
      continue;
    }
    dense_result<double> sums;
    const arena<double> expected = eprop_of(t, spike_mode::hard, sums);
    const arena<float> parameters = t.float_parameters();
    const eprop_feedback feedback(t.net, {}, parameters);
    arena<float> first(t.net.parameters());
    for (const std::size_t threads : {1u, 2u, 3u}) {
      thread_pool pool(threads);
      arena<float> gradient(t.net.parameters());
      const auto result = eprop_gradient(t.net, t.objective, parameters, {}, feedback, t.batch(), gradient, pool);
      EXPECT_EQ(static_cast<double>(result.hidden_spikes), sums.hidden_spikes);
      EXPECT_NEAR(result.loss, sums.loss, 1e-4 * std::max(1.0, sums.loss));
      first = threads == 1 ? gradient : first;
      EXPECT_EQ(std::memcmp(first.values().data(), gradient.values().data(), first.values().size_bytes()), 0)
          << threads << " threads";
    }
    const double top = largest_of(expected);
    expect_same_gradient(first, expected, 1e-3, true, 1e-5 * top + 1e-9);
    alive += sums.hidden_spikes > 20.0 && top > 1e-3 ? 1 : 0;
  }
  EXPECT_GE(alive, graphs / 2);
}

/// input -> hidden1 -> hidden2 -> readout, and one more connection.
network_spec chain_and(const connection_spec& more, const std::string& second = "lif") {
  network_spec spec;
  spec.inputs = 4;
  spec.layers = {quick_layer("lif", 6), quick_layer(second, 5), quick_layer("leaky_integrator", 2)};
  spec.connections = {more};
  return spec;
}

connection_spec link(const std::string& from, const std::string& to, std::uint32_t base_delay = 0) {
  connection_spec c;
  c.name = "more";
  c.from = from;
  c.to = to;
  c.base_delay = base_delay;
  return c;
}

TEST(GraphEprop, RefusesWhatHasNoTraceByName) {
  const auto check = [](const network_spec& spec) { return [spec] { check_eprop(network(spec), {}); }; };
  EXPECT_NO_THROW(check(chain_and(link("input", "readout", 3)))()) << "from outside at any time";
  EXPECT_NO_THROW(check(chain_and(link("hidden1", "readout")))());
  EXPECT_THAT(check(chain_and(link("hidden1", "readout"), "double_exponential")),
              ThrowsMessage<value_error>(AllOf(HasSubstr("hidden2.cell"), HasSubstr("double_exponential"),
                                               HasSubstr("a spiking cell in every layer but the readout"),
                                               HasSubstr("bptt and rtrl take this network"))));
  EXPECT_THAT(check(chain_and(link("hidden1", "readout", 2))),
              ThrowsMessage<value_error>(AllOf(HasSubstr("more.weight"), HasSubstr("2 steps"),
                                               HasSubstr("0 steps into the readout"), HasSubstr("bptt and rtrl"))));
  connection_spec delayed = link("hidden1", "readout");
  delayed.delay.max = 3;
  EXPECT_THAT(check(chain_and(delayed)),
              ThrowsMessage<value_error>(AllOf(HasSubstr("more.delay max = 3 steps"), HasSubstr("bptt"))));
}

}  // namespace
}  // namespace backspike::testing
