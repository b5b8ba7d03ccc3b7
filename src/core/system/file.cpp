// The one place that writes files and asks the file system. A file is written under another name, flushed to the disk,
// and renamed: readers see the old one or the whole new one.

#include <backspike/core/file.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/input_file.hpp>
#include <backspike/core/resources.hpp>
#include <backspike/core/text.hpp>

#include "core/system/descriptor.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

namespace backspike {
namespace {

constexpr std::string_view temporary_start = ".backspike-", temporary_end = ".tmp";
constexpr std::size_t random_digits = 16;

[[noreturn]] void fail(const std::string& operation, const std::string& path, int error = errno) {
  throw file_error(operation, path, std::strerror(error));
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

descriptor open_file(const std::string& path, int flags) {
  int number = -1;
  do {
    number = ::open(path.c_str(), flags | O_CLOEXEC, 0666);  // less what the umask takes away
  } while (number < 0 && errno == EINTR);
  return descriptor(number);
}

void write_all(const descriptor& to, const std::string& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(to.number(), bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) {
      fail("write", path);
    }
    bytes.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
}

/// Some file systems, and pipes and devices, have nothing to flush.
void flush_to_disk(const descriptor& file, const std::string& path) {
  while (::fsync(file.number()) != 0) {
    if (errno == EINVAL || errno == ENOTSUP) {
      return;
    }
    if (errno != EINTR) {
      fail("write", path);
    }
  }
}

std::string random_name() {
  std::array<unsigned char, random_digits / 2> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw file_error("create", "a temporary file", std::strerror(errno));
  }
  std::string name(temporary_start);
  for (const auto byte : bytes) {
    constexpr const char* digits = "0123456789abcdef";
    name += {digits[byte >> 4U], digits[byte & 15U]};
  }
  return name.append(temporary_end);
}

bool is_temporary_name(std::string_view name) {
  const auto length = temporary_start.size() + random_digits + temporary_end.size();
  if (name.size() != length || !name.starts_with(temporary_start) || !name.ends_with(temporary_end)) {
    return false;
  }
  const auto random = name.substr(temporary_start.size(), random_digits);
  return random.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// A new file beside `path` under a name that nobody can foresee. It is locked, so that remove_leftovers knows that its
/// writer lives; who finds that remove_leftovers was faster makes another.
class temporary_file {
 public:
  explicit temporary_file(const std::string& path) : path_(path) {
    do {
      name_ = folder_of(path) + "/" + random_name();
      file_ = open_file(name_, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW);
      if (!file_.valid()) {
        fail("write", path);
      }
    } while (!is_ours());
  }
  ~temporary_file() {
    if (!name_.empty()) {
      ::unlink(name_.c_str());
    }
  }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;

  void put(std::string_view bytes) const { write_all(file_, path_, bytes); }

  /// Data reach the disk before the name does: a crash leaves the old file or the new one, never half of one.
  void take_its_place() {
    flush_to_disk(file_, path_);
    if (std::rename(name_.c_str(), path_.c_str()) != 0) {  // still open, hence still locked
      fail("write", path_);
    }
    name_.clear();
    const auto folder = open_file(folder_of(path_), O_RDONLY | O_DIRECTORY);
    if (folder.valid()) {
      flush_to_disk(folder, path_);
    } else if (errno != EACCES) {  // a folder that may be written to, but not read
      fail("write", path_);
    }
  }

 private:
  /// Without locks (some network file systems) nobody else removes it either.
  bool is_ours() const {
    struct stat found {};
    const bool busy = ::flock(file_.number(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    return !busy && (::fstat(file_.number(), &found) != 0 || found.st_nlink > 0);
  }

  const std::string& path_;
  std::string name_;
  descriptor file_;
};

/// A pipe or a device; or what the system itself shows as a link, such as /dev/stdout.
bool is_stream(const std::string& path) {
  struct stat target {};
  struct stat name {};
  if (::stat(path.c_str(), &target) != 0 || ::lstat(path.c_str(), &name) != 0 || S_ISDIR(target.st_mode)) {
    return false;
  }
  return !S_ISREG(target.st_mode) ||
         (S_ISLNK(name.st_mode) && (path.starts_with("/dev/") || path.starts_with("/proc/")));
}

void write_to_stream(const std::string& path, const std::function<void(const put_bytes&)>& write) {
  auto stream = open_file(path, O_WRONLY | O_APPEND);
  if (!stream.valid()) {
    fail("write", path);
  }
  write([&](std::string_view bytes) { write_all(stream, path, bytes); });
  flush_to_disk(stream, path);
  if (!stream.close()) {
    fail("write", path);
  }
}

bool holds_exactly(const descriptor& file, std::uint64_t size) {
  struct stat found {};
  return ::fstat(file.number(), &found) == 0 && S_ISREG(found.st_mode) && found.st_nlink == 1 &&
         static_cast<std::uint64_t>(found.st_size) == size;
}

}  // namespace

void replace_file(const std::string& path, const std::function<void(const put_bytes&)>& write) {
  require_path("write", path);
  if (is_stream(path)) {
    return write_to_stream(path, write);
  }
  temporary_file temporary(path);
  write([&](std::string_view bytes) { temporary.put(bytes); });
  temporary.take_its_place();
}

void write_text_file(const std::string& path, const std::string& content) {
  replace_file(path, [&](const put_bytes& put) { put(content); });
}

bool append_to_file(const std::string& path, std::uint64_t size, std::string_view text) {
  require_path("write", path);
  auto file = open_file(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK);  // a pipe that nobody reads: ENXIO
  if (!file.valid() && errno != ENOENT && errno != ELOOP && errno != ENXIO) {
    fail("write", path);
  }
  if (!file.valid() || !holds_exactly(file, size)) {
    return false;
  }
  try {
    write_all(file, path, text);
    flush_to_disk(file, path);
  } catch (const file_error&) {
    static_cast<void>(::ftruncate(file.number(), static_cast<off_t>(size)));
    throw;
  }
  if (!file.close()) {
    fail("write", path);
  }
  return true;
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

path_kind kind_of(const std::string& path) {
  require_path("read", path);
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) {
      fail("read", path);
    }
    return path_kind::nothing;
  }
  return S_ISREG(found.st_mode) ? path_kind::file : S_ISDIR(found.st_mode) ? path_kind::folder : path_kind::other;
}

bool is_link(const std::string& path) {
  require_path("read", path);
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) {
      fail("read", path);
    }
    return false;
  }
  return S_ISLNK(found.st_mode);
}

std::vector<std::string> names_in(const std::string& folder) {
  require_path("list", folder);
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) {
    fail("list", folder, error.value());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void make_folders(const std::string& path) {
  require_path("create the folder", path);
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    fail("create the folder", path, error.value());
  }
}

void remove_file(const std::string& path) {
  require_path("remove", path);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR) {
    fail("remove", path);
  }
}

void remove_leftovers(const std::string& folder) {
  if (kind_of(folder) != path_kind::folder) {
    return;
  }
  for (const auto& name : names_in(folder)) {
    if (!is_temporary_name(name)) {
      continue;
    }
    const auto path = folder + "/" + name;
    const auto file = open_file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    struct stat found {};
    if (file.valid() && ::fstat(file.number(), &found) == 0 && S_ISREG(found.st_mode) &&
        ::flock(file.number(), LOCK_EX | LOCK_NB) == 0) {
      ::unlink(path.c_str());
    }
  }
}

}  // namespace backspike
