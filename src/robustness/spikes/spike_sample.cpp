// Tries, keeps and takes back changes of one sample.

#include "robustness/spikes/spike_sample.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace backspike {

std::vector<spike_bin> bins_of(std::span<const spike_move> moves) {
  std::vector<spike_bin> bins;
  for (const spike_move& m : moves) {
    bins.insert(bins.end(), m.flips().begin(), m.flips().end());
  }
  std::ranges::sort(bins);
  return bins;
}

spike_sample::spike_sample(const replay_network& ready, dataset one, const attack_aim& aim, double budget,
                           const spike_options& options)
    : raster_(std::move(one)), changes_(raster_, budget, options.window), aim_(aim), again_(ready) {
  const replay_result r = again_.start(raster_.data(), 0);
  now_ = {aim_.sign() * r.loss, aim_.reached(r.predicted)};
}

void spike_sample::flip(std::span<const spike_bin> bins) {
  for (const spike_bin& b : bins) {
    raster_.flip(b);
    changes_.flip(b);
  }
}

attack_answer spike_sample::ask(std::uint32_t first, bool keeps) {
  ++queries_;
  const replay_result r = keeps ? again_.keep(raster_.data(), first) : again_.attempt(raster_.data(), first);
  return {aim_.sign() * r.loss, aim_.reached(r.predicted)};
}

/// Bins in the order of time: the first one says where the sample runs again.
attack_answer spike_sample::try_flips(std::span<const spike_bin> bins) {
  if (bins.empty()) {
    return now_;
  }
  flip(bins);
  const attack_answer answer = ask(bins.front().step, false);
  flip(bins);
  return answer;
}

void spike_sample::keep_flips(std::span<const spike_bin> bins) {
  if (!bins.empty()) {
    flip(bins);
    now_ = ask(bins.front().step, true);
  }
}

/// Bins that either what is kept or these moves flip.
std::vector<spike_bin> spike_sample::difference(std::span<const spike_move> moves) const {
  const std::vector<spike_bin> before = bins_of(kept_), after = bins_of(moves);
  std::vector<spike_bin> bins;
  std::ranges::set_symmetric_difference(before, after, std::back_inserter(bins));
  return bins;
}

attack_answer spike_sample::attempt(std::span<const spike_move> moves) { return try_flips(bins_of(moves)); }

void spike_sample::keep(std::span<const spike_move> moves) {
  keep_flips(bins_of(moves));
  kept_.insert(kept_.end(), moves.begin(), moves.end());
}

attack_answer spike_sample::attempt_instead(std::span<const spike_move> moves) { return try_flips(difference(moves)); }

void spike_sample::keep_instead(std::span<const spike_move> moves) {
  keep_flips(difference(moves));
  kept_.assign(moves.begin(), moves.end());
}

/// Whether they were not needed.
bool spike_sample::give_back(std::size_t first, std::size_t count) {
  const auto begin = kept_.begin() + static_cast<std::ptrdiff_t>(first);
  const std::vector<spike_bin> bins = bins_of(std::span(kept_).subspan(first, count));
  if (!try_flips(bins).reached) {
    return false;
  }
  kept_.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
  keep_flips(bins);
  return true;
}

void spike_sample::prune(std::uint64_t most_queries) {
  std::size_t size = std::max<std::size_t>(kept_.size() / 2, 1);
  bool again = now_.reached;
  while (again) {
    again = size > 1;
    for (std::size_t end = kept_.size(); end > 0 && queries_ < most_queries;) {
      const std::size_t count = std::min(size, end);
      end -= count;
      again = (count < kept_.size() && give_back(end, count)) || again;
    }
    size = std::max<std::size_t>(size / 2, 1);
    again = again && queries_ < most_queries;
  }
}

}  // namespace backspike
