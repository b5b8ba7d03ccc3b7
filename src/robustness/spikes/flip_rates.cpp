// Draws from chances of flips, and moves these within the budget.

#include "robustness/spikes/flip_rates.hpp"

#include <backspike/core/error.hpp>

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

/// What is allowed, without shifts: chances of bins do not go together.
spike_options without_shifts(spike_options o) {
  std::erase(o.changes, spike_change::shift);
  return o;
}

}  // namespace

flip_rates::flip_rates(const spike_raster& start, const attack_options& options)
    : options_(options),
      channels_(start.channels()),
      window_(options.spikes.window == 0 ? std::max(start.steps(), 1u) : options.spikes.window),
      allowed_(start.bins(), options.spikes.allows(spike_change::add)),
      rates_(start.bins(), 0.0f) {
  const bool removes = options.spikes.allows(spike_change::remove);
  if (!removes && !options.spikes.allows(spike_change::add)) {
    throw value_error("attack", "changes", "shift",
                      "add or remove as well: this attack has a chance for every bin alone");
  }
  for (std::uint32_t t = 0; t < start.steps(); ++t) {
    for (const std::uint32_t c : start.data().inputs.spikes.row(t).channels) {
      allowed_[start.index({t, c})] = removes;
    }
  }
}

std::vector<spike_move> flip_rates::draw(const spike_raster& start, std::size_t more, random_stream& random) const {
  std::vector<spike_move> moves;
  for (std::size_t b = 0; b < rates_.size(); ++b) {
    if (rates_[b] > 0.0f && random.uniform() < static_cast<double>(rates_[b])) {
      const auto bin = static_cast<std::uint32_t>(b);
      moves.push_back({{spike_bin{bin / channels_, bin % channels_}}, 1, static_cast<double>(rates_[b])});
    }
  }
  std::ranges::stable_sort(moves, [](const spike_move& a, const spike_move& b) { return a.promise > b.promise; });
  spike_changes changes(start, options_.budget, options_.spikes.window);
  std::erase_if(moves, [&](const spike_move& m) {
    const bool fits = changes.fits(m.flips());
    if (fits) {
      changes.flip(m.bins[0]);
    }
    return !fits;
  });
  const spike_options single = without_shifts(options_.spikes);
  for (std::size_t k = 0; k < more; ++k) {
    const spike_move next = random_move(start, changes, single, random);
    if (next.count > 0) {
      changes.flip(next.bins[0]);
      moves.push_back(next);
    }
  }
  return moves;
}

void flip_rates::move(std::span<const float> slope, double size) {
  float largest = 0.0f;
  for (std::size_t b = 0; b < slope.size(); ++b) {
    largest = allowed_[b] ? std::max(largest, std::abs(slope[b])) : largest;
  }
  const auto factor = largest > 0.0f ? static_cast<float>(size) / largest : 0.0f;
  for (std::size_t b = 0; b < slope.size(); ++b) {
    rates_[b] = allowed_[b] ? std::clamp(rates_[b] + factor * slope[b], 0.0f, 1.0f) : 0.0f;
  }
  project();
}

void flip_rates::project() {
  const std::size_t width = std::size_t{window_} * channels_;
  for (std::size_t first = 0; first < rates_.size(); first += width) {
    project(std::span(rates_).subspan(first, std::min(width, rates_.size() - first)));
  }
}

/// The nearest chances that sum up to the budget at most: all are lowered by the same, found by halving.
void flip_rates::project(std::span<float> window) {
  constexpr int halvings = 40;
  const auto left = [&](float lower) {
    double sum = 0.0;
    for (const float r : window) {
      sum += static_cast<double>(std::max(r - lower, 0.0f));
    }
    return sum;
  };
  if (left(0.0f) <= options_.budget) {
    return;
  }
  float low = 0.0f, high = 1.0f;
  for (int k = 0; k < halvings; ++k) {
    const float middle = 0.5f * (low + high);
    (left(middle) > options_.budget ? low : high) = middle;
  }
  for (float& r : window) {
    r = std::max(r - high, 0.0f);
  }
}

}  // namespace backspike
