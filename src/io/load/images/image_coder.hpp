#pragma once
// What becomes of images: spikes by an encoder, or the events of a simulated camera in steps.

#include <backspike/core/events.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/data/encode.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace backspike {

struct coded_images {
  ragged_events inputs;
  std::uint64_t merged_events = 0;
};

class image_coder {
 public:
  virtual ~image_coder() = default;
  virtual std::uint32_t channels() const = 0;
  virtual grid_shape shape() const = 0;
  virtual double dt() const = 0;                                     // [ms]
  virtual double bytes_of(std::span<const float> values) const = 0;  // that a sample takes, or about that
  /// Adds one sample; `stream` is that of its random numbers.
  virtual void append(std::span<const float> values, std::uint64_t stream, ragged_events& to) const = 0;
  /// As encode_samples.
  virtual coded_images code(std::span<const std::uint32_t> samples, const value_source& source,
                            std::uint64_t first_stream, thread_pool& pool, const load_progress& progress) const = 0;
};

/// Of images of rows x columns: what data.source asks for. Throws what value_encoder and event_camera throw.
std::unique_ptr<image_coder> image_coder_of(const data_spec& spec, std::size_t rows, std::size_t columns,
                                            std::uint64_t seed);

}  // namespace backspike
