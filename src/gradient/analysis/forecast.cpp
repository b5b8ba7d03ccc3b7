// Forecasts the memory of a run, and chooses the largest distance of checkpoints that fits. It books the plans by which
// the engine takes its memory (core/memory_plan.hpp).

#include "gradient/connection/delayed.hpp"
#include "gradient/connection/delayed_group.hpp"
#include "gradient/engine/pass.hpp"
#include "gradient/engine/workspace.hpp"
#include "gradient/gather/gather_plan.hpp"
#include "gradient/rule/eprop/broadcast.hpp"
#include "gradient/rule/eprop/eprop_model.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/eprop.hpp>
#include <backspike/gradient/forecast.hpp>
#include <backspike/gradient/rules.hpp>

#include <algorithm>
#include <optional>
#include <string>

namespace backspike {
namespace {

constexpr std::uint64_t arenas = 4;  // values, gradient, two moments

/// A list that grows as it is filled has room for half as much again, in the mean.
constexpr double grown = 1.5;

/// Forecasts of training on one data set, whose rows are read once. Every part is what the engine's own plans ask for;
/// only the number of spikes is assumed.
class forecaster {
 public:
  forecaster(const network& net, const dataset& train, std::size_t batch, std::size_t threads)
      : net_(net),
        carry_(net),
        input_(facts_of_input(net, train, every_sample(train))),
        longest_(train.longest()),
        at_once_(samples_in_flight(net, longest_)),
        in_flight_(std::min({batch, at_once_, std::max<std::size_t>(train.size(), 1)})),
        threads_(threads),
        dataset_(bytes_of(train)) {}

  memory_forecast of(const rule_spec& rule, double activity) const {
    const need n{rule, plan_segments(rule, longest_), activity};
    memory_forecast f;
    f.threads = threads_;
    f.parameters = arenas * net_.parameters().floats() * sizeof(float);
    f.parameters += booked([&](memory_plan& m) { plan_shared(m, n); });
    f.per_worker = booked([&](memory_plan& m) { plan_one_worker(m, n); }) + departing(n) + of_rule(n);
    f.per_in_flight = booked([&](memory_plan& m) { plan_together(m, n); }) + spikes(n);
    f.checkpoints = in_flight_ * booked([&](memory_plan& m) { plan_sample(m, n); });
    f.dataset = dataset_;
    return f;
  }

 private:
  struct need {
    const rule_spec& rule;
    segment_plan windows;
    double activity;

    bool rounded() const { return rule.arithmetic == arithmetic_kind::bfloat16; }
    bool broadcasts() const { return has_forms(rule) && !is_forward(rule); }
  };

  std::size_t rows(const need& n) const { return in_flight_ * n.windows.longest; }
  gather_size size(const need& n) const {
    return {in_flight_, rows(n), multiplies_input(input_, n.rounded()), n.rounded()};
  }

  void plan_shared(memory_plan& m, const need& n) const {
    pass shared;
    shared.arithmetic = n.rule.arithmetic;
    plan_pass(m, shared, net_, true);
    plan_dense_inputs(m, shared, net_, input_);
    plan_delays(m, net_);
    if (n.broadcasts()) {
      broadcast signals;
      signals.plan(m, net_, eprop_options_of(n.rule, net_, 1), n.rounded());
    } else if (has_forms(n.rule)) {
      const eprop_model<float> model(m, net_, eprop_options_of(n.rule, net_, 1));
    }
  }

  void plan_one_worker(memory_plan& m, const need& n) const {
    const worker_window window{n.windows.longest, true, input_.any_dense, n.rounded(), draws(n)};
    for (std::size_t k = 0; k < samples_together(n.rule, net_, at_once_, threads_); ++k) {
      worker_scratch w;
      plan_worker(m, w, net_, carry_, window);
    }
    delayed_group group;
    plan_group(m, group, net_, carry_, n.windows.longest, false);
    gather_worker gathering;
    plan_gather_worker(m, gathering, net_, size(n));
    aligned_vector<float> tile;
    if (n.windows.whole()) {
      plan_wide_tile(m, tile, net_);
    }
  }

