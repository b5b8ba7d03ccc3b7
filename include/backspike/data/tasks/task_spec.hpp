#pragma once
// Settings of the tasks whose samples are generated; data/tasks/tasks.hpp has what they mean. Defaults: Bellec et al.
// 2020, Nature Communications 11, 3625, as in the authors' own programs (Figure 3 and Supplementary Figure 7).

#include <cstdint>

namespace backspike {

struct pattern_spec {
  std::uint32_t steps = 1000;  // [steps] of 1 ms
  std::uint32_t inputs = 100;  // input neurons
  std::uint32_t groups = 1;    // that fire in turn, each for its share of the steps
  double rate = 50.0;          // [Hz] of an input neuron while its group fires
  std::uint32_t outputs = 1;   // target curves
  bool operator==(const pattern_spec&) const = default;
};

struct evidence_spec {
  std::uint32_t cues = 7;
  std::uint32_t cue_ms = 100;     // [ms] length of a cue
  std::uint32_t gap_ms = 50;      // [ms] of silence before each cue
  std::uint32_t delay_ms = 1050;  // [ms] between the last cue and the recall
  std::uint32_t recall_ms = 150;  // [ms] of the recall cue, in which the decision counts
  std::uint32_t group = 10;       // input neurons of each of the four groups
  double rate = 40.0;             // [Hz] of the neurons of a cue
  double noise_rate = 10.0;       // [Hz] of the neurons that always fire
  double bias = 0.7;              // probability of the trial's favoured side, at each cue
  std::uint32_t train_trials = 3200;
  std::uint32_t validation_trials = 512;
  std::uint32_t test_trials = 512;
  bool operator==(const evidence_spec&) const = default;
};

}  // namespace backspike
