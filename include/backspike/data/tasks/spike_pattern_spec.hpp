#pragma once
// Settings of the raster that a network learns to write; data/tasks/spike_pattern.hpp has what they mean.

#include <cstdint>
#include <string>

namespace backspike {

struct spike_pattern_spec {
  std::uint32_t steps = 500;         // [steps] of 1 ms
  std::uint32_t inputs = 200;        // input neurons
  double rate = 20.0;                // [Hz] of an input neuron
  std::uint32_t outputs = 50;        // neurons of the target raster
  std::uint32_t spikes = 250;        // of the target raster, unless it is a text or a picture
  std::uint32_t distance = 10;       // [steps] two target spikes of a neuron are at least this far apart
  std::uint32_t onset = 20;          // [steps] without target spikes at the beginning
  std::string text;                  // letters and digits that the raster writes; empty: none
  std::string picture;               // PBM, PGM or PPM file that the raster draws; empty: none
  double input_jitter = 0.0;         // [ms] standard deviation by which a sample moves each input spike
  double deletion = 0.0;             // probability that a sample lacks an input spike
  double extra_rate = 0.0;           // [Hz] spikes of an input neuron that only one sample has
  std::uint32_t train_samples = 20;  // repeats
  std::uint32_t validation_samples = 1;
  std::uint32_t test_samples = 1;
  bool operator==(const spike_pattern_spec&) const = default;
};

}  // namespace backspike
