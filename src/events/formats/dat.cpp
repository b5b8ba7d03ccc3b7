// Prophesee DAT: 8 bytes an event, time and address in little-endian words. Version 1 has smaller addresses.

#include "events/decoder.hpp"
#include "events/formats.hpp"
#include "events/formats/clock32.hpp"
#include "events/raw_header.hpp"

namespace backspike {
namespace {

/// Where x, y and polarity stand in the second word.
struct dat_layout {
  std::uint32_t x_mask, y_shift, y_mask, on_shift;
};
constexpr dat_layout version_1{0x1FF, 9, 0xFF, 17}, version_2{0x3FFF, 14, 0x3FFF, 28};

class dat_decoder final : public event_decoder {
 public:
  dat_decoder(const decoder_setup& s, const dat_layout& layout) : report_(s.report), layout_(layout) {}

  bool decode(byte_source& from, event_buffer& to, std::size_t most) override {
    return decode_words<8, 1>(
        from, to, most, report_,
        [this](const std::uint8_t* bytes, std::size_t words, camera_event* out) { return decode(bytes, words, out); });
  }

 private:
  camera_event* decode(const std::uint8_t* at, std::size_t words, camera_event* out) {
    const auto l = layout_;
    auto clock = clock_;  // not in memory, which every event that is stored may change
    const std::uint8_t* const end = at + 8 * words;
    for (; at != end; at += 8) {
      const auto address = little_endian<std::uint32_t>(at + 4);
      const std::uint32_t x = address & l.x_mask, y = address >> l.y_shift & l.y_mask;
      store_event(out++, clock.time(little_endian<std::uint32_t>(at), report_),
                  packed_pixel(x, y, address >> l.on_shift & 1U));
    }
    clock_ = clock;
    return out;
  }

  event_report& report_;
  dat_layout layout_;
  clock32 clock_;
};

}  // namespace

std::unique_ptr<event_decoder> open_dat(const decoder_setup& setup) {
  const auto header = take_raw_header(setup);
  setup.from.skip(2);  // the type and the size of an event, by which the format was told
  const bool second = header.dat_version == 2;
  setup.file.details = second ? "version 2" : "version 1: x of 9 and y of 8 bits";
  return std::make_unique<dat_decoder>(setup, second ? version_2 : version_1);
}

}  // namespace backspike
