#pragma once
// Samples whose spikes are attacked together: their gradients come from one batch, their changes are tried one by one.

#include <backspike/robustness/attack.hpp>
#include <backspike/robustness/replay.hpp>
#include <backspike/robustness/sample_losses.hpp>

#include "robustness/spikes/spike_sample.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace backspike {

/// Gradients by the input of what an attack wants to rise.
class spike_gradients {
 public:
  /// Everything must outlive it.
  spike_gradients(const attack_problem& problem, const attack_samples& samples, const attack_options& options);

  /// Of these samples, whose spikes are now those of the rasters; then of(k): [bins] of the k-th of them.
  void run(std::span<const std::uint32_t> picked, std::span<const spike_raster* const> rasters);
  std::span<const float> of(std::size_t k) const;
  /// [samples] of the last run: what is to rise, and whether the aim was reached.
  const std::vector<attack_answer>& answers() const { return answers_; }

 private:
  const attack_problem& problem_;
  const attack_samples& samples_;
  const attack_options& options_;
  network wider_;  // the network with the surrogate of the attack
  arena<float> parameters_;
  sample_losses losses_;
  std::vector<float> error_;        // [rows][channels]
  std::vector<std::size_t> first_;  // [samples] first number of each
  std::vector<attack_answer> answers_;
};

/// One sample at work, with what it has cost.
struct spike_target {
  std::uint32_t number = 0;  // of the sample
  spike_sample sample;
  std::vector<float> first_gradient{};  // [bins] at the sample itself; empty: none was asked for
  std::uint64_t gradients = 0;
  bool done = false;
  std::vector<spike_move> best{};  // of what was found
  attack_answer highest{};
};

/// The data set of sample `s` alone, labelled with what the attack looks at.
dataset lone_sample(const attack_problem& problem, const attack_samples& samples, std::uint32_t s,
                    const attack_options& options);

/// Attacks the samples group by group: `run` works on those of one group and leaves their rasters as they are proposed.
using spike_group = std::function<void(std::span<spike_target> group)>;
attack_proposal attack_in_groups(const attack_problem& problem, const attack_samples& samples,
                                 const attack_options& options, const attack_progress& progress,
                                 const spike_group& run);

}  // namespace backspike
