// E-prop as a learning rule: its options from the settings of a run, its feedback, and which of its two forms computes.

#include "gradient/rule/rules.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/eprop.hpp>

#include <algorithm>
#include <optional>

namespace backspike {

eprop_options eprop_options_of(const rule_spec& rule, const network& net, std::uint64_t seed) {
  eprop_options options;
  options.feedback = rule.feedback;
  options.seed = seed;
  options.feedback_decay = rule.feedback_decay;
  const auto populations = net.populations();
  for (std::size_t q = 0; q < populations.size() && rule.rate_coefficient > 0.0; ++q) {
    if (!populations[q].is_output) {
      options.rates.push_back({populations[q].spec.name, rule.target_rate, rule.rate_coefficient});
    }
  }
  return options;
}

namespace {

class eprop final : public rule_at_work {
 public:
  explicit eprop(const rule_setting& s)
      : net_(s.net),
        objective_(s.objective),
        pool_(s.pool),
        engine_(s.simulator),
        forward_(is_forward(s.rule)),
        options_(eprop_options_of(s.rule, s.net, s.seed)) {
    check_eprop(net_, options_);
  }

  void start(const arena<float>& initial) override { feedback_.emplace(net_, options_, initial); }

  batch_result gradient(const arena<float>& parameters, batch_view batch, arena<float>& gradient) override {
    if (!feedback_) {
      throw internal_error("eprop: a gradient was asked for before start()");
    }
    return forward_ ? eprop_gradient(net_, objective_, parameters, options_, *feedback_, batch, gradient, pool_)
                    : engine_.gradient(parameters, options_, *feedback_, batch, gradient);
  }

  void updated() override {
    if (feedback_) {
      feedback_->follow();
    }
  }

 private:
  const network& net_;
  const objective_spec& objective_;
  thread_pool& pool_;
  engine& engine_;
  bool forward_;
  eprop_options options_;
  std::optional<eprop_feedback> feedback_;
};

/// A gradient of zero would look as if they were learned.
void refuse_learned_delays(const network& net) {
  for (const connection& c : net.connections()) {
    for (const std::size_t i : {c.delay_parameter, c.kernel_width_parameter}) {
      if (i != no_parameter && net.parameters()[i].learnable) {
        throw value_error("eprop", net.parameters()[i].name + (i == c.delay_parameter ? " learn" : " width.learn"),
                          "true",
                          "false: e-prop learns the weights of connections with delays while these stand still; bptt "
                          "and the rules with windows of time learn delays");
      }
    }
  }
}

void check(const rule_spec& rule, const network& net, std::size_t, std::uint64_t) {
  check_eprop(net, eprop_options_of(rule, net, 1));
  refuse_learned_delays(net);
}

/// Without rate regularisation, which is no part of the loss that is compared, and in one piece, as bptt beside it.
std::vector<rule_variant> variants(const rule_spec& asked, std::size_t longest) {
  rule_spec rule = asked;
  rule.kind = rule_kind::eprop;
  rule.every = static_cast<std::uint32_t>(std::max<std::size_t>(longest, 1));
  rule.rate_coefficient = 0.0;
  std::vector<rule_variant> both{{"eprop symmetric", rule}, {"eprop random", rule}};
  both[0].rule.feedback = feedback_kind::symmetric;
  both[1].rule.feedback = feedback_kind::random;
  return both;
}

}  // namespace

rule_entry eprop_entry() {
  return {.kind = rule_kind::eprop,
          .check = check,
          .bytes = [](const network& net, std::size_t) { return eprop_bytes(net); },
          .make = [](const rule_setting& s) -> std::unique_ptr<rule_at_work> { return std::make_unique<eprop>(s); },
          .variants = variants};
}

}  // namespace backspike
