#pragma once
// Reads the files of event cameras, in parts (files may be larger than memory) or whole.

#include <backspike/events/camera_event.hpp>
#include <backspike/events/event_format.hpp>
#include <backspike/events/event_report.hpp>

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>

namespace backspike {

/// Times from `begin` on and before `end` [us].
struct time_slice {
  std::int64_t begin = std::numeric_limits<std::int64_t>::min();
  std::int64_t end = std::numeric_limits<std::int64_t>::max();
  bool everything() const { return *this == time_slice{}; }
  bool operator==(const time_slice&) const = default;
};

/// How AEDAT 2.0 packs an event, which its files do not say.
enum class aedat2_layout { automatic, dvs128, davis };
template <>
inline constexpr auto enum_names<aedat2_layout> = std::to_array<enum_name<aedat2_layout>>({
    {aedat2_layout::automatic, "auto"},
    {aedat2_layout::dvs128, "dvs128"},
    {aedat2_layout::davis, "davis"},
});

struct event_read_options {
  event_format format = event_format::automatic;  // by content, then by name
  sensor_size sensor;                             // for files that do not say; where they do it must be the same
  time_slice slice;
  bool strict = false;        // anything odd is an error that names its place (slower: item by item)
  bool clamp_time = false;    // an event that steps back gets the time of the one before, and is counted
  bool keep_outside = false;  // events that are not on the sensor stay
  bool invert_polarity = false;
  bool mirror_x = false, mirror_y = false;  // after which the sensor's size must be known
  aedat2_layout layout = aedat2_layout::automatic;
  bool swapped_halves = false;  // EVT 2.1 of sensors that write the upper half of a word first
  std::string columns;          // CSV and plain arrays without names: "t,x,y,p"
  double time_scale = 0.0;      // CSV and arrays: microseconds in a unit of time, 1e6 for seconds; 0: 1, whole numbers
};

/// What the file says of itself.
struct event_file {
  std::string path;
  event_format format = event_format::automatic;
  sensor_size sensor;   // 0: neither the file nor the options say
  std::string details;  // for people: version, camera, what was assumed
};

/// Events that come while they are read: "-" is standard input, "udp:PORT" or "udp:ADDRESS:PORT" a port of this machine
/// at which datagrams arrive (an empty one is the end), anything else the path of a named pipe.
struct live_events {
  std::string from = "-";
  double timeout_s = 10.0;  // without a byte, after which the sender is taken for gone
};

class event_decoder;
class byte_source;

class event_reader {
 public:
  /// Opens the file and reads its header. Throws file_error (not there, not a regular file), format_error (another
  /// format, a damaged header; says what the file looks like) and value_error (options that do not fit).
  explicit event_reader(const std::string& path, const event_read_options& options = {});
  /// The same for bytes in memory, which stay where they are; `name` is for messages, and its ending counts.
  event_reader(std::span<const std::uint8_t> bytes, const std::string& name, const event_read_options& options = {});
  /// The same for events that come while they are read. Throws file_error where nothing comes for so long, then or in
  /// `read_some`, and value_error for a format that cannot be read without looking ahead (NPZ, HDF5).
  explicit event_reader(const live_events& live, const event_read_options& options = {});
  ~event_reader();
  event_reader(event_reader&&) noexcept;

  const event_file& file() const { return file_; }
  /// Of what has been read so far.
  const event_report& report() const { return report_; }

  /// Appends some events, about `chunk_events`, of live ones those that have come, and waits for the first; false at
  /// the end of the file, where none is left. Throws format_error that names the byte: damage that nothing can be read
  /// behind, and with `strict` anything odd.
  bool read_some(event_buffer& to);
  static constexpr std::size_t chunk_events = std::size_t{1} << 16U;

 private:
  void open();
  bool read_piece(event_buffer& to);
  void look_over(event_buffer& all, std::size_t first);
  camera_event* change(camera_event* at, camera_event* end);
  void refuse_oddities(std::uint64_t byte, std::uint64_t event) const;

  event_read_options options_;
  event_file file_;
  event_report report_;
  std::unique_ptr<byte_source> source_;
  std::unique_ptr<event_decoder> decoder_;
  sensor_size limit_;     // events beyond it are left out
  bool changes_ = false;  // whether the options ask for other events than there are
  std::int64_t last_time_ = std::numeric_limits<std::int64_t>::min();
  std::uint64_t seen_ = 0;  // events, also those that a slice leaves out
};

struct event_recording {
  event_file file;
  event_report report;
  event_buffer events;
};

/// The whole file. Throws what event_reader throws, and resource_error: its events take more than half of the memory
/// that is free.
event_recording read_events(const std::string& path, const event_read_options& options = {});
event_recording read_events(std::span<const std::uint8_t> bytes, const std::string& name,
                            const event_read_options& options = {});

/// Reads to the end and keeps nothing but the report.
event_report scan_events(event_reader& reader);

}  // namespace backspike
