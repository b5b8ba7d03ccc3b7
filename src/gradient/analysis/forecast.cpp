// Forecasts the memory of a run, and chooses the largest distance of checkpoints that fits. The planning that it prices
// is in gradient/engine/workspace.cpp.

#include "gradient/connection/delayed.hpp"
#include "gradient/connection/delayed_group.hpp"
#include "gradient/engine/pass.hpp"
#include "gradient/engine/workspace.hpp"
#include "gradient/gather/gather_plan.hpp"
#include "gradient/rule/eprop/broadcast.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/gradient/eprop.hpp>
#include <backspike/gradient/forecast.hpp>
#include <backspike/gradient/rtrl.hpp>

#include <algorithm>
#include <optional>
#include <string>

namespace backspike {
namespace {

constexpr std::uint64_t arenas = 4;  // values, gradient, two moments

/// Spikes of a window as lists: as they come, and sorted by source for each connection that carries them on.
std::uint64_t spike_bytes(const network& net, const dataset& train, std::size_t samples, std::size_t window,
                          double activity) {
  const std::size_t rows = samples * window;
  const std::size_t all_rows = std::max<std::size_t>(train.inputs.spikes.rows(), 1);
  const std::uint64_t input_events = train.inputs.spikes.size() * rows / all_rows;
  const auto active = [&](std::size_t units) {
    return static_cast<std::uint64_t>(activity * static_cast<double>(rows * units));
  };
  std::uint64_t entries = 0, offsets = 0;
  for (const population& p : net.populations()) {
    entries += p.cell->spiking ? active(p.units) : 0;
    offsets += p.cell->spiking ? rows : 0;
  }
  for (const connection& c : net.connections()) {
    entries += c.source == network_input ? input_events : active(c.source_units);
  }
  return entries * sizeof(std::uint32_t) + offsets * sizeof(std::uint64_t);
}

}  // namespace

memory_forecast forecast_memory(const network& net, const dataset& train, std::size_t batch, std::size_t threads,
                                const rule_spec& rule, double activity) {
  const segment_plan plan = plan_segments(rule, train.longest());
  const std::size_t at_once = samples_in_flight(net, train.longest());
  const std::size_t in_flight = std::min({batch, at_once, std::max<std::size_t>(train.size(), 1)});
  memory_forecast f;
  f.threads = threads;
  f.parameters = arenas * net.parameters().floats() * sizeof(float);
  for (const connection& c : net.connections()) {
    f.parameters += c.source == network_input || c.has_delays()
                        ? 0
                        : net.parameters()[c.weight].size() * sizeof(float);  // transposed
  }
  f.parameters += delayed_parameter_bytes(net);
  const bool forward = is_forward(rule);
  f.per_worker = worker_bytes(net, plan.longest) * samples_together(rule, net, at_once, threads);
  f.per_worker += forward ? 0 : delayed_group_bytes(net, plan.longest) + gather_worker_bytes(net);
  f.per_worker += wide_input_bytes(net);
  f.per_chunk = chunk_bytes(net, in_flight * plan.longest) + spike_bytes(net, train, in_flight, plan.longest, activity);
  f.per_chunk += delayed_chunk_bytes(net, in_flight, in_flight * plan.longest);
  f.checkpoints = in_flight * checkpoint_bytes(net, plan);
  if (rule.kind == rule_kind::eprop && !forward) {
    f.parameters += broadcast_bytes(net);
    f.checkpoints += rule.rate_coefficient > 0.0 ? in_flight * held_rates_bytes(net, plan) : 0;
  }
  if (forward) {  // the traces of a sample for each thread; the rest is what evaluation needs
    f.per_worker += rule.kind == rule_kind::eprop ? eprop_bytes(net) : rtrl_bytes(net);
  }
  f.dataset = bytes_of(train);
  return f;
}

std::uint64_t objective_bytes(const network& net, const objective_spec& objective, std::size_t steps,
                              std::size_t batch) {
  const std::size_t outputs = net.outputs();
  std::uint64_t floats = floats_kept(objective, steps, outputs);
  for (const loss_spec& term : objective.terms) {
    floats += floats_kept(term, steps, outputs);
  }
  return std::min(batch, samples_in_flight(net, steps)) * floats * sizeof(float);
}

namespace {

/// What is asked of a distance of checkpoints: the forecast's arguments, and the bytes there are.
struct memory_question {
  const network& net;
  const dataset& train;
  std::size_t batch, threads;
  std::uint64_t other, budget;

  std::uint64_t needed(const rule_spec& rule) const {
    return forecast_memory(net, train, batch, threads, rule).total() + other;
  }
};

/// The most distant checkpoints that fit, from the whole sample, which runs nothing twice, downwards: halves, thirds,
/// ... of it. Nothing if none fit; `least` is then what the best of them needs.
std::optional<rule_spec> most_distant_checkpoints(const rule_spec& rule, const memory_question& ask,
                                                  std::uint64_t& least) {
  rule_spec settled = rule;
  const bool fixed = rule.memory == checkpoint_kind::fixed;
  const std::size_t steps = std::max<std::size_t>(ask.train.longest(), 1);
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
  const bool eprop = rule.kind == rule_kind::eprop;
  throw resource_error(eprop ? "eprop" : "checkpointed_bptt", least, budget,
                       std::string("that is what the best ") +
                           (eprop && rule.form == eprop_form::automatic ? "form and " : "") +
                           "distance of checkpoints needs; a larger rule.budget_mib, a smaller train.batch or smaller "
                           "layers would do");
}

}  // namespace

rule_spec settle_rule(const rule_spec& rule, const network& net, const dataset& train, std::size_t batch,
                      std::size_t threads, std::uint64_t other, std::uint64_t available) {
  const bool fixed = rule.memory == checkpoint_kind::fixed;
  const bool may_turn = rule.kind == rule_kind::eprop && rule.form == eprop_form::automatic;
  if (!keeps_checkpoints(rule) || (fixed && !may_turn)) {
    return rule;
  }
  const auto budget = rule.budget_mib > 0.0 ? static_cast<std::uint64_t>(rule.budget_mib * 1048576.0) : available;
  const memory_question ask{net, train, batch, threads, other, budget};
  auto least = static_cast<std::uint64_t>(-1);
  rule_spec backward = rule, forward = rule;
  backward.form = rule.kind == rule_kind::eprop ? eprop_form::backward : rule.form;
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
