// Prophesee EVT 2.0 and 3.0. Their clocks begin again; where time goes on by more than a decoder would follow, upper
// times in between lead it there.

#include "events/write/encoders.hpp"

#include <algorithm>

namespace backspike {
namespace {

constexpr std::uint32_t coordinates = 2048;
constexpr std::int64_t most_steps = std::int64_t{1} << 22U;  // upper times on the way to one event

/// The upper time, and the way to the next one. `Bits` upper bits over `LowBits` lower ones.
template <unsigned Bits, unsigned LowBits>
class upper_time {
 public:
  /// Calls `say` with every upper time until that of t; those that change nothing are left out.
  template <class Say>
  void go_to(std::int64_t t, std::uint64_t index, Say say) {
    if (t < 0) {
      refuse_event(index, "t", t, "0 or later");
    }
    const std::int64_t high = t >> LowBits;
    if (known_ && high == high_) {
      return;
    }
    // A decoder takes a fall by half of the range or more for a new round, and less for a step back.
    if (high < high_ && (high_ - high >= half - 1 || high >> Bits != high_ >> Bits)) {
      refuse_event(index, "t", t, "a time that does not step back so far");
    }
    if ((high - high_) / half > most_steps) {
      refuse_event(index, "t", t, "a time nearer to the one before; let the times begin at 0");
    }
    while (high - high_ > half - 1) {
      high_ += half - 1;
      say(static_cast<std::uint32_t>(high_ & mask));
    }
    high_ = high;
    known_ = true;
    say(static_cast<std::uint32_t>(high & mask));
  }

 private:
  static constexpr std::int64_t half = std::int64_t{1} << (Bits - 1), mask = 2 * half - 1;
  std::int64_t high_ = 0;
  bool known_ = false;
};

std::string geometry_line(const sensor_size& s) {
  return "% geometry " + std::to_string(s.width) + "x" + std::to_string(s.height) + "\n";
}

class evt2_encoder final : public event_encoder {
 public:
  explicit evt2_encoder(const sensor_size& sensor) : sensor_(sensor) {}

  void begin(const put_bytes& put) override { put("% evt 2.0\n" + geometry_line(sensor_) + "% end\n"); }

  void add(std::span<const camera_event> events, const put_bytes& put) override {
    for (const auto& e : events) {
      require_pixel(index_, e, sensor_.width, sensor_.height);
      time_.go_to(e.t, index_, [&](std::uint32_t high) {
        out_.little<4>(8U << 28U | high);
        out_.put_some(put);
      });
      out_.little<4>((e.on ? 1U << 28U : 0U) | static_cast<std::uint32_t>(e.t & 63) << 22U | std::uint32_t{e.x} << 11U |
                     e.y);
      out_.put_some(put);
      ++index_;
    }
  }

  void finish(const put_bytes& put) override { out_.put(put); }

 private:
  sensor_size sensor_;
  byte_sink out_;
  upper_time<28, 6> time_;
  std::uint64_t index_ = 0;
};

class evt3_encoder final : public event_encoder {
 public:
  explicit evt3_encoder(const sensor_size& sensor) : sensor_(sensor) {}

  void begin(const put_bytes& put) override { put("% evt 3.0\n" + geometry_line(sensor_) + "% end\n"); }

  void add(std::span<const camera_event> events, const put_bytes& put) override {
    for (const auto& e : events) {
      require_pixel(index_, e, sensor_.width, sensor_.height);
      time_.go_to(e.t, index_, [&](std::uint32_t high) {
        out_.little<2>(8U << 12U | high);
        out_.put_some(put);
        low_ = 0;  // a new upper time begins there
      });
      say_if_new(low_, static_cast<std::uint32_t>(e.t & 4095), 6);
      say_if_new(y_, e.y, 0);
      out_.little<2>(2U << 12U | (e.on ? 1U << 11U : 0U) | e.x);
      out_.put_some(put);
      ++index_;
    }
  }

  void finish(const put_bytes& put) override { out_.put(put); }

 private:
  void say_if_new(std::uint32_t& last, std::uint32_t now, std::uint32_t type) {
    if (last != now) {
      out_.little<2>(type << 12U | now);
      last = now;
    }
  }

  sensor_size sensor_;
  byte_sink out_;
  upper_time<12, 12> time_;
  std::uint32_t low_ = 0, y_ = coordinates;
  std::uint64_t index_ = 0;
};

/// Their headers say how large the sensor is.
void require_sensor(const sensor_size& s) {
  if (!s.known() || s.width > coordinates || s.height > coordinates) {
    throw value_error("write events", "size", std::to_string(s.width) + "x" + std::to_string(s.height),
                      "WIDTHxHEIGHT of the sensor, at most 2048x2048");
  }
}

}  // namespace

std::unique_ptr<event_encoder> make_evt2_encoder(const sensor_size& sensor) {
  require_sensor(sensor);
  return std::make_unique<evt2_encoder>(sensor);
}

std::unique_ptr<event_encoder> make_evt3_encoder(const sensor_size& sensor) {
  require_sensor(sensor);
  return std::make_unique<evt3_encoder>(sensor);
}

}  // namespace backspike
