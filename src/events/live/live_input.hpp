#pragma once
// Bytes that come while they are read: from standard input, a named pipe, or datagrams. Nothing waits longer than it
// was told to, and what nobody has taken yet is held in one block.

#include <backspike/events/event_reader.hpp>

#include "core/system/descriptor.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace backspike {

class live_input {
 public:
  /// Throws file_error (not there, no pipe, a port that is taken) and value_error (a name that is none of these, a time
  /// that is none).
  explicit live_input(const live_events& from);

  const std::string& name() const { return name_; }
  /// At least one byte, unless none follows: 0. Throws file_error where none comes in time.
  std::size_t read(void* to, std::size_t count);
  /// Whether a byte, or the end, comes within so many milliseconds.
  bool comes_within(int ms);
  /// Datagrams that the system threw away because nobody took them in time.
  std::uint64_t lost() const { return lost_; }

 private:
  void open_udp(const std::string& place);
  void open_pipe(const std::string& path);
  void wait();
  std::size_t read_datagram(void* to, std::size_t count);
  void take_datagram();

  std::string name_;
  double timeout_s_;
  descriptor file_;
  bool datagrams_ = false;
  std::vector<std::uint8_t> datagram_;
  std::size_t taken_ = 0;
  std::uint64_t lost_ = 0;
};

}  // namespace backspike
