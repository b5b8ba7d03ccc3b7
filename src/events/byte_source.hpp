#pragma once
// Bytes of a file, or of memory, in blocks: what is ready is in one piece.

#include <backspike/core/input_file.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace backspike {

class byte_source {
 public:
  /// Throws what input_file throws.
  explicit byte_source(const std::string& path);
  byte_source(std::span<const std::uint8_t> bytes, std::string name);

  const std::string& path() const { return path_; }
  std::uint64_t size() const { return size_; }
  std::uint64_t position() const { return position_; }  // of the first byte that is not skipped
  std::uint64_t left() const { return size_ - position_; }

  /// At least `count` bytes, more where they are there anyway; fewer only at the end.
  std::span<const std::uint8_t> ready(std::size_t count) { return ready_.size() >= count ? ready_ : refilled(count); }
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

  std::string path_;
  std::unique_ptr<input_file> file_;  // none: memory
  std::vector<std::uint8_t> block_;
  std::span<const std::uint8_t> ready_;
  std::uint64_t size_ = 0, position_ = 0;
};

/// Bytes as text, for headers.
inline std::string_view text_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace backspike
