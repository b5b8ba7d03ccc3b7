// Chooses by the kind of rule who computes the gradient: the engine, e-prop or RTRL. Which rule takes which network is
// checked here, too.

#include <backspike/gradient/learning_rule.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/resources.hpp>
#include <backspike/gradient/rtrl.hpp>
#include <backspike/network/delays.hpp>

#include "gradient/engine/segments.hpp"

namespace backspike {

eprop_options eprop_options_of(const rule_spec& rule, const network& net, std::uint64_t seed) {
  eprop_options options;
  options.feedback = rule.feedback;
  options.seed = seed;
  options.feedback_decay = rule.feedback_decay;
  const auto populations = net.populations();
  for (std::size_t q = 0; q + 1 < populations.size() && rule.rate_coefficient > 0.0; ++q) {
    options.rates.push_back({populations[q].spec.name, rule.target_rate, rule.rate_coefficient});
  }
  return options;
}

namespace {

/// A gradient of zero would look as if they were learned.
void refuse_learned_delays(const network& net) {
  for (const connection& c : net.connections()) {
    for (const std::size_t i : {c.position, c.spread}) {
      if (i != no_parameter && net.parameters()[i].learnable) {
        throw value_error("eprop", net.parameters()[i].name + (i == c.position ? " learn" : " width.learn"), "true",
                          "false: e-prop learns the weights of connections with delays while these stand still; bptt "
                          "and the rules with windows of time learn delays");
      }
    }
  }
}

}  // namespace

void check_rule(const rule_spec& rule, const network& net, std::size_t threads, std::uint64_t memory) {
  check_rule(rule);
  if (rule.kind == rule_kind::eprop) {
    check_eprop(net, eprop_options_of(rule, net, 1));
    refuse_learned_delays(net);
  }
  if (rule.kind == rule_kind::rtrl) {
    refuse_delays(net, "rtrl", no_delays_in_rtrl);
  }
  const std::uint64_t needed = rule.kind == rule_kind::rtrl ? threads * rtrl_bytes(net) : 0;
  if (needed > memory) {
    throw resource_error("rtrl", needed, memory,
                         "its memory grows with parameters times neurons; checkpointed_bptt has the same gradient");
  }
}

learning_rule::learning_rule(const network& net, const objective_spec& objective, thread_pool& pool,
                             const rule_spec& rule, std::uint64_t seed)
    : net_(net),
      objective_(objective),
      pool_(pool),
      rule_(rule),
      eprop_(eprop_options_of(rule, net, seed)),
      engine_(net, objective, pool, rule) {
  check_rule(rule, net, pool.threads(), available_memory());
}

void learning_rule::start(const arena<float>& initial, std::uint64_t updates) {
  if (rule_.kind == rule_kind::eprop) {
    feedback_.emplace(net_, eprop_, initial);
    for (std::uint64_t n = 0; n < updates; ++n) {
      feedback_->follow();
    }
  }
}

batch_result learning_rule::gradient(const arena<float>& parameters, batch_view batch, arena<float>& gradient) {
  switch (rule_.kind) {
    case rule_kind::rtrl:
      return rtrl_gradient(net_, objective_, parameters, batch, gradient, pool_);
    case rule_kind::eprop:
      if (!feedback_) {
        throw internal_error("learning_rule: a gradient was asked for before start()");
      }
      return is_forward(rule_)
                 ? eprop_gradient(net_, objective_, parameters, eprop_, *feedback_, batch, gradient, pool_)
                 : engine_.gradient(parameters, eprop_, *feedback_, batch, gradient);
    default:
      return engine_.gradient(parameters, batch, gradient);
  }
}

void learning_rule::updated() {
  if (feedback_) {
    feedback_->follow();
  }
}

}  // namespace backspike
