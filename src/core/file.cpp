#include <backspike/core/file.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/input_file.hpp>
#include <backspike/core/resources.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <vector>

namespace backspike {
namespace {

[[noreturn]] void fail(const std::string& operation, const std::string& path) {
  throw file_error(operation, path, std::strerror(errno));
}

/// Data reach the disk before the name does: a crash leaves the old file or the new one, never half of one.
void flush_to_disk(const std::string& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags);
  if (descriptor < 0) {
    fail("open", path);
  }
  const bool synced = ::fsync(descriptor) == 0 || errno == EINVAL;  // EINVAL: a file system without fsync
  const int error = errno;
  ::close(descriptor);
  if (!synced) {
    errno = error;
    fail("write", path);
  }
}

std::string folder_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

}  // namespace

void replace_file(const std::string& path, const std::function<void(const std::string&)>& write) {
  const std::string temporary = path + ".tmp" + std::to_string(::getpid());
  try {
    write(temporary);
    flush_to_disk(temporary, O_RDONLY);
    if (std::rename(temporary.c_str(), path.c_str()) != 0) {
      fail("write", path);
    }
  } catch (...) {
    std::remove(temporary.c_str());
    throw;
  }
  flush_to_disk(folder_of(path), O_RDONLY | O_DIRECTORY);
}

void write_text_file(const std::string& path, const std::string& content) {
  replace_file(path, [&](const std::string& temporary) {
    std::FILE* file = std::fopen(temporary.c_str(), "wb");
    if (file == nullptr) {
      fail("write", path);
    }
    const bool written = std::fwrite(content.data(), 1, content.size(), file) == content.size();
    const int error = errno;
    const bool closed = std::fclose(file) == 0;
    if (!written || !closed) {
      errno = written ? errno : error;
      fail("write", path);
    }
  });
}

std::string read_text_file(const std::string& path) {
  input_file in(path);
  if (in.size() > available_memory()) {
    throw resource_error("read " + path, in.size(), available_memory(), "a smaller file needs less");
  }
  std::string text(in.size(), '\0');
  text.resize(in.read(text.data(), text.size()));
  std::vector<char> piece(1 << 16);  // a file that grew, or one of /proc, which say that they are empty
  while (const std::size_t got = in.read(piece.data(), piece.size())) {
    text.append(piece.data(), got);
  }
  return text;
}

}  // namespace backspike
