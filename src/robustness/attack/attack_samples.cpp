// Encodes samples again and again, and reads images without their encoder.

#include <backspike/core/error.hpp>
#include <backspike/robustness/attack_samples.hpp>

#include "data/append.hpp"

#include <algorithm>
#include <numeric>
#include <string>

namespace backspike {
namespace {

constexpr std::size_t block_samples = 16;  // one item of the thread pool

}  // namespace

attack_samples subset(const attack_samples& all, std::span<const std::uint32_t> picked) {
  attack_samples some{subset(all.data, picked), all.values};
  if (some.values) {
    some.values->values.clear();
    some.values->streams.clear();
    for (const std::uint32_t s : picked) {
      const auto one = all.values->of(s);
      some.values->values.insert(some.values->values.end(), one.begin(), one.end());
      some.values->streams.push_back(all.values->streams[s]);
    }
  }
  return some;
}

ragged_events encode(const encoded_values& how, std::span<const float> values, std::uint32_t draw, thread_pool& pool) {
  const value_encoder encoder(how.encoder, how.rows, how.columns, how.seed);
  const std::size_t samples = values.size() / how.width();
  std::vector<ragged_events> parts((samples + block_samples - 1) / block_samples);
  pool.for_each(parts.size(), [&](std::size_t part, std::size_t) {
    const std::size_t first = part * block_samples, end = std::min(samples, first + block_samples);
    for (std::size_t s = first; s < end; ++s) {
      encoder.append(values.subspan(s * how.width(), how.width()), (std::uint64_t{draw} << 32) + how.streams[s],
                     parts[part]);
    }
  });
  ragged_events all;
  for (const ragged_events& part : parts) {
    append_samples(all, part);
  }
  return all;
}

bool has_encoder(const data_spec& spec) {
  return spec.source == data_source::fashion_mnist || spec.source == data_source::idx;
}

data_spec without_encoder(const data_spec& spec) {
  if (!has_encoder(spec)) {
    throw value_error("attack", "data.source", std::string(name_of(spec.source)),
                      "fashion_mnist or idx for an attack on values before an encoder");
  }
  data_spec plain = spec;
  plain.encoder = {.kind = encoder_kind::current, .steps = 1, .gain = 1.0, .dt = spec.encoder.dt};
  return plain;
}

attack_samples encoded_samples(const dataset& values, const data_spec& spec, std::uint64_t seed,
                               std::span<const std::uint32_t> picked, thread_pool& pool) {
  attack_samples samples{subset(values, picked), encoded_values{.encoder = spec.encoder,
                                                                .rows = values.shape.at(1),
                                                                .columns = values.shape.at(2),
                                                                .seed = seed,
                                                                .values{},
                                                                .streams{picked.begin(), picked.end()}}};
  encoded_values& raw = *samples.values;
  raw.values.resize(picked.size() * raw.width());
  for (std::size_t s = 0; s < picked.size(); ++s) {
    const event_row row = samples.data.inputs.spikes.row(s);
    for (std::size_t k = 0; k < row.channels.size(); ++k) {
      raw.values[s * raw.width() + row.channels[k]] = row.values[k];
    }
  }
  const value_encoder encoder(raw.encoder, raw.rows, raw.columns, raw.seed);
  samples.data.channels = encoder.channels();
  samples.data.shape = encoder.shape();
  samples.data.inputs = encode(raw, raw.values, 0, pool);
  return samples;
}

}  // namespace backspike
