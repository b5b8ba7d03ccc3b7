// Generates the task "evidence accumulation" of Bellec et al. 2020: cues on two sides, silence, and then the question
// which side had more.

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/data/tasks/tasks.hpp>

#include "data/tasks/task_events.hpp"

#include <string>

namespace backspike {
namespace {

constexpr auto operation = "evidence accumulation";

void require(const evidence_spec& spec) {
  const auto refuse = [](const char* setting, std::uint32_t value, const char* accepted) {
    throw value_error(operation, setting, std::to_string(value), accepted);
  };
  if (spec.cues % 2 == 0) {
    refuse("data.evidence.cues", spec.cues, "an odd number, so that one side has more");
  }
  if (spec.cue_ms == 0) {
    refuse("data.evidence.cue_ms", spec.cue_ms, "at least 1 ms");
  }
  if (spec.recall_ms == 0) {
    refuse("data.evidence.recall_ms", spec.recall_ms, "at least 1 ms");
  }
  if (spec.group == 0) {
    refuse("data.evidence.group", spec.group, "at least 1 neuron");
  }
  if (!(spec.bias >= 0.0 && spec.bias <= 1.0)) {
    throw value_error(operation, "data.evidence.bias", std::to_string(spec.bias), "0 to 1");
  }
}

/// Writes trials, each from its own stream of random numbers.
class trial_writer {
 public:
  trial_writer(const evidence_spec& spec, std::uint64_t seed, dataset& to)
      : spec_(spec),
        seed_(seed),
        to_(to),
        cue_(step_probability(operation, "data.evidence.rate", spec.rate)),
        noise_(step_probability(operation, "data.evidence.noise_rate", spec.noise_rate)) {}

  void write(std::uint64_t trial) {
    random_stream random(seed_, random_purpose::task, trial);
    const std::uint32_t favoured = random.below(2);
    std::uint32_t from_right = 0;
    for (std::uint32_t k = 0; k < spec_.cues; ++k) {
      const auto side = random.uniform() < spec_.bias ? favoured : 1 - favoured;
      from_right += side;
      append(spec_.gap_ms, nobody, 0.0f, random);
      append(spec_.cue_ms, side, 0.0f, random);
    }
    append(spec_.delay_ms, nobody, 0.0f, random);
    append(spec_.recall_ms, recall, 1.0f, random);
    to_.inputs.end_sample();
    to_.labels.push_back(2 * from_right > spec_.cues ? 1 : 0);
  }

 private:
  static constexpr std::uint32_t recall = 2, noise = 3, nobody = 4;

  /// Steps in which one group fires beside the noise.
  void append(std::uint32_t steps, std::uint32_t group, float weight, random_stream& random) {
    events& spikes = to_.inputs.spikes;
    for (std::uint32_t t = 0; t < steps; ++t) {
      if (group != nobody) {
        append_poisson(group * spec_.group, (group + 1) * spec_.group, cue_, random, spikes);
      }
      append_poisson(noise * spec_.group, (noise + 1) * spec_.group, noise_, random, spikes);
      spikes.end_row();
      to_.step_weights.push_back(weight);
    }
  }

  const evidence_spec& spec_;
  std::uint64_t seed_;
  dataset& to_;
  double cue_, noise_;  // probabilities of a spike in a step
};

}  // namespace

dataset make_evidence(const evidence_spec& spec, std::uint64_t seed, std::uint64_t first_trial, std::uint32_t trials) {
  require(spec);
  dataset data;
  data.name = operation;
  data.channels = 4 * spec.group;
  data.class_names = {"left", "right"};
  trial_writer writer(spec, seed, data);
  for (std::uint32_t k = 0; k < trials; ++k) {
    writer.write(first_trial + k);
  }
  return data;
}

}  // namespace backspike
