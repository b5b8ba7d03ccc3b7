// The attack `spike_decision`: from the most similar sample of another class towards the sample itself, bin by bin, as
// long as the class stays wrong. It looks at classes only. [Brendel et al. 2018, boundary attack: ICLR]

#include <backspike/core/random.hpp>

#include "robustness/attack/attack_list.hpp"
#include "robustness/spikes/spike_batch.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace backspike {
namespace {

/// The flips that make `to` of `from`, as far as they are allowed; `to` counts as silent after its end.
std::vector<spike_move> way(const spike_raster& from, const dataset& to, std::uint32_t sample, const spike_options& o) {
  std::vector<spike_move> moves;
  std::vector<std::uint32_t> bins;
  for (std::uint32_t t = 0; t < from.steps(); ++t) {
    const auto here = from.data().inputs.spikes.row(t).channels;
    const auto there = t < to.inputs.length(sample) ? to.inputs.spikes.row(to.inputs.sample_rows[sample] + t).channels
                                                    : std::span<const std::uint32_t>();
    bins.clear();
    std::ranges::set_symmetric_difference(here, there, std::back_inserter(bins));
    for (const std::uint32_t c : bins) {
      if (o.allows(from.has({t, c}) ? spike_change::remove : spike_change::add)) {
        moves.push_back({{spike_bin{t, c}}, 1, 0.0});
      }
    }
  }
  return moves;
}

/// Of the samples that could be told wrongly as this one should be: the way to the nearest.
std::vector<spike_move> shortest_way(const attack_problem& problem, const attack_samples& samples, spike_target& t,
                                     const attack_options& o) {
  const std::vector<std::int32_t>& labels = labels_of(problem, samples.data);
  std::vector<spike_move> shortest;
  for (std::uint32_t s = 0; s < samples.data.size(); ++s) {
    if (o.target ? labels[s] == *o.target : labels[s] != labels[t.number]) {
      std::vector<spike_move> moves = way(t.sample.raster(), samples.data, s, o.spikes);
      if (!moves.empty() && (shortest.empty() || moves.size() < shortest.size()) && t.sample.attempt(moves).reached) {
        shortest = std::move(moves);
      }
    }
  }
  return shortest;
}

void shuffle(std::vector<spike_move>& moves, random_stream random) {
  for (auto left = static_cast<std::uint32_t>(moves.size()); left > 1; --left) {
    std::swap(moves[left - 1], moves[random.below(left)]);
  }
}

void approach(const attack_problem& problem, const attack_samples& samples, spike_target& t, const attack_options& o) {
  std::vector<spike_move> moves = shortest_way(problem, samples, t, o);
  shuffle(moves, random_stream(o.seed, random_purpose::perturbation, t.number));
  t.sample.keep_instead(moves);
  t.sample.prune(o.queries);
  if (!t.sample.changes().within()) {
    t.sample.keep_instead({});  // it did not come near enough
  }
}

attack_proposal attack_by_decisions(const attack_problem& problem, const attack_samples& samples,
                                    const attack_options& o, const attack_progress& progress) {
  return attack_in_groups(problem, samples, o, progress, [&](std::span<spike_target> group) {
    problem.pool.for_each(group.size(), [&](std::size_t k, std::size_t) { approach(problem, samples, group[k], o); });
  });
}

}  // namespace

attack_info spike_decision_entry() {
  return {.name = "spike_decision",
          .space = attack_space::spikes,
          .role = attack_role::without_gradient,
          .meaning = "from a sample of another class back to this one, as long as the class stays wrong; no loss",
          .run = attack_by_decisions};
}

}  // namespace backspike
