// The inside: finds the events, begins at the slice where the file has a list of places (DSEC's ms_to_idx), and sends
// whole chunks of the file one after another.

#include "io/events/hdf5_events.hpp"

#include "events/decoder.hpp"
#include "events/raw_header.hpp"
#include "io/events/hdf5_columns.hpp"

#include <algorithm>
#include <limits>

namespace backspike {
namespace {

constexpr std::size_t least_rows = 16384, most_rows = std::size_t{1} << 20U;
constexpr std::int64_t us_in_ms = 1000;

struct row_range {
  std::size_t first = 0, end = 0;
};

/// What stands in a list of places for a time [us] since t_offset: the first event that is not before that millisecond.
std::int64_t place_of(const std::vector<std::int64_t>& places, std::int64_t time, std::int64_t beyond) {
  const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(time, 0) / us_in_ms);
  return time <= 0 ? 0 : ms < places.size() ? places[ms] : beyond;
}

class sender {
 public:
  sender(wall_sink& sink, const std::string& path, const event_read_options& options, const read_limits& limits)
      : sink_(sink),
        in_(path, limits),
        options_(options),
        columns_(find_hdf5_columns(in_)),
        rows_(in_, columns_, options) {}

  void send() {
    hdf5_event_head head;
    head.details = columns_.details;
    take_size(head);
    head.events = columns_.events();
    const auto range = range_of_slice(head);
    head.skipped = head.events - (range.end - range.first);
    sink_.begin_item();
    transfer_head(sink_, head);
    send_rows(range);
    sink_.begin_item();
    sink_(hdf5_event_part{});
  }

 private:
  /// The attribute `geometry` of Prophesee's files: "1280x720".
  void take_size(hdf5_event_head& head) const {
    const auto root = in_.group("/");
    if (!in_.has_attribute(root.id(), "/", "geometry")) {
      return;
    }
    const auto size = size_from(in_.any_text(root.id(), "/", "geometry"));
    if (!size) {
      in_.fail("/ attribute geometry", "no size of a sensor, such as 1280x720");
    }
    head.width = size->width;
    head.height = size->height;
  }

  row_range range_of_slice(hdf5_event_head& head) {
    const row_range all{0, columns_.events()};
    const auto& slice = options_.slice;
    if (slice.everything() || options_.strict || options_.time_scale != 0.0 || !in_.contains("ms_to_idx")) {
      return all;
    }
    const auto places = in_.integers(in_.array("ms_to_idx"));
    const auto events = static_cast<std::int64_t>(all.end);
    const auto first = place_of(places, since_offset(slice.begin), places.empty() ? 0 : places.back());
    const auto end = place_of(places, since_offset(slice.end) + us_in_ms - 1, events);
    const bool possible = first >= 0 && first <= end && end <= events;
    const bool right =
        possible && (first == 0 || time_at(first - 1) < slice.begin) && (end == events || time_at(end) >= slice.end);
    head.wrong_places = right ? 0 : 1;
    return right ? row_range{static_cast<std::size_t>(first), static_cast<std::size_t>(end)} : all;
  }

  std::int64_t since_offset(std::int64_t time) const {
    constexpr std::int64_t far = std::numeric_limits<std::int64_t>::max() / 4;  // an open end of a slice
    return std::clamp(time, -far, far) - std::clamp(rows_.offset(), -far, far);
  }

  std::int64_t time_at(std::int64_t row) {
    rows_.read(static_cast<std::size_t>(row), 1);
    return rows_.time(0);
  }

  void send_rows(const row_range& range) {
    const std::size_t together = in_.rows_together(columns_.arrays[0]);
    const std::size_t step =
        together >= least_rows ? std::min(together, most_rows) : together * (least_rows / together);
    for (std::size_t at = range.first; at < range.end;) {
      const std::size_t count = std::min(step - at % step, range.end - at);
      rows_.read(at, count);
      for (std::size_t k = 0; k < count; k += least_rows) {
        send_part(k, std::min(least_rows, count - k));
      }
      at += count;
    }
  }

  void send_part(std::size_t first, std::size_t count) {
    part_.clear();
    for (std::size_t k = first; k < first + count; ++k) {
      const auto e = rows_.event(k);
      part_.push_back(static_cast<std::uint64_t>(e.t));
      part_.push_back(packed_pixel(e.x, e.y, e.on ? 1 : 0));
    }
    sink_.begin_item();
    sink_(part_);
  }

  wall_sink& sink_;
  hdf5_input in_;
  const event_read_options& options_;
  hdf5_columns columns_;
  hdf5_rows rows_;
  hdf5_event_part part_;
};

}  // namespace

void send_hdf5_events(wall_sink& sink, const std::string& path, const event_read_options& options,
                      const read_limits& limits) {
  sender(sink, path, options, limits).send();
}

}  // namespace backspike
