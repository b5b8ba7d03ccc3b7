#pragma once
// What one sample did on its way through a network, for rasters and traces.

#include <cstdint>
#include <string>
#include <vector>

namespace backspike {

struct raster {
  std::string name;
  std::uint32_t neurons = 0;
  std::vector<std::uint32_t> steps, channels;  // one entry a spike
};

struct sample_recording {
  std::uint32_t sample = 0;               // index in the test set
  std::int32_t label = 0, predicted = 0;  // -1: the sample has no label of its own
  std::uint32_t steps = 0;
  double dt = 1.0;                          // [ms]
  std::vector<raster> rasters;              // input, then every spiking layer
  std::vector<std::vector<float>> readout;  // [outputs][steps]
  std::vector<std::vector<float>> target;   // [outputs][steps]; empty unless the data has values for every step
};

}  // namespace backspike
