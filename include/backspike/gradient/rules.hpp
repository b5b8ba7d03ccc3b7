#pragma once
// The list of learning rules: what each checks, needs and computes. learning_rule.hpp is the one door to all of them;
// the forecast of memory and the comparison of gradients read the list, too.

#include <backspike/gradient/engine.hpp>
#include <backspike/gradient/rule_spec.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace backspike {

/// What a rule is made from; network, objective, pool and engine outlive it.
struct rule_setting {
  const network& net;
  const objective_spec& objective;
  thread_pool& pool;
  engine& simulator;
  rule_spec rule;
  std::uint64_t seed = 1;           // of random feedback
  std::uint64_t memory_budget = 0;  // [bytes] 0: what the machine gives this process
};

/// A rule at work on one network; each has a file of its own in src/gradient/rule.
class rule_at_work {
 public:
  rule_at_work() = default;
  virtual ~rule_at_work() = default;
  rule_at_work(const rule_at_work&) = delete;
  rule_at_work& operator=(const rule_at_work&) = delete;

  /// Before the first gradient: the parameters that training began with.
  virtual void start(const arena<float>& initial);
  /// As engine::gradient.
  virtual batch_result gradient(const arena<float>& parameters, batch_view batch, arena<float>& gradient) = 0;
  /// After an update of the parameters.
  virtual void updated();
};

/// One row of a comparison: a rule with settings that make sense for samples of this length.
struct rule_variant {
  std::string name;
  rule_spec rule;
};

struct rule_entry {
  rule_kind kind = rule_kind::bptt;
  /// Throws value_error and resource_error, naming the nearest rule that works; empty: it takes every network.
  void (*check)(const rule_spec& rule, const network& net, std::size_t threads, std::uint64_t memory) = nullptr;
  /// Of one sample of so many steps, where the rule goes forward, beside what the engine takes; empty: nothing.
  std::uint64_t (*bytes)(const network& net, std::size_t steps) = nullptr;
  std::unique_ptr<rule_at_work> (*make)(const rule_setting& setting) = nullptr;
  /// What a comparison with bptt shows of it; `asked`: the rule of the experiment; empty: nothing.
  std::vector<rule_variant> (*variants)(const rule_spec& asked, std::size_t longest) = nullptr;
  /// Multiply-adds of a batch with so many steps, where they grow faster than the engine's; empty: they do not.
  double (*work)(const network& net, std::size_t steps) = nullptr;
};

std::span<const rule_entry> rules();
const rule_entry& find_rule(rule_kind kind);

}  // namespace backspike
