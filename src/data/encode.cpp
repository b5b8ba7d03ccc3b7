// The encoders: latency, Poisson rate, direct current and delta. Samples are encoded in blocks by all threads, each
// sample from its own random stream.

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/core/time_grid.hpp>
#include <backspike/data/encode.hpp>

#include "data/append.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

namespace backspike {
namespace {

constexpr std::size_t block_samples = 64;  // one item of the thread pool
constexpr std::size_t round_blocks = 64;   // blocks between two calls of progress
constexpr double seconds_per_ms = 1e-3;

void require(bool accepted, const std::string& setting, double value, const std::string& range) {
  if (!accepted) {
    throw value_error("encoder", setting, std::to_string(value), range);
  }
}

void check(const encoder_spec& s) {
  require(s.kind == encoder_kind::delta || s.steps > 0, "steps", s.steps, "at least 1");
  require(std::isfinite(s.dt) && s.dt > 0.0, "dt", s.dt, "above 0 ms");
  if (s.kind == encoder_kind::latency) {
    require(std::isfinite(s.tau) && s.tau > 0.0, "tau", s.tau, "above 0 ms");
  }
  if (s.kind == encoder_kind::latency || s.kind == encoder_kind::delta) {  // at 1 nothing would ever spike
    require(s.threshold >= 0.0 && s.threshold < 1.0, "threshold", s.threshold, "0 to 1 exclusive");
  }
  if (s.kind == encoder_kind::poisson) {
    require(s.rate >= 0.0 && s.rate * s.dt * seconds_per_ms <= 1.0, "rate", s.rate,
            "0 to " + std::to_string(1.0 / (s.dt * seconds_per_ms)) + " Hz: at most one spike a step");
  }
  if (s.kind == encoder_kind::current) {
    require(std::isfinite(s.gain), "gain", s.gain, "a finite number");
  }
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

/// Spikes in any order of steps; within a step the channels must ascend.
struct spike_list {
  std::vector<std::uint32_t> step, channel;

  void add(std::uint32_t t, std::size_t c) {
    step.push_back(t);
    channel.push_back(static_cast<std::uint32_t>(c));
  }

  void append_to(ragged_events& out, std::uint32_t steps) const {
    events& e = out.spikes;
    std::vector<std::uint64_t> next(steps, 0);
    for (const std::uint32_t t : step) {
      ++next[t];
    }
    std::uint64_t end = e.channels.size();
    for (std::uint64_t& place : next) {
      const std::uint64_t count = place;
      place = end;
      end += count;
      e.row_offsets.push_back(end);
    }
    e.channels.resize(end);
    for (std::size_t k = 0; k < step.size(); ++k) {
      e.channels[next[step[k]]++] = channel[k];
    }
    out.end_sample();
  }
};

void append_latency(const encoder_spec& s, std::span<const float> values, ragged_events& out) {
  const auto threshold = static_cast<float>(s.threshold);  // as the values, so that a value equal to it is none above
  const time_grid grid(s.dt);
  spike_list spikes;
  for (std::size_t c = 0; c < values.size(); ++c) {
    if (values[c] > threshold) {
      const double x = values[c];
      const double step = grid.step_of(s.tau * std::log(x / (x - threshold)));
      if (step < s.steps) {
        spikes.add(static_cast<std::uint32_t>(step), c);
      }
    }
  }
  spikes.append_to(out, s.steps);
}

void append_poisson(const encoder_spec& s, std::span<const float> values, random_stream random, ragged_events& out) {
  const double scale = s.rate * s.dt * seconds_per_ms;
  spike_list spikes;
  for (std::size_t c = 0; c < values.size(); ++c) {
    const double probability = scale * static_cast<double>(values[c]);
    if (probability > 0.0) {
      const double log_silent = std::log1p(-probability);  // minus infinity at 1: every gap is 0
      const auto gap = [&] { return std::floor(std::log(random.uniform()) / log_silent); };
      for (double step = gap(); step < s.steps; step += 1.0 + gap()) {
        spikes.add(static_cast<std::uint32_t>(step), c);
      }
    }
  }
  spikes.append_to(out, s.steps);
}

void append_current(const encoder_spec& s, std::span<const float> values, ragged_events& out) {
  const auto gain = static_cast<float>(s.gain);
  std::vector<std::uint32_t> channels;
  std::vector<float> amplitudes;
  for (std::size_t c = 0; c < values.size(); ++c) {
    if (values[c] > 0.0f) {
      channels.push_back(static_cast<std::uint32_t>(c));
      amplitudes.push_back(gain * values[c]);
    }
  }
  for (std::uint32_t t = 0; t < s.steps; ++t) {
    out.spikes.channels.insert(out.spikes.channels.end(), channels.begin(), channels.end());
    out.spikes.values.insert(out.spikes.values.end(), amplitudes.begin(), amplitudes.end());
    out.spikes.end_row();
  }
  out.end_sample();
}

void append_delta(const encoder_spec& s, std::span<const float> values, std::size_t columns, ragged_events& out) {
  const auto threshold = static_cast<float>(s.threshold);
  std::vector<float> last(columns, 0.0f);
  std::vector<std::uint32_t> falling;
  for (std::size_t row = 0; row < values.size(); row += columns) {
    falling.clear();
    for (std::size_t c = 0; c < columns; ++c) {
      const float change = values[row + c] - last[c];
      if (change > threshold) {
        out.spikes.channels.push_back(static_cast<std::uint32_t>(c));
        last[c] = values[row + c];
      } else if (-change > threshold) {
        falling.push_back(static_cast<std::uint32_t>(columns + c));
        last[c] = values[row + c];
      }
    }
    out.spikes.channels.insert(out.spikes.channels.end(), falling.begin(), falling.end());
    out.spikes.end_row();
  }
  out.end_sample();
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
  check(spec);
}

std::uint32_t value_encoder::channels() const {
  return static_cast<std::uint32_t>(spec_.kind == encoder_kind::delta ? 2 * columns_ : values());
}

std::uint32_t value_encoder::steps() const {
  return spec_.kind == encoder_kind::delta ? static_cast<std::uint32_t>(rows_) : spec_.steps;
}

void value_encoder::append(std::span<const float> values, std::uint64_t stream, ragged_events& out) const {
  check_values(values, rows_ * columns_);
  switch (spec_.kind) {
    case encoder_kind::latency:
      return append_latency(spec_, values, out);
    case encoder_kind::poisson:
      return append_poisson(spec_, values, random_stream(seed_, random_purpose::encoder, stream), out);
    case encoder_kind::current:
      return append_current(spec_, values, out);
    case encoder_kind::delta:
      return append_delta(spec_, values, columns_, out);
  }
}

double value_encoder::bytes_of(std::span<const float> values) const {
  const double lit = static_cast<double>(std::count_if(values.begin(), values.end(), [](float x) { return x > 0.0f; }));
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  double events = static_cast<double>(values.size());
  double event_bytes = sizeof(std::uint32_t);
  if (spec_.kind == encoder_kind::latency) {
    events = lit;
  } else if (spec_.kind == encoder_kind::poisson) {
    events = sum * spec_.rate * spec_.dt * seconds_per_ms * steps();
  } else if (spec_.kind == encoder_kind::current) {
    events = lit * steps();
    event_bytes += sizeof(float);
  }
  return events * event_bytes + steps() * static_cast<double>(sizeof(std::uint64_t));
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
