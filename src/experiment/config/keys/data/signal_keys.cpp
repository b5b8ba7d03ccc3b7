// The keys of the tasks on signals and timing: waveforms, filter recovery, spike timing, Mackey-Glass.

#include "experiment/config/keys/data/signal_keys.hpp"

namespace backspike::config {
namespace {

constexpr range lengths = between(1, 1e6), sizes = between(1, 65536), frequencies = range{0, 500, true},
                some = between(1, 16777216), any = between(0, 16777216);

}  // namespace

std::vector<key<waveforms_spec>> waveforms_keys() {
  using s = waveforms_spec;
  return {
      row("steps", &s::steps, "ms", lengths, "length of a sample"),
      row("neurons", &s::neurons, "neurons", between(2, 65536), "input neurons of each signal; an even number"),
      row("rate", &s::rate, "Hz", between(0, 1000), "of an input neuron where its signal is 0"),
      row("modulation", &s::modulation, "", between(0, 1), "share of the rate that a signal of 1 adds or takes"),
      row("lag", &s::lag, "ms", between(0, 1e6), "how long after it the network tells a value of a signal"),
      row("settle", &s::settle, "ms", between(0, 1e6), "at the start of a sample, in which nothing counts"),
      row("sines_hz", &s::sines_hz, "Hz", frequencies, "largest frequency of the sines"),
      row("chirp_hz", &s::chirp_hz, "Hz", frequencies, "at the fast end of the chirp; the slow end is 0.5 Hz"),
      row("noise_hz", &s::noise_hz, "Hz", frequencies, "corner of the filter of the noise"),
      row("train_samples", &s::train_samples, "samples", some, "training set"),
      row("validation_samples", &s::validation_samples, "samples", any, "validation set"),
      row("test_samples", &s::test_samples, "samples", some, "test set"),
  };
}

std::vector<key<psp_spec>> psp_keys() {
  using s = psp_spec;
  return {
      row("steps", &s::steps, "ms", lengths, "length of a sample"),
      row("channels", &s::channels, "", sizes, "spike trains, each with a filter of its own"),
      row("rate", &s::rate, "Hz", between(0, 1000), "of a spike train"),
      row("rise_low", &s::rise_low, "ms", above(0), "least time constant of a rise"),
      row("rise_high", &s::rise_high, "ms", above(0), "largest time constant of a rise"),
      row("decay_low", &s::decay_low, "ms", above(0), "least time constant of a decay"),
      row("decay_high", &s::decay_high, "ms", above(0), "largest time constant of a decay"),
      row("amplitude_low", &s::amplitude_low, "", above(0), "least amplitude, of either sign"),
      row("amplitude_high", &s::amplitude_high, "", above(0), "largest amplitude, of either sign"),
      row("noise", &s::noise, "", at_least(0), "standard deviation of what is added to the filtered output"),
      row("train_samples", &s::train_samples, "samples", some, "training set"),
      row("validation_samples", &s::validation_samples, "samples", any, "validation set"),
      row("test_samples", &s::test_samples, "samples", some, "test set"),
  };
}

std::vector<key<timing_spec>> timing_keys() {
  using s = timing_spec;
  return {
      row("steps", &s::steps, "ms", between(2, 1e6), "length of a sample"),
      row("channels", &s::channels, "", between(2, 65536), "that fire once each; an even number"),
      row("lead", &s::lead, "ms", between(1, 1e6), "by which one half of the channels is earlier"),
      row("train_samples", &s::train_samples, "samples", some, "training set"),
      row("validation_samples", &s::validation_samples, "samples", any, "validation set"),
      row("test_samples", &s::test_samples, "samples", some, "test set"),
  };
}

std::vector<key<mackey_glass_spec>> mackey_glass_keys() {
  using s = mackey_glass_spec;
  return {
      row("tau", &s::tau, "", range{0, 1000, true}, "delay of the equation, in its units of time"),
      row("interval", &s::interval, "", range{0, 1000, true}, "between two points, in the same units"),
      row("substeps", &s::substeps, "", between(1, 100000), "steps of the integrator in an interval"),
      row("discard", &s::discard, "", between(0, 1e6), "time before the first point"),
      row("shift", &s::shift, "points", between(0, 1e6), "the series of seed s starts s times as much later"),
      row("train_points", &s::train_points, "points", between(2, 1e6), "first part of the series"),
      row("test_points", &s::test_points, "points", between(1, 1e6), "after it: to be predicted alone"),
      row("taps", &s::taps, "points", between(1, 65536), "last points that the network sees"),
      row("steps", &s::steps, "steps", between(1, 65536), "of the network that see them before it tells the next"),
      row("linear", &s::linear, "the network corrects a linear prediction from these points; false: the last point"),
      row("ridge", &s::ridge, "", above(0),
          "noise against which the linear prediction is fitted, in standard deviations of the series"),
      row("copies", &s::copies, "", between(1, 65536), "of the training part, each with noise of its own"),
      row("noise", &s::noise, "", at_least(0), "on what is shown in training, in standard deviations of the series"),
  };
}

}  // namespace backspike::config
