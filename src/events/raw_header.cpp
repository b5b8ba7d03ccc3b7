// Reads the header line by line: `% evt 3.0`, `% format EVT3;height=720;width=1280`, `% geometry 1280x720`, `% Width
// 640`,
// `% Version 2`, `% end`. Other lines are left alone.

#include "events/raw_header.hpp"

#include <backspike/core/error.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace backspike {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

/// The line at the start, with its end; empty: what comes is no line of a header. The events that follow may begin with
/// a percent sign, but hardly go on as text.
std::string_view header_line(std::string_view rest) {
  if (!rest.starts_with("%")) {
    return {};
  }
  const auto end = std::find_if(rest.begin(), rest.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return (u < 32 && c != '\t') || u == 127;
  });
  const auto length = static_cast<std::size_t>(end - rest.begin());
  if (rest.substr(length).starts_with("\n")) {
    return rest.substr(0, length + 1);
  }
  return rest.substr(length).starts_with("\r\n") ? rest.substr(0, length + 2) : std::string_view{};
}

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_space(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_space(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

struct version_name {
  std::string_view name;
  event_format format;
};
constexpr version_name versions[] = {
    {"2.0", event_format::evt2},  {"2.1", event_format::evt21},   {"3.0", event_format::evt3},
    {"evt2", event_format::evt2}, {"evt21", event_format::evt21}, {"evt3", event_format::evt3},
};

void take_version(raw_header& header, std::string_view name) {
  const auto found =
      std::find_if(std::begin(versions), std::end(versions), [&](const auto& v) { return v.name == name; });
  if (found == std::end(versions)) {
    header.problem = "an event format that is not read: " + std::string(name) + " (accepted: EVT 2.0, 2.1, 3.0)";
  } else if (header.format != event_format::automatic && header.format != found->format) {
    header.problem = "it names two formats, " + std::string(name_of(header.format)) + " and " + std::string(name);
  } else {
    header.format = found->format;
  }
}

void take_extent(raw_header& header, std::uint32_t& extent, std::string_view text) {
  const auto value = extent_from(text);
  if (!value || (extent != 0 && extent != *value)) {
    header.problem = "a size of the sensor that cannot be: " + std::string(text);
  } else {
    extent = *value;
  }
}

void take_size(raw_header& header, std::string_view text) {
  const auto cross = std::min(text.find('x'), text.size());
  take_extent(header, header.sensor.width, text.substr(0, cross));
  take_extent(header, header.sensor.height, text.substr(std::min(cross + 1, text.size())));
}

/// "evt3;height=720;width=1280".
void take_format(raw_header& header, std::string_view value) {
  take_version(header, value.substr(0, value.find(';')));
  for (auto at = value.find(';'); at != std::string_view::npos; at = value.find(';', at + 1)) {
    auto part = value.substr(at + 1);
    part = part.substr(0, part.find(';'));
    if (part.starts_with("height=")) {
      take_extent(header, header.sensor.height, part.substr(7));
    } else if (part.starts_with("width=")) {
      take_extent(header, header.sensor.width, part.substr(6));
    } else if (part == "endianness=legacy") {
      header.swapped_halves = true;
    }
  }
}

/// False at the end of the header.
bool take_line(raw_header& header, std::string_view line) {
  const auto content = lower(trimmed(line.substr(1)));
  const auto space = std::min(content.find(' '), content.size());
  const auto key = content.substr(0, space);
  const auto value = std::string(trimmed(std::string_view(content).substr(space)));
  if (key == "evt") {
    take_version(header, value);
  } else if (key == "format") {
    take_format(header, value);
  } else if (key == "geometry") {
    take_size(header, value);
  } else if (key == "width") {
    take_extent(header, header.sensor.width, value);
  } else if (key == "height") {
    take_extent(header, header.sensor.height, value);
  } else if (key == "version") {
    header.dat_version = value.starts_with("2") ? 2 : 1;
  }
  return content != "end";
}

}  // namespace

std::optional<std::uint32_t> extent_from(std::string_view text) {
  constexpr std::uint32_t most = 65535;
  std::uint32_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = result.ec == std::errc() && result.ptr == text.data() + text.size();
  return whole && value > 0 && value <= most ? std::optional(value) : std::nullopt;
}

std::optional<sensor_size> size_from(std::string_view text) {
  const auto cross = std::min(text.find('x'), text.size());
  const auto width = extent_from(text.substr(0, cross));
  const auto height = extent_from(text.substr(std::min(cross + 1, text.size())));
  return width && height ? std::optional(sensor_size{*width, *height}) : std::nullopt;
}

raw_header read_raw_header(std::string_view head) {
  raw_header header;
  for (bool more = true; more;) {
    const auto line = header_line(head.substr(header.bytes));
    more = !line.empty() && take_line(header, line);
    header.bytes += line.size();
  }
  return header;
}

event_format raw_format(std::string_view head) {
  const auto header = read_raw_header(head);
  if (header.bytes == 0 || header.format != event_format::automatic) {
    return header.format;
  }
  // DAT names no format; behind its header stand a type and the size of an event.
  const auto rest = head.substr(header.bytes);
  const bool dat = rest.size() >= 2 && (rest[0] == 0 || rest[0] == 12) && rest[1] == 8;
  return dat ? event_format::dat : event_format::automatic;
}

raw_header take_raw_header(const decoder_setup& setup) {
  auto header = read_raw_header(text_of(setup.from.look(65536)));
  if (!header.problem.empty()) {
    setup.from.fail("its header is damaged: " + header.problem);
  }
  if ((header.sensor.width == 0) != (header.sensor.height == 0)) {
    setup.from.fail("its header is damaged: a width without a height, or the other way round");
  }
  setup.from.skip(header.bytes);
  set_sensor(setup, header.sensor);
  return header;
}

}  // namespace backspike
