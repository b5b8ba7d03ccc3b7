#pragma once
// The source random_manifolds: each class is a smooth random manifold in the space of spike times. Channel c of a class
// is a random function of a point x with `dimensions` coordinates in (0, 1),
//
//   f_c(x) = prod_j sum_{n = 1 ... cutoff} n^-alpha A sin(2 pi (n B x_j + C)),  A, B, C uniform in (0, 1) for each c,
//   j, n
//
// and spikes exactly once, at (f_c - low_c) / (high_c - low_c) of the sample, where f_c is from low_c to high_c on the
// manifold. No count of spikes tells the classes apart. The larger alpha, the smoother the manifold and the easier the
// task; more dimensions make it harder. [Zenke and Vogels 2021, Neural Computation 33(4), 899-925]
//
// low and high are those of some points of their own, so that a sample depends on the seed and its number alone; times
// beyond them are brought to the ends.

#include <backspike/core/error.hpp>
#include <backspike/core/interruption.hpp>
#include <backspike/core/random.hpp>
#include <backspike/core/resources.hpp>
#include <backspike/data/data_spec.hpp>
#include <backspike/data/load.hpp>

#include "data/tasks/generate_parts.hpp"
#include "data/tasks/setting_checks.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

namespace backspike {

/// The manifold of one class.
class random_manifold {
 public:
  using point = std::vector<double>;  // [dimensions]
  struct wave {
    double amplitude, frequency, phase;
  };

  random_manifold(const random_manifolds_spec& spec, std::uint64_t seed, std::uint32_t label)
      : spec_(spec), waves_(std::size_t{spec.channels} * spec.dimensions * spec.cutoff) {
    constexpr std::uint64_t last_stream = std::numeric_limits<std::uint64_t>::max();  // samples count up from 0
    random_stream random(seed, random_purpose::task, last_stream - 1 - label);
    for (std::size_t k = 0; k < waves_.size(); ++k) {
      const double n = 1.0 + static_cast<double>(k % spec.cutoff);
      waves_[k].amplitude = std::pow(n, -spec.alpha) * random.uniform();
      waves_[k].frequency = n * random.uniform();
      waves_[k].phase = random.uniform();
    }
    find_range(random_stream(seed, random_purpose::task, last_stream));
  }

  static point draw(const random_manifolds_spec& spec, random_stream& random) {
    point x(spec.dimensions);
    std::ranges::generate(x, [&] { return random.uniform(); });
    return x;
  }

  /// When the channel spikes, as a share of the sample: 0 to 1.
  double time(std::uint32_t channel, const point& x) const {
    const auto [low, high] = ranges_[channel];
    return high > low ? std::clamp((value(channel, x) - low) / (high - low), 0.0, 1.0) : 0.0;
  }

 private:
  struct range {
    double low, high;
  };

  double value(std::uint32_t channel, const point& x) const {
    double product = 1.0;
    const wave* w = waves_.data() + std::size_t{channel} * spec_.dimensions * spec_.cutoff;
    for (const double coordinate : x) {
      double sum = 0.0;
      for (const wave* end = w + spec_.cutoff; w != end; ++w) {
        sum += w->amplitude * std::sin(2.0 * std::numbers::pi * (w->frequency * coordinate + w->phase));
      }
      product *= sum;
    }
    return product;
  }

  void find_range(random_stream random) {
    constexpr int points = 500;
    ranges_.assign(spec_.channels, {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()});
    for (int k = 0; k < points; ++k) {
      check_interruption();  // large manifolds take minutes
      const point x = draw(spec_, random);
      for (std::uint32_t c = 0; c < spec_.channels; ++c) {
        const double y = value(c, x);
        ranges_[c] = {std::min(ranges_[c].low, y), std::max(ranges_[c].high, y)};
      }
    }
  }

  random_manifolds_spec spec_;
  std::vector<wave> waves_;  // [channels, dimensions, cutoff]
  std::vector<range> ranges_;
};

/// The manifolds of all classes, and samples of them; sample s is of the class s % classes.
class random_manifolds {
 public:
  /// Throws value_error naming the setting, resource_error for more numbers than there is memory for.
  random_manifolds(const random_manifolds_spec& spec, std::uint64_t seed) : spec_(spec), seed_(seed) {
    require();
    for (std::uint32_t label = 0; label < spec.classes; ++label) {
      manifolds_.emplace_back(spec, seed, label);
    }
  }

  /// Memory of a step of a sample: an offset, and its share of the spikes.
  static double step_bytes(const random_manifolds_spec& spec) { return 8.0 + 4.0 * spec.channels / spec.steps; }

  dataset make(std::uint64_t first, std::uint32_t samples) const {
    dataset data;
    data.name = operation;
    data.channels = spec_.channels;
    for (std::uint32_t label = 0; label < spec_.classes; ++label) {
      data.class_names.push_back("manifold " + std::to_string(label));
    }
    for (std::uint32_t s = 0; s < samples; ++s) {
      const auto label = static_cast<std::uint32_t>((first + s) % spec_.classes);
      random_stream random(seed_, random_purpose::task, first + s);
      append_sample(manifolds_[label], random_manifold::draw(spec_, random), data.inputs);
      data.labels.push_back(static_cast<std::int32_t>(label));
    }
    return data;
  }

 private:
  static constexpr auto operation = "random manifolds";

  void require() const {
    const setting_checks check(operation, "data.random_manifolds");
    check.at_least("steps", spec_.steps, 1);
    check.at_least("classes", spec_.classes, 2);
    check.at_least("channels", spec_.channels, 1);
    check.at_least("dimensions", spec_.dimensions, 1);
    check.at_least("cutoff", spec_.cutoff, 1);
    check.require(std::isfinite(spec_.alpha) && spec_.alpha >= 0.0, "alpha", short_number(spec_.alpha), "at least 0");
    const double bytes = static_cast<double>(sizeof(random_manifold::wave)) * spec_.classes * spec_.channels *
                         spec_.dimensions * spec_.cutoff;
    if (bytes > static_cast<double>(available_memory())) {
      throw resource_error(operation, static_cast<std::uint64_t>(bytes), available_memory(),
                           "fewer data.random_manifolds.classes, channels or dimensions or a lower cutoff need less");
    }
  }

  void append_sample(const random_manifold& manifold, const random_manifold::point& x, ragged_events& to) const {
    std::vector<std::vector<std::uint32_t>> rows(spec_.steps);
    for (std::uint32_t c = 0; c < spec_.channels; ++c) {
      const auto step = static_cast<std::uint32_t>(manifold.time(c, x) * spec_.steps);
      rows[std::min(step, spec_.steps - 1)].push_back(c);
    }
    for (const auto& row : rows) {
      to.spikes.channels.insert(to.spikes.channels.end(), row.begin(), row.end());
      to.spikes.end_row();
    }
    to.end_sample();
  }

  random_manifolds_spec spec_;
  std::uint64_t seed_;
  std::vector<random_manifold> manifolds_;
};

inline dataset_split load_random_manifolds(const data_spec& spec, std::uint64_t seed, const load_progress& progress) {
  const auto& task = spec.random_manifolds;
  const random_manifolds source(task, seed);
  return generate(
      task, spec, "random_manifolds", random_manifolds::step_bytes(task),
      [&](std::uint64_t first, std::uint32_t samples) { return source.make(first, samples); }, progress);
}

}  // namespace backspike
