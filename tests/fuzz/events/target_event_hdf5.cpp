// HDF5 files of events, in every layout that is read; the first byte has options.

#include <backspike/events/event_reader.hpp>

#include "events/hdf5/event_hdf5_files.hpp"
#include "target.hpp"

#include <fstream>
#include <functional>
#include <iterator>

namespace backspike::fuzz {
namespace {

void read(std::string_view input) {
  if (input.empty()) {
    return;
  }
  const auto bits = static_cast<unsigned char>(input[0]);
  event_read_options o;
  o.strict = (bits & 1U) != 0;
  o.slice = (bits & 2U) != 0 ? time_slice{1000, 3000} : time_slice{};
  o.time_scale = (bits & 4U) != 0 ? 1e6 : 0.0;
  const auto all = read_events(file_with(input.substr(1), "input.h5"), o);
  const auto& r = all.report;
  require(r.events == all.events.size() && r.on + r.off == r.events, "counts of events");
  for (const auto& e : all.events) {
    require(e.t >= o.slice.begin && e.t < o.slice.end, "events in the slice");
  }
  require(!o.strict || r.oddities().empty(), "nothing odd in what was read strictly");
}

std::string file_with_events(char options, const std::function<void(const event_hdf5&)>& fill) {
  const auto path = folder_of_files() + "/seed.h5";
  fill(event_hdf5(path));
  std::ifstream in(path, std::ios::binary);
  return options + std::string{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<std::string> seeds() {
  const std::vector<camera_event> events{{500, 1, 2, true}, {1500, 3, 4, false}, {2500, 5, 6, true}};
  const auto dsec = [](const event_hdf5& file) {
    file.group("events");
    file.list("events/t", H5T_NATIVE_UINT32, std::vector<std::uint32_t>{500, 1500, 2500}, {2, H5Z_FILTER_DEFLATE});
    file.list("events/x", H5T_NATIVE_UINT16, std::vector<std::uint16_t>{1, 2, 3});
    file.list("events/y", H5T_NATIVE_UINT16, std::vector<std::uint16_t>{1, 2, 3});
    file.list("events/p", H5T_NATIVE_UINT8, std::vector<std::uint8_t>{0, 1, 1});
    file.list("ms_to_idx", H5T_NATIVE_UINT64, std::vector<std::uint64_t>{0, 1, 2});
    file.number("t_offset", 100);
  };
  const auto prophesee = [&](const event_hdf5& file) {
    file.group("CD");
    file.structures("CD/events", events);
    file.text("geometry", "640x480");
  };
  const auto tonic = [&](const event_hdf5& file) {
    file.group("data");
    file.structures("data/0", events, {2, lzf_filter});
  };
  return {file_with_events(0, dsec), file_with_events(2, dsec), file_with_events(0, prophesee),
          file_with_events(0, tonic)};
}

const registration registered({"event_hdf5", read, seeds});

}  // namespace
}  // namespace backspike::fuzz
