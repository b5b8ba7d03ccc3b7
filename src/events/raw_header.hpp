#pragma once
// The header of Prophesee's files, RAW and DAT: lines of text that begin with a percent sign.

#include <backspike/events/camera_event.hpp>
#include <backspike/events/event_format.hpp>

#include "events/decoder.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace backspike {

struct raw_header {
  std::size_t bytes = 0;  // the whole header
  event_format format = event_format::automatic;
  sensor_size sensor;
  unsigned dat_version = 0;
  bool swapped_halves = false;  // "endianness=legacy" of EVT 2.1
  std::string problem;          // what cannot be: two versions, a size that is none
};

/// Reads as much of a header as there is in `head`; bytes = 0: it does not begin with one.
raw_header read_raw_header(std::string_view head);

/// The format that a header tells; automatic: none.
event_format raw_format(std::string_view head);

/// Skips the header, and tells the file its sensor. Throws format_error for a header with a problem.
raw_header take_raw_header(const decoder_setup& setup);

/// A positive whole number up to 65535 at the start of the text; none: something else.
std::optional<std::uint32_t> extent_from(std::string_view text);
/// "640x480".
std::optional<sensor_size> size_from(std::string_view text);

}  // namespace backspike
