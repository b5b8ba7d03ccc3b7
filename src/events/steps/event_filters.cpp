// One number for each pixel: how often it spoke, or when it was last heard.

#include <backspike/events/event_filters.hpp>

#include <backspike/core/error.hpp>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace backspike {
namespace {

/// Places of pixels in a list of all. Throws value_error for a sensor that is not known.
class pixel_places {
 public:
  pixel_places(const char* operation, const sensor_size& sensor) : operation_(operation), sensor_(sensor) {
    if (!sensor.known() || sensor.width > 65536 || sensor.height > 65536) {
      throw value_error(operation, "sensor", std::to_string(sensor.width) + "x" + std::to_string(sensor.height),
                        "its width and height");
    }
  }

  std::size_t count() const { return std::size_t{sensor_.width} * sensor_.height; }

  std::size_t of(const camera_event& e) const {
    if (e.x >= sensor_.width || e.y >= sensor_.height) {
      throw value_error(
          operation_, "pixel of an event", std::to_string(e.x) + ", " + std::to_string(e.y),
          "pixels of the sensor, " + std::to_string(sensor_.width) + "x" + std::to_string(sensor_.height));
    }
    return std::size_t{e.y} * sensor_.width + e.x;
  }

 private:
  const char* operation_;
  sensor_size sensor_;
};

constexpr auto never = std::numeric_limits<std::int64_t>::min();

constexpr std::uint64_t as_time(std::int64_t us) { return static_cast<std::uint64_t>(us); }

/// Of times in order, which may be as far apart as 64 bits allow [us].
constexpr std::uint64_t time_between(std::int64_t before, std::int64_t after) {
  return as_time(after) - as_time(before);
}

/// Whether one of the pixels around an event spoke at most `window_us` before it.
bool is_spoken_for(const camera_event& e, const std::vector<std::int64_t>& last, const sensor_size& sensor,
                   std::int64_t window_us) {
  const std::size_t top = e.y > 0 ? e.y - 1U : 0U, bottom = std::min<std::size_t>(e.y + 1U, sensor.height - 1);
  const std::size_t left = e.x > 0 ? e.x - 1U : 0U, right = std::min<std::size_t>(e.x + 1U, sensor.width - 1);
  for (std::size_t y = top; y <= bottom; ++y) {
    for (std::size_t x = left; x <= right; ++x) {
      const auto before = last[y * sensor.width + x];
      if ((x != e.x || y != e.y) && before != never && before <= e.t &&
          time_between(before, e.t) <= as_time(window_us)) {
        return true;
      }
    }
  }
  return false;
}

/// From the earliest event to the latest [s].
double length_of(std::span<const camera_event> all) {
  if (all.empty()) {
    return 0.0;
  }
  const auto ends = std::minmax_element(all.begin(), all.end(),
                                        [](const camera_event& a, const camera_event& b) { return a.t < b.t; });
  return (static_cast<double>(ends.second->t) - static_cast<double>(ends.first->t)) * 1e-6;
}

}  // namespace

hot_pixel_result without_hot_pixels(std::span<const camera_event> all, const sensor_size& sensor, double most_rate) {
  const pixel_places places("without_hot_pixels", sensor);
  if (!(most_rate > 0.0)) {
    throw value_error("without_hot_pixels", "most_rate", std::to_string(most_rate), "above 0 Hz");
  }
  std::vector<std::uint64_t> count(places.count());
  for (const auto& e : all) {
    ++count[places.of(e)];
  }
  const double length = length_of(all), most = most_rate * length;
  const auto is_hot = [&](std::uint64_t n) { return length > 0.0 && static_cast<double>(n) > most; };
  hot_pixel_result result;
  camera_event* to = result.events.room(all.size());
  for (const auto& e : all) {
    if (!is_hot(count[places.of(e)])) {
      *to++ = e;
      result.events.added(1);
    }
  }
  result.removed = all.size() - result.events.size();
  result.pixels = static_cast<std::uint64_t>(std::count_if(count.begin(), count.end(), is_hot));
  return result;
}

event_buffer with_refractory_time(std::span<const camera_event> all, const sensor_size& sensor,
                                  std::int64_t refractory_us) {
  const pixel_places places("with_refractory_time", sensor);
  if (refractory_us < 0) {
    throw value_error("with_refractory_time", "refractory_us", std::to_string(refractory_us), "0 or more");
  }
  std::vector<std::int64_t> last(places.count(), never);
  event_buffer result;
  camera_event* to = result.room(all.size());
  for (const auto& e : all) {
    auto& before = last[places.of(e)];
    const bool soon = before != never && e.t >= before && time_between(before, e.t) < as_time(refractory_us);
    if (!soon) {
      *to++ = e;
      result.added(1);
      before = e.t;
    }
  }
  return result;
}

event_buffer without_isolated_events(std::span<const camera_event> all, const sensor_size& sensor,
                                     std::int64_t window_us) {
  const pixel_places places("without_isolated_events", sensor);
  if (window_us < 0) {
    throw value_error("without_isolated_events", "window_us", std::to_string(window_us), "0 or more");
  }
  std::vector<std::int64_t> last(places.count(), never);
  event_buffer result;
  camera_event* to = result.room(all.size());
  for (const auto& e : all) {
    auto& own = last[places.of(e)];
    if (is_spoken_for(e, last, sensor, window_us)) {
      *to++ = e;
      result.added(1);
    }
    own = e.t;
  }
  return result;
}

}  // namespace backspike