  void plan_together(memory_plan& m, const need& n) const {
    in_flight_batch c;
    plan_rows(m, c, net_, carry_, in_flight_, rows(n), true);
    gather_plan gathering;
    plan_gather(m, gathering, net_, size(n));
  }

  void plan_sample(memory_plan& m, const need& n) const {
    sample_slot slot;
    plan_slot(m, slot, net_, carry_, n.windows, true, true);
    if (draws(n) || net_.has_parts()) {
      plan_own_rows(m, slot, net_, n.windows, draws(n));
    }
    if (n.broadcasts()) {
      held_rates rates;
      rates.prepare(net_, eprop_options_of(n.rule, net_, 1));
      rates.plan(m, slot, n.windows);
    }
  }

  /// Whether the engine draws; rules that go forward have memory of their own.
  bool draws(const need& n) const { return net_.draws() && !is_forward(n.rule); }
  bool masks(const connection& c, const need& n) const { return c.masked && draws(n); }
  bool has_own_rows(const connection& c, const need& n) const {
    return masks(c, n) || (c.of_part && !is_forward(n.rule));
  }

  /// Share of what a source sends that dropout leaves.
  double kept(const connection& c, const need& n) const {
    const double of_source = c.comes_from_input() ? 0.0 : net_.populations()[c.source].spec.dropout;
    return masks(c, n) ? (1.0 - c.dropout) * (1.0 - of_source) : 1.0;
  }

  /// What a rule that goes forward keeps for a sample.
  std::uint64_t of_rule(const need& n) const {
    const auto bytes = find_rule(n.rule.kind).bytes;
    return is_forward(n.rule) && bytes != nullptr ? bytes(net_, longest_) : 0;
  }

  double events(const connection& c, const need& n, std::size_t rows) const {
    const double each = c.comes_from_input() ? input_.density : sends_values(c) ? 1.0 : n.activity;
    return each * kept(c, n) * static_cast<double>(rows * c.source_units);
  }

  /// An analog population sends a value in every step.
  bool sends_values(const connection& c) const {
    return !c.comes_from_input() && !net_.populations()[c.source].cell->spiking;
  }

  /// Bytes of an event in a list of so many whole numbers each.
  std::size_t event_size(const connection& c, const need& n, std::size_t numbers) const {
    const bool graded = has_own_rows(c, n) || (c.comes_from_input() ? input_.graded : sends_values(c));
    return numbers * sizeof(std::uint32_t) + (graded ? sizeof(float) : 0);
  }

  /// What sets out at different delays, in each of the samples that go together.
  std::uint64_t departing(const need& n) const {
    double most = 0.0;
    for (const connection& c : net_.connections()) {
      const double bytes = events(c, n, n.windows.longest) * static_cast<double>(event_size(c, n, 2));
      most = std::max(most, c.has_delays() ? grown * bytes : 0.0);
    }
    return static_cast<std::uint64_t>(most) * samples_together(n.rule, net_, at_once_, threads_);
  }

  /// Spikes of a window as lists: as they come, as a connection carries them, and sorted by source for each connection
  /// that carries them on.
  std::uint64_t spikes(const need& n) const {
    double bytes = 0.0;
    for (const population& p : net_.populations()) {
      const double count = p.cell->spiking ? n.activity * static_cast<double>(rows(n) * p.units) : 0.0;
      bytes += grown * count * sizeof(std::uint32_t);
    }
    for (const connection& c : net_.connections()) {
      const bool sorted =
          c.has_delays() || (c.is_matrix() && !sends_values(c) && !(c.comes_from_input() && size(n).dense));
      bytes += sorted ? events(c, n, rows(n)) * static_cast<double>(event_size(c, n, 1)) : 0.0;
      bytes += has_own_rows(c, n) ? grown * events(c, n, rows(n)) * static_cast<double>(event_size(c, n, 1)) : 0.0;
    }
    return static_cast<std::uint64_t>(bytes);
  }

