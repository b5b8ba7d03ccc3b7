// Files without a header: N-MNIST, N-Caltech101 and SLAYER's .bs2 (5 bytes an event), .bs1 (5) and .bs3 (7). Numbers
// are big-endian, times count microseconds.

#include "events/decoder.hpp"
#include "events/formats.hpp"

namespace backspike {
namespace {

constexpr std::uint32_t overflow_row = 240;                   // a y that marks that the clock went on
constexpr std::int64_t overflow_us = std::int64_t{1} << 13U;  // by as much

std::uint32_t big_endian24(const std::uint8_t* b) {
  return std::uint32_t{b[0]} << 16U | std::uint32_t{b[1]} << 8U | b[2];
}

/// x, y, polarity and 23 bits of time.
class bin_decoder final : public event_decoder {
 public:
  explicit bin_decoder(const decoder_setup& s) : report_(s.report) {}

  bool decode(byte_source& from, event_buffer& to, std::size_t most) override {
    return decode_words<5, 1>(from, to, most, report_,
                              [this](const std::uint8_t* at, std::size_t words, camera_event* out) {
                                for (; words > 0; --words, at += 5) {
                                  out = store(at, out);
                                }
                                return out;
                              });
  }

 private:
  camera_event* store(const std::uint8_t* at, camera_event* out) {
    const std::uint32_t x = at[0], y = at[1], rest = big_endian24(at + 2);
    if (y == overflow_row) {
      offset_ += overflow_us;
      ++report_.wraps;
      return out;
    }
    store_event(out, offset_ + (rest & 0x7FFFFFU), packed_pixel(x, y, rest >> 23U));
    return out + 1;
  }

  event_report& report_;
  std::int64_t offset_ = 0;
};

/// A neuron of 16 bits, which becomes x, polarity and 23 bits of time.
class bs1_decoder final : public event_decoder {
 public:
  explicit bs1_decoder(const decoder_setup& s) : report_(s.report) {}

  bool decode(byte_source& from, event_buffer& to, std::size_t most) override {
    return decode_words<5, 1>(
        from, to, most, report_, [](const std::uint8_t* at, std::size_t words, camera_event* out) {
          for (; words > 0; --words, at += 5) {
            const std::uint32_t x = std::uint32_t{at[0]} << 8U | at[1], rest = big_endian24(at + 2);
            store_event(out++, rest & 0x7FFFFFU, packed_pixel(x, 0, rest >> 23U));
          }
          return out;
        });
  }

 private:
  event_report& report_;
};

/// x and y of 12 bits, a channel of 8 that is the polarity, 24 bits of time.
class bs3_decoder final : public event_decoder {
 public:
  explicit bs3_decoder(const decoder_setup& s) : report_(s.report) {}

  bool decode(byte_source& from, event_buffer& to, std::size_t most) override {
    return decode_words<7, 1>(from, to, most, report_,
                              [this](const std::uint8_t* at, std::size_t words, camera_event* out) {
                                for (; words > 0; --words, at += 7) {
                                  out = store(at, out);
                                }
                                return out;
                              });
  }

 private:
  camera_event* store(const std::uint8_t* at, camera_event* out) {
    const std::uint32_t pixel = big_endian24(at), x = pixel >> 12U, y = pixel & 0xFFFU;
    if (at[3] > 1) {
      ++report_.invalid_of("events of a channel beyond 0 and 1");
      return out;
    }
    store_event(out, big_endian24(at + 4), packed_pixel(x, y, at[3]));
    return out + 1;
  }

  event_report& report_;
};

}  // namespace

std::unique_ptr<event_decoder> open_bin(const decoder_setup& setup) { return std::make_unique<bin_decoder>(setup); }
std::unique_ptr<event_decoder> open_bs1(const decoder_setup& setup) { return std::make_unique<bs1_decoder>(setup); }
std::unique_ptr<event_decoder> open_bs3(const decoder_setup& setup) { return std::make_unique<bs3_decoder>(setup); }

}  // namespace backspike
