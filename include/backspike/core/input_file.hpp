#pragma once
// Files that are read. Only regular ones: a pipe may wait for ever, a device may have no end, and the size of neither
// is known before it is read.

#include <cstddef>
#include <cstdint>
#include <string>

namespace backspike {

/// The size of a regular file [bytes]. Throws file_error: not there, no permission, a folder, a pipe, a device, a
/// socket.
std::uint64_t regular_file_size(const std::string& path);

/// A regular file, opened once, so that what is checked is what is read.
class input_file {
 public:
  /// Throws what regular_file_size throws.
  explicit input_file(const std::string& path);
  ~input_file();
  input_file(const input_file&) = delete;
  input_file& operator=(const input_file&) = delete;

  const std::string& path() const { return path_; }
  int descriptor() const { return descriptor_; }
  std::uint64_t size() const { return size_; }  // when it was opened

  /// Reads on; fewer bytes than asked for only at the end. Throws file_error.
  std::size_t read(void* to, std::size_t count);
  void seek(std::uint64_t byte);

 private:
  std::string path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace backspike
