// A neuron that the library does not have, trained under every learning rule: the struct below is all that is written.
//
//   v_t = a v_{t-1} / (1 + g_{t-1}) + I_t,  s_t = spike(v_t - v_th),  g_t = b g_{t-1} + strength s_t;  reset
//
// Each spike opens a conductance that pulls the membrane towards rest for a while: relative refractoriness. The task:
// which of two groups of inputs was the more active one?

#include <backspike/cell/register_cell.hpp>
#include <backspike/core/random.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/gradient/initialise.hpp>
#include <backspike/gradient/learning_rule.hpp>
#include <backspike/optimise/optimiser.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>
#include <string_view>
#include <vector>

using namespace backspike;

struct refractory_lif {
  static constexpr std::string_view name = "refractory_lif";
  static constexpr std::string_view meaning = "leaky integrate-and-fire with relative refractoriness";
  static constexpr bool spiking = true;
  static constexpr std::array<std::string_view, 2> states{"g", "v"};
  static constexpr std::array fields{
      field{"tau_m", "ms", 20.0, 0.1, 1e4, "membrane time constant"},
      field{"tau_g", "ms", 5.0, 0.1, 1e4, "time constant of the conductance"},
      field{"strength", "", 0.3, 0.0, 10.0, "conductance that a spike opens"},
      field{"v_th", "", 1.0, 1e-6, 1e6, "threshold"},
      field{"v_reset", "", 0.0, -1e6, 1e6, "membrane after a spike (reset to_value)"},
      field{"reset_strength", "", 1.0, 0.0, 1e3, "share of v_th that a spike subtracts (reset subtract)"}};

  template <class S>
  struct state {
    S g, v;
  };
  template <class S>
  struct parameters {
    S tau_m, tau_g, strength, v_th, v_reset, reset_strength;
  };
  template <class S>
  struct constants {
    S decay_m, decay_g, strength, v_th, v_reset, reset_strength;
  };

  template <class S>
  static constants<S> prepare(const parameters<S>& p, double dt) {
    using std::exp;
    const S step = constant<S>(-dt);
    return {exp(step / p.tau_m), exp(step / p.tau_g), p.strength, p.v_th, p.v_reset, p.reset_strength};
  }

  template <class S, class K, class Spike>
  static S step(state<S>& x, const constants<K>& c, const S& current, const Spike& spike) {
    x.v = c.decay_m * x.v / (constant<S>(1.0) + x.g) + current;
    const S s = spike(x.v - c.v_th);
    x.g = c.decay_g * x.g + c.strength * s;
    x.v = apply_reset(x.v, s, c, spike);
    return s;
  }
};

dataset make_samples(std::uint32_t count, std::uint64_t seed) {
  dataset data;
  data.channels = 20;
  data.class_names = {"low", "high"};
  for (std::uint32_t s = 0; s < count; ++s) {
    random_stream random(seed, random_purpose::test, s);
    for (std::uint32_t t = 0; t < 40; ++t) {
      for (std::uint32_t c = 0; c < data.channels; ++c) {
        if (random.uniform() < ((c < 10) == (s % 2 == 0) ? 0.12 : 0.06)) {
          data.inputs.spikes.channels.push_back(c);
        }
      }
      data.inputs.spikes.end_row();
    }
    data.inputs.end_sample();
    data.labels.push_back(static_cast<std::int32_t>(s % 2));
  }
  return data;
}

double accuracy_of(const network& net, const rule_spec& rule, const dataset& train, const dataset& test) {
  objective_spec objective;
  objective.loss = loss_kind::step_cross_entropy;
  thread_pool pool;
  arena<float> parameters(net.parameters()), gradient(net.parameters());
  initialise(net, parameters, 1, train, pool);
  learning_rule learning(net, objective, pool, rule, 1);
  learning.start(parameters);
  optimiser adam({}, net.parameters());
  std::vector<std::uint32_t> all(train.size());
  std::iota(all.begin(), all.end(), 0u);
  for (int update = 0; update < 60; ++update) {
    learning.gradient(parameters, {&train, all}, gradient);
    adam.step(parameters, gradient, 5e-3, pool);
    learning.updated();
  }
  all.resize(test.size());
  const batch_result result = learning.simulator().evaluate(parameters, {&test, all});
  return share_of(result.correct, result.counted);
}

int main() {
  register_cell<refractory_lif>();
  layer_spec hidden, readout;
  hidden.cell = "refractory_lif";
  hidden.size = 12;
  hidden.recurrent = true;
  for (const char* learned : {"tau_m", "tau_g", "strength"}) {
    cell_parameter_spec& parameter = hidden.parameters[learned];
    parameter = default_parameter(*std::find_if(refractory_lif::fields.begin(), refractory_lif::fields.end(),
                                                [&](const field& f) { return f.name == learned; }));
    parameter.learn = true;
  }
  readout.cell = "leaky_integrator";
  readout.size = 2;
  network_spec spec;
  spec.inputs = 20;
  spec.layers = {hidden, readout};
  const network net(spec);
  const dataset train = make_samples(64, 2), test = make_samples(60, 3);

  std::vector<rule_spec> rules(5);
  rules[1] = {rule_kind::checkpointed_bptt, checkpoint_kind::fixed, 8};
  rules[2].kind = rule_kind::truncated_bptt;
  rules[2].window = rules[2].stride = 10;
  rules[3].kind = rule_kind::rtrl;
  rules[4].kind = rule_kind::eprop;
  const char* names[] = {"bptt", "checkpointed_bptt", "truncated_bptt", "rtrl", "eprop"};
  bool learned = true;
  for (std::size_t k = 0; k < rules.size(); ++k) {
    const double accuracy = accuracy_of(net, rules[k], train, test);
    std::printf("%-18s test accuracy %.2f\n", names[k], accuracy);
    learned = learned && accuracy > 0.8;
  }
  std::printf(learned ? "every rule trains it\n" : "a rule does not train it\n");
  return learned ? 0 : 1;
}
