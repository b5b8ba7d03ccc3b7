// Prophesee EVT 2.1: words of 64 bits, each with up to 32 neighbouring pixels that changed at once. One sensor writes
// the upper half of a word first.

#include "events/decoder.hpp"
#include "events/formats.hpp"
#include "events/formats/evt_time.hpp"
#include "events/raw_header.hpp"

namespace backspike {
namespace {

enum word_type : unsigned { off = 0, on = 1, time_high = 8, trigger = 10, others = 14, continued = 15 };

constexpr std::uint32_t coordinates = 2048;

class evt21_decoder final : public event_decoder {
 public:
  evt21_decoder(const decoder_setup& s, bool swapped) : report_(s.report), swap_(swapped ? 32 : 0) {}

  sensor_size most() const override { return {coordinates, coordinates}; }

  bool decode(byte_source& from, event_buffer& to, std::size_t most) override {
    return decode_words<8, 32>(from, to, most, report_,
                               [this](const std::uint8_t* bytes, std::size_t words, camera_event* out) {
                                 for (; words > 0; --words, bytes += 8) {
                                   out = decode(std::rotl(little_endian<std::uint64_t>(bytes), swap_), out);
                                 }
                                 return out;
                               });
  }

 private:
  camera_event* decode(std::uint64_t word, camera_event* out) {
    const auto upper = static_cast<std::uint32_t>(word >> 32U), type = upper >> 28U;
    if (type <= on && time_.known) {
      return store(upper, static_cast<std::uint32_t>(word), out);
    }
    if (type == time_high) {
      time_.set_high(upper & 0xFFFFFFFU, report_);
    } else if (type <= on) {
      ++report_.invalid_of("events before the first time");
    } else if (type == trigger) {
      ++report_.ignored_of((word >> 32U & 1U) != 0 ? "rising triggers" : "falling triggers");
    } else if (type == others || type == continued) {
      ++report_.ignored_of("words of other messages");
    } else {
      ++report_.invalid_of("words of a reserved type");
    }
    return out;
  }

  camera_event* store(std::uint32_t upper, std::uint32_t mask, camera_event* out) {
    const std::int64_t t = time_.base + (upper >> 22U & 0x3FU);
    const std::uint64_t pixel = packed_pixel(upper >> 11U & 0x7FFU, upper & 0x7FFU, upper >> 28U);
    for (; mask != 0; mask &= mask - 1) {
      store_event(out++, t, pixel + static_cast<std::uint64_t>(std::countr_zero(mask)));
    }
    return out;
  }

  event_report& report_;
  int swap_;
  evt_time time_;
};

}  // namespace

std::unique_ptr<event_decoder> open_evt21(const decoder_setup& setup) {
  const auto header = take_raw_header(setup);
  const bool swapped = header.swapped_halves || setup.options.swapped_halves;
  setup.file.details = swapped ? "upper half of each word first" : "";
  return std::make_unique<evt21_decoder>(setup, swapped);
}

}  // namespace backspike
