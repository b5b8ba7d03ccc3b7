// Makes samples of the Mackey-Glass series: the last points as input, and as target what a linear prediction misses of
// the next.

#include <backspike/core/random.hpp>
#include <backspike/data/tasks/mackey_glass.hpp>

#include "data/tasks/linear_prediction.hpp"
#include "data/tasks/setting_checks.hpp"

#include <cmath>
#include <numeric>
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
  check.require(
      spec.train_points > spec.taps + 1, "train_points", std::to_string(spec.train_points),
      "at least " + std::to_string(spec.taps + 2) + ": the points that the network sees, and two to learn from");
  check.require(spec.shift >= 0.0, "shift", short_number(spec.shift), "at least 0");
  check.require(spec.discard >= 0.0, "discard", short_number(spec.discard), "at least 0");
  check.require(spec.noise >= 0.0, "noise", short_number(spec.noise), "at least 0");
  check.positive("ridge", spec.ridge);
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

std::vector<double> standardised(std::span<const double> series, const series_continuation& scales) {
  std::vector<double> z;
  for (const double x : series) {
    z.push_back((x - scales.centre) / scales.scale);
  }
  return z;
}

double predict(const series_continuation& scales, std::span<const double> shown) {
  return std::inner_product(shown.begin(), shown.end(), scales.linear.begin(), scales.linear.back());
}

/// Of the training part alone.
series_continuation scales_of(const mackey_glass_spec& spec, std::span<const double> train) {
  const moments points = moments_of(train);
  series_continuation s;
  s.steps = spec.steps;
  s.centre = points.mean;
  s.scale = points.deviation;
  const auto z = standardised(train, s);
  s.linear.assign(spec.taps + 1, 0.0);
  s.linear[spec.taps - 1] = 1.0;  // the last point
  if (spec.linear) {
    s.linear = linear_prediction(z, spec.taps, spec.ridge);
  }
  std::vector<double> missed;
  for (std::size_t next = spec.taps; next < z.size(); ++next) {
    missed.push_back(z[next] - predict(s, std::span(z).subspan(next - spec.taps, spec.taps)));
  }
  s.correction = moments_of(missed).deviation;
  return s;
}

dataset empty_set(const mackey_glass_spec& spec) {
  dataset data;
  data.name = operation;
  data.channels = spec.taps;
  data.target_width = 1;
  return data;
}

/// One sample: `shown` for all steps, what the linear prediction misses asked for in the last.
void append_sample(const series_continuation& scales, std::span<const double> shown, double next, dataset& data) {
  const double missed = (next - predict(scales, shown)) / scales.correction;
  for (std::uint32_t t = 0; t < scales.steps; ++t) {
    for (std::uint32_t c = 0; c < shown.size(); ++c) {
      data.inputs.spikes.channels.push_back(c);
      data.inputs.spikes.values.push_back(static_cast<float>(shown[c]));
    }
    data.inputs.spikes.end_row();
    const bool last = t + 1 == scales.steps;
    data.step_targets.push_back(last ? static_cast<float>(missed) : 0.0F);
    data.step_weights.push_back(last ? 1.0F : 0.0F);
  }
  data.inputs.end_sample();
}

/// Predictions of every point of `series` that has enough points before it. Noise is on what is shown, and so on the
/// linear prediction, not on the point that is asked for.
void append_predictions(const series_continuation& scales, std::span<const double> series, double noise,
                        random_stream random, dataset& data) {
  const std::size_t taps = data.channels;
  const auto z = standardised(series, scales);
  for (std::size_t next = taps; next < z.size(); ++next) {
    std::vector<double> shown(z.begin() + static_cast<std::ptrdiff_t>(next - taps),
                              z.begin() + static_cast<std::ptrdiff_t>(next));
    for (double& x : shown) {
      x += noise > 0.0 ? noise * random.normal() : 0.0;
    }
    append_sample(scales, shown, z[next], data);
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
