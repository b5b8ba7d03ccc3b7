// A simulated event camera: light, response, low-pass and change detector of one pixel after another.

#include <backspike/events/event_camera.hpp>

#include <backspike/core/random.hpp>

#include "events/simulate/camera_path.hpp"
#include "events/simulate/change_detector.hpp"
#include "events/simulate/check_camera.hpp"
#include "events/simulate/light.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace backspike {

namespace {

constexpr double us_in_ms = 1e3, us_in_s = 1e6;

/// Where the picture is at times so close that it moves by an eighth of a pixel at most in between.
struct sampled_path {
  double step_us = 0.0;
  std::vector<displacement> places;
  displacement least, most;

  explicit sampled_path(const camera_path& path) {
    constexpr double most_step_us = 2000.0, most_shift = 0.125;
    const double duration = path.duration_us();
    const double steps = std::ceil(duration * std::max(path.fastest() / most_shift, 1.0 / most_step_us));
    check_motion(duration, steps);
    step_us = duration / steps;
    for (std::size_t k = 0; k <= static_cast<std::size_t>(steps); ++k) {
      places.push_back(path.at(static_cast<double>(k) * step_us));
    }
    const auto [left, right] = std::ranges::minmax(places, {}, &displacement::x);
    const auto [top, bottom] = std::ranges::minmax(places, {}, &displacement::y);
    least = {left.x, top.y};
    most = {right.x, bottom.y};
  }

  double time(std::size_t k) const { return step_us * static_cast<double>(k); }
  double end() const { return time(places.size() - 1); }
};

/// Standard normal numbers (Box-Muller) for the ON and the OFF threshold of a pixel.
displacement threshold_noise(std::uint64_t seed, std::uint32_t pixel) {
  const auto bits = random_key(seed, random_purpose::encoder, 0, 0, pixel).four(0);
  const auto uniform = [](std::uint32_t b) { return (static_cast<double>(b) + 0.5) * 0x1p-32; };
  const double radius = std::sqrt(-2.0 * std::log(uniform(bits[0])));
  const double angle = 2.0 * std::numbers::pi * uniform(bits[1]);
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

float threshold(double mean, double deviation) {
  constexpr double least = 0.01;  // else a change makes events without end
  return static_cast<float>(std::max(mean + deviation, least));
}

/// One picture along one path, pixel by pixel.
class recorder {
 public:
  recorder(const event_camera_spec& spec, const grey_picture& picture, const camera_path& path)
      : moving_(picture, {spec.width, spec.height}),
        way_(path),
        response_(spec),
        tau_us_(spec.cutoff_hz > 0.0 ? us_in_s / (2.0 * std::numbers::pi * spec.cutoff_hz) : 0.0) {}

  void look(std::uint32_t x, std::uint32_t y, change_detector detector) {
    const auto add = [&](double t, bool on) {
      events_.push_back(
          {static_cast<std::int64_t>(t), static_cast<std::uint16_t>(x), static_cast<std::uint16_t>(y), on});
    };
    if (moving_.is_plain(x, y, way_.least, way_.most)) {  // nothing but noise
      detector.follow(0.0, way_.end(), 0.0, 0.0, add);
      return;
    }
    double before = response_at(x, y, 0);
    low_pass filter(tau_us_, way_.step_us, before);
    for (std::size_t k = 1; k < way_.places.size(); ++k) {
      const double now = filter.next(response_at(x, y, k));
      detector.follow(way_.time(k - 1), way_.time(k), before, now, add);
      before = now;
    }
  }

  event_buffer in_order_of_time() {
    std::stable_sort(events_.begin(), events_.end(), [](const auto& a, const auto& b) { return a.t < b.t; });
    event_buffer sorted;
    sorted.append(events_);
    return sorted;
  }

 private:
  double response_at(std::uint32_t x, std::uint32_t y, std::size_t k) const {
    return response_.of(moving_.at(x, y, way_.places[k]));
  }

  moving_picture moving_;
  sampled_path way_;
  light_response response_;
  double tau_us_;
  std::vector<camera_event> events_;
};

}  // namespace

event_camera::event_camera(const event_camera_spec& spec, std::uint64_t seed) : spec_(spec), seed_(seed) {
  check_camera(spec);
  const sampled_path checked(path_of(spec));
  for (std::uint32_t pixel = 0; pixel < spec.width * spec.height; ++pixel) {
    const auto noise = threshold_noise(seed, pixel);
    on_.push_back(threshold(spec.threshold_on, spec.threshold_spread * noise.x));
    off_.push_back(threshold(spec.threshold_off, spec.threshold_spread * noise.y));
  }
}

double event_camera::duration_us() const { return path_of(spec_).duration_us(); }

event_buffer event_camera::record(const grey_picture& picture, std::uint32_t sample) const {
  return record(picture, sample, path_of(spec_));
}

event_buffer event_camera::record(const grey_picture& picture, std::uint32_t sample, const camera_path& path) const {
  check_picture(picture);
  recorder recording(spec_, picture, path);
  for (std::uint32_t y = 0; y < spec_.height; ++y) {
    for (std::uint32_t x = 0; x < spec_.width; ++x) {
      const std::uint32_t pixel = y * spec_.width + x;
      recording.look(x, y,
                     {{on_[pixel], off_[pixel], spec_.leak_rate / us_in_s, spec_.noise_rate / us_in_s,
                       spec_.refractory_ms * us_in_ms},
                      {seed_, random_purpose::encoder, 1, sample, pixel}});
    }
  }
  return recording.in_order_of_time();
}

}  // namespace backspike
