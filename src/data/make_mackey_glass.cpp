#include <backspike/core/random.hpp>
#include <backspike/data/mackey_glass.hpp>

#include "data/setting_checks.hpp"

#include <cmath>
#include <span>
#include <string>
#include <vector>

namespace backspike {
namespace {

constexpr auto operation = "Mackey-Glass";

void require(const mackey_glass_spec& spec) {
  const setting_checks check(operation, "data.mackey_glass");
  check.at_least("taps", spec.taps, 1);
  check.at_least("steps", spec.steps, 1);
  check.at_least("copies", spec.copies, 1);
  check.at_least("test_points", spec.test_points, 1);
  check.require(spec.train_points > spec.taps + 1, "train_points", std::to_string(spec.train_points),
                "at least " + std::to_string(spec.taps + 2) + ": the points that the network sees, and two increments");
  check.require(spec.shift >= 0.0, "shift", short_number(spec.shift), "at least 0");
  check.require(spec.discard >= 0.0, "discard", short_number(spec.discard), "at least 0");
  check.require(spec.noise >= 0.0, "noise", short_number(spec.noise), "at least 0");
}

struct moments {
  double mean, deviation;
};

moments moments_of(std::span<const double> x) {
  double sum = 0.0, squares = 0.0;
  for (const double v : x) {
    sum += v;
  }
  const auto n = static_cast<double>(x.size());
  for (const double v : x) {
    squares += (v - sum / n) * (v - sum / n);
  }
  return {sum / n, std::sqrt(squares / n)};
}

std::vector<double> increments_of(std::span<const double> x) {
  std::vector<double> all;
  for (std::size_t k = 1; k < x.size(); ++k) {
    all.push_back(x[k] - x[k - 1]);
  }
  return all;
}

/// How points and increments are standardised: by the training part alone.
series_continuation scales_of(const mackey_glass_spec& spec, std::span<const double> train) {
  const moments points = moments_of(train), increments = moments_of(increments_of(train));
  series_continuation s;
  s.steps = spec.steps;
  s.centre = points.mean;
  s.scale = points.deviation;
  s.increment = increments.deviation;
  s.drift = increments.mean / increments.deviation;
  return s;
}

dataset empty_set(const mackey_glass_spec& spec) {
  dataset data;
  data.name = operation;
  data.channels = spec.taps;
  data.target_width = 1;
  return data;
}

/// One sample: `shown` for all steps, the increment to `next` asked for in the last.
void append_sample(const series_continuation& scales, std::span<const float> shown, double increment, dataset& data) {
  for (std::uint32_t t = 0; t < scales.steps; ++t) {
    for (std::uint32_t c = 0; c < shown.size(); ++c) {
      data.inputs.spikes.channels.push_back(c);
      data.inputs.spikes.values.push_back(shown[c]);
    }
    data.inputs.spikes.end_row();
    const bool last = t + 1 == scales.steps;
    data.step_targets.push_back(last ? static_cast<float>(increment / scales.increment - scales.drift) : 0.0F);
    data.step_weights.push_back(last ? 1.0F : 0.0F);
  }
  data.inputs.end_sample();
}

/// Predictions of every point of `series` that has enough points before it.
void append_predictions(const series_continuation& scales, std::span<const double> series, double noise,
                        random_stream random, dataset& data) {
  const std::size_t taps = data.channels;
  for (std::size_t next = taps; next < series.size(); ++next) {
    std::vector<float> shown;
    for (std::size_t k = next - taps; k < next; ++k) {
      const double x = (series[k] - scales.centre) / scales.scale;
      shown.push_back(static_cast<float>(noise > 0.0 ? x + noise * random.normal() : x));
    }
    // With noise the increment is the one from the point that the network sees.
    const double last = scales.centre + scales.scale * static_cast<double>(shown.back());
    append_sample(scales, shown, series[next] - last, data);
  }
}

}  // namespace

dataset_split make_mackey_glass(const mackey_glass_spec& spec, std::uint64_t seed) {
  require(spec);
  const double start = spec.discard + std::floor(spec.shift * static_cast<double>(seed)) * spec.interval;
  const auto series = mackey_glass_series({spec.tau, spec.interval, start, spec.substeps},
                                          std::size_t{spec.train_points} + spec.test_points);
  const auto train = std::span(series).first(spec.train_points);
  auto scales = scales_of(spec, train);
  dataset_split split{empty_set(spec), empty_set(spec), empty_set(spec)};
  for (std::uint32_t copy = 0; copy < spec.copies; ++copy) {
    append_predictions(scales, train, spec.noise, random_stream(seed, random_purpose::task, copy), split.train);
  }
  append_predictions(scales, std::span(series).subspan(spec.train_points - spec.taps), 0.0,
                     random_stream(seed, random_purpose::task), split.test);
  scales.known.assign(train.end() - spec.taps, train.end());
  scales.truth.assign(series.begin() + spec.train_points, series.end());
  split.test.continuations.push_back(scales);
  return split;
}

}  // namespace backspike
