#pragma once
// A small task as letters in Braille or other latency codes are: every class is a pattern of channels that fire once,
// early or late, with jitter. Most outputs of a fresh readout are below 0 after their first input.

#include <backspike/core/random.hpp>
#include <backspike/data/dataset.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace backspike::testing {

inline constexpr std::uint32_t letter_channels = 12, letter_classes = 27;

inline dataset latency_letters(std::size_t samples, std::uint64_t seed) {
  constexpr int steps = 50;
  constexpr double jitter = 2.0, present = 0.6;
  random_stream pattern(100, random_purpose::test, 0), noise(seed, random_purpose::test, 1);
  std::vector<double> time(letter_classes * letter_channels);
  for (double& t : time) {
    const double at = 5.0 + 40.0 * pattern.uniform();
    t = pattern.uniform() < present ? at : -1.0;
  }
  dataset data;
  data.channels = letter_channels;
  for (std::uint32_t k = 0; k < letter_classes; ++k) {
    data.class_names.push_back("letter " + std::to_string(k));
  }
  for (std::size_t s = 0; s < samples; ++s) {
    const auto label = static_cast<std::uint32_t>(s % letter_classes);
    std::vector<int> fires(letter_channels, -1);
    for (std::uint32_t c = 0; c < letter_channels; ++c) {
      const double at = time[label * letter_channels + c], moved = at + jitter * noise.normal();
      fires[c] = at < 0.0 ? -1 : std::clamp(static_cast<int>(std::lround(moved)), 0, steps - 1);
    }
    for (int t = 0; t < steps; ++t) {
      for (std::uint32_t c = 0; c < letter_channels; ++c) {
        if (fires[c] == t) {
          data.inputs.spikes.channels.push_back(c);
        }
      }
      data.inputs.spikes.end_row();
    }
    data.inputs.end_sample();
    data.labels.push_back(static_cast<std::int32_t>(label));
  }
  return data;
}

}  // namespace backspike::testing
