#pragma once
// The source delayed_match: a stimulus, a silence, a second stimulus, and the question whether it was the same. Each
// stimulus is a group of input neurons that fires; another group asks for the answer, in the only steps that count, and
// one fires all the time. The first stimulus has to be held over the silence, so that a network without memory stays at
// chance, one half. [delayed match to sample: Miller, Erickson and Desimone 1996, Journal of Neuroscience 16(16),
// 5154-5167; for spiking networks as in Yin, Corradi and Bohte 2021 and Bellec et al. 2020, supplement]

#include <backspike/core/random.hpp>
#include <backspike/data/data_spec.hpp>
#include <backspike/data/load.hpp>

#include "data/tasks/generate_parts.hpp"
#include "data/tasks/setting_checks.hpp"
#include "data/tasks/task_events.hpp"

#include <cstdint>

namespace backspike {

/// Trial s is a function of the seed and s.
class delayed_match {
 public:
  /// Throws value_error naming the setting.
  delayed_match(const delayed_match_spec& spec, std::uint64_t seed)
      : spec_(spec),
        seed_(seed),
        fires_(step_probability(operation, "data.delayed_match.rate", spec.rate)),
        noise_(step_probability(operation, "data.delayed_match.noise_rate", spec.noise_rate)) {
    const setting_checks check(operation, "data.delayed_match");
    check.at_least("stimuli", spec.stimuli, 2);
    check.at_least("group", spec.group, 1);
    check.at_least("stimulus_ms", spec.stimulus_ms, 1);
    check.at_least("decision_ms", spec.decision_ms, 1);
  }

  static std::uint32_t channels(const delayed_match_spec& spec) { return (spec.stimuli + 2) * spec.group; }
  static std::uint32_t steps(const delayed_match_spec& spec) {
    return 2 * spec.stimulus_ms + spec.delay_ms + spec.decision_ms;
  }

  /// Memory of a step: an offset, a weight, and the spikes that are expected at most.
  static double step_bytes(const delayed_match_spec& spec) {
    return 8.0 + 4.0 + 4.0 * spec.group * (spec.rate + spec.noise_rate) / 1000.0;
  }

  dataset make(std::uint64_t first, std::uint32_t samples) const {
    dataset data;
    data.name = operation;
    data.channels = channels(spec_);
    data.class_names = {"other", "same"};
    for (std::uint32_t s = 0; s < samples; ++s) {
      append_trial(first + s, data);
    }
    return data;
  }

 private:
  static constexpr auto operation = "delayed match";

  void append_trial(std::uint64_t trial, dataset& to) const {
    random_stream random(seed_, random_purpose::task, trial);
    const std::uint32_t nobody = spec_.stimuli + 2, question = spec_.stimuli;
    const std::uint32_t sample = random.below(spec_.stimuli), label = random.below(2);
    const std::uint32_t other = (sample + 1 + random.below(spec_.stimuli - 1)) % spec_.stimuli;
    append(spec_.stimulus_ms, sample, 0.0f, random, to);
    append(spec_.delay_ms, nobody, 0.0f, random, to);
    append(spec_.stimulus_ms, label == 1 ? sample : other, 0.0f, random, to);
    append(spec_.decision_ms, question, 1.0f, random, to);
    to.inputs.end_sample();
    to.labels.push_back(static_cast<std::int32_t>(label));
  }

  /// Steps in which one group fires beside the noise.
  void append(std::uint32_t steps, std::uint32_t group, float weight, random_stream& random, dataset& to) const {
    const std::uint32_t noise = spec_.stimuli + 1;
    for (std::uint32_t t = 0; t < steps; ++t) {
      if (group < noise) {
        append_poisson(group * spec_.group, (group + 1) * spec_.group, fires_, random, to.inputs.spikes);
      }
      append_poisson(noise * spec_.group, (noise + 1) * spec_.group, noise_, random, to.inputs.spikes);
      to.inputs.spikes.end_row();
      to.step_weights.push_back(weight);
    }
  }

  delayed_match_spec spec_;
  std::uint64_t seed_;
  double fires_, noise_;  // probabilities of a spike in a step
};

inline dataset_split load_delayed_match(const data_spec& spec, std::uint64_t seed, const load_progress& progress) {
  const struct : delayed_match_spec {
    std::uint32_t steps;
  } task{spec.delayed_match, delayed_match::steps(spec.delayed_match)};
  const delayed_match source(task, seed);
  return generate(
      task, spec, "delayed_match", delayed_match::step_bytes(task),
      [&](std::uint64_t first, std::uint32_t samples) { return source.make(first, samples); }, progress);
}

}  // namespace backspike
