// Batches of gradients for samples under attack, and the way of an attack through all samples.

#include "robustness/spikes/spike_batch.hpp"
#include "robustness/variants.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace backspike {
namespace {

void append(const dataset& one, ragged_events& to) {
  const events& e = one.inputs.spikes;
  to.spikes.channels.insert(to.spikes.channels.end(), e.channels.begin(), e.channels.end());
  const std::uint64_t before = to.spikes.row_offsets.back();
  for (std::size_t r = 1; r < e.row_offsets.size(); ++r) {
    to.spikes.row_offsets.push_back(before + e.row_offsets[r]);
  }
  to.end_sample();
}

}  // namespace

dataset lone_sample(const attack_problem& problem, const attack_samples& samples, std::uint32_t s,
                    const attack_options& options) {
  dataset one = subset(samples.data, std::span(&s, 1));
  relabel(one, problem, options);
  return one;
}

spike_gradients::spike_gradients(const attack_problem& problem, const attack_samples& samples,
                                 const attack_options& options)
    : problem_(problem),
      samples_(samples),
      options_(options),
      wider_(with_width(problem.net.spec(), options.width)),
      parameters_(wider_.parameters()),
      losses_(wider_, problem.objective, problem.pool) {
  std::ranges::copy(problem.parameters.values(), parameters_.values().begin());
}

void spike_gradients::run(std::span<const std::uint32_t> picked, std::span<const spike_raster* const> rasters) {
  dataset data = subset(samples_.data, picked);
  relabel(data, problem_, options_);
  data.inputs = {};
  first_.assign(1, 0);
  for (const spike_raster* raster : rasters) {
    append(raster->data(), data.inputs);
    first_.push_back(first_.back() + raster->bins());
  }
  losses_.forward(parameters_, {&data, every_sample(data)});
  error_.resize(first_.back());
  losses_.backward(error_);
  answers_.clear();
  for (std::size_t k = 0; k < picked.size(); ++k) {
    const attack_aim aim = aim_of(problem_, samples_.data, picked[k], options_);
    answers_.push_back({aim.sign() * losses_.losses()[k], aim.reached(losses_.predicted()[k])});
  }
  if (options_.target) {
    std::ranges::transform(error_, error_.begin(), std::negate<>());
  }
}

std::span<const float> spike_gradients::of(std::size_t k) const {
  return std::span(error_).subspan(first_[k], first_[k + 1] - first_[k]);
}

namespace {

/// What the gradient at the sample itself says to the bins that differ now.
double promised(const spike_target& t, const attack_aim& aim) {
  double sum = 0.0;
  const spike_raster& raster = t.sample.raster();
  for (const spike_move& m : t.sample.kept()) {
    for (const spike_bin& b : m.flips()) {
      const auto slope = static_cast<double>(t.first_gradient[raster.index(b)]);
      sum += raster.has(b) ? slope : -slope;
    }
  }
  return aim.sign() * sum;
}

void propose(std::span<const spike_target> group, const attack_aim& aim, attack_proposal& to) {
  for (const spike_target& t : group) {
    append(t.sample.raster().data(), to.inputs);
    to.sizes.push_back(static_cast<double>(t.sample.changes().size()));
    to.queries.push_back(t.sample.queries());
    to.gradients.push_back(t.gradients);
    if (!t.first_gradient.empty()) {
      to.predicted.push_back(promised(t, aim));
    }
  }
}

/// Few enough for gradients with a number for every bin.
std::uint32_t samples_together(const dataset& data) {
  constexpr std::size_t most = 64, most_bins = 20'000'000;
  const std::size_t bins = std::max<std::size_t>(data.longest() * data.channels, 1);
  return static_cast<std::uint32_t>(std::clamp<std::size_t>(most_bins / bins, 1, most));
}

}  // namespace

attack_proposal attack_in_groups(const attack_problem& problem, const attack_samples& samples,
                                 const attack_options& options, const attack_progress& progress,
                                 const spike_group& run) {
  const replay_network ready(problem.net, problem.objective, problem.parameters, problem.pool);
  attack_proposal proposal;
  const auto all = static_cast<std::uint32_t>(samples.data.size()), some = samples_together(samples.data);
  for (std::uint32_t first = 0; first < all; first += some) {
    std::vector<spike_target> group;
    const std::uint32_t end = std::min(all, first + some);
    for (std::uint32_t s = first; s < end; ++s) {
      group.push_back({s, spike_sample(ready, lone_sample(problem, samples, s, options),
                                       aim_of(problem, samples.data, s, options), options.budget, options.spikes)});
    }
    run(group);
    propose(group, aim_of(problem, samples.data, first, options), proposal);
    if (progress) {
      progress(end, all);
    }
  }
  return proposal;
}

}  // namespace backspike
