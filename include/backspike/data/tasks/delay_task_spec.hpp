#pragma once
// Settings of the generated tasks that take delays to solve; data/tasks/delay_tasks.hpp has what they mean.

#include <cstdint>

namespace backspike {

struct delay_recovery_spec {
  std::uint32_t steps = 200;     // [steps] of 1 ms
  std::uint32_t inputs = 20;     // input neurons
  std::uint32_t outputs = 10;    // neurons of the teacher
  std::uint32_t max_delay = 20;  // [steps] largest delay of the teacher
  double rate = 30.0;            // [Hz] of an input neuron
  double tau_m = 5.0;            // [ms] of the teacher's neurons
  std::uint32_t train_samples = 256;
  std::uint32_t validation_samples = 64;
  std::uint32_t test_samples = 64;
  bool operator==(const delay_recovery_spec&) const = default;
};

struct coincidence_spec {
  std::uint32_t steps = 150;   // [steps] of 1 ms
  std::uint32_t classes = 4;   // orders in which the channels fire
  std::uint32_t channels = 6;  // of which each fires once in a volley
  std::uint32_t gap = 5;       // [steps] between the turns of two channels
  std::uint32_t jitter = 1;    // [steps] a spike is this much too early or too late at most
  std::uint32_t volleys = 3;   // of a sample
  std::uint32_t train_samples = 1024;
  std::uint32_t validation_samples = 256;
  std::uint32_t test_samples = 512;
  bool operator==(const coincidence_spec&) const = default;
};

}  // namespace backspike
