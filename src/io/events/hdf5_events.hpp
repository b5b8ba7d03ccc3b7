#pragma once
// Events of an HDF5 file, sent through the wall (io/wall/wall.hpp) part by part.

#include <backspike/events/event_reader.hpp>

#include "io/wall/read_limits.hpp"
#include "io/wall/wall_stream.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace backspike {

/// The first item.
struct hdf5_event_head {
  std::string details;
  std::uint32_t width = 0, height = 0;  // 0: the file does not say
  std::uint64_t events = 0;             // in the file
  std::uint64_t skipped = 0;            // of these, not looked at: they are outside of the slice
  std::uint8_t wrong_places = 0;        // 1: its list of places (ms_to_idx) is wrong, and was not used
};

/// All others: time and packed pixel of each event, one after the other; none at the end.
using hdf5_event_part = std::vector<std::uint64_t>;

template <class Archive, class Head>
void transfer_head(Archive& a, Head& h) {
  auto& [details, width, height, events, skipped, wrong_places] = h;
  a(details), a(width), a(height), a(events), a(skipped), a(wrong_places);
}

/// Inside. Throws what hdf5_input and hdf5_rows throw.
void send_hdf5_events(wall_sink& sink, const std::string& path, const event_read_options& options,
                      const read_limits& limits);

}  // namespace backspike
