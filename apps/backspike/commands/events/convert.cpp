// `backspike events convert`: a file of another format, or a part of a recording.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/events/event_reader.hpp>
#include <backspike/events/event_writer.hpp>

#include "commands/events/events.hpp"
#include "commands/events/read_flags.hpp"
#include "output.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace backspike::app {
namespace {

struct convert_options : read_flags {
  std::string in, out, format;
  bool start_at_zero = false;
};

/// The events of the reader, chunk by chunk, counted from the first one if that is asked for.
class converted {
 public:
  converted(event_reader& reader, bool start_at_zero) : reader_(reader), start_at_zero_(start_at_zero) {}

  std::span<const camera_event> next() {
    chunk_.clear();
    reader_.read_some(chunk_);
    if (start_at_zero_ && !chunk_.empty()) {
      first_ = first_.value_or(chunk_[0].t);
      for (std::size_t i = 0; i < chunk_.size(); ++i) {
        chunk_.data()[i].t -= *first_;
      }
    }
    return chunk_.events();
  }

 private:
  event_reader& reader_;
  bool start_at_zero_;
  std::optional<std::int64_t> first_;
  event_buffer chunk_;
};

int convert(const convert_options& o) {
  const auto format = o.format.empty() ? format_for_writing(o.out) : parse_name<event_format>(o.format).value();
  auto reader = o.open(o.in);
  converted events(reader, o.start_at_zero);
  write_events(o.out, format, reader.file().sensor, [&] { return events.next(); });
  const auto& r = reader.report();
  print("{}: {} events ({} ON, {} OFF) as {}\n", o.out, r.events, r.on, r.off, name_of(format));
  if (const auto odd = r.oddities(); !odd.empty()) {
    complain("backspike: {}: {}\n", o.in, odd);
  }
  if (r.events == 0 && r.sliced > 0) {
    complain("backspike: {}: none of its {} events is in the slice\n", o.in, r.sliced);
  }
  return 0;
}

}  // namespace

void add_events_convert(CLI::App& events, action& chosen) {
  auto o = std::make_shared<convert_options>();
  auto* command = events.add_subcommand("convert", "Write the events, or a slice of them, in another format");
  command->add_option("in", o->in, "Event file to read; - is standard input, udp:PORT a port")
      ->type_name("IN")
      ->required();
  command->add_option("out", o->out, "File to write; its ending tells the format: .bin, .bs2, .raw, .aedat, .npz")
      ->type_name("OUT")
      ->required();
  command->add_option("--format", o->format, "Format to write, whatever the name; .raw alone is evt3")
      ->check(CLI::IsMember({"bin", "bs2", "evt2", "evt3", "aedat3", "npz"}));
  command->add_flag("--start-at-zero", o->start_at_zero, "Count times from the first event that is written");
  o->add_to(*command);
  command->footer(
      "The file appears whole or not at all. What was odd in the one that was read is said on standard error.\n"
      "Examples:\n"
      "  backspike events convert recording.raw first.npz --slice 0ms:300ms\n"
      "  backspike events convert 1.bs2 1.raw --size 34x34 --format evt2\n"
      "  backspike events convert events.txt events.npz --columns t,x,y,p --time-unit s");
  command->callback([&chosen, o] { chosen = [o] { return convert(*o); }; });
}

}  // namespace backspike::app
