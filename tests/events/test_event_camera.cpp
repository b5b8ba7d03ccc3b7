// The simulated camera: what its pixels say against closed forms, the noise that was asked for, and the statistics of
// N-MNIST.

#include <backspike/core/error.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/data/picture.hpp>
#include <backspike/events/event_camera.hpp>
#include <backspike/events/event_reader.hpp>
#include <backspike/events/event_writer.hpp>

#include "events/simulate/camera_path.hpp"
#include "events/simulate/light.hpp"
#include "temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

namespace backspike {
namespace {

using testing::HasSubstr;

struct drawn {
  std::size_t width = 0, height = 0;
  std::vector<float> values;
  grey_picture view() const { return {width, height, values}; }
};

/// Black on the left, white from column `edge` on.
drawn edge_at(std::size_t width, std::size_t height, std::size_t edge) {
  drawn d{width, height, {}};
  for (std::size_t k = 0; k < width * height; ++k) {
    d.values.push_back(k % width >= edge ? 1.0f : 0.0f);
  }
  return d;
}

/// White strokes, three dots wide, on black: about as much ink as handwriting.
drawn digit(int k) {
  const auto text = draw_text(std::to_string(k));
  drawn d{28, 28, std::vector<float>(784)};
  for (std::size_t y = 0; y < 21; ++y) {
    for (std::size_t x = 0; x < 15; ++x) {
      d.values[(y + 3) * 28 + x + 6] = 0.9f * text.at(y / 3 + 1, x / 3 + 1);
    }
  }
  return d;
}

/// Pixels without spread, noise, leak, lag and blindness.
event_camera_spec plain_pixels() {
  event_camera_spec s;
  s.threshold_spread = s.cutoff_hz = s.refractory_ms = s.leak_rate = 0.0;
  return s;
}

event_camera_spec looking_at_nothing(double leak, double noise) {
  auto s = plain_pixels();
  s.width = s.height = 100;
  s.motion = picture_motion::still;
  s.duration_ms = 1000.0;
  s.leak_rate = leak;
  s.noise_rate = noise;
  return s;
}

double count_on(const event_buffer& events) {
  return static_cast<double>(std::ranges::count_if(events, [](const auto& e) { return e.on; }));
}

std::vector<camera_event> list_of(const event_buffer& events) { return {events.begin(), events.end()}; }

TEST(EventCamera, SaysNothingOfAStillPicture) {
  const auto picture = edge_at(100, 100, 50);
  EXPECT_TRUE(event_camera(looking_at_nothing(0.0, 0.0), 1).record(picture.view(), 0).empty());
}

TEST(EventCamera, LeaksAtTheRateThatWasAskedFor) {
  const auto picture = edge_at(100, 100, 50);
  const auto events = event_camera(looking_at_nothing(5.5, 0.0), 1).record(picture.view(), 0);
  // 5 or 6 events of each of 10,000 pixels, by its phase: a deviation of half an event each.
  EXPECT_NEAR(static_cast<double>(events.size()), 55000.0, 5.0 * 50.0);
  EXPECT_EQ(count_on(events), static_cast<double>(events.size()));
}

TEST(EventCamera, HasTheNoiseThatWasAskedFor) {
  const auto picture = edge_at(100, 100, 50);
  const auto events = event_camera(looking_at_nothing(0.0, 20.0), 1).record(picture.view(), 0);
  EXPECT_NEAR(static_cast<double>(events.size()), 200000.0, 5.0 * std::sqrt(200000.0));
  EXPECT_NEAR(count_on(events), 100000.0, 5.0 * std::sqrt(50000.0));
  std::vector<int> of_pixel(10000);
  for (const auto& e : events) {
    ++of_pixel[e.y * 100U + e.x];
  }
  double squares = 0.0;
  for (const int n : of_pixel) {
    squares += (n - 20.0) * (n - 20.0);
  }
  EXPECT_NEAR(squares / 10000.0, 20.0, 1.5);  // as a Poisson process has it
}

/// A pixel that an edge passes at 100 pixels/s, to the left (the light rises) or to the right.
std::vector<camera_event> passing_edge(double direction, double theta) {
  auto s = plain_pixels();
  s.width = 9;
  s.height = 1;
  s.black = 0.5;
  s.threshold_on = s.threshold_off = theta;
  s.motion = picture_motion::straight;
  s.direction = direction;
  s.speed = 100.0;
  s.duration_ms = 40.0;
  const auto picture = edge_at(31, 1, 15);
  std::vector<camera_event> of_middle;
  for (const auto& e : event_camera(s, 1).record(picture.view(), 0)) {
    if (e.x == 4) {
      of_middle.push_back(e);
    }
  }
  return of_middle;
}

TEST(EventCamera, AnEdgeMakesEventsWhereTheLogarithmCrossesTheThresholds) {
  constexpr double theta = 0.1;
  const auto on = passing_edge(180.0, theta), off = passing_edge(0.0, theta);
  // 6.9 thresholds. At the start the leak has come part of the way to ON, which OFF has to go back.
  EXPECT_THAT(on.size(), testing::AnyOf(6U, 7U));
  EXPECT_THAT(off.size(), testing::AnyOf(5U, 6U));
  EXPECT_TRUE(std::ranges::all_of(on, &camera_event::on));
  EXPECT_TRUE(std::ranges::none_of(off, &camera_event::on));
  // From 10 to 20 ms the light rises in a straight line from 0.5 to 1: the pixel is between two dots of the picture.
  const auto light = [&](std::int64_t t) { return 0.5 + 0.5 * (static_cast<double>(t) + 0.5 - 10000.0) / 10000.0; };
  for (std::size_t k = 1; k < on.size(); ++k) {
    EXPECT_NEAR(std::log(light(on[k].t)) - std::log(light(on[k - 1].t)), theta, 0.005) << k;
    EXPECT_GT(on[k].t, on[k - 1].t);
  }
}

TEST(EventCamera, DoubleThresholdsMakeHalfTheEvents) {
  auto s = plain_pixels();
  double events[2] = {};
  for (const int k : {0, 1}) {
    s.threshold_on = s.threshold_off = 0.05 * (k + 1);
    for (int d = 0; d < 10; ++d) {
      events[k] += static_cast<double>(event_camera(s, 1).record(digit(d).view(), 0).size());
    }
  }
  EXPECT_GT(events[1], 10000.0);
  EXPECT_NEAR(events[0] / events[1], 2.0, 0.2);
}

TEST(EventCamera, SeesMotionOfLessThanAPixel) {
  auto s = plain_pixels();
  double before = 0.0;
  for (const double amplitude : {0.2, 0.4, 0.8, 1.6}) {
    s.amplitude = amplitude;
    const auto events = static_cast<double>(event_camera(s, 1).record(digit(3).view(), 0).size());
    EXPECT_GT(events, 1.5 * before) << amplitude;
    before = events;
  }
}

TEST(EventCamera, TimeDoesNotRunBackAndPixelsAreBlindForAWhile) {
  event_camera_spec s;
  s.noise_rate = 10.0;
  const auto events = event_camera(s, 1).record(digit(8).view(), 0);
  ASSERT_GT(events.size(), 1000U);
  std::vector<double> last(34U * 34U, -1e9);
  std::int64_t before = 0;
  for (const auto& e : events) {
    EXPECT_GE(e.t, before);
    EXPECT_LT(e.t, 300000);
    ASSERT_TRUE(e.x < 34 && e.y < 34);
    auto& of_pixel = last[e.y * 34U + e.x];
    EXPECT_GE(static_cast<double>(e.t), of_pixel + 1999.0);  // whole microseconds
    of_pixel = static_cast<double>(e.t);
    before = e.t;
  }
}

TEST(EventCamera, SpreadOfThresholdsBelongsToTheSensor) {
  auto s = looking_at_nothing(0.0, 0.0);
  s.threshold_spread = 0.05;
  s.motion = picture_motion::straight;
  s.direction = 180.0;
  s.speed = 140.0;
  const auto picture = edge_at(240, 100, 120);  // passes every pixel of the sensor
  const auto events_of_pixels = [&](std::uint32_t sample) {
    std::vector<double> n(10000);
    for (const auto& e : event_camera(s, 1).record(picture.view(), sample)) {
      n[e.y * 100U + e.x] += 1.0;
    }
    return n;
  };
  const auto first = events_of_pixels(0), second = events_of_pixels(1);
  const double mean = std::accumulate(first.begin(), first.end(), 0.0) / 10000.0;
  double together = 0.0, alone = 0.0;
  for (std::size_t k = 0; k < first.size(); ++k) {
    together += (first[k] - mean) * (second[k] - mean);
    alone += (first[k] - mean) * (first[k] - mean);
  }
  EXPECT_GT(alone / 10000.0, 1.0);
  EXPECT_GT(together / alone, 0.9);  // the same pixels say more in both, but for their phases
}

TEST(EventCamera, HasTheStatisticsOfNmnist) {
  const event_camera camera({}, 1);
  double all = 0.0, on = 0.0;
  std::vector<double> of_ms10(30);
  for (int k = 0; k < 10; ++k) {
    const auto events = camera.record(digit(k).view(), static_cast<std::uint32_t>(k));
    EXPECT_GT(events.size(), 1069U) << k;
    EXPECT_LT(events.size(), 7152U) << k;
    all += static_cast<double>(events.size());
    on += count_on(events);
    for (const auto& e : events) {
      of_ms10[static_cast<std::size_t>(e.t / 10000)] += 1.0;
    }
  }
  EXPECT_NEAR(all / 10.0, 4108.0, 1000.0);
  EXPECT_NEAR(on / all, 0.5, 0.06);
  for (const std::size_t saccade : {0U, 10U, 20U}) {  // fast in its middle, at rest at its ends
    EXPECT_GT(of_ms10[saccade + 5], 8.0 * of_ms10[saccade]);
    EXPECT_GT(of_ms10[saccade + 4], 8.0 * of_ms10[saccade + 9]);
  }
}

TEST(EventCamera, GivesTheSameBitsOnAnyThreadsAndOthersForOtherSamplesAndSeeds) {
  event_camera_spec s;
  s.noise_rate = 5.0;
  const event_camera camera(s, 7);
  std::vector<std::vector<camera_event>> alone;
  for (std::uint32_t k = 0; k < 6; ++k) {
    alone.push_back(list_of(camera.record(digit(4).view(), k)));
  }
  for (const std::size_t threads : {2U, 3U}) {
    std::vector<std::vector<camera_event>> together(6);
    thread_pool(threads).for_each(6, [&](std::size_t k, std::size_t) {
      together[k] = list_of(camera.record(digit(4).view(), static_cast<std::uint32_t>(k)));
    });
    EXPECT_EQ(together, alone);
  }
  EXPECT_NE(alone[0], alone[1]);
  EXPECT_NE(alone[0], list_of(event_camera(s, 8).record(digit(4).view(), 0)));
}

TEST(EventCamera, WritesEveryFormat) {
  const temporary_folder folder;
  const event_camera camera({}, 1);
  const auto events = camera.record(digit(2).view(), 0);
  for (const auto& f : event_formats()) {
    if (f.writable) {
      const auto path = folder.at("a" + f.endings.front());
      write_events(path, f.format, camera.sensor(), events.events());
      event_read_options o;
      o.format = f.format;
      EXPECT_EQ(list_of(read_events(path, o).events), list_of(events)) << name_of(f.format);
    }
  }
}

TEST(EventCamera, RefusesWhatItCannotSee) {
  const auto refusal = [](const auto& call) {
    try {
      call();
    } catch (const value_error& error) {
      return std::string(error.what());
    }
    return std::string("nothing was thrown");
  };
  const auto of = [&](const auto& change) {
    return refusal([&] {
      event_camera_spec s;
      change(s);
      event_camera(s, 1);
    });
  };
  EXPECT_THAT(of([](auto& s) { s.threshold_on = 0.0; }), HasSubstr("threshold_on = 0 (accepted: 0.01 to 100)"));
  EXPECT_THAT(of([](auto& s) { s.leak_rate = std::nan(""); }), HasSubstr("leak_rate = nan"));
  EXPECT_THAT(of([](auto& s) { s.width = 0; }), HasSubstr("sensor = 0x34"));
  EXPECT_THAT(of([](auto& s) { s.black = 1.0; }), HasSubstr("black = 1"));
  EXPECT_THAT(of([](auto& s) { s.amplitude = 60000.0, s.saccade_ms = 1e6; }), HasSubstr("motion"));
  const event_camera camera({}, 1);
  const std::vector<float> values{0.0f, 0.5f, 1.5f, 0.0f};
  EXPECT_THAT(refusal([&] { camera.record({2, 2, values}, 0); }), HasSubstr("value 2 of the picture = 1.5"));
  EXPECT_THAT(refusal([&] { camera.record({2, 3, values}, 0); }), HasSubstr("2x3, 4 values"));
  EXPECT_THAT(refusal([&] { camera.record({0, 0, {}}, 0); }), HasSubstr("0x0"));
}

TEST(CameraPath, SaccadesRunAroundATriangle) {
  for (const bool backward : {false, true}) {
    for (const unsigned first : {0U, 1U, 2U}) {
      const auto path = triangle_path(6.0, 1000.0, first, backward);
      EXPECT_NEAR(path.at(0.0).x, path.at(3000.0).x, 1e-12);
      EXPECT_NEAR(path.at(0.0).y, path.at(3000.0).y, 1e-12);
      for (const double leg : {0.0, 1000.0, 2000.0}) {
        const auto a = path.at(leg), b = path.at(leg + 1000.0), early = path.at(leg + 10.0);
        EXPECT_NEAR(std::hypot(b.x - a.x, b.y - a.y), 6.0, 1e-12);
        EXPECT_LT(std::hypot(early.x - a.x, early.y - a.y), 1e-3);  // at rest
      }
      const auto middle = path.at(505.0), before = path.at(495.0);
      EXPECT_NEAR(std::hypot(middle.x - before.x, middle.y - before.y) / 10.0, path.fastest(), 1e-4);
    }
  }
  const auto nmnist = triangle_path(6.0, 1000.0);
  EXPECT_GT(nmnist.corners[1].y, nmnist.corners[0].y);  // down to the right, up to the right, to the left
  EXPECT_LT(nmnist.corners[2].y, nmnist.corners[1].y);
  EXPECT_NEAR(nmnist.corners[3].y, nmnist.corners[2].y, 1e-12);
  EXPECT_LT(nmnist.corners[3].x, nmnist.corners[2].x);
}

TEST(CameraPath, StraightMotionPassesTheMiddle) {
  const auto up = straight_path(90.0, 0.01, 1000.0);
  EXPECT_NEAR(up.at(0.0).y, 5.0, 1e-12);
  EXPECT_NEAR(up.at(500.0).y, 0.0, 1e-12);
  EXPECT_NEAR(up.at(750.0).y, -2.5, 1e-12);
  EXPECT_NEAR(up.at(750.0).x, 0.0, 1e-12);
}

TEST(LowPass, FollowsARampAsTheEquationSays) {
  constexpr double tau = 300.0, step = 100.0, slope = 0.002;
  low_pass filter(tau, step, 1.0);
  for (int k = 1; k < 50; ++k) {
    const double t = step * k;
    EXPECT_NEAR(filter.next(1.0 + slope * t), 1.0 + slope * (t - tau + tau * std::exp(-t / tau)), 1e-12);
  }
  low_pass none(0.0, step, 1.0);
  EXPECT_EQ(none.next(3.0), 3.0);
}

TEST(LightResponse, IsLinearInTheDarkAndLogarithmicAbove) {
  event_camera_spec s;
  s.black = 0.0;
  const light_response response(s);
  const double meeting = s.linear_below, h = 1e-6;
  EXPECT_NEAR(response.of(0.5) - response.of(0.25), std::log(2.0), 1e-12);
  EXPECT_NEAR(response.of(0.02) - response.of(0.01), 0.01 / meeting, 1e-12);
  EXPECT_NEAR(response.of(meeting + h) - response.of(meeting - h), 2.0 * h / meeting, 1e-9);
}

}  // namespace
}  // namespace backspike
