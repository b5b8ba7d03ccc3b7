// `backspike events info`: counts, times and oddities of event files, for people or as JSON.

#include <backspike/events/event_reader.hpp>

#include "commands/events/events.hpp"
#include "commands/events/read_flags.hpp"
#include "output.hpp"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace backspike::app {
namespace {

struct info_options : read_flags {
  std::vector<std::string> paths;
  bool json = false;
};

const event_format_info& format_of(const event_file& file, const std::vector<event_format_info>& all) {
  return all.at(static_cast<std::size_t>(file.format) - 1);
}

nlohmann::ordered_json counts_of(const std::vector<kind_count>& kinds) {
  auto json = nlohmann::ordered_json::object();
  for (const auto& k : kinds) {
    json[std::string(k.kind)] = k.count;
  }
  return json;
}

/// What is not known, and times of no event, are null.
nlohmann::ordered_json json_of(const event_file& file, const event_report& r) {
  const auto formats = event_formats();
  nlohmann::ordered_json json{{"file", file.path}, {"format", name_of(file.format)}};
  json["events"] = r.events;
  json["on"] = r.on;
  json["off"] = r.off;
  json["width"] = file.sensor.known() ? nlohmann::ordered_json(file.sensor.width) : nullptr;
  json["height"] = file.sensor.known() ? nlohmann::ordered_json(file.sensor.height) : nullptr;
  const auto when = [&](std::int64_t t) { return r.events > 0 ? nlohmann::ordered_json(t) : nullptr; };
  json["first_us"] = when(r.first_us);
  json["last_us"] = when(r.last_us);
  json["earliest_us"] = when(r.earliest_us);
  json["latest_us"] = when(r.latest_us);
  json["largest_x"] = when(r.largest_x);
  json["largest_y"] = when(r.largest_y);
  json["backwards"] = r.backwards;
  json["outside"] = r.outside;
  json["sliced"] = r.sliced;
  json["clamped"] = r.clamped;
  json["truncated_bytes"] = r.truncated_bytes;
  json["wraps"] = r.wraps;
  json["ignored"] = counts_of(r.ignored);
  json["invalid"] = counts_of(r.invalid);
  json["origin"] = format_of(file, formats).origin;
  json["details"] = file.details;
  return json;
}

std::string seconds(std::int64_t us) { return fmt::format("{:.6f} s", static_cast<double>(us) * 1e-6); }

std::string size_text(const event_file& file, const event_report& r) {
  if (file.sensor.known()) {
    return fmt::format("{} x {} pixels", file.sensor.width, file.sensor.height);
  }
  return r.events == 0 ? "size of the sensor not known"
                       : fmt::format("size of the sensor not known (largest x {}, y {})", r.largest_x, r.largest_y);
}

void print_text(const event_file& file, const event_report& r) {
  const auto formats = event_formats();
  const auto& format = format_of(file, formats);
  print("{}: {} ({}{}{}), {}\n", file.path, name_of(file.format), format.meaning, file.details.empty() ? "" : "; ",
        file.details, size_text(file, r));
  print("  events  {} ({} ON, {} OFF)\n", r.events, r.on, r.off);
  if (r.events > 0) {
    const double length = static_cast<double>(r.latest_us - r.earliest_us) * 1e-6;
    print("  time    {} to {}, from {}\n", seconds(r.first_us), seconds(r.last_us), format.origin);
    print("  rate    {}\n",
          length > 0.0 ? fmt::format("{:.0f} events/s", static_cast<double>(r.events) / length) : "-");
  }
  for (const auto& k : r.ignored) {
    print("  beside  {} {}\n", k.count, k.kind);
  }
  if (r.wraps > 0 || r.sliced > 0 || r.clamped > 0) {
    print("  clock   {} new rounds; {} events outside of the slice; {} clamped\n", r.wraps, r.sliced, r.clamped);
  }
  const auto odd = r.oddities();
  print("  odd     {}\n", odd.empty() ? "nothing" : odd);
}

int info(const info_options& o) {
  for (const auto& path : o.paths) {
    auto reader = o.open(path);
    const auto report = scan_events(reader);
    if (o.json) {
      print("{}\n", json_line(json_of(reader.file(), report)));
    } else {
      print_text(reader.file(), report);
    }
  }
  return 0;
}

}  // namespace

void add_events_info(CLI::App& events, action& chosen) {
  auto o = std::make_shared<info_options>();
  auto* command = events.add_subcommand("info", "Count events, and say what is odd in a file");
  command->add_option("files", o->paths, "Event files; - is standard input, udp:PORT a port")
      ->type_name("FILE")
      ->required();
  command->add_flag("--json", o->json, "For programs: an object for each file, on a line");
  o->add_to(*command);
  command->footer(
      "Examples:\n"
      "  backspike events info recording.raw\n"
      "  backspike events info *.bs2 --size 34x34 --json\n"
      "  backspike events info recording.aedat --strict     exit code 4 if anything is odd\n"
      "  zstdcat recording.raw.zst | backspike events info -");
  command->callback([&chosen, o] { chosen = [o] { return info(*o); }; });
}

}  // namespace backspike::app
