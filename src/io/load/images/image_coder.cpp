// The two ways from images to samples.

#include "io/load/images/image_coder.hpp"

#include <backspike/events/event_camera.hpp>

#include "data/append.hpp"
#include "io/load/camera_steps.hpp"

#include <algorithm>
#include <vector>

namespace backspike {
namespace {

class by_encoder : public image_coder {
 public:
  by_encoder(const encoder_spec& spec, std::size_t rows, std::size_t columns, std::uint64_t seed)
      : encoder_(spec, rows, columns, seed), dt_(spec.dt) {}

  std::uint32_t channels() const override { return encoder_.channels(); }
  grid_shape shape() const override { return encoder_.shape(); }
  double dt() const override { return dt_; }
  double bytes_of(std::span<const float> values) const override { return encoder_.bytes_of(values); }
  void append(std::span<const float> values, std::uint64_t stream, ragged_events& to) const override {
    encoder_.append(values, stream, to);
  }
  coded_images code(std::span<const std::uint32_t> samples, const value_source& source, std::uint64_t first_stream,
                    thread_pool& pool, const load_progress& progress) const override {
    return {encode_samples(encoder_, samples, source, first_stream, pool, progress), 0};
  }

 private:
  value_encoder encoder_;
  double dt_;
};

class by_camera : public image_coder {
 public:
  by_camera(const data_spec& spec, std::size_t rows, std::size_t columns, std::uint64_t seed)
      : camera_(camera_of(spec), seed),
        steps_(spec, camera_.sensor(), camera_.duration_us()),
        rows_(rows),
        columns_(columns) {}

  std::uint32_t channels() const override { return steps_.channels(); }
  grid_shape shape() const override { return steps_.shape(); }
  double dt() const override { return steps_.dt(); }

  double bytes_of(std::span<const float> values) const override {
    ragged_events sample;
    record(values, 0, sample);
    return static_cast<double>(sample.spikes.size() * sizeof(std::uint32_t) +
                               sample.spikes.values.size() * sizeof(float) +
                               sample.spikes.row_offsets.size() * sizeof(std::uint64_t));
  }

  void append(std::span<const float> values, std::uint64_t stream, ragged_events& to) const override {
    record(values, number_of(stream), to);
  }

  coded_images code(std::span<const std::uint32_t> samples, const value_source& source, std::uint64_t first_stream,
                    thread_pool& pool, const load_progress& progress) const override {
    constexpr std::size_t round_samples = 256;  // between two calls of progress
    coded_images all;
    for (std::size_t begin = 0; begin < samples.size(); begin += round_samples) {
      const auto round = samples.subspan(begin, std::min(round_samples, samples.size() - begin));
      std::vector<coded_images> parts(round.size());
      pool.for_each(round.size(), [&](std::size_t k, std::size_t) {
        std::vector<float> values(rows_ * columns_);
        source(round[k], values);
        parts[k].merged_events = record(values, number_of(first_stream + round[k]), parts[k].inputs);
      });
      for (const auto& part : parts) {
        append_samples(all.inputs, part.inputs);
        all.merged_events += part.merged_events;
      }
      if (progress) {
        progress("simulating a camera", begin + round.size(), samples.size());
      }
    }
    return all;
  }

 private:
  /// Streams of the test set begin at 2^32, samples of a camera have 32 bits: those of the test set have the last one.
  static std::uint32_t number_of(std::uint64_t stream) {
    return static_cast<std::uint32_t>(stream) | static_cast<std::uint32_t>(stream >> 32U) << 31U;
  }

  std::uint64_t record(std::span<const float> values, std::uint32_t sample, ragged_events& to) const {
    return steps_.append(camera_.record({columns_, rows_, values}, sample), to);
  }

  event_camera camera_;
  camera_steps steps_;
  std::size_t rows_, columns_;
};

}  // namespace

std::unique_ptr<image_coder> image_coder_of(const data_spec& spec, std::size_t rows, std::size_t columns,
                                            std::uint64_t seed) {
  if (spec.source == data_source::event_camera) {
    return std::make_unique<by_camera>(spec, rows, columns, seed);
  }
  return std::make_unique<by_encoder>(spec.encoder, rows, columns, seed);
}

}  // namespace backspike
