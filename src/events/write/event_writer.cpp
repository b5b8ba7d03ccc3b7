// The list of encoders, and files that are written through them.

#include <backspike/events/event_writer.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/interruption.hpp>
#include <backspike/core/name_ending.hpp>

#include "events/write/encoders.hpp"

#include <array>

namespace backspike {
namespace {

struct encoder_entry {
  event_format format;
  std::string_view ending;
  make_encoder* make;
};
constexpr std::array encoders{
    encoder_entry{event_format::bin, ".bin", make_bin_encoder},
    encoder_entry{event_format::bs2, ".bs2", make_bin_encoder},
    encoder_entry{event_format::evt3, ".raw", make_evt3_encoder},  // before EVT 2.0, which has the same ending
    encoder_entry{event_format::evt2, ".raw", make_evt2_encoder},
    encoder_entry{event_format::aedat3, ".aedat", make_aedat3_encoder},
    encoder_entry{event_format::npz, ".npz", make_npz_encoder},
};

template <class Member>
std::string all_of(Member member) {
  std::string text;
  for (const auto& e : encoders) {
    text += (text.empty() ? "" : ", ") + std::string(member(e));
  }
  return text;
}

}  // namespace

std::unique_ptr<event_encoder> encoder_of(event_format format, const sensor_size& sensor) {
  for (const auto& e : encoders) {
    if (e.format == format) {
      return e.make(sensor);
    }
  }
  throw value_error("write events", "format", std::string(name_of(format)),
                    all_of([](const encoder_entry& e) { return name_of(e.format); }));
}

event_format format_for_writing(const std::string& path) {
  for (const auto& e : encoders) {
    if (has_ending(path, e.ending)) {
      return e.format;
    }
  }
  throw value_error("write events", "name", path,
                    "an ending that tells the format (.bin, .bs2, .raw, .aedat, .npz), or the format itself (" +
                        all_of([](const encoder_entry& e) { return name_of(e.format); }) + ")");
}

void write_events(const std::string& path, event_format format, const sensor_size& sensor, const event_supply& supply) {
  const auto encoder = encoder_of(format, sensor);
  replace_file(path, [&](const put_bytes& put) {
    encoder->begin(put);
    for (auto events = supply(); !events.empty(); events = supply()) {
      check_interruption();
      encoder->add(events, put);
    }
    encoder->finish(put);
  });
}

void write_events(const std::string& path, event_format format, const sensor_size& sensor,
                  std::span<const camera_event> events) {
  constexpr std::size_t piece = std::size_t{1} << 16U;
  write_events(path, format, sensor, [&] {
    const auto now = events.first(std::min(piece, events.size()));
    events = events.subspan(now.size());
    return now;
  });
}

}  // namespace backspike
