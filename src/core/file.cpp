#include <backspike/core/file.hpp>

#include <backspike/core/error.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
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
  errno = 0;
  if (std::filesystem::is_directory(path)) {
    throw file_error("read", path, "it is a folder");
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    fail("read", path);
  }
  std::string text;  // read piece by piece: a stream that is copied whole hides an error of its source
  std::vector<char> piece(1 << 16);
  while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())) || in.gcount() > 0) {
    text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) {
    fail("read", path);
  }
  return text;
}

}  // namespace backspike
