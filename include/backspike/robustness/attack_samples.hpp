#pragma once
// Samples that are attacked: what the network reads, and, where an encoder made that from values, these.

#include <backspike/core/thread_pool.hpp>
#include <backspike/data/data_spec.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/data/encode.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace backspike {

/// Samples before their encoder.
struct encoded_values {
  encoder_spec encoder;
  std::size_t rows = 0, columns = 0;
  std::uint64_t seed = 1;              // of a random encoder
  std::vector<float> values;           // [samples][rows][columns], 0 to 1
  std::vector<std::uint32_t> streams;  // [samples] which random numbers a sample gets

  std::size_t width() const { return rows * columns; }  // values of a sample
  std::size_t size() const { return values.size() / width(); }
  std::span<const float> of(std::size_t sample) const { return std::span(values).subspan(sample * width(), width()); }
};

struct attack_samples {
  dataset data;                          // as the network reads them, with labels
  std::optional<encoded_values> values;  // none: the network reads the data themselves
};

attack_samples subset(const attack_samples& all, std::span<const std::uint32_t> picked);

/// What the encoder makes of other values of the same samples. `draw` separates draws of a random encoder; 0: that
/// which attacks are measured with.
ragged_events encode(const encoded_values& how, std::span<const float> values, std::uint32_t draw, thread_pool& pool);

/// Where the samples of an experiment are images that an encoder reads: settings with which load_data gives their
/// values instead, each in the single step of its sample. Throws value_error naming the source for others.
data_spec without_encoder(const data_spec& spec);
bool has_encoder(const data_spec& spec);

/// Samples of data that were loaded that way, encoded.
attack_samples encoded_samples(const dataset& values, const data_spec& spec, std::uint64_t seed,
                               std::span<const std::uint32_t> picked, thread_pool& pool);

}  // namespace backspike
