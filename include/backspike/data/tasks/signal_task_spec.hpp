#pragma once
// Settings of the generated tasks on signals and timing; data/tasks/signal_tasks.hpp has what they mean.

#include <cstdint>

namespace backspike {

struct waveforms_spec {
  std::uint32_t steps = 600;    // [steps] of 1 ms
  std::uint32_t neurons = 200;  // input neurons of each signal
  double rate = 200.0;          // [Hz] of an input neuron where its signal is 0
  double modulation = 0.9;      // share of the rate that a signal of 1 adds or takes
  std::uint32_t lag = 20;       // [steps] how long after it the network tells a value of a signal
  std::uint32_t settle = 100;   // [steps] at the start that do not count
  double sines_hz = 3.0;        // [Hz] largest frequency of the sines
  double chirp_hz = 5.0;        // [Hz] at the fast end of the chirp
  double noise_hz = 2.0;        // [Hz] corner of the filter of the noise
  std::uint32_t train_samples = 256;
  std::uint32_t validation_samples = 32;
  std::uint32_t test_samples = 64;
  bool operator==(const waveforms_spec&) const = default;
};

struct psp_spec {
  std::uint32_t steps = 500;    // [steps] of 1 ms
  std::uint32_t channels = 16;  // spike trains, each with a filter of its own
  double rate = 20.0;           // [Hz] of a spike train
  double rise_low = 1.0;        // [ms] time constants of the rise are drawn from here
  double rise_high = 8.0;       // [ms] to here
  double decay_low = 12.0;      // [ms] those of the decay
  double decay_high = 50.0;     // [ms]
  double amplitude_low = 0.5;   // amplitudes, of either sign
  double amplitude_high = 2.0;
  double noise = 0.0;  // standard deviation of what is added to the filtered output
  std::uint32_t train_samples = 64;
  std::uint32_t validation_samples = 16;
  std::uint32_t test_samples = 16;
  bool operator==(const psp_spec&) const = default;
};

struct timing_spec {
  std::uint32_t steps = 200;    // [steps] of 1 ms
  std::uint32_t channels = 40;  // in two groups of the same size; each fires once
  std::uint32_t lead = 40;      // [steps] the leading group is this much earlier
  std::uint32_t train_samples = 1024;
  std::uint32_t validation_samples = 256;
  std::uint32_t test_samples = 1024;
  bool operator==(const timing_spec&) const = default;
};

/// Defaults: the chaotic function prediction of NeuroBench (Yik et al. 2025), 75 points in a Lyapunov time of 197.
struct mackey_glass_spec {
  double tau = 17.0;               // delay, in units of time of the equation
  double interval = 197.0 / 75.0;  // between two points
  std::uint32_t substeps = 100;    // of the integrator in an interval
  double discard = 1000.0;         // time before the first point
  double shift = 37.5;             // [points] by which the series of a seed starts later than that of the one before
  std::uint32_t train_points = 750;
  std::uint32_t test_points = 750;  // predicted alone
  std::uint32_t taps = 10;          // last points that the network sees
  std::uint32_t steps = 16;         // [steps] of the network that see them before it tells the next point
  std::uint32_t copies = 1;         // of the training part, each with noise of its own
  bool linear = true;               // the network corrects a linear prediction; false: the last point
  double ridge = 0.02;              // noise on points against which the linear prediction is fitted, likewise
  double noise = 0.0;               // on the points that the network sees in training, in standard deviations
  bool operator==(const mackey_glass_spec&) const = default;
};

}  // namespace backspike
