// The attack `spike_random`: changes at random that fill the budget; some are drawn again, and stay where the loss does
// not fall. It looks at losses only: the control of every attack that follows a gradient. [Croce et al. 2022,
// Sparse-RS: AAAI, 6437-6445]

#include "robustness/attack/attack_list.hpp"
#include "robustness/spikes/spike_batch.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace backspike {
namespace {

constexpr double first_share = 0.5;  // of the changes that are drawn again; it falls with the queries made

class random_search {
 public:
  random_search(spike_sample& sample, const attack_options& o, std::uint32_t number)
      : sample_(sample), options_(o), base_(sample.raster()), random_(o.seed, random_purpose::perturbation, number) {}

  void run() {
    std::vector<spike_move> best = filled({});
    sample_.keep_instead(best);
    while (sample_.queries() < options_.queries && !best.empty() && !(options_.stops && sample_.now().reached)) {
      const std::vector<spike_move> next = filled(left_of(best));
      const attack_answer answer = sample_.attempt_instead(next);
      if (answer.height >= sample_.now().height || answer.reached) {
        sample_.keep_instead(next);
        best = next;
      }
    }
  }

 private:
  std::vector<spike_move> left_of(std::vector<spike_move> moves) {
    const double share = first_share / (1.0 + 20.0 * static_cast<double>(sample_.queries()) / options_.queries);
    const auto gone =
        std::clamp<std::size_t>(static_cast<std::size_t>(share * static_cast<double>(moves.size())), 1, moves.size());
    for (std::size_t k = 0; k < gone; ++k) {
      std::swap(moves[random_.below(static_cast<std::uint32_t>(moves.size()))], moves.back());
      moves.pop_back();
    }
    return moves;
  }

  /// With random changes of the sample on top, until the budget or the places are used up.
  std::vector<spike_move> filled(std::vector<spike_move> moves) {
    constexpr int most_misses = 20;
    spike_changes changes(base_, options_.budget, options_.spikes.window);
    const auto flip = [&](const spike_move& m) { std::ranges::for_each(m.flips(), [&](auto b) { changes.flip(b); }); };
    std::ranges::for_each(moves, flip);
    for (int misses = 0; misses < most_misses && !changes.full();) {
      const spike_move next = random_move(base_, changes, options_.spikes, random_);
      if (next.count == 0) {
        ++misses;
        continue;
      }
      flip(next);
      moves.push_back(next);
    }
    return moves;
  }

  spike_sample& sample_;
  const attack_options& options_;
  const spike_raster base_;  // the sample itself
  random_stream random_;
};

attack_proposal attack_at_random(const attack_problem& problem, const attack_samples& samples, const attack_options& o,
                                 const attack_progress& progress) {
  return attack_in_groups(problem, samples, o, progress, [&](std::span<spike_target> group) {
    problem.pool.for_each(group.size(), [&](std::size_t k, std::size_t) {
      random_search(group[k].sample, o, group[k].number).run();
      if (o.spikes.prunes) {
        group[k].sample.prune();
      }
    });
  });
}

}  // namespace

attack_info spike_random_entry() {
  return {.name = "spike_random",
          .space = attack_space::spikes,
          .role = attack_role::random,
          .meaning = "spikes changed at random, drawn again where the loss does not fall; no gradient",
          .run = attack_at_random};
}

}  // namespace backspike
