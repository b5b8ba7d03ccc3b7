#pragma once
// Every learning rule behind one interface: the same network, batch and objective, and a gradient.

#include <backspike/gradient/engine.hpp>
#include <backspike/gradient/rules.hpp>

#include <cstdint>
#include <memory>

namespace backspike {

/// Whether a rule takes a network. Throws value_error (a rule that makes no sense; e-prop on a network that it has no
/// trace for) and resource_error (rtrl past `memory` bytes), naming the nearest rule that works.
void check_rule(const rule_spec& rule, const network& net, std::size_t threads, std::uint64_t memory);

class learning_rule {
 public:
  /// Network and pool must outlive it. `seed` decides random feedback. Throws as check_rule does. It cannot be moved:
  /// the rule at work knows where engine and objective are.
  learning_rule(const network& net, const objective_spec& objective, thread_pool& pool, const rule_spec& rule,
                std::uint64_t seed);
  learning_rule(const learning_rule&) = delete;
  learning_rule& operator=(const learning_rule&) = delete;

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
  rule_spec rule_;
  objective_spec objective_;
  engine engine_;
  std::unique_ptr<rule_at_work> at_work_;
};

}  // namespace backspike
