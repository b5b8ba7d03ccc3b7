#pragma once
// What the description in the header of an AEDAT 4 file says of its streams.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace backspike {

struct aedat4_stream {
  std::string type;                     // "EVTS", "FRME", "IMUS", "TRIG"
  std::uint32_t width = 0, height = 0;  // 0: not said
  std::string source;                   // the camera
};

/// By their numbers. The description is XML of nodes and attributes with nothing else between; what does not look like
/// that is passed over, for packets say of themselves what they are.
std::map<std::int32_t, aedat4_stream> aedat4_streams(std::string_view description);

}  // namespace backspike
