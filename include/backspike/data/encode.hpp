#pragma once
// Encoders: a sample of values x in [0, 1], such as the pixels of an image, becomes spikes or graded input over time.
// theta, tau, dt, rate and gain are those of encoder_spec; k counts steps of width dt from 0.
//
// latency   A pixel charges with current x towards the threshold theta of a leaky integrator and spikes once, at
//           t = tau ln(x / (x - theta)) for x > theta, in step floor(t / dt). Values up to theta, and spikes after the
//           last step, are left out. [Zenke and Vogels 2021, Neural Computation 33(4), 899-925]
// poisson   In every step a spike with probability rate dt x (a Bernoulli process, the Poisson process in steps). Drawn
//           as gaps between spikes, floor(ln u / ln(1 - rate dt x)) with u uniform, which is the same process at the
//           cost of one number a spike. [Devroye 1986, Non-Uniform Random Variate Generation, X.2]
// current   No spikes: every step carries the value gain x on channel i where x > 0.
// delta     The sample is a series in time, one row of values a step (an image is read from top to bottom; `steps` is
//           not used). r_i is the value at the last spike of column i, 0 at first. Where x - r_i > theta the column
//           gives a spike on channel i, where r_i - x > theta on channel columns + i, and r_i = x. Send-on-delta, as
//           the pixels of event cameras do. [Miskowicz 2006, Sensors 6(1), 49-63; Lichtsteiner et al. 2008, IEEE JSSC
//           43(2), 566-576]

#include <backspike/core/events.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/data/data_spec.hpp>
#include <backspike/data/load.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace backspike {

class value_encoder {
 public:
  /// For samples of rows x columns values. Throws value_error naming the setting: no step, a width, time constant or
  /// threshold out of range, a probability above 1.
  value_encoder(const encoder_spec& spec, std::size_t rows, std::size_t columns, std::uint64_t seed);

  std::uint32_t channels() const;
  std::uint32_t steps() const;
  std::size_t values() const { return rows_ * columns_; }  // of one sample, row-major

  /// Adds one sample to `out`: a pure function of settings, seed, values and `stream`, the number of the sample's own
  /// random stream. Throws value_error for a value outside [0, 1].
  void append(std::span<const float> values, std::uint64_t stream, ragged_events& out) const;

  /// Bytes that a sample of these values takes once encoded; poisson: on average; latency and delta: at most.
  double bytes_of(std::span<const float> values) const;

 private:
  encoder_spec spec_;
  std::size_t rows_, columns_;
  std::uint64_t seed_;
};

/// Writes the values of one sample. Called from several threads at a time.
using value_source = std::function<void(std::uint32_t sample, std::span<float> values)>;

/// The samples in this order, encoded; sample s uses the random stream first_stream + s. The result does not depend on
/// the number of threads. `progress` is called from this thread and may throw to end the work.
ragged_events encode_samples(const value_encoder& encoder, std::span<const std::uint32_t> samples,
                             const value_source& source, std::uint64_t first_stream, thread_pool& pool,
                             const load_progress& progress = {});

}  // namespace backspike
