#pragma once
// Bytes of a file, of memory, or of a sender that is still sending, in blocks: what is ready is in one piece.

#include <backspike/core/input_file.hpp>
#include <backspike/events/event_reader.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace backspike {

class live_input;

class byte_source {
 public:
  /// Throws what input_file throws.
  explicit byte_source(const std::string& path);
  byte_source(std::span<const std::uint8_t> bytes, std::string name);
  /// Throws what live_input throws.
  explicit byte_source(const live_events& live);
  ~byte_source();

  const std::string& path() const { return path_; }
  bool is_file() const { return file_ != nullptr; }
  bool is_live() const { return live_ != nullptr; }
  std::uint64_t size() const { return size_; }          // of a sender that is still sending: all that can be
  std::uint64_t position() const { return position_; }  // of the first byte that is not skipped
  std::uint64_t left() const { return size_ - position_; }

  /// At least `count` bytes, more where they are there anyway; fewer only at the end.
  std::span<const std::uint8_t> ready(std::size_t count) { return ready_.size() >= count ? ready_ : refilled(count); }
  /// The same, but of a sender what it has sent when it pauses: for what looks ahead.
  std::span<const std::uint8_t> look(std::size_t count) { return live_ == nullptr ? ready(count) : looked(count); }
  /// At least one byte `mark`, or `most` bytes, or all that follow.
  std::span<const std::uint8_t> ready_to(std::uint8_t mark, std::size_t most);
  /// Whether more can be read without waiting for a sender.
  bool is_here();
  /// Datagrams that did not come through.
  std::uint64_t lost() const;
  void skip(std::size_t count) {
    ready_ = ready_.subspan(count);
    position_ += count;
  }
  /// Also what is not ready yet.
  void skip_far(std::uint64_t count);

  /// "byte 12": where the first unread byte stands, or one `behind` it.
  std::string place(std::uint64_t behind = 0) const;
  /// Throws format_error at that place.
  [[noreturn]] void fail(const std::string& message, std::uint64_t behind = 0) const;

 private:
  std::span<const std::uint8_t> refilled(std::size_t count);
  std::span<const std::uint8_t> looked(std::size_t count);
  void make_room(std::size_t wanted);
  /// More bytes from the sender; false: it has ended.
  bool take_some();

  std::string path_;
  std::unique_ptr<input_file> file_;  // neither this nor the next: memory
  std::unique_ptr<live_input> live_;
  std::vector<std::uint8_t> block_;
  std::span<const std::uint8_t> ready_;
  std::uint64_t size_ = 0, position_ = 0;
  bool has_ended_ = false, has_looked_ = false;  // of a sender
};

/// Bytes as text, for headers.
inline std::string_view text_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace backspike
