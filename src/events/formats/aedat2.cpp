// AEDAT 2.0, of jAER: lines that begin with #, then an address and a time for each event, big-endian. What an address
// means depends on the camera, which a file names only sometimes.

#include <backspike/core/error.hpp>

#include "events/decoder.hpp"
#include "events/formats.hpp"
#include "events/formats/clock32.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace backspike {
namespace {

constexpr std::size_t longest_header = 65536;

/// The line with its end; empty: what comes are events, although they may begin with a #.
std::string_view comment_line(std::string_view rest) {
  const auto end = rest.find('\n');
  if (!rest.starts_with("#") || end == std::string_view::npos) {
    return {};
  }
  const auto line = rest.substr(0, end + 1);
  const bool text = std::all_of(line.begin(), line.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return (u >= 32 && u != 127) || c == '\t' || c == '\r' || c == '\n';
  });
  return text ? line : std::string_view{};
}

struct camera_name {
  std::string_view name;
  aedat2_layout layout;
  sensor_size sensor;
};
constexpr camera_name cameras[] = {
    {"DAVIS240", aedat2_layout::davis, {240, 180}}, {"DAVIS346", aedat2_layout::davis, {346, 260}},
    {"Davis240", aedat2_layout::davis, {240, 180}}, {"Davis346", aedat2_layout::davis, {346, 260}},
    {"DAVIS128", aedat2_layout::davis, {128, 128}}, {"SBRet10", aedat2_layout::davis, {240, 180}},
    {"DVS128", aedat2_layout::dvs128, {128, 128}},
};

std::optional<camera_name> camera_in(std::string_view header) {
  for (const auto& camera : cameras) {
    if (header.find(camera.name) != std::string_view::npos) {
      return camera;
    }
  }
  return std::nullopt;
}

/// Addresses of a DVS128 have 16 bits.
bool are_short(std::span<const std::uint8_t> events) {
  for (std::size_t at = 0; at + 8 <= events.size(); at += 8) {
    if (events[at] != 0 || events[at + 1] != 0) {
      return false;
    }
  }
  return true;
}

class aedat2_decoder final : public event_decoder {
 public:
  aedat2_decoder(const decoder_setup& s, bool davis) : report_(s.report), davis_(davis) {}

  bool decode(byte_source& from, event_buffer& to, std::size_t most) override {
    return decode_words<8, 1>(from, to, most, report_,
                              [this](const std::uint8_t* at, std::size_t words, camera_event* out) {
                                for (; words > 0; --words, at += 8) {
                                  out = decode(big_endian32(at), clock_.time(big_endian32(at + 4), report_), out);
                                }
                                return out;
                              });
  }

 private:
  camera_event* decode(std::uint32_t address, std::int64_t t, camera_event* out) {
    if (davis_) {
      constexpr std::uint32_t no_event = 1U << 31U, special = 1U << 10U;
      if ((address & (no_event | special)) != 0) {
        ++report_.ignored_of((address & no_event) != 0 ? "samples of frames and motion" : "special events");
        return out;
      }
      store_event(out, t, packed_pixel(address >> 12U & 0x3FFU, address >> 22U & 0x1FFU, address >> 11U & 1U));
      return out + 1;
    }
    if ((address & 1U << 15U) != 0) {
      ++report_.ignored_of("special events");
      return out;
    }
    if (address >> 16U != 0) {
      ++report_.invalid_of("addresses of more than 16 bits");
      return out;
    }
    store_event(out, t, packed_pixel(address >> 1U & 0x7FU, address >> 8U & 0x7FU, address & 1U));
    return out + 1;
  }

  event_report& report_;
  bool davis_;
  clock32 clock_;
};

}  // namespace

std::unique_ptr<event_decoder> open_aedat2(const decoder_setup& setup) {
  auto head = text_of(setup.from.look(longest_header));
  std::size_t bytes = 0;
  for (auto line = comment_line(head); !line.empty(); line = comment_line(head.substr(bytes))) {
    bytes += line.size();
  }
  if (bytes == 0) {
    setup.from.fail("its header is cut off");
  }
  const auto camera = camera_in(head.substr(0, bytes));
  setup.from.skip(bytes);
  auto layout = setup.options.layout;
  setup.file.details = "layout as asked for";
  if (layout == aedat2_layout::automatic) {
    const bool dvs128 = are_short(setup.from.look(longest_header));
    if (!camera && !dvs128) {
      throw value_error("read " + setup.from.path(), "layout", "auto",
                        "dvs128 or davis: the file names no camera, and its addresses have more than 16 bits");
    }
    layout = camera ? camera->layout : aedat2_layout::dvs128;
    setup.file.details =
        camera ? std::string(camera->name) : "taken for a DVS128: no camera named, addresses of 16 bits";
  }
  const sensor_size dvs128_size{128, 128};
  if (camera && camera->layout == layout) {
    set_sensor(setup, camera->sensor);
  } else if (layout == aedat2_layout::dvs128) {
    set_sensor(setup, dvs128_size);
  }
  setup.file.details += layout == aedat2_layout::davis ? " (layout davis)" : " (layout dvs128)";
  return std::make_unique<aedat2_decoder>(setup, layout == aedat2_layout::davis);
}

}  // namespace backspike
