// Runs one batch through every learning rule that takes the network, at four lengths, and compares each gradient with
// that of full BPTT.

#include <backspike/experiment/compare_gradients.hpp>

#include <backspike/core/error.hpp>
#include <backspike/data/first_steps.hpp>
#include <backspike/experiment/class_weights.hpp>
#include <backspike/gradient/rules.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

namespace backspike {
namespace {

constexpr std::uint64_t memory_budget = std::uint64_t{256} << 20;
constexpr double most_work = 2e10;  // multiply-adds

/// Everything that one length of samples is compared on.
struct setting {
  const experiment& e;
  const network& net;
  const arena<float>& parameters;
  const dataset& data;
  batch_view batch;
  thread_pool& pool;
};

/// What a rule may take beside the engine; beyond it a comparison would take minutes to hours.
void require_little_work(const setting& s, const rule_entry& entry) {
  const double work = entry.work == nullptr ? 0.0 : entry.work(s.net, s.data.inputs.spikes.rows());
  if (work > most_work) {
    throw value_error(
        std::string(name_of(entry.kind)), "multiply-adds of the batch", fmt::format("{:.1e}", work),
        fmt::format("at most {:.0e}: it is for small networks; checkpointed_bptt has the same gradient", most_work));
  }
}

void run(const setting& s, const rule_spec& rule, arena<float>& gradient) {
  const rule_entry& entry = find_rule(rule.kind);
  require_little_work(s, entry);
  engine simulator(s.net, s.e.objective, s.pool, rule);
  const auto at_work = entry.make({s.net, s.e.objective, s.pool, simulator, rule, s.e.seed, memory_budget});
  at_work->start(s.parameters);
  at_work->gradient(s.parameters, s.batch, gradient);
}

std::vector<rule_variant> every_variant(const rule_spec& asked, std::size_t longest) {
  std::vector<rule_variant> all;
  for (const rule_entry& entry : rules()) {
    if (entry.variants != nullptr) {
      std::ranges::move(entry.variants(asked, longest), std::back_inserter(all));
    }
  }
  return all;
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

void compare_at(const setting& s, std::uint32_t steps, bool whole, const std::function<void()>& done,
                gradient_comparison& to) {
  arena<float> reference(s.net.parameters()), own(s.net.parameters());
  const auto layers = engine(s.net, s.e.objective, s.pool).health(s.parameters, s.batch, reference);
  if (whole) {
    require_life(layers, reference);
  }
  for (const layer_health& layer : layers) {
    to.layers.push_back({steps, layer});
  }
  for (const rule_variant& rule : every_variant(s.e.rule, s.data.longest())) {
    if (!is_refused(to, rule.name)) {
      try {
        std::fill(own.values().begin(), own.values().end(), 0.0f);
        run(s, rule.rule, own);
        match_gradients(rule.name, steps, own, reference, to.matches);
      } catch (const user_error& error) {
        to.refused.push_back({rule.name, error.what()});
      }
    }
    done();
  }
}

}  // namespace

gradient_comparison compare_gradients(const experiment& given, const network& net, const arena<float>& parameters,
                                      const dataset& data, std::span<const std::uint32_t> samples, thread_pool& pool,
                                      const comparison_progress& progress) {
  const experiment e = settle_class_weights(given, data);
  gradient_comparison to;
  to.name = e.name;
  to.samples = samples.size();
  std::vector<std::uint32_t> all(samples.size());
  std::iota(all.begin(), all.end(), 0u);
  const std::size_t longest = subset(data, samples).longest();
  to.lengths = lengths_of(longest);
  const auto variants = every_variant(e.rule, longest);
  std::size_t count = 0;
  const auto done = [&] {
    if (progress) {
      progress("comparing gradients", ++count, variants.size() * to.lengths.size());
    }
  };
  // The whole samples first: what is silent there is refused before anything else is computed.
  for (std::size_t k = to.lengths.size(); k-- > 0;) {
    const dataset cut = first_steps(data, samples, to.lengths[k]);
    compare_at({e, net, parameters, cut, {&cut, all}, pool}, to.lengths[k], k + 1 == to.lengths.size(), done, to);
  }
  for (const rule_variant& rule : variants) {
    if (!is_refused(to, rule.name)) {
      to.rules.push_back(rule.name);
    }
  }
  return to;
}

}  // namespace backspike
