#pragma once
// One sample under attack: its spikes, what has changed of them, and what the hard network says to a change.

#include <backspike/robustness/replay.hpp>

#include "robustness/attack/attack_aim.hpp"
#include "robustness/spikes/spike_moves.hpp"

#include <limits>
#include <span>
#include <vector>

namespace backspike {

class spike_sample {
 public:
  /// `one`: a data set of this sample alone, whose label is the one of the loss that is looked at.
  spike_sample(const replay_network& ready, dataset one, const attack_aim& aim, double budget,
               const spike_options& options);

  const spike_raster& raster() const { return raster_; }
  const spike_changes& changes() const { return changes_; }
  const attack_answer& now() const { return now_; }
  std::span<const spike_move> kept() const { return kept_; }
  std::uint64_t queries() const { return queries_; }

  /// What would be, if these were flipped as well.
  attack_answer attempt(std::span<const spike_move> moves);
  /// Flips them for good.
  void keep(std::span<const spike_move> moves);
  /// What would be with these in the place of all that is kept; and makes it so.
  attack_answer attempt_instead(std::span<const spike_move> moves);
  void keep_instead(std::span<const spike_move> moves);
  /// Takes kept moves back, many at a time and then one by one, as long as the aim stays reached: at the end each one
  /// that is left is needed, unless the queries ran out.
  void prune(std::uint64_t most_queries = std::numeric_limits<std::uint64_t>::max());

 private:
  void flip(std::span<const spike_bin> bins);
  attack_answer try_flips(std::span<const spike_bin> bins);
  void keep_flips(std::span<const spike_bin> bins);
  std::vector<spike_bin> difference(std::span<const spike_move> moves) const;
  attack_answer ask(std::uint32_t first, bool keeps);
  bool give_back(std::size_t first, std::size_t count);

  spike_raster raster_;
  spike_changes changes_;
  attack_aim aim_;
  replay again_;
  attack_answer now_;
  std::vector<spike_move> kept_;
  std::uint64_t queries_ = 0;
};

/// All bins that moves flip, in the order of time.
std::vector<spike_bin> bins_of(std::span<const spike_move> moves);

}  // namespace backspike
