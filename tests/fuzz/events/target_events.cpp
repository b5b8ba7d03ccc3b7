// Files of event cameras. The first byte picks the name that the rest is read under, the second one options; every
// format that has a mark is found by that, too.

#include <backspike/events/event_reader.hpp>
#include <backspike/events/event_steps.hpp>

#include "events/event_bytes.hpp"
#include "target.hpp"

#include <array>

namespace backspike::fuzz {
namespace {

constexpr std::array names{"input.bin", "input.bs1", "input.bs3", "input.csv", "input", "input.raw", "input.npz"};

event_read_options options_of(unsigned char bits) {
  event_read_options o;
  o.strict = (bits & 1U) != 0;
  o.sensor = (bits & 2U) != 0 ? sensor_size{34, 34} : sensor_size{};
  o.clamp_time = (bits & 4U) != 0;
  o.slice = (bits & 8U) != 0 ? time_slice{0, 100000} : time_slice{};
  o.keep_outside = (bits & 16U) != 0;
  o.columns = (bits & 32U) != 0 ? "t,x,y,p" : "";
  o.time_scale = (bits & 64U) != 0 ? 1e6 : 0.0;
  o.layout = (bits & 128U) != 0 ? aedat2_layout::davis : aedat2_layout::automatic;
  return o;
}

void check(const event_recording& all, const event_read_options& o) {
  const auto& r = all.report;
  require(r.events == all.events.size() && r.on + r.off == r.events, "counts of events");
  const auto& s = all.file.sensor;
  for (const auto& e : all.events) {
    require(o.keep_outside || !s.known() || (e.x < s.width && e.y < s.height), "events on the sensor");
    require(e.t >= o.slice.begin && e.t < o.slice.end, "events in the slice");
    require(e.t >= r.earliest_us && e.t <= r.latest_us, "events between the earliest and the latest");
  }
  require(!o.strict || r.oddities().empty(), "nothing odd in what was read strictly");
}

void read(std::string_view input) {
  if (input.size() < 2) {
    return;
  }
  const auto name = names[static_cast<unsigned char>(input[0]) % names.size()];
  const auto o = options_of(static_cast<unsigned char>(input[1]));
  const std::string content(input.substr(2));
  const auto all = read_bytes(content, name, o);
  check(all, o);
  event_step_options steps;
  steps.sensor = {64, 64};
  steps.bin_us = 1000;
  steps.from_first = true;
  steps.steps = 50;
  events_to_steps(all.events.events(), steps).rows.validate(64 * 64 * 2);
}

std::vector<std::string> seeds() {
  const auto of = [](int name, const std::string& content) {
    return std::string{static_cast<char>(name), '\0'} + content;
  };
  const auto t = npy_file("'<i8'", "(2,)", little(5, 8) + little(6, 8)),
             x = npy_file("'<i2'", "(2,)", little(1, 2) + little(2, 2));
  return {
      of(0, bin_event(3, 4, 1, 100) + bin_event(0, 240, 0, 0) + bin_event(1, 1, 0, 90)),
      of(1, big(700, 2) + big(1U << 23U | 5, 3)),
      of(2, big(0x12F << 12U | 0x345, 3) + big(1, 1) + big(0xABCDEF, 3)),
      of(3, "t,x,y,p\n1,2,3,1\n2,3,4,0\n"),
      of(4, evt3_header() + words16({0x8002, 0x0007, 0x6005, 0x2809, 0x3800, 0x4805, 0x5081, 0xA001, 0x8003, 0x2802})),
      of(4, evt2_header() + evt2_high(7) + evt2_event(1, 2, 1, 3)),
      of(4, evt21_header() + little(std::uint64_t{8} << 60U, 8) + little(std::uint64_t{1} << 60U | 5, 8)),
      of(4, dat_header() + dat_event(1, 2, 1, 3)),
      of(4, aedat2_header() + big(20U << 8U | 10U << 1U | 1U, 4) + big(5, 4)),
      of(4, aedat3_header() + aedat3_packet(1, 8, 0, 1, 1, aedat3_event(1, 2, 1, 3))),
      of(4, es_header() + "\xff" + little(3, 1) + little(3, 2) + little(4, 2)),
      of(4, npy_file("[('x', '<i2'), ('y', '<i2'), ('t', '<i8'), ('p', '|b1')]", "(1,)",
                     little(1, 2) + little(2, 2) + little(3, 8) + little(1, 1))),
      of(4, zip_file({{"t.npy", t}, {"x.npy", x}, {"y.npy", x}, {"p.npy", npy_file("'|b1'", "(2,)", little(1, 2))}})),
      of(4, zip_file({{"a.npy", npy_file("[('x', '<i2'), ('y', '<i2'), ('t', '<i8'), ('p', '|b1')]", "(1,)",
                                         little(1, 2) + little(2, 2) + little(3, 8) + little(1, 1))}}))};
}

const registration registered({"events", read, seeds});

}  // namespace
}  // namespace backspike::fuzz
