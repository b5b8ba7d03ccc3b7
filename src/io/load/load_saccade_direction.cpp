// Which way do blobs move first? A camera sees them go round a triangle, from one of its three corners, in one of two
// senses, which makes six directions of the first saccade. Every sample goes along the same three sides, and the camera
// has been on the same round before the recording begins: numbers of events, whatever their pixels and polarities, say
// nothing of the direction. Only the order of events does.

#include <backspike/core/thread_pool.hpp>
#include <backspike/events/event_camera.hpp>

#include "data/tasks/generate_parts.hpp"
#include "data/tasks/setting_checks.hpp"
#include "events/simulate/blobs.hpp"
#include "events/simulate/camera_path.hpp"
#include "io/load/camera_steps.hpp"
#include "io/load/sources.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

namespace backspike {
namespace {

struct first_saccade {
  const char* name;
  unsigned corner;
  bool backward;
};
/// By the angle of the first saccade: 0, 60, ... degrees.
constexpr std::array directions{
    first_saccade{"right", 0, true}, first_saccade{"up right", 1, false}, first_saccade{"up left", 1, true},
    first_saccade{"left", 2, false}, first_saccade{"down left", 2, true}, first_saccade{"down right", 0, false},
};

/// Two rounds, the first of which is not recorded.
camera_path rounds_of(const first_saccade& direction, double side, double leg_us) {
  auto path = triangle_path(side, leg_us, direction.corner, direction.backward);
  const auto round = path.corners;
  path.corners.insert(path.corners.end(), round.begin() + 1, round.end());
  return path;
}

event_buffer from_time(const event_buffer& all, double begin_us) {
  const auto begin = static_cast<std::int64_t>(std::llround(begin_us));
  event_buffer later;
  for (auto e : all) {
    e.t -= begin;
    if (e.t >= 0) {
      later.append({&e, 1});
    }
  }
  return later;
}

class saccade_direction {
 public:
  saccade_direction(const data_spec& spec, std::uint64_t seed)
      : task_(spec.saccade_direction),
        sensor_(camera_of(spec)),
        seed_(seed),
        camera_(sensor_, seed),
        steps_(spec, camera_.sensor(), round_us()) {
    setting_checks("saccade_direction", "data.saccade_direction").at_least("blobs", task_.blobs, 1);
    setting_checks("saccade_direction", "data.event_camera")
        .require(sensor_.motion == picture_motion::saccades, "motion", std::string(name_of(sensor_.motion)),
                 "saccades");
  }

  double round_us() const { return 3.0 * leg_us(); }

  dataset make(std::uint64_t first, std::uint32_t samples, thread_pool& pool) const {
    dataset data;
    data.name = "saccade_direction";
    data.channels = steps_.channels();
    data.shape = steps_.shape();
    data.dt = steps_.dt();
    for (const auto& d : directions) {
      data.class_names.emplace_back(d.name);
    }
    constexpr std::uint32_t at_once = 256;
    for (std::uint32_t begin = 0; begin < samples; begin += at_once) {
      std::vector<event_buffer> recordings(std::min(at_once, samples - begin));
      pool.for_each(recordings.size(), [&](std::size_t k, std::size_t) { recordings[k] = record(first + begin + k); });
      for (std::size_t k = 0; k < recordings.size(); ++k) {
        data.merged_events += steps_.append(std::move(recordings[k]), data.inputs);
        data.labels.push_back(static_cast<std::int32_t>((first + begin + k) % directions.size()));
      }
    }
    return data;
  }

 private:
  double leg_us() const { return 1000.0 * sensor_.saccade_ms; }

  /// Samples of the three parts have numbers that begin at multiples of 2^32.
  event_buffer record(std::uint64_t sample) const {
    const auto picture =
        draw_blobs(sensor_.width, sensor_.height, task_.blobs, random_stream(seed_, random_purpose::task, sample));
    const auto path = rounds_of(directions[sample % directions.size()], sensor_.amplitude, leg_us());
    const auto number = static_cast<std::uint32_t>(sample + (sample >> 32U) * (std::uint64_t{1} << 30U));
    return from_time(camera_.record({sensor_.width, sensor_.height, picture}, number, path), round_us());
  }

  saccade_direction_spec task_;
  event_camera_spec sensor_;
  std::uint64_t seed_;
  event_camera camera_;
  camera_steps steps_;
};

}  // namespace

dataset_split load_saccade_direction(const data_spec& spec, std::uint64_t seed, const load_progress& progress) {
  const saccade_direction source(spec, seed);
  thread_pool pool;
  const auto one = source.make(0, 1, pool);  // stands for all
  const struct : saccade_direction_spec {
    std::uint32_t steps;
  } task{spec.saccade_direction, static_cast<std::uint32_t>(one.longest())};
  return generate(
      task, spec, "saccade_direction", static_cast<double>(bytes_of(one)) / task.steps,
      [&](std::uint64_t first, std::uint32_t samples) { return source.make(first, samples, pool); }, progress);
}

}  // namespace backspike
