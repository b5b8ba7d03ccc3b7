// One change after another, each with its own random numbers, drawn in a fixed order.

#include <backspike/events/event_augment.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>

namespace backspike {
namespace {

using event_list = std::vector<camera_event>;

/// Between -most and most.
double either_way(random_stream& random, double most) { return most * (2.0 * random.uniform() - 1.0); }

struct rectangle {
  double left, top, right, bottom;
  bool holds(const camera_event& e) const { return e.x >= left && e.x < right && e.y >= top && e.y < bottom; }
};

/// Somewhere on the sensor, of its proportions, with a share of its area.
rectangle random_rectangle(random_stream& random, const sensor_size& sensor, double share) {
  const double side = std::sqrt(share), width = side * sensor.width, height = side * sensor.height;
  const double left = random.uniform() * (sensor.width - width), top = random.uniform() * (sensor.height - height);
  return {left, top, left + width, top + height};
}

void mix(event_list& events, std::span<const camera_event> partner, const sensor_size& sensor, double probability,
         random_stream& random) {
  if (random.uniform() >= probability) {
    return;
  }
  constexpr double most = 0.5;
  const auto share = most * random.uniform();
  const auto window = random_rectangle(random, sensor, share);
  std::erase_if(events, [&](const auto& e) { return window.holds(e); });
  std::copy_if(partner.begin(), partner.end(), std::back_inserter(events),
               [&](const auto& e) { return window.holds(e); });
}

/// Where pixels go.
class pixel_map {
 public:
  pixel_map(const event_augment_spec& spec, const sensor_size& sensor, random_stream& random) : sensor_(sensor) {
    const bool flip = spec.flip > 0.0 && random.uniform() < spec.flip;
    const double scale = spec.scale > 0.0 ? 1.0 + either_way(random, spec.scale) : 1.0;
    constexpr double half_turn = 180.0;
    const double angle = spec.rotation > 0.0 ? either_way(random, spec.rotation) * std::numbers::pi / half_turn : 0.0;
    if (spec.shift > 0.0) {
      shift_x_ = std::round(either_way(random, spec.shift));
      shift_y_ = std::round(either_way(random, spec.shift));
    }
    a_ = scale * std::cos(angle) * (flip ? -1.0 : 1.0);
    b_ = -scale * std::sin(angle);
    c_ = scale * std::sin(angle) * (flip ? -1.0 : 1.0);
    d_ = scale * std::cos(angle);
  }

  /// False: off the sensor.
  bool move(camera_event& e) const {
    const double middle_x = (sensor_.width - 1) / 2.0, middle_y = (sensor_.height - 1) / 2.0;
    const double dx = e.x - middle_x, dy = e.y - middle_y;
    const double x = std::round(middle_x + a_ * dx + b_ * dy + shift_x_);
    const double y = std::round(middle_y + c_ * dx + d_ * dy + shift_y_);
    if (!(x >= 0.0 && y >= 0.0 && x < sensor_.width && y < sensor_.height)) {
      return false;
    }
    e.x = static_cast<std::uint16_t>(x);
    e.y = static_cast<std::uint16_t>(y);
    return true;
  }

 private:
  sensor_size sensor_;
  double a_ = 1.0, b_ = 0.0, c_ = 0.0, d_ = 1.0, shift_x_ = 0.0, shift_y_ = 0.0;
};

bool moves(const event_augment_spec& spec) {
  return spec.flip > 0.0 || spec.scale > 0.0 || spec.rotation > 0.0 || spec.shift > 0.0;
}

void move_pixels(event_list& events, const pixel_map& map) {
  auto to = events.begin();
  for (auto e : events) {
    if (map.move(e)) {
      *to++ = e;
    }
  }
  events.erase(to, events.end());
}

void change_times(event_list& events, const event_augment_spec& spec, std::int64_t origin, random_stream& random) {
  constexpr double us_in_ms = 1000.0;
  const double speed = spec.speed > 0.0 ? 1.0 + either_way(random, spec.speed) : 1.0;
  for (auto& e : events) {
    if (e.t >= origin) {
      const double since = static_cast<double>(e.t - origin) / speed;
      const double moved = spec.time_jitter > 0.0 ? since + random.normal() * spec.time_jitter * us_in_ms : since;
      e.t = origin + static_cast<std::int64_t>(std::llround(std::max(moved, 0.0)));
    }
  }
}

void drop(event_list& events, const event_augment_spec& spec, const augment_frame& frame, random_stream& random) {
  if (spec.drop > 0.0) {
    const double share = spec.drop * random.uniform();
    std::erase_if(events, [&](const auto&) { return random.uniform() < share; });
  }
  if (spec.drop_time > 0.0) {
    const double share = spec.drop_time * random.uniform(), length = static_cast<double>(frame.length_us);
    const auto begin = frame.origin_us + static_cast<std::int64_t>(random.uniform() * (1.0 - share) * length);
    const auto end = begin + static_cast<std::int64_t>(share * length);
    std::erase_if(events, [&](const auto& e) { return e.t >= begin && e.t < end; });
  }
  if (spec.drop_area > 0.0) {
    const double share = spec.drop_area * random.uniform();
    const auto hidden = random_rectangle(random, frame.sensor, share);
    std::erase_if(events, [&](const auto& e) { return hidden.holds(e); });
  }
}

/// Gaps between the events of all pixels together are exponential.
void add_noise(event_list& events, double largest_rate, const augment_frame& frame, random_stream& random) {
  constexpr double us_in_s = 1e6;
  const double pixels = static_cast<double>(frame.sensor.width) * static_cast<double>(frame.sensor.height);
  const double mean_gap = us_in_s / (largest_rate * random.uniform() * pixels);
  for (double t = 0.0;;) {
    t -= std::log(random.uniform()) * mean_gap;
    if (!(t < static_cast<double>(frame.length_us))) {
      return;
    }
    const auto x = static_cast<std::uint16_t>(random.below(frame.sensor.width));
    const auto y = static_cast<std::uint16_t>(random.below(frame.sensor.height));
    events.push_back({frame.origin_us + static_cast<std::int64_t>(t), x, y, random.below(2) == 1});
  }
}

}  // namespace

std::vector<camera_event> augmented(std::span<const camera_event> all, std::span<const camera_event> partner,
                                    const augment_frame& frame, const event_augment_spec& spec, random_stream random) {
  event_list events(all.begin(), all.end());
  if (spec.mix > 0.0) {
    mix(events, partner, frame.sensor, spec.mix, random);
  }
  if (moves(spec)) {
    move_pixels(events, pixel_map(spec, frame.sensor, random));
  }
  if (spec.speed > 0.0 || spec.time_jitter > 0.0) {
    change_times(events, spec, frame.origin_us, random);
  }
  drop(events, spec, frame, random);
  if (spec.noise > 0.0) {
    add_noise(events, spec.noise, frame, random);
  }
  std::stable_sort(events.begin(), events.end(), [](const auto& a, const auto& b) { return a.t < b.t; });
  return events;
}

}  // namespace backspike
