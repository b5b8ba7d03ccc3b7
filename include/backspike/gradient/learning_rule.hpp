#pragma once
// Every learning rule behind one interface: the same network, batch and objective, and a gradient.

#include <backspike/gradient/engine.hpp>
#include <backspike/gradient/eprop.hpp>
#include <backspike/gradient/rule_spec.hpp>

#include <cstdint>
#include <memory>
#include <optional>

namespace backspike {

/// The options of e-prop that a rule stands for.
eprop_options eprop_options_of(const rule_spec& rule, const network& net, std::uint64_t seed);

/// Whether a rule takes a network. Throws value_error (a rule that makes no sense; e-prop on a network that it has no
/// trace for) and resource_error (rtrl past `memory` bytes), naming the nearest rule that works.
void check_rule(const rule_spec& rule, const network& net, std::size_t threads, std::uint64_t memory);

class learning_rule {
 public:
  /// Network and pool must outlive it. `seed` decides random feedback. Throws as check_rule does.
  learning_rule(const network& net, const objective_spec& objective, thread_pool& pool, const rule_spec& rule,
                std::uint64_t seed);

  /// Before the first gradient: `initial` parameters give random feedback its size, `updates` of them have been made.
  void start(const arena<float>& initial, std::uint64_t updates = 0);

  /// As engine::gradient.
  batch_result gradient(const arena<float>& parameters, batch_view batch, arena<float>& gradient);
  /// After an update of the parameters.
  void updated();

  const rule_spec& rule() const { return rule_; }

  /// Forward runs, recordings and health: the same for every rule.
  engine& simulator() { return engine_; }

 private:
  const network& net_;
  objective_spec objective_;
  thread_pool& pool_;
  rule_spec rule_;
  eprop_options eprop_;
  std::optional<eprop_feedback> feedback_;
  engine engine_;
};

}  // namespace backspike
