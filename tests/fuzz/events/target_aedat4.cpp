// AEDAT 4. The first byte says what the rest is: a whole file, or a packet (1, plain; 3, packed with LZ4; 5, with
// Zstandard) in a file that is in order, for chance hardly ever packs anything.

#include <backspike/events/event_reader.hpp>

#include "events/aedat4/aedat4_bytes.hpp"
#include "target.hpp"

namespace backspike::fuzz {
namespace {

std::string file_of(char kind, const std::string& rest) {
  const int mode = static_cast<unsigned char>(kind) % 8;
  if (mode != 1 && mode != 3 && mode != 5) {
    return rest;
  }
  const int compression = mode == 1 ? 0 : mode == 3 ? 1 : 3;
  return aedat4_header(usual_description(), compression) + aedat4_packet(0, packed_as(rest, compression));
}

void read(std::string_view input) {
  if (input.empty()) {
    return;
  }
  event_read_options o;
  o.strict = (static_cast<unsigned char>(input[0]) & 64U) != 0;
  const auto all = read_bytes(file_of(input[0], std::string(input.substr(1))), "input.aedat4", o);
  const auto& r = all.report;
  require(r.events == all.events.size() && r.on + r.off == r.events, "counts of events");
  require(!o.strict || r.oddities().empty(), "nothing odd in what was read strictly");
}

std::vector<std::string> seeds() {
  const auto packet = aedat4_events({{5, 1, 2, true}, {9, 3, 4, false}});
  std::vector<std::string> all{"\1" + packet, "\3" + packet, "\5" + packet};
  for (const int compression : {0, 1, 3}) {
    all.push_back(std::string(1, '\0') + aedat4_header(usual_description(), compression) +
                  aedat4_packet(0, packed_as(packet, compression)) + aedat4_packet(1, "a frame"));
  }
  return all;
}

const registration registered({"aedat4", read, seeds});

}  // namespace
}  // namespace backspike::fuzz
