// Lists, ranks and draws changes of a raster.

#include "robustness/spikes/spike_moves.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace backspike {

bool spike_options::allows(spike_change change) const { return std::ranges::find(changes, change) != changes.end(); }

spike_changes::spike_changes(const spike_raster& raster, double budget, std::uint32_t window)
    : channels_(raster.channels()),
      window_(window == 0 ? std::max(raster.steps(), 1u) : window),
      budget_(static_cast<std::int64_t>(std::min(budget, 1e15))),
      changed_(raster.bins(), false),
      counts_((raster.steps() + window_ - 1) / window_, 0) {}

bool spike_changes::fits(std::span<const spike_bin> flips) const {
  for (const spike_bin& b : flips) {
    std::int64_t count = counts_[window_of(b)];
    for (const spike_bin& other : flips) {
      count += window_of(other) == window_of(b) ? weight_of(other) : 0;
    }
    if (count > budget_) {
      return false;
    }
  }
  return true;
}

void spike_changes::flip(spike_bin b) {
  counts_[window_of(b)] += weight_of(b);
  size_ += weight_of(b);
  changed_[index(b)].flip();
}

bool spike_changes::full() const {
  return std::ranges::all_of(counts_, [&](std::int64_t count) { return count >= budget_; });
}

bool spike_changes::within() const {
  return std::ranges::all_of(counts_, [&](std::int64_t count) { return count <= budget_; });
}

namespace {

/// f(channel) for the neighbours of a channel, itself among them: on a grid those of the same kind nearby.
template <class F>
void each_neighbour(const dataset& data, std::uint32_t channel, std::uint32_t reach, const F& f) {
  const grid_shape& shape = data.shape;
  const std::uint32_t kinds = shape.size() > 1 ? shape[0] : 1,
                      width = shape.size() > 2 ? shape[2] : data.channels / kinds;
  const std::uint32_t height = data.channels / kinds / width, place = channel / kinds;
  const std::uint32_t y = place / width, x = place % width;
  for (std::uint32_t v = y - std::min(y, reach); v < std::min(height, y + reach + 1); ++v) {
    for (std::uint32_t u = x - std::min(x, reach); u < std::min(width, x + reach + 1); ++u) {
      f((v * width + u) * kinds + channel % kinds);
    }
  }
}

/// Better first; of equal ones that which comes first in the sample.
bool is_before(const spike_move& a, const spike_move& b) {
  return a.promise != b.promise ? a.promise > b.promise : a.bins < b.bins;
}

/// A list of moves of which only the best are kept.
class best_moves {
 public:
  best_moves(const spike_changes& changes, std::size_t most) : changes_(changes), most_(most) {}

  void offer(const spike_move& move) {
    if (move.promise > 0.0 && move.promise >= least_ && changes_.fits(move.flips())) {
      moves_.push_back(move);
      if (moves_.size() >= 4 * most_ + 64) {
        cut();
        least_ = moves_.back().promise;
      }
    }
  }
  std::vector<spike_move> take() {
    cut();
    return std::move(moves_);
  }

 private:
  void cut() {
    std::ranges::sort(moves_, is_before);
    moves_.resize(std::min(moves_.size(), most_));
  }

  const spike_changes& changes_;
  std::size_t most_;
  std::vector<spike_move> moves_;
  double least_ = 0.0;
};

}  // namespace

void shift_targets(const spike_raster& raster, const spike_changes& changes, std::uint32_t reach, spike_bin from,
                   std::vector<spike_bin>& to) {
  to.clear();
  const std::uint32_t first = from.step - std::min(from.step, reach);
  for (std::uint32_t t = first; t < std::min(raster.steps(), from.step + reach + 1); ++t) {
    each_neighbour(raster.data(), from.channel, reach, [&](std::uint32_t c) {
      if (!raster.has({t, c}) && !changes.changed(raster.index({t, c}))) {
        to.push_back({t, c});
      }
    });
  }
}

std::vector<spike_move> ranked_moves(const spike_raster& raster, const spike_changes& changes,
                                     const spike_options& options, std::span<const float> gradient, std::size_t most) {
  best_moves best(changes, most);
  const bool adds = options.allows(spike_change::add), removes = options.allows(spike_change::remove);
  const bool shifts = options.allows(spike_change::shift);
  std::vector<spike_bin> targets;
  for (spike_bin b; b.step < raster.steps(); ++b.step) {
    for (b.channel = 0; b.channel < raster.channels(); ++b.channel) {
      const auto slope = static_cast<double>(gradient[raster.index(b)]);
      if (changes.changed(raster.index(b))) {
        continue;
      }
      if (!raster.has(b)) {
        best.offer(adds ? spike_move{{b}, 1, slope} : spike_move{});
        continue;
      }
      best.offer(removes ? spike_move{{b}, 1, -slope} : spike_move{});
      if (shifts) {
        shift_targets(raster, changes, options.reach, b, targets);
      }
      for (std::size_t k = 0; shifts && k < targets.size(); ++k) {
        const auto gain = static_cast<double>(gradient[raster.index(targets[k])]);
        best.offer({{b, targets[k]}, 2, (gain - slope) / 2.0});
      }
    }
  }
  return best.take();
}

namespace {

/// A bin at random that has a spike, or has none, and is as in the sample; after so many misses: nothing.
bool draw_bin(const spike_raster& raster, const spike_changes& changes, bool spike, random_stream& random,
              spike_bin& b) {
  constexpr int most_misses = 100;
  const events& e = raster.data().inputs.spikes;
  for (int miss = 0; miss < most_misses && (!spike || e.size() > 0); ++miss) {
    if (spike) {
      const std::uint32_t k = random.below(static_cast<std::uint32_t>(e.size()));
      const auto row = std::ranges::upper_bound(e.row_offsets, std::uint64_t{k}) - e.row_offsets.begin() - 1;
      b = {static_cast<std::uint32_t>(row), e.channels[k]};
    } else {
      b.step = random.below(raster.steps());
      b.channel = random.below(raster.channels());
    }
    if (raster.has(b) == spike && !changes.changed(raster.index(b))) {
      return true;
    }
  }
  return false;
}

}  // namespace

spike_move random_move(const spike_raster& raster, const spike_changes& changes, const spike_options& options,
                       random_stream& random) {
  spike_move move;
  move.count = 0;
  const spike_change kind = options.changes[random.below(static_cast<std::uint32_t>(options.changes.size()))];
  spike_bin from;
  if (!draw_bin(raster, changes, kind != spike_change::add, random, from)) {
    return move;
  }
  move.bins[0] = from;
  if (kind == spike_change::shift) {
    std::vector<spike_bin> targets;
    shift_targets(raster, changes, options.reach, from, targets);
    if (targets.empty()) {
      return move;
    }
    move.bins[1] = targets[random.below(static_cast<std::uint32_t>(targets.size()))];
  }
  move.count = kind == spike_change::shift ? 2 : 1;
  move.count = changes.fits(move.flips()) ? move.count : 0;
  return move;
}

}  // namespace backspike
