// The door to every learning rule: the engine, and what the list has for the kind of rule.

#include <backspike/gradient/learning_rule.hpp>

#include <backspike/core/resources.hpp>

#include "gradient/engine/segments.hpp"

namespace backspike {

void check_rule(const rule_spec& rule, const network& net, std::size_t threads, std::uint64_t memory) {
  check_rule(rule);
  if (const auto check = find_rule(rule.kind).check) {
    check(rule, net, threads, memory);
  }
}

learning_rule::learning_rule(const network& net, const objective_spec& objective, thread_pool& pool,
                             const rule_spec& rule, std::uint64_t seed)
    : rule_(rule), objective_(objective), engine_(net, objective, pool, rule) {
  check_rule(rule, net, pool.threads(), available_memory());
  at_work_ = find_rule(rule.kind).make({net, objective_, pool, engine_, rule, seed});
}

void learning_rule::start(const arena<float>& initial, std::uint64_t updates) {
  at_work_->start(initial);
  for (std::uint64_t n = 0; n < updates; ++n) {
    at_work_->updated();
  }
}

batch_result learning_rule::gradient(const arena<float>& parameters, batch_view batch, arena<float>& gradient) {
  return at_work_->gradient(parameters, batch, gradient);
}

void learning_rule::updated() { at_work_->updated(); }

}  // namespace backspike
