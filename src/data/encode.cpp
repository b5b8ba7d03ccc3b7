// From settings to the encoder of the list. Samples are encoded in blocks by all threads, each sample from its own
// random stream.

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/data/encode.hpp>

#include "data/append.hpp"
#include "data/encoders/encoders.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace backspike {
namespace {

using encoders::value_shape;
using encoders::with_encoder;

constexpr std::size_t block_samples = 64;  // one item of the thread pool
constexpr std::size_t round_blocks = 64;   // blocks between two calls of progress

/// Settings that all encoders have.
void check(const encoder_spec& s, bool takes_steps) {
  encoders::require(!takes_steps || s.steps > 0, "steps", s.steps, "at least 1");
  encoders::require(std::isfinite(s.dt) && s.dt > 0.0, "dt", s.dt, "above 0 ms");
}

void check_values(std::span<const float> values, std::size_t expected) {
  if (values.size() != expected) {
    throw shape_error("encoder", "values", "[" + std::to_string(values.size()) + "]",
                      "[" + std::to_string(expected) + "]");
  }
  const auto wrong = std::find_if(values.begin(), values.end(), [](float x) { return !(x >= 0.0f && x <= 1.0f); });
  if (wrong != values.end()) {
    throw value_error("encoder", "value " + std::to_string(wrong - values.begin()), std::to_string(*wrong), "0 to 1");
  }
}

/// Room for `times` as much as there is, so that growing does not hold the events twice, the old place and the new.
void reserve(ragged_events& all, double times) {
  const auto grown = [times](std::size_t size) {
    return static_cast<std::size_t>(std::ceil(static_cast<double>(size) * times));
  };
  all.spikes.channels.reserve(grown(all.spikes.channels.size()));
  all.spikes.values.reserve(grown(all.spikes.values.size()));
  all.spikes.row_offsets.reserve(grown(all.spikes.row_offsets.size()));
  all.sample_rows.reserve(grown(all.sample_rows.size()));
}

}  // namespace

value_encoder::value_encoder(const encoder_spec& spec, std::size_t rows, std::size_t columns, std::uint64_t seed)
    : spec_(spec), rows_(rows), columns_(columns), seed_(seed) {
  with_encoder(spec_.kind, [&](auto encoder) {
    check(spec_, !encoder.rows_are_steps);
    encoder.check(spec_, value_shape{rows_, columns_});
  });
}

std::uint32_t value_encoder::channels() const {
  return with_encoder(spec_.kind, [&](auto encoder) {
    return static_cast<std::uint32_t>(encoder.channels(spec_, value_shape{rows_, columns_}));
  });
}

grid_shape value_encoder::shape() const {
  return with_encoder(spec_.kind, [&](auto encoder) {
    const auto of_value = static_cast<std::uint32_t>(channels() / std::max<std::size_t>(values(), 1));
    return encoder.rows_are_steps
               ? grid_shape{}
               : grid_shape{of_value, static_cast<std::uint32_t>(rows_), static_cast<std::uint32_t>(columns_)};
  });
}

std::uint32_t value_encoder::steps() const {
  return with_encoder(spec_.kind, [&](auto encoder) {
    return encoder.rows_are_steps ? static_cast<std::uint32_t>(rows_) : spec_.steps;
  });
}

void value_encoder::append(std::span<const float> values, std::uint64_t stream, ragged_events& out) const {
  check_values(values, rows_ * columns_);
  with_encoder(spec_.kind, [&](auto encoder) {
    encoder.append(spec_, value_shape{rows_, columns_}, values, random_stream(seed_, random_purpose::encoder, stream),
                   out);
  });
}

namespace {

void require_numbers(const char* argument, std::size_t actual, std::size_t expected) {
  if (actual != expected) {
    throw shape_error("encoder", argument, "[" + std::to_string(actual) + "]", "[" + std::to_string(expected) + "]");
  }
}

template <class T>
void pull_back_values(const encoder_spec& spec, const value_shape& shape, std::span<const T> values,
                      std::span<const T> error_input, double width, bool smooth, std::span<T> gradient) {
  require_numbers("values", values.size(), shape.values());
  require_numbers("gradient", gradient.size(), shape.values());
  std::ranges::fill(gradient, T(0));
  with_encoder(spec.kind,
               [&](auto encoder) { encoder.pull_back(spec, shape, values, error_input, width, smooth, gradient); });
}

}  // namespace

void value_encoder::relax(std::span<const double> values, double width, std::span<double> input) const {
  require_numbers("values", values.size(), this->values());
  require_numbers("input", input.size(), std::size_t{steps()} * channels());
  std::ranges::fill(input, 0.0);
  with_encoder(spec_.kind, [&](auto encoder) {
    encoder.relax(spec_, value_shape{rows_, columns_}, values, width, input);
  });
}

void value_encoder::pull_back(std::span<const double> values, std::span<const double> error_input, double width,
                              bool smooth, std::span<double> gradient) const {
  require_numbers("error_input", error_input.size(), std::size_t{steps()} * channels());
  pull_back_values(spec_, value_shape{rows_, columns_}, values, error_input, width, smooth, gradient);
}

void value_encoder::pull_back(std::span<const float> values, std::span<const float> error_input, double width,
                              bool smooth, std::span<float> gradient) const {
  require_numbers("error_input", error_input.size(), std::size_t{steps()} * channels());
  pull_back_values(spec_, value_shape{rows_, columns_}, values, error_input, width, smooth, gradient);
}

double value_encoder::bytes_of(std::span<const float> values) const {
  const double bytes = with_encoder(spec_.kind, [&](auto encoder) {
    const double event_bytes = encoder.graded ? sizeof(std::uint32_t) + sizeof(float) : sizeof(std::uint32_t);
    return encoder.events(spec_, value_shape{rows_, columns_}, values) * event_bytes;
  });
  return bytes + steps() * static_cast<double>(sizeof(std::uint64_t));
}

ragged_events encode_samples(const value_encoder& encoder, std::span<const std::uint32_t> samples,
                             const value_source& source, std::uint64_t first_stream, thread_pool& pool,
                             const load_progress& progress) {
  ragged_events all;
  for (std::size_t begin = 0; begin < samples.size(); begin += round_blocks * block_samples) {
    const auto round = samples.subspan(begin, std::min(round_blocks * block_samples, samples.size() - begin));
    std::vector<ragged_events> parts((round.size() + block_samples - 1) / block_samples);
    pool.for_each(parts.size(), [&](std::size_t part, std::size_t) {
      std::vector<float> values(encoder.values());
      const std::size_t first = part * block_samples;
      for (const std::uint32_t s : round.subspan(first, std::min(block_samples, round.size() - first))) {
        source(s, values);
        encoder.append(values, first_stream + s, parts[part]);
      }
    });
    for (const ragged_events& part : parts) {
      append_samples(all, part);
    }
    if (begin == 0) {  // the first round stands for all; 5 % more for those that it does not resemble
      reserve(all, 1.05 * static_cast<double>(samples.size()) / static_cast<double>(round.size()));
    }
    if (progress) {
      progress("encoding", begin + round.size(), samples.size());
    }
  }
  return all;
}

}  // namespace backspike
