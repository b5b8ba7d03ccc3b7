// Opens a file with the decoder of its format, and looks over what that decodes: counts, slices, orientation, and the
// refusals of strict reading.

#include <backspike/events/event_reader.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/interruption.hpp>
#include <backspike/core/resources.hpp>

#include "events/byte_source.hpp"
#include "events/decoder.hpp"
#include "events/formats.hpp"

#include <utility>

namespace backspike {
namespace {

std::string size_text(const sensor_size& s) { return std::to_string(s.width) + "x" + std::to_string(s.height); }

struct seen_events {
  std::size_t on = 0, backwards = 0;
  std::uint32_t x = 0, y = 0;  // the largest
};

/// One pass over events that were just decoded, still in the processor's cache.
seen_events count(const camera_event* at, const camera_event* end, std::int64_t before) {
  seen_events seen;
  for (; at != end; ++at) {
    seen.on += at->on ? 1U : 0U;
    seen.backwards += at->t < before ? 1U : 0U;
    seen.x = std::max<std::uint32_t>(seen.x, at->x);
    seen.y = std::max<std::uint32_t>(seen.y, at->y);
    before = at->t;
  }
  return seen;
}

void take_range(event_report& r, const camera_event* at, const camera_event* end) {
  for (; at != end; ++at) {
    r.earliest_us = std::min(r.earliest_us, at->t);
    r.latest_us = std::max(r.latest_us, at->t);
  }
}

void clamp_times(camera_event* at, const camera_event* end, std::int64_t before, event_report& report) {
  for (; at != end; ++at) {
    if (at->t < before) {
      at->t = before;
      ++report.clamped;
    }
    before = at->t;
  }
}

void orient(camera_event* at, const camera_event* end, const event_read_options& o, const sensor_size& s) {
  for (; at != end; ++at) {
    at->on = at->on != o.invert_polarity;
    if (o.mirror_x && at->x < s.width) {
      at->x = static_cast<std::uint16_t>(s.width - 1 - at->x);
    }
    if (o.mirror_y && at->y < s.height) {
      at->y = static_cast<std::uint16_t>(s.height - 1 - at->y);
    }
  }
}

/// Moves the events that `keep` takes to the front of [at, end); returns behind the last.
template <class Keep>
camera_event* filtered(camera_event* at, const camera_event* end, Keep keep) {
  camera_event* to = at;
  for (; at != end; ++at) {
    *to = *at;
    to += keep(*at) ? 1 : 0;
  }
  return to;
}

void take_delivered(event_report& r, const camera_event* at, const camera_event* end, const seen_events& seen) {
  if (at == end) {
    return;
  }
  if (r.events == 0) {
    r.first_us = r.earliest_us = r.latest_us = at->t;
  }
  const auto events = static_cast<std::uint64_t>(end - at);
  r.events += events;
  r.on += seen.on;
  r.off += events - seen.on;
  r.last_us = (end - 1)->t;
  if (r.backwards > 0) {
    take_range(r, at, end);
  } else {
    r.latest_us = r.last_us;
  }
  r.largest_x = std::max(r.largest_x, seen.x);
  r.largest_y = std::max(r.largest_y, seen.y);
}

/// What a whole file may take: half of what is free, for who reads does something with it.
void require_room(const event_buffer& events, const std::string& path) {
  const auto bytes = (events.size() + event_reader::chunk_events) * sizeof(camera_event);
  const auto there = available_memory(), held = resident_memory();
  const auto free = there > held ? there - held : 0;
  // What the buffer holds by now is no longer free.
  if (bytes > (free + events.size() * sizeof(camera_event)) / 2) {
    throw resource_error("read " + path, bytes, free / 2,
                         "read it in parts (event_reader), or a slice of its time; events take 16 bytes each");
  }
}

event_recording read_all(event_reader& reader) {
  event_recording all;
  std::size_t checked = 0;
  constexpr std::size_t step = std::size_t{1} << 20U;  // events
  while (reader.read_some(all.events)) {
    if (all.events.size() >= checked + step) {
      require_room(all.events, reader.file().path);
      checked = all.events.size();
    }
  }
  all.file = reader.file();
  all.report = reader.report();
  return all;
}

}  // namespace

void set_sensor(const decoder_setup& setup, const sensor_size& said) {
  const auto& asked = setup.options.sensor;
  if (said.known() && asked.known() && said != asked) {
    throw value_error("read " + setup.from.path(), "size", size_text(asked), size_text(said) + ", as the file says");
  }
  setup.file.sensor = said.known() ? said : asked;
}

event_reader::event_reader(const std::string& path, const event_read_options& options)
    : options_(options), source_(std::make_unique<byte_source>(path)) {
  open();
}

event_reader::event_reader(std::span<const std::uint8_t> bytes, const std::string& name,
                           const event_read_options& options)
    : options_(options), source_(std::make_unique<byte_source>(bytes, name)) {
  open();
}

event_reader::event_reader(const live_events& live, const event_read_options& options)
    : options_(options), source_(std::make_unique<byte_source>(live)) {
  open();
}

event_reader::~event_reader() = default;
event_reader::event_reader(event_reader&&) noexcept = default;

void event_reader::open() {
  file_.path = source_->path();
  if (options_.slice.begin > options_.slice.end) {
    throw value_error("read " + file_.path, "slice",
                      std::to_string(options_.slice.begin) + ":" + std::to_string(options_.slice.end),
                      "a beginning that is not after the end");
  }
  const auto head = source_->look(head_bytes);
  const auto& entry = find_format(file_.path, text_of(head.first(std::min(head.size(), head_bytes))), options_.format);
  file_.format = entry.format;
  file_.sensor = options_.sensor;
  decoder_ = entry.open({*source_, options_, file_, report_});
  const auto &sensor = file_.sensor, most = decoder_->most();
  limit_ = sensor.known() && !options_.keep_outside
               ? sensor_size{std::min(sensor.width, most.width), std::min(sensor.height, most.height)}
               : most;
  changes_ = options_.invert_polarity || options_.mirror_x || options_.mirror_y || !options_.slice.everything();
  if ((options_.mirror_x || options_.mirror_y) && !file_.sensor.known()) {
    throw value_error("read " + file_.path, "size", "unknown", "WIDTHxHEIGHT, to mirror the picture with");
  }
}

bool event_reader::read_some(event_buffer& to) {
  const std::size_t before = to.size();
  bool more = true;
  while (more && to.size() < before + chunk_events && (to.size() == before || source_->is_here())) {
    check_interruption();
    more = read_piece(to);
  }
  if (const auto lost = source_->lost(); lost > 0) {
    report_.invalid_of("datagrams that were lost because nobody took them in time") = lost;
  }
  return to.size() > before;
}

/// Strictly, a piece is one item, so that the place of what is odd is known.
bool event_reader::read_piece(event_buffer& to) {
  const auto first = to.size();
  const auto byte = source_->position();
  const auto event = seen_;
  const bool more = decoder_->decode(*source_, to, options_.strict ? 1 : std::numeric_limits<std::size_t>::max());
  look_over(to, first);
  if (options_.strict) {
    refuse_oddities(byte, event);
  }
  return more;
}

void event_reader::refuse_oddities(std::uint64_t byte, std::uint64_t event) const {
  const auto found = report_.oddities();
  if (!found.empty()) {
    throw format_error(file_.path, "byte " + std::to_string(byte) + ", event " + std::to_string(event),
                       found + " (strict reading takes a file only if nothing in it is odd)");
  }
}

void event_reader::look_over(event_buffer& all, std::size_t first) {
  auto *at = all.data() + first, *end = all.data() + all.size();
  if (at == end) {
    return;
  }
  seen_ += static_cast<std::uint64_t>(end - at);
  if (options_.clamp_time) {
    clamp_times(at, end, last_time_, report_);
  }
  auto seen = count(at, end, last_time_);
  last_time_ = (end - 1)->t;
  report_.backwards += seen.backwards;
  if (seen.x >= limit_.width || seen.y >= limit_.height || changes_) {
    end = change(at, end);
    all.shorten(static_cast<std::size_t>(end - all.data()));
    seen = count(at, end, 0);
  }
  take_delivered(report_, at, end, seen);
}

/// Leaves out what is outside of sensor and slice, and turns the picture; returns the new end.
camera_event* event_reader::change(camera_event* at, camera_event* end) {
  const auto limit = limit_;
  auto* kept = filtered(at, end, [&](const camera_event& e) { return e.x < limit.width && e.y < limit.height; });
  report_.outside += static_cast<std::uint64_t>(end - kept);
  end = kept;
  const auto slice = options_.slice;
  kept = filtered(at, end, [&](const camera_event& e) { return e.t >= slice.begin && e.t < slice.end; });
  report_.sliced += static_cast<std::uint64_t>(end - kept);
  orient(at, kept, options_, file_.sensor);
  return kept;
}

event_recording read_events(const std::string& path, const event_read_options& options) {
  event_reader reader(path, options);
  return read_all(reader);
}

event_recording read_events(std::span<const std::uint8_t> bytes, const std::string& name,
                            const event_read_options& options) {
  event_reader reader(bytes, name, options);
  return read_all(reader);
}

event_report scan_events(event_reader& reader) {
  event_buffer chunk;
  while (reader.read_some(chunk)) {
    chunk.clear();
  }
  return reader.report();
}

}  // namespace backspike
