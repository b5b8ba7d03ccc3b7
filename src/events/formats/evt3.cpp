// Prophesee EVT 3.0: words of 16 bits, each a change of what the next event is made of. Time follows the camera maker's
// rules: the lower part starts again at 0 when the upper one changes, and the clock has begun a new round only where
// the upper part falls by at least half of its range; it may step back a little otherwise.

#include "events/decoder.hpp"
#include "events/formats.hpp"
#include "events/formats/evt3_words.hpp"
#include "events/raw_header.hpp"

#include <array>

namespace backspike {
namespace {

constexpr std::uint32_t coordinates = 2048;  // 11 bits
constexpr std::uint32_t half_round = 2048;   // of the 12 bits of the upper time
constexpr std::int64_t round_us = std::int64_t{1} << 24U;

/// What words have set so far. Before the first address there is none, and what refers to it is outside.
struct evt3_state {
  std::int64_t rounds = 0, base_time = 0;
  std::uint32_t high = 0, low = 0, y = coordinates, x = coordinates;
  std::uint64_t on = 0;
  bool timed = false;
};

class evt3_decoder final : public event_decoder {
 public:
  explicit evt3_decoder(const decoder_setup& s) : report_(s.report) {}

  sensor_size most() const override { return {coordinates, coordinates}; }

  bool decode(byte_source& from, event_buffer& to, std::size_t most) override {
    return decode_words<2, 12>(
        from, to, most, report_,
        [this](const std::uint8_t* bytes, std::size_t words, camera_event* out) { return decode(bytes, words, out); });
  }

 private:
  camera_event* decode(const std::uint8_t* at, std::size_t words, camera_event* out) {
    for (; words > 0 && !state_.timed; --words, at += 2) {
      wait_for_time(little_endian<std::uint16_t>(at));
    }
    while (words > 0) {
      std::size_t done = 0;
      if (words >= evt3_block) {
        done = decode_block(at, evt3_block, out);
      } else {
        std::array<std::uint8_t, 2 * evt3_block> padded{};
        std::copy_n(at, 2 * words, padded.begin());
        done = decode_block(padded.data(), words, out);
      }
      at += 2 * done;
      words -= done;
    }
    return out;
  }

  /// The first `words` of a block, or those up to a change of the upper time; returns how many.
  std::size_t decode_block(const std::uint8_t* at, std::size_t words, camera_event*& out) {
    const auto masks = evt3_masks_of(at, words, state_.high);
    std::uint64_t rest = evt3_first(words);
    for (auto rare = masks.rare; rare != 0; rare &= rare - 1) {
      const auto place = static_cast<std::size_t>(std::countr_zero(rare));
      out = store_events(at, masks, rest & evt3_first(place), out);
      rest &= ~evt3_first(place + 1);
      const std::uint32_t word = little_endian<std::uint16_t>(at + 2 * place), type = word >> 12U;
      if (type == evt3_time_high) {  // the masks take another upper time for granted
        count_messages(masks.messages & ~rest);
        set_high(word & 0xFFFU);
        return place + 1;
      }
      out = take_rare(word, type, out);
    }
    count_messages(masks.messages);
    out = store_events(at, masks, rest, out);
    return words;
  }

  /// Events of single pixels among the words of `range`: each takes the last y and the last lower time before it.
  camera_event* store_events(const std::uint8_t* at, const evt3_masks& masks, std::uint64_t range, camera_event* out) {
    const std::int64_t base = state_.base_time;
    const std::uint32_t y = state_.y, low = state_.low;
    const auto last_of = [at](std::uint64_t places) {
      return std::uint32_t{little_endian<std::uint16_t>(at + 2 * (63 - std::countl_zero(places)))} & 0xFFFU;
    };
    const std::uint64_t ys = masks.y & range, lows = masks.low & range;
    for (std::uint64_t left = masks.x & range; left != 0; left &= left - 1) {
      const std::uint64_t before = (left & (~left + 1)) - 1;
      const std::uint32_t word = little_endian<std::uint16_t>(at + 2 * std::countr_zero(left));
      const std::uint32_t row = (ys & before) != 0 ? last_of(ys & before) & 0x7FFU : y;
      const std::uint32_t time = (lows & before) != 0 ? last_of(lows & before) : low;
      store_event(out++, base + time, packed_pixel(word & 0x7FFU, row, word >> 11U & 1U));
    }
    state_.y = ys != 0 ? last_of(ys) & 0x7FFU : y;
    state_.low = lows != 0 ? last_of(lows) : low;
    return out;
  }

  void wait_for_time(std::uint32_t word) {
    const std::uint32_t type = word >> 12U;
    if (type == evt3_time_high) {
      state_.timed = true;
      state_.high = word & 0xFFFU;
      state_.base_time = std::int64_t{state_.high} << 12U;
    } else if (type <= evt3_time_low && type != 1) {
      ++report_.invalid_of("words before the first time");
      // Where an event is stays known, and when it was does not.
      state_.y = type == evt3_y ? word & 0x7FFU : state_.y;
    } else {
      count_messages(is_evt3_message(type) ? 1 : 0);
      count_other(word, type);
    }
  }

  camera_event* take_rare(std::uint32_t word, std::uint32_t type, camera_event* out) {
    switch (type) {
      case evt3_vector_base:
        state_.x = word & 0x7FFU;
        state_.on = word >> 11U & 1U;
        return out;
      case evt3_vector_12:
        return store_vector<12>(word & 0xFFFU, out);
      case evt3_vector_8:
        return store_vector<8>(word & 0xFFU, out);
      default:
        count_other(word, type);
        return out;
    }
  }

  void set_high(std::uint32_t high) {
    if (state_.high >= high + half_round) {
      state_.rounds += round_us;
      ++report_.wraps;
    }
    state_.high = high;
    state_.low = 0;
    state_.base_time = state_.rounds + (std::int64_t{high} << 12U);
  }

  /// Bit i of the mask is the pixel x + i.
  template <std::uint32_t Bits>
  camera_event* store_vector(std::uint32_t mask, camera_event* out) {
    const std::int64_t t = state_.base_time + state_.low;
    std::uint64_t pixel = packed_pixel(state_.x, state_.y, state_.on);
    for (std::uint32_t i = 0; i < Bits; ++i, ++pixel) {  // without a branch: which bits are set is anybody's guess
      store_event(out, t, pixel);
      out += mask >> i & 1U;
    }
    state_.x = std::min(state_.x + Bits, coordinates);
    return out;
  }

  void count_messages(std::uint64_t places) {
    if (places != 0) {
      report_.ignored_of("words of other messages") += static_cast<std::uint64_t>(std::popcount(places));
    }
  }

  void count_other(std::uint32_t word, std::uint32_t type) {
    if (type == evt3_trigger) {
      ++report_.ignored_of((word & 1U) != 0 ? "rising triggers" : "falling triggers");
    } else if (!is_evt3_message(type)) {
      ++report_.invalid_of("words of a reserved type");
    }
  }

  event_report& report_;
  evt3_state state_;
};

}  // namespace

std::unique_ptr<event_decoder> open_evt3(const decoder_setup& setup) {
  take_raw_header(setup);
  return std::make_unique<evt3_decoder>(setup);
}

}  // namespace backspike
