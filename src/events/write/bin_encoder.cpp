// N-MNIST and SLAYER's .bs2: 5 bytes an event. Row 240 is taken by marks that the clock went on by 8192 us, which later
// times need once they have more than 23 bits.

#include "events/write/encoders.hpp"

namespace backspike {
namespace {

constexpr std::uint32_t overflow_row = 240, columns = 256;
constexpr std::int64_t overflow_us = 8192, times = std::int64_t{1} << 23U;
constexpr std::int64_t most_marks = std::int64_t{1} << 20U;  // for one event: a gap of 2.4 hours

class bin_encoder final : public event_encoder {
 public:
  void begin(const put_bytes&) override {}

  void add(std::span<const camera_event> events, const put_bytes& put) override {
    for (const auto& e : events) {
      require_pixel(index_, e, columns, columns);
      if (e.y == overflow_row) {
        refuse_event(index_, "y", e.y, "any row but 240, which marks an overflow of the time");
      }
      go_on_to(e.t, put);
      out_.big<1>(e.x);
      out_.big<1>(e.y);
      out_.big<3>(static_cast<std::uint64_t>(e.t - offset_) | (e.on ? std::uint64_t{1} << 23U : 0));
      out_.put_some(put);
      ++index_;
    }
  }

  void finish(const put_bytes& put) override { out_.put(put); }

 private:
  void go_on_to(std::int64_t t, const put_bytes& put) {
    if (t < offset_) {
      refuse_event(index_, "t", t, "at least " + std::to_string(offset_) + " us here");
    }
    std::int64_t marks = t - offset_ < times ? 0 : (t - offset_ - times) / overflow_us + 1;
    if (marks > most_marks) {
      refuse_event(
          index_, "t", t,
          "at most " + std::to_string(offset_ + most_marks * overflow_us) + " us here; let the times begin at 0");
    }
    for (; marks > 0; --marks, offset_ += overflow_us) {
      out_.big<1>(0);
      out_.big<1>(overflow_row);
      out_.big<3>(0);
      out_.put_some(put);
    }
  }

  byte_sink out_;
  std::int64_t offset_ = 0;
  std::uint64_t index_ = 0;
};

}  // namespace

std::unique_ptr<event_encoder> make_bin_encoder(const sensor_size&) { return std::make_unique<bin_encoder>(); }

}  // namespace backspike
