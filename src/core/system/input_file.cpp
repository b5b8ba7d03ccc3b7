// Opens regular files only, and reads them in parts. Pipes and devices are refused by name before a reader can wait for
// them.

#include <backspike/core/input_file.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/text.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace backspike {
namespace {

[[noreturn]] void fail(const std::string& path) { throw file_error("read", path, std::strerror(errno)); }

std::uint64_t size_of_regular(const std::string& path, const struct stat& status) {
  const auto kind = status.st_mode & S_IFMT;
  if (kind == S_IFDIR) {
    throw file_error("read", path, "it is a folder");
  }
  if (kind != S_IFREG) {
    const char* name = kind == S_IFIFO ? "a pipe" : kind == S_IFSOCK ? "a socket" : "a device";
    throw file_error("read", path, std::string("it is ") + name + "; accepted: a regular file");
  }
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace

std::uint64_t regular_file_size(const std::string& path) {
  require_path("read", path);
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    fail(path);
  }
  return size_of_regular(path, status);
}

input_file::input_file(const std::string& path) : path_(path) {
  regular_file_size(path);  // before it is opened: to open a device can set it going
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (descriptor_ < 0) {
    fail(path);
  }
  struct stat status {};
  const bool known = ::fstat(descriptor_, &status) == 0;
  try {
    size_ = known ? size_of_regular(path, status) : (fail(path), 0);
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

input_file::~input_file() { ::close(descriptor_); }

std::size_t input_file::read(void* to, std::size_t count) {
  constexpr std::size_t piece = std::size_t{1} << 30;  // the system takes no more than 2 GiB at once
  std::size_t done = 0;
  while (done < count) {
    const auto got = ::read(descriptor_, static_cast<char*>(to) + done, std::min(piece, count - done));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      fail(path_);
    }
    if (got == 0) {
      break;
    }
    done += static_cast<std::size_t>(got);
  }
  return done;
}

void input_file::seek(std::uint64_t byte) {
  if (::lseek(descriptor_, static_cast<off_t>(byte), SEEK_SET) < 0) {
    fail(path_);
  }
}

}  // namespace backspike
