// Prophesee EVT 2.0: words of 32 bits, an event each; now and then the upper 28 bits of the time.

#include "events/decoder.hpp"
#include "events/formats.hpp"
#include "events/formats/evt_time.hpp"
#include "events/raw_header.hpp"

namespace backspike {
namespace {

enum word_type : unsigned { off = 0, on = 1, time_high = 8, trigger = 10, others = 14, continued = 15 };

constexpr std::uint32_t coordinates = 2048;

class evt2_decoder final : public event_decoder {
 public:
  explicit evt2_decoder(const decoder_setup& s) : report_(s.report) {}

  sensor_size most() const override { return {coordinates, coordinates}; }

  bool decode(byte_source& from, event_buffer& to, std::size_t most) override {
    return decode_words<4, 1>(
        from, to, most, report_,
        [this](const std::uint8_t* bytes, std::size_t words, camera_event* out) { return decode(bytes, words, out); });
  }

 private:
  camera_event* decode(const std::uint8_t* at, std::size_t words, camera_event* out) {
    const std::uint8_t* const end = at + 4 * words;
    std::int64_t base = time_.base;  // not in memory, which every event that is stored may change
    bool known = time_.known;
    for (; at != end; at += 4) {
      const auto word = little_endian<std::uint32_t>(at);
      const std::uint32_t type = word >> 28U;
      if (type <= on && known) {
        const std::uint32_t x = word >> 11U & 0x7FFU, y = word & 0x7FFU;
        store_event(out++, base + (word >> 22U & 0x3FU), packed_pixel(x, y, type));
      } else {
        unusual(word, type);
        base = time_.base;
        known = time_.known;
      }
    }
    return out;
  }

  void unusual(std::uint32_t word, std::uint32_t type) {
    if (type == time_high) {
      time_.set_high(word & 0xFFFFFFFU, report_);
    } else if (type <= on) {
      ++report_.invalid_of("events before the first time");
    } else if (type == trigger) {
      ++report_.ignored_of((word & 1U) != 0 ? "rising triggers" : "falling triggers");
    } else if (type == others || type == continued) {
      ++report_.ignored_of("words of other messages");
    } else {
      ++report_.invalid_of("words of a reserved type");
    }
  }

  event_report& report_;
  evt_time time_;
};

}  // namespace

std::unique_ptr<event_decoder> open_evt2(const decoder_setup& setup) {
  take_raw_header(setup);
  return std::make_unique<evt2_decoder>(setup);
}

}  // namespace backspike
