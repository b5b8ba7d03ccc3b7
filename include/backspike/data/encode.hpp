#pragma once
// Encoders: a sample of values x in [0, 1], such as the pixels of an image, becomes spikes or graded input over time.
// The equation of each kind, and the paper that it is from: docs/experiment-file.md.

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
  grid_shape shape() const;  // of the channels, [of a value, rows, columns]; empty: a row of values is a step
  std::uint32_t steps() const;
  std::size_t values() const { return rows_ * columns_; }  // of one sample, row-major

  /// Adds one sample to `out`: a pure function of settings, seed, values and `stream`, the number of the sample's own
  /// random stream. Throws value_error for a value outside [0, 1].
  void append(std::span<const float> values, std::uint64_t stream, ragged_events& out) const;

  /// Writes the smooth form of one sample to `input` [steps][channels]: what there is of each event, as a function of
  /// the values that has a derivative. `width` of the thresholds, in units of a value. Throws shape_error.
  void relax(std::span<const double> values, double width, std::span<double> input) const;

  /// Writes dL/dvalues, given dL/dinput [steps][channels]: of the smooth form, or, with `smooth` false, along what the
  /// encoder does with these values, its thresholds replaced by those of the smooth form. Random encoders: of the
  /// expectation. Throws shape_error.
  void pull_back(std::span<const double> values, std::span<const double> error_input, double width, bool smooth,
                 std::span<double> gradient) const;
  void pull_back(std::span<const float> values, std::span<const float> error_input, double width, bool smooth,
                 std::span<float> gradient) const;

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
