// Turns options of the command line into those of the reader.

#include "commands/events/read_flags.hpp"

#include <backspike/core/error.hpp>
#include <backspike/events/event_text.hpp>

#include "enum_choices.hpp"

#include <sys/stat.h>

#include <vector>

namespace backspike::app {
namespace {

bool is_pipe(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISFIFO(status.st_mode);
}

}  // namespace

void read_flags::add_to(CLI::App& command) {
  command.add_option("--from", from, "Format of the file; otherwise by content, then by name")
      ->type_name("FORMAT")
      ->check(CLI::IsMember(names_of<event_format>()));
  command
      .add_option("--slice", slice, "Only events from BEGIN on and before END, such as 0ms:300ms, in the file's time")
      ->type_name("BEGIN:END");
  command.add_option("--size", size, "Pixels of the sensor, where the file does not say")->type_name("WIDTHxHEIGHT");
  command.add_flag("--strict", strict, "Refuse a file in which anything is odd, with the place");
  command.add_flag("--clamp", clamp, "An event that steps back gets the time of the one before");
  command.add_flag("--keep-outside", keep_outside, "Keep events that are not on the sensor");
  command.add_flag("--invert-polarity", invert, "ON becomes OFF");
  command.add_flag("--mirror-x", mirror_x, "Turn left and right");
  command.add_flag("--mirror-y", mirror_y, "Turn top and bottom");
  command.add_option("--layout", layout, "AEDAT 2.0: dvs128 or davis")
      ->check(CLI::IsMember({"auto", "dvs128", "davis"}));
  command.add_flag("--swapped-halves", swapped_halves, "EVT 2.1: the upper half of each word comes first");
  command.add_option("--columns", columns, "Text and tables: the columns in order, such as t,x,y,p")
      ->type_name("NAMES");
  command.add_option("--time-unit", time_unit, "Text and arrays: of their times; otherwise whole microseconds")
      ->check(CLI::IsMember({"us", "ms", "s", "ns"}));
  command.add_option("--timeout", timeout_s, "Of a pipe or a port: longest time without a byte")
      ->type_name("SECONDS")
      ->capture_default_str();
}

event_reader read_flags::open(const std::string& path) const {
  const bool live = path == "-" || path.starts_with("udp:") || is_pipe(path);
  return live ? event_reader(live_events{path, timeout_s}, options()) : event_reader(path, options());
}

event_read_options read_flags::options() const {
  event_read_options o;
  o.format = from.empty() ? event_format::automatic : parse_name<event_format>(from).value();
  o.slice = slice.empty() ? time_slice{} : parse_slice(slice, "--slice");
  o.sensor = size.empty() ? sensor_size{} : parse_sensor_size(size, "--size");
  o.layout = layout.empty() ? aedat2_layout::automatic : parse_name<aedat2_layout>(layout).value();
  o.time_scale = time_unit.empty() ? 0.0 : parse_time_unit(time_unit, "--time-unit");
  o.strict = strict;
  o.clamp_time = clamp;
  o.keep_outside = keep_outside;
  o.invert_polarity = invert;
  o.mirror_x = mirror_x;
  o.mirror_y = mirror_y;
  o.swapped_halves = swapped_halves;
  o.columns = columns;
  return o;
}

}  // namespace backspike::app
