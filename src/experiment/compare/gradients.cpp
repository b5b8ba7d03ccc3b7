// Runs one batch through every learning rule that takes the network, at four lengths, and compares each gradient with
// that of full BPTT.

#include <backspike/experiment/compare_gradients.hpp>

#include <backspike/core/error.hpp>
#include <backspike/data/first_steps.hpp>
#include <backspike/gradient/learning_rule.hpp>
#include <backspike/gradient/rtrl.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace backspike {
namespace {

constexpr std::uint64_t rtrl_budget = std::uint64_t{256} << 20;
constexpr double rtrl_work = 2e10;  // multiply-adds; beyond it a comparison would take minutes to hours

/// Everything that one length of samples is compared on.
struct setting {
  const experiment& e;
  const network& net;
  const arena<float>& parameters;
  const dataset& data;
  batch_view batch;
  thread_pool& pool;
};

using gradient_of = std::function<void(const setting&, arena<float>&)>;

struct compared_rule {
  std::string name;
  gradient_of run;
};

void run_engine(const setting& s, const rule_spec& rule, arena<float>& gradient) {
  engine(s.net, s.e.objective, s.pool, rule).gradient(s.parameters, s.batch, gradient);
}

compared_rule truncated_rule(const std::string& name, std::size_t parts) {
  return {name, [parts](const setting& s, arena<float>& gradient) {
            rule_spec rule{rule_kind::truncated_bptt};
            rule.window = rule.stride =
                static_cast<std::uint32_t>(std::max<std::size_t>((s.data.longest() + parts - 1) / parts, 1));
            run_engine(s, rule, gradient);
          }};
}

compared_rule eprop_rule(const std::string& name, feedback_kind feedback) {
  return {name, [feedback](const setting& s, arena<float>& gradient) {
            rule_spec rule = s.e.rule;
            rule.kind = rule_kind::eprop;
            rule.feedback = feedback;
            rule.every = static_cast<std::uint32_t>(std::max<std::size_t>(s.data.longest(), 1));  // as bptt beside it
            rule.rate_coefficient = 0.0;  // a regulariser is not part of the loss that is compared
            const eprop_options options = eprop_options_of(rule, s.net, s.e.seed);
            check_eprop(s.net, options);
            const eprop_feedback matrices(s.net, options, s.parameters);
            if (is_forward(rule)) {
              eprop_gradient(s.net, s.e.objective, s.parameters, options, matrices, s.batch, gradient, s.pool);
            } else {
              engine(s.net, s.e.objective, s.pool, rule).gradient(s.parameters, options, matrices, s.batch, gradient);
            }
          }};
}

/// RTRL multiplies the influence of every parameter by every weight that leaves a neuron, in every step.
void require_little_work(const setting& s) {
  double weights = 0.0;
  for (const connection& c : s.net.connections()) {
    weights += c.source == network_input ? 0.0 : static_cast<double>(s.net.parameters()[c.weight].size());
  }
  const double work = static_cast<double>(s.net.parameters().learnable_count()) * weights *
                      static_cast<double>(s.data.inputs.spikes.rows());
  if (work > rtrl_work) {
    throw value_error(
        "rtrl", "multiply-adds of the batch", fmt::format("{:.1e}", work),
        fmt::format("at most {:.0e}: it is for small networks; checkpointed_bptt has the same gradient", rtrl_work));
  }
}

std::vector<compared_rule> every_rule() {
  return {{"checkpointed_bptt",
           [](const setting& s, arena<float>& gradient) {
             rule_spec rule{rule_kind::checkpointed_bptt, checkpoint_kind::fixed};
             rule.every = static_cast<std::uint32_t>(std::ceil(std::sqrt(static_cast<double>(s.data.longest()))));
             run_engine(s, rule, gradient);
           }},
          truncated_rule("truncated_bptt T/2", 2),
          truncated_rule("truncated_bptt T/8", 8),
          {"rtrl",
           [](const setting& s, arena<float>& gradient) {
             require_little_work(s);
             rtrl_options options;
             options.memory_budget = rtrl_budget;
             rtrl_gradient(s.net, s.e.objective, s.parameters, s.batch, gradient, s.pool, options);
           }},
          eprop_rule("eprop symmetric", feedback_kind::symmetric),
          eprop_rule("eprop random", feedback_kind::random)};
}

struct sums {
  double product = 0.0, own = 0.0, reference = 0.0;
  std::size_t same = 0, counted = 0;

