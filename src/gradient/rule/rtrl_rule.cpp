// RTRL as a learning rule: which networks it takes, what it costs.

#include "gradient/rule/rules.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/memory_plan.hpp>
#include <backspike/gradient/dense_forward.hpp>
#include <backspike/gradient/rtrl.hpp>
#include <backspike/network/delays.hpp>

namespace backspike {
namespace {

class rtrl final : public rule_at_work {
 public:
  explicit rtrl(const rule_setting& s) : net_(s.net), objective_(s.objective), pool_(s.pool) {
    options_.memory_budget = s.memory_budget;
  }

  batch_result gradient(const arena<float>& parameters, batch_view batch, arena<float>& gradient) override {
    return rtrl_gradient(net_, objective_, parameters, batch, gradient, pool_, options_);
  }

 private:
  const network& net_;
  const objective_spec& objective_;
  thread_pool& pool_;
  rtrl_options options_;
};

void check(const rule_spec&, const network& net, std::size_t threads, std::uint64_t memory) {
  refuse_delays(net, "rtrl", no_delays_in_rtrl);
  const std::uint64_t needed = threads * rtrl_bytes(net);
  if (needed > memory) {
    throw resource_error("rtrl", needed, memory,
                         "its memory grows with parameters times neurons; checkpointed_bptt has the same gradient");
  }
}

/// Most objectives know their errors after a run ahead only.
std::uint64_t bytes(const network& net, std::size_t steps) {
  return rtrl_bytes(net) + booked([&](memory_plan& m) {
           dense_sample<double> ahead;
           plan_dense_sample(m, ahead, net, steps);
         });
}

/// The influence of every parameter goes over every weight that leaves a neuron, in every step.
double work(const network& net, std::size_t steps) {
  double weights = 0.0;
  for (const connection& c : net.connections()) {
    weights += c.comes_from_input() ? 0.0 : static_cast<double>(synapse_count(c));
  }
  return static_cast<double>(net.parameters().learnable_count()) * weights * static_cast<double>(steps);
}

}  // namespace

rule_entry rtrl_entry() {
  return {.kind = rule_kind::rtrl,
          .check = check,
          .bytes = bytes,
          .make = [](const rule_setting& s) -> std::unique_ptr<rule_at_work> { return std::make_unique<rtrl>(s); },
          .variants =
              [](const rule_spec&, std::size_t) {
                return std::vector{rule_variant{"rtrl", {rule_kind::rtrl}}};
              },
          .work = work};
}

}  // namespace backspike
