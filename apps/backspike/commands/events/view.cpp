// `backspike events view`: a page that plays a recording.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/events/event_reader.hpp>
#include <backspike/report/event_page.hpp>

#include "commands/events/events.hpp"
#include "commands/events/read_flags.hpp"
#include "output.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>

namespace backspike::app {
namespace {

struct view_options : read_flags {
  std::string path, out;
};

std::string seconds(std::int64_t us) { return fmt::format("{:.6f} s", static_cast<double>(us) * 1e-6); }

/// As far as a page goes; the rest is said, not lost unseen.
event_buffer read_for_page(event_reader& reader) {
  event_buffer all;
  while (all.size() < most_page_events && reader.read_some(all)) {
  }
  all.shorten(std::min(all.size(), most_page_events));
  return all;
}

/// Where nobody knows the sensor, as large as the events need.
sensor_size size_of(const event_reader& reader, const event_buffer& events) {
  auto size = reader.file().sensor;
  for (const auto& e : events) {
    size.width = std::max<std::uint32_t>(size.width, e.x + 1U);
    size.height = std::max<std::uint32_t>(size.height, e.y + 1U);
  }
  return size.known() ? size : sensor_size{1, 1};
}

int view(const view_options& o) {
  const bool has_name = o.path != "-" && !o.path.starts_with("udp:");
  if (o.out.empty() && !has_name) {
    throw value_error("events view", "--out", "none", "the page to write, of what comes from " + o.path);
  }
  auto reader = o.open(o.path);
  const auto events = read_for_page(reader);
  const auto& r = reader.report();
  const auto size = size_of(reader, events);
  const auto odd = r.oddities();
  event_page page{std::filesystem::path(o.path).filename().string(), {}, size, events.events()};
  page.facts = {{"format", std::string(name_of(reader.file().format))},
                {"sensor", fmt::format("{} x {} pixels{}", size.width, size.height,
                                       reader.file().sensor.known() ? "" : " (as large as the events need)")},
                {"events", fmt::format("{} ({} ON, {} OFF)", r.events, r.on, r.off)},
                {"time", fmt::format("{} to {}", seconds(r.first_us), seconds(r.last_us))},
                {"odd", odd.empty() ? "nothing" : odd}};
  const bool cut = events.size() == most_page_events;
  if (cut) {
    page.facts.emplace_back("shown", fmt::format("the first {} events only", most_page_events));
  }
  const auto out = o.out.empty() ? o.path + ".html" : o.out;
  write_text_file(out, render_events(page));
  print("{}: {} events of {}{}\n", out, events.size(), o.path,
        cut ? " (no more fit on a page; --slice picks others)" : "");
  return 0;
}

}  // namespace

void add_events_view(CLI::App& events, action& chosen) {
  auto o = std::make_shared<view_options>();
  auto* command = events.add_subcommand("view", "Write a page that plays the events");
  command->add_option("file", o->path, "Event file; - is standard input, udp:PORT a port")
      ->type_name("FILE")
      ->required();
  command->add_option("-o,--out", o->out, "Page to write; otherwise FILE.html")->type_name("PAGE.html");
  o->add_to(*command);
  command->footer(
      "The page holds the events and needs no network; a browser plays it. It takes 2,000,000 events at most.\n"
      "Examples:\n"
      "  backspike events view recording.raw -o recording.html\n"
      "  backspike events view recording.raw --slice 15s:15.5s");
  command->callback([&chosen, o] { chosen = [o] { return view(*o); }; });
}

}  // namespace backspike::app
