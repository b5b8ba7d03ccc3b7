// Picks the samples that are worth attacking, lets the attack propose, and measures on the hard network what it
// reached.

#include <backspike/core/error.hpp>
#include <backspike/robustness/attack.hpp>
#include <backspike/robustness/sample_losses.hpp>

#include "robustness/attack/attack_check.hpp"
#include "robustness/attack/sizes.hpp"
#include "robustness/spikes/spike_sizes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace backspike {
namespace {

constexpr std::size_t most_together = 256;  // samples whose trajectories are kept

/// Losses and classes that the hard network tells.
struct told {
  std::vector<double> losses;
  std::vector<std::int32_t> classes;
};
told ask(const attack_problem& p, const dataset& data) {
  told all;
  sample_losses network(p.net, p.objective, p.pool);
  const auto order = every_sample(data);
  for (std::size_t first = 0; first < order.size(); first += most_together) {
    network.forward(p.parameters,
                    {&data, std::span(order).subspan(first, std::min(most_together, order.size() - first))});
    all.losses.insert(all.losses.end(), network.losses().begin(), network.losses().end());
    all.classes.insert(all.classes.end(), network.predicted().begin(), network.predicted().end());
  }
  return all;
}

/// With a target every loss is that of the target.
attack_samples as_asked(attack_samples samples, const std::string& of, std::optional<std::int32_t> target) {
  if (target) {
    dataset& data = samples.data;
    std::vector<std::int32_t>& labels =
        of.empty() ? data.labels : std::ranges::find(data.further, of, &named_targets::name)->labels;
    std::ranges::fill(labels, *target);
  }
  return samples;
}

std::vector<attacked_sample> before_attack(const attack_problem& p, const attack_samples& asked,
                                           std::span<const std::int32_t> labels, const attack_options& o) {
  const told now = ask(p, asked.data);
  std::vector<attacked_sample> samples(labels.size());
  for (std::size_t s = 0; s < samples.size(); ++s) {
    attacked_sample& a = samples[s];
    a.label = labels[s];
    a.before = a.after = now.classes[s];
    a.right = a.before == a.label;
    a.attacked = o.target ? a.before != *o.target && a.label != *o.target : a.right;
    a.loss_before = a.loss_after = now.losses[s];
  }
  return samples;
}

/// What the network reads of a proposal.
ragged_events inputs_of(attack_proposal& proposal, const attack_samples& samples, thread_pool& pool) {
  return samples.values && !proposal.values.empty() ? encode(*samples.values, proposal.values, 0, pool)
                                                    : std::move(proposal.inputs);
}

void append_sample(ragged_events& to, const ragged_events& from, std::size_t sample) {
  for (std::uint64_t r = from.sample_rows[sample]; r < from.sample_rows[sample + 1]; ++r) {
    const event_row row = from.spikes.row(r);
    to.spikes.channels.insert(to.spikes.channels.end(), row.channels.begin(), row.channels.end());
    to.spikes.values.insert(to.spikes.values.end(), row.values.begin(), row.values.end());
    to.spikes.end_row();
  }
  to.end_sample();
}

/// The proposal's samples in the place of those picked.
void put(const attack_samples& proposed, std::span<const std::uint32_t> picked, attack_samples& all) {
  ragged_events merged;
  std::size_t next = 0;
  for (std::uint32_t s = 0; s < all.data.size(); ++s) {
    const bool taken = next < picked.size() && picked[next] == s;
    append_sample(merged, taken ? proposed.data.inputs : all.data.inputs, taken ? next : s);
    if (taken && all.values) {
      std::ranges::copy(proposed.values->of(next),
                        all.values->values.begin() + static_cast<std::ptrdiff_t>(s * all.values->width()));
    }
    next += taken ? 1 : 0;
  }
  all.data.inputs = std::move(merged);
}

/// Whoever looks at another network does not know when to stop, nor what was not needed.
attack_options looking_at(const attack_problem& problem, attack_options options) {
  options.stops = options.stops && problem.source == nullptr;
  options.spikes.prunes = options.spikes.prunes && problem.source == nullptr;
  return options;
}

void require_within(const attack_info& info, double size, double budget) {
  constexpr double rounding = 1e-5;  // values are floats
  if (size > budget * (1.0 + rounding) + 1e-7) {
    throw internal_error(fmt::format("attack {}: a change of {:g} is above the budget {:g}", info.name, size, budget));
  }
}

/// Where labels are smoothed the loss of a network that is surer than they are falls on the way to another class: what
/// raises it makes the network surer still. So attacks look at the loss without that.
objective_spec without_smoothing(objective_spec objective) {
  objective.label_smoothing = 0.0;
  return objective;
}

}  // namespace

