// Files of event cameras: events as 16 bytes each, over which Python puts a structured type, without a copy.

#include "binding.hpp"

#include <backspike/core/error.hpp>
#include <backspike/events/event_filters.hpp>
#include <backspike/events/event_reader.hpp>
#include <backspike/events/event_steps.hpp>
#include <backspike/events/event_text.hpp>
#include <backspike/events/event_writer.hpp>

#include <cstring>
#include <utility>

namespace backspike::python {
namespace {

using byte_rows = nb::ndarray<nb::numpy, std::uint8_t>;
using event_rows = nb::ndarray<const std::uint8_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

/// [events][16], in the memory that the reader filled.
byte_rows rows_of(event_buffer&& events) {
  auto* kept = new event_buffer(std::move(events));
  const nb::capsule owner(kept, [](void* p) noexcept { delete static_cast<event_buffer*>(p); });
  static std::uint8_t nothing = 0;
  auto* bytes = kept->empty() ? &nothing : reinterpret_cast<std::uint8_t*>(kept->data());
  const std::size_t shape[] = {kept->size(), sizeof(camera_event)};
  return byte_rows(bytes, 2, shape, owner);
}

std::span<const camera_event> events_in(const event_rows& rows) {
  if (rows.shape(1) != sizeof(camera_event)) {
    throw shape_error("events", "events", std::to_string(rows.shape(1)) + " bytes each", "16");
  }
  return {reinterpret_cast<const camera_event*>(rows.data()), rows.shape(0)};
}

nb::dict counts_of(const std::vector<kind_count>& kinds) {
  nb::dict counts;
  for (const auto& k : kinds) {
    counts[nb::str(k.kind.data(), k.kind.size())] = k.count;
  }
  return counts;
}

/// The keys of `backspike events info --json`.
facts facts_of(const event_file& file, const event_report& r) {
  facts f;
  const bool known = file.sensor.known(), any = r.events > 0;
  const auto text = [](std::string_view s) { return nb::str(s.data(), s.size()); };
  f["file"] = file.path;
  f["format"] = text(name_of(file.format));
  f["events"] = r.events;
  f["on"] = r.on;
  f["off"] = r.off;
  f["width"] = known ? nb::cast(file.sensor.width) : nb::none();
  f["height"] = known ? nb::cast(file.sensor.height) : nb::none();
  f["first_us"] = any ? nb::cast(r.first_us) : nb::none();
  f["last_us"] = any ? nb::cast(r.last_us) : nb::none();
  f["earliest_us"] = any ? nb::cast(r.earliest_us) : nb::none();
  f["latest_us"] = any ? nb::cast(r.latest_us) : nb::none();
  f["largest_x"] = any ? nb::cast(r.largest_x) : nb::none();
  f["largest_y"] = any ? nb::cast(r.largest_y) : nb::none();
  f["backwards"] = r.backwards;
  f["outside"] = r.outside;
  f["sliced"] = r.sliced;
  f["clamped"] = r.clamped;
  f["truncated_bytes"] = r.truncated_bytes;
  f["wraps"] = r.wraps;
  f["ignored"] = counts_of(r.ignored);
  f["invalid"] = counts_of(r.invalid);
  f["origin"] = event_formats().at(static_cast<std::size_t>(file.format) - 1).origin;
  f["details"] = file.details;
  return f;
}

byte_rows read(const std::string& path, const event_read_options& options) {
  event_recording all;
  {
    const without_interpreter released;
    all = read_events(path, options);
  }
  return rows_of(std::move(all.events));
}

facts info(const std::string& path, const event_read_options& options) {
  event_file file;
  event_report report;
  {
    const without_interpreter released;
    event_reader reader(path, options);
    report = scan_events(reader);
    file = reader.file();
  }
  return facts_of(file, report);
}

event_format format_named(const std::string& name) {
  const auto format = parse_name<event_format>(name);
  if (!format) {
    std::string names;
    for (const auto& entry : enum_names<event_format>) {
      names += (names.empty() ? "" : ", ") + std::string(entry.name);
    }
    throw value_error("events", "format", name, names);
  }
  return *format;
}

void write(const std::string& path, const event_rows& rows, const std::string& format, std::uint32_t width,
           std::uint32_t height) {
  const auto events = events_in(rows);
  const auto kind = format.empty() ? format_for_writing(path) : format_named(format);
  const without_interpreter released;
  write_events(path, kind, {width, height}, events);
}

template <class Enum>
Enum named(const char* argument, const std::string& name, const char* accepted) {
  const auto value = parse_name<Enum>(name);
  if (!value) {
    throw value_error("events", argument, name, accepted);
  }
  return *value;
}

/// [steps][channels]
array_out<float> steps(const event_rows& rows, const event_step_options& given, const std::string& polarity,
                       const std::string& duplicates) {
  auto o = given;
  o.polarity = named<polarity_channels>("polarity", polarity, "both, merged, on or off");
  o.duplicates = named<duplicate_events>("duplicates", duplicates, "one or count");
  const auto events = events_in(rows);
  std::vector<float> dense;
  std::vector<std::size_t> shape;
  {
    const without_interpreter released;
    const auto s = events_to_steps(events, o);
    shape = {s.rows.rows(), s.channels()};
    dense.resize(shape[0] * shape[1]);
    for (std::size_t r = 0; r < shape[0]; ++r) {
      const auto row = s.rows.row(r);
      for (std::size_t k = 0; k < row.channels.size(); ++k) {
        dense[r * shape[1] + row.channels[k]] = row.values.empty() ? 1.0F : row.values[k];
      }
    }
  }
  return array_of(std::move(dense), shape);
}

/// A filter by a time: with_refractory_time, without_isolated_events.
template <auto Filter>
byte_rows filtered(const event_rows& rows, std::uint32_t width, std::uint32_t height, std::int64_t time_us) {
  const auto events = events_in(rows);
  event_buffer kept;
  {
    const without_interpreter released;
    kept = Filter(events, {width, height}, time_us);
  }
  return rows_of(std::move(kept));
}

byte_rows without_hot(const event_rows& rows, std::uint32_t width, std::uint32_t height, double most_rate) {
  const auto events = events_in(rows);
  hot_pixel_result result;
  {
    const without_interpreter released;
    result = without_hot_pixels(events, {width, height}, most_rate);
  }
  return rows_of(std::move(result.events));
}

/// Those that have come by now; no rows at the end.
byte_rows next_events(event_reader& reader) {
  event_buffer some;
  {
    const without_interpreter released;
    reader.read_some(some);
  }
  return rows_of(std::move(some));
}

void bind_reader(nb::module_& m) {
  nb::class_<event_reader>(m, "EventReader")
      .def("__init__",
           [](event_reader* self, const std::string& from, double timeout_s, const event_read_options& options) {
             const without_interpreter released;
             new (self) event_reader(live_events{from, timeout_s}, options);
           })
      .def("next_events", &next_events)
      .def("info", [](const event_reader& reader) { return facts_of(reader.file(), reader.report()); });
}

void bind_options(nb::module_& m) {
  nb::class_<event_read_options>(m, "EventReadOptions")
      .def(nb::init<>())
      .def("set_format", [](event_read_options& o, const std::string& name) { o.format = format_named(name); })
      .def("set_size",
           [](event_read_options& o, std::uint32_t w, std::uint32_t h) {
             o.sensor = {w, h};
           })
      .def("set_slice",
           [](event_read_options& o, std::int64_t begin, std::int64_t end) {
             o.slice = {begin, end};
           })
      .def("set_slice_text",
           [](event_read_options& o, const std::string& text) { o.slice = parse_slice(text, "between"); })
      .def("set_layout",
           [](event_read_options& o, const std::string& name) {
             o.layout = named<aedat2_layout>("layout", name, "auto, dvs128 or davis");
           })
      .def("set_time_unit",
           [](event_read_options& o, const std::string& unit) { o.time_scale = parse_time_unit(unit, "time_unit"); })
      .def_rw("strict", &event_read_options::strict)
      .def_rw("clamp_time", &event_read_options::clamp_time)
      .def_rw("keep_outside", &event_read_options::keep_outside)
      .def_rw("invert_polarity", &event_read_options::invert_polarity)
      .def_rw("mirror_x", &event_read_options::mirror_x)
      .def_rw("mirror_y", &event_read_options::mirror_y)
      .def_rw("swapped_halves", &event_read_options::swapped_halves)
      .def_rw("columns", &event_read_options::columns);
  nb::class_<event_step_options>(m, "EventStepOptions")
      .def(nb::init<>())
      .def("set_size",
           [](event_step_options& o, std::uint32_t w, std::uint32_t h) {
             o.sensor = {w, h};
           })
      .def("set_crop",
           [](event_step_options& o, std::uint32_t x, std::uint32_t y, std::uint32_t w, std::uint32_t h) {
             o.crop = {x, y, w, h};
           })
      .def_rw("down", &event_step_options::down)
      .def_rw("bin_us", &event_step_options::bin_us)
      .def_rw("events_per_step", &event_step_options::events_per_step)
      .def_rw("origin_us", &event_step_options::origin_us)
      .def_rw("from_first", &event_step_options::from_first)
      .def_rw("steps", &event_step_options::steps);
}

}  // namespace

void bind_events(nb::module_& m) {
  bind_options(m);
  bind_reader(m);
  m.def("events_read", &read);
  m.def("events_info", &info);
  m.def("events_write", &write);
  m.def("events_steps", &steps);
  m.def("events_without_hot_pixels", &without_hot);
  m.def("events_with_refractory_time", &filtered<with_refractory_time>);
  m.def("events_without_isolated", &filtered<without_isolated_events>);
}

}  // namespace backspike::python