  const network& net_;
  carry_layout carry_;
  input_facts input_;
  std::size_t longest_, at_once_, in_flight_, threads_;
  std::uint64_t dataset_;
};

}  // namespace

memory_forecast forecast_memory(const network& net, const dataset& train, std::size_t batch, std::size_t threads,
                                const rule_spec& rule, double activity) {
  return forecaster(net, train, batch, threads).of(rule, activity);
}

std::uint64_t objective_bytes(const network& net, const objective_spec& objective, std::size_t steps,
                              std::size_t batch) {
  const std::uint64_t of_sample = booked([&](memory_plan& m) {
    for (std::size_t k = 0; k < objective.outputs(); ++k) {
      plan_loss<float>(m, objective.of(k), steps, net.output(k).units);
      for (const loss_spec& term : objective.of(k).terms) {
        plan_loss<float>(m, term, steps, net.output(k).units);
      }
    }
  });
  return std::min(batch, samples_in_flight(net, steps)) * of_sample;
}

namespace {

/// What is asked of a distance of checkpoints, and the bytes there are.
struct memory_question {
  forecaster forecasts;
  std::size_t longest;
  std::uint64_t other, budget;

  std::uint64_t needed(const rule_spec& rule) const { return forecasts.of(rule, assumed_activity).total() + other; }
};

/// The most distant checkpoints that fit, from the whole sample, which runs nothing twice, downwards: halves, thirds,
/// ... of it. Nothing if none fit; `least` is then what the best of them needs.
std::optional<rule_spec> most_distant_checkpoints(const rule_spec& rule, const memory_question& ask,
                                                  std::uint64_t& least) {
  rule_spec settled = rule;
  const bool fixed = rule.memory == checkpoint_kind::fixed;
  const std::size_t steps = std::max<std::size_t>(ask.longest, 1);
  for (std::size_t parts = 1; parts <= (fixed ? 1 : steps); ++parts) {
    settled.every = fixed ? rule.every : static_cast<std::uint32_t>((steps + parts - 1) / parts);
    const std::uint64_t needed = ask.needed(settled);
    least = std::min(least, needed);
    if (needed <= ask.budget) {
      return settled;
    }
  }
  return std::nullopt;
}

[[noreturn]] void refuse(const rule_spec& rule, std::uint64_t least, std::uint64_t budget) {
  throw resource_error(std::string(name_of(rule.kind)), least, budget,
                       std::string("that is what the best ") + (has_open_form(rule) ? "form and " : "") +
                           "distance of checkpoints needs; a larger rule.budget_mib, a smaller train.batch or smaller "
                           "layers would do");
}

}  // namespace

rule_spec settle_rule(const rule_spec& rule, const network& net, const dataset& train, std::size_t batch,
                      std::size_t threads, std::uint64_t other, std::uint64_t available) {
  const bool fixed = rule.memory == checkpoint_kind::fixed;
  const bool may_turn = has_open_form(rule);
  if (!keeps_checkpoints(rule) || (fixed && !may_turn)) {
    return rule;
  }
  const auto budget = rule.budget_mib > 0.0 ? static_cast<std::uint64_t>(rule.budget_mib * 1048576.0) : available;
  const memory_question ask{{net, train, batch, threads}, train.longest(), other, budget};
  auto least = static_cast<std::uint64_t>(-1);
  rule_spec backward = rule, forward = rule;
  backward.form = has_forms(rule) ? eprop_form::backward : rule.form;
  if (const auto settled = most_distant_checkpoints(backward, ask, least)) {
    return *settled;
  }
  forward.form = eprop_form::forward;
  const std::uint64_t needed = may_turn ? ask.needed(forward) : least;
  if (!may_turn || needed > budget) {
    refuse(rule, std::min(least, needed), budget);
  }
  return forward;
}

}  // namespace backspike
