#pragma once
// One pixel of an event camera: it remembers the response to light at its last event, and says when the response has
// risen or fallen by a threshold since (Lichtsteiner et al. 2008). After an event it is held in reset for the
// refractory time, in which changes are lost.

#include <backspike/core/random.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace backspike {

class change_detector {
 public:
  struct settings {
    double on = 0.2, off = 0.2;  // thresholds of this pixel
    double leak = 0.0;           // [1/us] events without any change
    double noise = 0.0;          // [1/us] events of either polarity from noise
    double refractory_us = 0.0;  // [us]
  };

  /// What a long look at a still picture leaves is the difference that the leak has reached by chance.
  change_detector(const settings& s, const random_key& random) : settings_(s), random_(random) {
    difference_ = uniform(next_draw().first) * s.on;
    draw_noise(0.0);
  }

  /// The response goes from `r0` at time `t0` to `r1` at `t1` [us] in a straight line. Calls event(time, on), time
  /// by time, where the line crosses a threshold.
  template <class Event>
  void follow(double t0, double t1, double r0, double r1, const Event& event) {
    const double slope = (r1 - r0) / (t1 - t0) + settings_.leak * settings_.on;
    double now = std::max(t0, ready_);
    while (now < t1) {
      while (noise_at_ < now) {
        draw_noise(noise_at_);
      }
      const double crossing = crossing_after(now, slope);
      if (noise_at_ < std::min(crossing, t1)) {  // beside the changes, of which nothing is forgotten
        difference_ += slope * (noise_at_ - now);
        event(noise_at_, noise_on_);
        now = noise_at_ + settings_.refractory_us;
        draw_noise(noise_at_);
      } else if (crossing < t1) {
        difference_ = 0.0;
        event(crossing, slope > 0.0);
        now = crossing + settings_.refractory_us;
      } else {
        difference_ += slope * (t1 - now);
        now = t1;
      }
    }
    ready_ = now;
  }

 private:
  static constexpr double never = std::numeric_limits<double>::infinity();

  static double uniform(std::uint32_t bits) { return (static_cast<double>(bits) + 0.5) * 0x1p-32; }

  struct two_draws {
    std::uint32_t first = 0, second = 0;
  };
  two_draws next_draw() {
    const auto four = random_.four(draws_++);
    return {four[0], four[1]};
  }

  double crossing_after(double now, double slope) const {
    if (slope == 0.0) {
      return never;
    }
    const double left = slope > 0.0 ? settings_.on - difference_ : settings_.off + difference_;
    return now + std::max(left, 0.0) / std::abs(slope);
  }

  void draw_noise(double after) {
    if (settings_.noise > 0.0) {
      const auto draw = next_draw();
      noise_at_ = after - std::log(uniform(draw.first)) / settings_.noise;
      noise_on_ = (draw.second & 1U) != 0;
    }
  }

  settings settings_;
  random_key random_;
  std::uint32_t draws_ = 0;
  double difference_ = 0.0;  // of the response from the remembered one
  double ready_ = 0.0;       // [us] the refractory time ends
  double noise_at_ = never;  // [us] the next event from noise
  bool noise_on_ = false;
};

}  // namespace backspike
