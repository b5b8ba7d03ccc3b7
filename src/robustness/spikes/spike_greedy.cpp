// The attack `spike_greedy`: what the gradient ranks first is tried on the hard network, change by change; what raises
// the loss is kept, best first, and at the end what is not needed is taken back.

#include "robustness/attack/attack_list.hpp"
#include "robustness/spikes/spike_batch.hpp"

#include <algorithm>
#include <utility>

namespace backspike {
namespace {

constexpr std::size_t most_chunks = 4;       // of candidates, tried one after the other until one raises the loss
constexpr std::size_t most_in_block = 1024;  // changes that are made at once where none alone raises the loss

/// One round with a gradient: tries, then keeps what the hard network confirms.
class greedy_round {
 public:
  greedy_round(spike_sample& sample, const attack_options& o) : sample_(sample), options_(o.spikes), stops_(o.stops) {}

  /// Whether anything was kept.
  bool run(std::span<const float> gradient) {
    ranked_ = ranked_moves(sample_.raster(), sample_.changes(), options_, gradient,
                           std::max<std::size_t>(options_.candidates, most_in_block));
    for (std::size_t chunk = 0; chunk < most_chunks; ++chunk) {
      if (keep_tried(chunk * options_.candidates)) {
        return true;
      }
    }
    return keep_block() || keep_anyway();
  }

 private:
  struct tried_move {
    spike_move move;
    double gain;  // for each bin
  };

  bool ends(const attack_answer& answer) const { return stops_ && answer.reached; }

  /// Those of the candidates from `first` on that raise the loss alone, best first; or the first one that is enough.
  std::vector<tried_move> tried(std::size_t first) {
    std::vector<tried_move> good;
    const std::size_t end = std::min(first + options_.candidates, ranked_.size());
    for (std::size_t k = first; k < end; ++k) {
      const attack_answer answer = sample_.attempt(std::span(ranked_).subspan(k, 1));
      const double gain = (answer.height - sample_.now().height) / ranked_[k].count;
      if (ends(answer)) {
        return {{ranked_[k], gain}};
      }
      if (gain > 0.0) {
        good.push_back({ranked_[k], gain});
      }
    }
    std::ranges::stable_sort(good, [](const tried_move& a, const tried_move& b) { return a.gain > b.gain; });
    return good;
  }

  /// One after the other, as long as each still raises the loss on top of those before.
  bool keep_tried(std::size_t first) {
    bool any = false;
    for (const tried_move& t : tried(first)) {
      if (ends(sample_.now()) || !is_free(t.move)) {
        continue;
      }
      const std::span<const spike_move> one(&t.move, 1);
      const attack_answer answer = any ? sample_.attempt(one) : sample_.now();
      if (!any || answer.height > sample_.now().height || ends(answer)) {
        sample_.keep(one);
        any = true;
      }
    }
    return any;
  }

  /// As many of the first ones as fit together.
  std::vector<spike_move> fitting(std::size_t most) const {
    std::vector<spike_move> block;
    spike_changes after = sample_.changes();
    for (const spike_move& m : std::span(ranked_).first(std::min(most, ranked_.size()))) {
      const bool free = std::ranges::none_of(m.flips(), [&](spike_bin b) { return is_changed(after, b); });
      if (free && after.fits(m.flips())) {
        std::ranges::for_each(m.flips(), [&](spike_bin b) { after.flip(b); });
        block.push_back(m);
      }
    }
    return block;
  }

  /// Many of the first ones at once, twice as many each time.
  bool keep_block() {
    for (std::size_t size = 2; size < 2 * ranked_.size(); size *= 2) {
      const std::vector<spike_move> block = fitting(size);
      const attack_answer answer = sample_.attempt(block);
      if (answer.height > sample_.now().height || ends(answer)) {
        sample_.keep(block);
        return true;
      }
    }
    return false;
  }

  /// Down from a place that no change leads up from: another one may lie behind.
  bool keep_anyway() {
    const std::vector<spike_move> block = fitting(options_.candidates);
    if (!block.empty()) {
      sample_.keep(block);
    }
    return !block.empty();
  }

  bool is_changed(const spike_changes& changes, spike_bin b) const {
    return changes.changed(sample_.raster().index(b));
  }
  bool is_free(const spike_move& m) const {
    return sample_.changes().fits(m.flips()) &&
           std::ranges::none_of(m.flips(), [&](spike_bin b) { return is_changed(sample_.changes(), b); });
  }

  spike_sample& sample_;
  const spike_options& options_;
  bool stops_;
  std::vector<spike_move> ranked_;
};

/// Keeps the best that was found: a round may lead down.
void note(spike_target& t) {
  if (t.sample.now().reached > t.highest.reached ||
      (t.sample.now().reached == t.highest.reached && t.sample.now().height > t.highest.height)) {
    t.highest = t.sample.now();
    t.best.assign(t.sample.kept().begin(), t.sample.kept().end());
  }
}

void finish(spike_target& t, bool prunes) {
  t.sample.keep_instead(t.best);
  if (prunes) {
    t.sample.prune();
  }
}

void attack_group(std::span<spike_target> group, spike_gradients& gradients, const attack_problem& problem,
                  const attack_options& o) {
  for (spike_target& t : group) {
    t.highest = t.sample.now();
  }
  for (std::uint32_t round = 0; round < o.steps; ++round) {
    std::vector<spike_target*> live;
    std::vector<std::uint32_t> numbers;
    std::vector<const spike_raster*> rasters;
    for (spike_target& t : group) {
      if (!t.done) {
        live.push_back(&t);
        numbers.push_back(t.number);
        rasters.push_back(&t.sample.raster());
      }
    }
    if (live.empty()) {
      break;
    }
    gradients.run(numbers, rasters);
    problem.pool.for_each(live.size(), [&](std::size_t k, std::size_t) {
      spike_target& t = *live[k];
      ++t.gradients;
      if (t.first_gradient.empty()) {
        t.first_gradient.assign(gradients.of(k).begin(), gradients.of(k).end());
      }
      const bool moved = greedy_round(t.sample, o).run(gradients.of(k));
      note(t);
      t.done = !moved || t.sample.changes().full() || (o.stops && t.sample.now().reached);
    });
  }
  problem.pool.for_each(group.size(), [&](std::size_t k, std::size_t) { finish(group[k], o.spikes.prunes); });
}

attack_proposal attack_greedily(const attack_problem& problem, const attack_samples& samples, const attack_options& o,
                                const attack_progress& progress) {
  spike_gradients gradients(problem, samples, o);
  return attack_in_groups(problem, samples, o, progress,
                          [&](std::span<spike_target> group) { attack_group(group, gradients, problem, o); });
}

}  // namespace

attack_info spike_greedy_entry() {
  return {.name = "spike_greedy",
          .space = attack_space::spikes,
          .role = attack_role::iterated,
          .meaning = "spikes that the gradient ranks first, tried one by one on the hard network, then pruned",
          .run = attack_greedily};
}

}  // namespace backspike