double attack_result::accuracy_before() const {
  return static_cast<double>(std::ranges::count_if(samples, &attacked_sample::right)) /
         static_cast<double>(samples.size());
}

double attack_result::accuracy() const {
  return static_cast<double>(std::ranges::count_if(samples, [](const auto& a) { return a.after == a.label; })) /
         static_cast<double>(samples.size());
}

double attack_result::success_rate() const {
  const auto attacked = std::ranges::count_if(samples, &attacked_sample::attacked);
  return attacked == 0 ? std::nan("")
                       : static_cast<double>(std::ranges::count_if(samples, &attacked_sample::success)) /
                             static_cast<double>(attacked);
}

attack_result run_attack(const attack_problem& given, const attack_samples& samples, const attack_options& options,
                         const attack_progress& progress) {
  const attack_info& info = attack_named(options.attack);
  check_attack(info, given, samples, options);
  const attack_problem& looked_at = given.source != nullptr ? *given.source : given;
  const objective_spec own = without_smoothing(given.objective), seen = without_smoothing(looked_at.objective);
  const attack_problem problem{given.net, own, given.parameters, given.pool, given.source};
  const auto start = std::chrono::steady_clock::now();
  const std::string& targets = problem.net.output(0).target;
  const attack_samples asked = as_asked(samples, targets, options.target);
  attack_result result{options, before_attack(problem, asked, samples.data.targets(targets).labels, options), samples,
                       0.0};
  std::vector<std::uint32_t> picked;
  for (std::uint32_t s = 0; s < result.samples.size(); ++s) {
    if (result.samples[s].attacked) {
      picked.push_back(s);
    }
  }
  if (!picked.empty() && options.budget > 0.0) {
    attack_samples chosen = subset(asked, picked);
    attack_proposal proposal = info.run({looked_at.net, seen, looked_at.parameters, looked_at.pool}, chosen,
                                        looking_at(problem, options), progress);
    if (info.space == attack_space::values) {
      proposal.sizes = sizes_of_changes(chosen, proposal, options.norm);
    }
    const ragged_events spikes = chosen.data.inputs;
    chosen.data.inputs = inputs_of(proposal, chosen, problem.pool);
    if (chosen.values && !proposal.values.empty()) {
      chosen.values->values = proposal.values;
    }
    const told now = ask(problem, chosen.data);
    for (std::size_t k = 0; k < picked.size(); ++k) {
      attacked_sample& a = result.samples[picked[k]];
      const bool counted = info.space == attack_space::spikes;
      require_within(info,
                     counted ? static_cast<double>(most_changed(spikes, chosen.data.inputs, k, options.spikes.window))
                             : proposal.sizes[k],
                     options.budget);
      a.after = now.classes[k];
      a.loss_after = now.losses[k];
      a.success = options.target ? a.after == *options.target : a.after != a.label;
      a.size = proposal.sizes[k];
      a.predicted = proposal.predicted.empty() ? std::nan("") : proposal.predicted[k];
      a.queries = proposal.queries[k];
      a.gradients = proposal.gradients[k];
    }
    put(chosen, picked, result.changed);
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace backspike