  void add(float a, float b) {
    product += static_cast<double>(a) * static_cast<double>(b);
    own += static_cast<double>(a) * static_cast<double>(a);
    reference += static_cast<double>(b) * static_cast<double>(b);
    counted += a != 0.0f || b != 0.0f ? 1 : 0;
    same += a * b > 0.0f || (std::signbit(a) == std::signbit(b) && a != 0.0f && b != 0.0f) ? 1 : 0;
  }
  gradient_match match(const std::string& rule, const std::string& parameter, std::uint32_t steps) const {
    const double nothing = std::nan("");
    return {rule,
            parameter,
            steps,
            own > 0.0 && reference > 0.0 ? product / std::sqrt(own * reference) : nothing,
            counted > 0 ? static_cast<double>(same) / static_cast<double>(counted) : nothing,
            reference > 0.0 ? std::sqrt(own / reference) : nothing};
  }
};

void match_gradients(const std::string& rule, std::uint32_t steps, const arena<float>& own,
                     const arena<float>& reference, std::vector<gradient_match>& to) {
  sums all;
  for (std::size_t i = 0; i < own.layout().size(); ++i) {
    const parameter_info& info = own.layout()[i];
    if (!info.learnable) {
      continue;
    }
    sums here;
    for (std::size_t r = 0; r < info.rows; ++r) {
      for (std::size_t c = 0; c < info.cols; ++c) {
        const float a = own.view(i)(r, c), b = reference.view(i)(r, c);
        here.add(a, b);
        all.add(a, b);
      }
    }
    to.push_back(here.match(rule, info.name, steps));
  }
  to.push_back(all.match(rule, "all", steps));
}

/// An eighth, a quarter, a half and all of the longest sample.
std::vector<std::uint32_t> lengths_of(std::size_t longest) {
  std::vector<std::uint32_t> lengths;
  for (const std::size_t part : {8, 4, 2, 1}) {
    lengths.push_back(static_cast<std::uint32_t>(std::max<std::size_t>(longest / part, 1)));
  }
  lengths.erase(std::unique(lengths.begin(), lengths.end()), lengths.end());
  return lengths;
}

void require_life(const std::vector<layer_health>& layers, const arena<float>& gradient) {
  for (const layer_health& layer : layers) {
    if (layer.spiking && layer.rate == 0.0) {
      throw value_error("compare-gradients", "layer " + layer.name, "no spike in the batch",
                        "a layer that fires: silent networks agree on everything. Train it first, or try a larger "
                        "init_sigma or more --samples");
    }
  }
  const auto values = gradient.values();
  if (std::all_of(values.begin(), values.end(), [](float g) { return g == 0.0f; })) {
    throw value_error("compare-gradients", "gradient of bptt", "zero",
                      "a gradient: try a larger surrogate.width, or a parameter that is learned");
  }
}

bool is_refused(const gradient_comparison& c, const std::string& rule) {
  return std::any_of(c.refused.begin(), c.refused.end(), [&](const refused_rule& r) { return r.rule == rule; });
}

void compare_at(const setting& s, std::uint32_t steps, bool whole, const std::vector<compared_rule>& rules,
                const std::function<void()>& done, gradient_comparison& to) {
  arena<float> reference(s.net.parameters()), own(s.net.parameters());
  const auto layers = engine(s.net, s.e.objective, s.pool).health(s.parameters, s.batch, reference);
  if (whole) {
    require_life(layers, reference);
  }
  for (const layer_health& layer : layers) {
    to.layers.push_back({steps, layer});
  }
  for (const compared_rule& rule : rules) {
    if (!is_refused(to, rule.name)) {
      try {
        std::fill(own.values().begin(), own.values().end(), 0.0f);
        rule.run(s, own);
        match_gradients(rule.name, steps, own, reference, to.matches);
      } catch (const user_error& error) {
        to.refused.push_back({rule.name, error.what()});
      }
    }
    done();
  }
}

}  // namespace

gradient_comparison compare_gradients(const experiment& e, const network& net, const arena<float>& parameters,
                                      const dataset& data, std::span<const std::uint32_t> samples, thread_pool& pool,
                                      const comparison_progress& progress) {
  gradient_comparison to;
  to.name = e.name;
  to.samples = samples.size();
  std::vector<std::uint32_t> all(samples.size());
  std::iota(all.begin(), all.end(), 0u);
  const std::size_t longest = subset(data, samples).longest();
  to.lengths = lengths_of(longest);
  const auto rules = every_rule();
  std::size_t count = 0;
  const auto done = [&] {
    if (progress) {
      progress("comparing gradients", ++count, rules.size() * to.lengths.size());
    }
  };
  // The whole samples first: what is silent there is refused before anything else is computed.
  for (std::size_t k = to.lengths.size(); k-- > 0;) {
    const dataset cut = first_steps(data, samples, to.lengths[k]);
    compare_at({e, net, parameters, cut, {&cut, all}, pool}, to.lengths[k], k + 1 == to.lengths.size(), rules, done,
               to);
  }
  for (const compared_rule& rule : rules) {
    if (!is_refused(to, rule.name)) {
      to.rules.push_back(rule.name);
    }
  }
  return to;
}

}  // namespace backspike
