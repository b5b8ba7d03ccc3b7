// Preloaded into the program (LD_PRELOAD) by the tests of this folder: the n-th system call of some kind on files below
// a folder fails, is short, or ends or stops the process. Calls are counted over all processes of a run together.
//
//   BACKSPIKE_FAULT_COUNTER  a file of two 64-bit numbers: calls so far, faults so far
//
//   BACKSPIKE_FAULT_BELOW    the folder; descriptors count by the file that they are open on
//
//   BACKSPIKE_FAULT_CALLS    kinds, separated by commas: open read write close fsync rename mkdir lock truncate
//                            unlink stat
//
//   BACKSPIKE_FAULT_AT       n, from 1; 0 only counts
//
//   BACKSPIKE_FAULT_AS       a number of errno.h, "short" (of reads and writes), "kill" or "stop" (by a signal,
//                            before it)
//
//   BACKSPIKE_FAULT_ALL      set: all later calls fail, too

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

enum class action { none, fail, cut };

/// What the environment asks for; read at the first call, which may come before any constructor.
class plan {
 public:
  static plan& instance() {
    static plan only;
    return only;
  }

  /// What to do with this call.
  action meet(const char* kind, bool can_be_cut) {
    if (counter_ == nullptr || !concerns(kind)) {
      return action::none;
    }
    const auto number = __atomic_add_fetch(&counter_[0], 1, __ATOMIC_SEQ_CST);
    if (at_ == 0 || number < at_ || (number > at_ && !all_)) {
      return action::none;
    }
    __atomic_add_fetch(&counter_[1], 1, __ATOMIC_SEQ_CST);
    if (signal_ != 0) {
      ::kill(::getpid(), signal_);
      return action::none;
    }
    if (cut_) {
      return can_be_cut ? action::cut : action::none;
    }
    errno = error_;
    return action::fail;
  }

  /// Whether a path names something below the folder.
  bool is_below(const char* path) const {
    if (below_ == nullptr || path == nullptr) {
      return false;
    }
    return std::strncmp(path, below_, std::strlen(below_)) == 0;
  }

  bool is_below(int descriptor) const {
    char name[64];
    char target[PATH_MAX];
    std::snprintf(name, sizeof(name), "/proc/self/fd/%d", descriptor);
    const auto length = ::syscall(SYS_readlinkat, AT_FDCWD, name, target, sizeof(target) - 1);
    target[length > 0 ? length : 0] = '\0';
    return is_below(target);
  }

 private:
  plan() {
    const char* counter = std::getenv("BACKSPIKE_FAULT_COUNTER");
    calls_ = std::getenv("BACKSPIKE_FAULT_CALLS");
    below_ = std::getenv("BACKSPIKE_FAULT_BELOW");
    const char* at = std::getenv("BACKSPIKE_FAULT_AT");
    const char* as = std::getenv("BACKSPIKE_FAULT_AS");
    all_ = std::getenv("BACKSPIKE_FAULT_ALL") != nullptr;
    if (counter == nullptr || calls_ == nullptr || below_ == nullptr || at == nullptr || as == nullptr) {
      return;
    }
    at_ = std::strtoull(at, nullptr, 10);
    cut_ = std::strcmp(as, "short") == 0;
    signal_ = std::strcmp(as, "kill") == 0 ? SIGKILL : std::strcmp(as, "stop") == 0 ? SIGSTOP : 0;
    error_ = std::atoi(as);
    const int file = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, counter, O_RDWR | O_CLOEXEC));
    void* shared = ::mmap(nullptr, 2 * sizeof(std::uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ::syscall(SYS_close, file);
    counter_ = shared == MAP_FAILED ? nullptr : static_cast<std::uint64_t*>(shared);
  }

  bool concerns(const char* kind) const {
    const auto length = std::strlen(kind);
    for (const char* at = calls_; (at = std::strstr(at, kind)) != nullptr; at += length) {
      if ((at == calls_ || at[-1] == ',') && (at[length] == ',' || at[length] == '\0')) {
        return true;
      }
    }
    return false;
  }

  const char* calls_ = nullptr;
  const char* below_ = nullptr;
  std::uint64_t* counter_ = nullptr;
  std::uint64_t at_ = 0;
  bool all_ = false, cut_ = false;
  int signal_ = 0, error_ = 0;
};

template <class Place>
action meet(const char* kind, Place place, bool can_be_cut = false) {
  const int before = errno;
  auto& p = plan::instance();
  const auto what = p.is_below(place) ? p.meet(kind, can_be_cut) : action::none;
  if (what != action::fail) {
    errno = before;
  }
  return what;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

std::size_t half(std::size_t count) { return count > 1 ? count / 2 : count; }

mode_t mode_of(int flags, va_list& rest) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? static_cast<mode_t>(va_arg(rest, unsigned)) : 0;
}

}  // namespace

// The real function, found once, under the name of the one that stands before it.
#define REAL(name, ...) static auto* const real = next<__VA_ARGS__>(name)

extern "C" {

#define OPEN(name)                                                            \
  int name(const char* path, int flags, ...) {                                \
    REAL(#name, int(const char*, int, ...));                                  \
    va_list rest;                                                             \
    va_start(rest, flags);                                                    \
    const auto mode = mode_of(flags, rest);                                   \
    va_end(rest);                                                             \
    return meet("open", path) == action::fail ? -1 : real(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

#define FOPEN(name)                                                         \
  FILE* name(const char* path, const char* mode) {                          \
    REAL(#name, FILE*(const char*, const char*));                           \
    return meet("open", path) == action::fail ? nullptr : real(path, mode); \
  }
FOPEN(fopen)
FOPEN(fopen64)

ssize_t read(int file, void* to, size_t count) {
  REAL("read", ssize_t(int, void*, size_t));
  const auto what = meet("read", file, true);
  return what == action::fail ? -1 : real(file, to, what == action::cut ? half(count) : count);
}

ssize_t write(int file, const void* from, size_t count) {
  REAL("write", ssize_t(int, const void*, size_t));
  const auto what = meet("write", file, true);
  return what == action::fail ? -1 : real(file, from, what == action::cut ? half(count) : count);
}

#define PREAD(name)                                                                                   \
  ssize_t name(int file, void* to, size_t count, off_t at) {                                          \
    REAL(#name, ssize_t(int, void*, size_t, off_t));                                                  \
    const auto what = meet("read", file, true);                                                       \
    return what == action::fail ? -1 : real(file, to, what == action::cut ? half(count) : count, at); \
  }
PREAD(pread)
PREAD(pread64)

#define PWRITE(name)                                                                                    \
  ssize_t name(int file, const void* from, size_t count, off_t at) {                                    \
    REAL(#name, ssize_t(int, const void*, size_t, off_t));                                              \
    const auto what = meet("write", file, true);                                                        \
    return what == action::fail ? -1 : real(file, from, what == action::cut ? half(count) : count, at); \
  }
PWRITE(pwrite)
PWRITE(pwrite64)

/// A close that fails has closed. Only of files that were written: nothing is left to fail where a file was only read,
/// and HDF5 (1.10.8) crashes when the process ends after a close that it did not expect to fail.
int close(int file) {
  REAL("close", int(int));
  const bool written = (::fcntl(file, F_GETFL) & O_ACCMODE) != O_RDONLY;
  const auto what = written ? meet("close", file) : action::none;
  const int error = errno;
  const int result = real(file);
  if (what == action::fail) {
    errno = error;
  }
  return what == action::fail ? -1 : result;
}

#define ON_DESCRIPTOR(name, kind)                              \
  int name(int file) {                                         \
    REAL(#name, int(int));                                     \
    return meet(kind, file) == action::fail ? -1 : real(file); \
  }
ON_DESCRIPTOR(fsync, "fsync")
ON_DESCRIPTOR(fdatasync, "fsync")

int flock(int file, int operation) {
  REAL("flock", int(int, int));
  return meet("lock", file) == action::fail ? -1 : real(file, operation);
}

#define TRUNCATE(name)                                                     \
  int name(int file, off_t size) {                                         \
    REAL(#name, int(int, off_t));                                          \
    return meet("truncate", file) == action::fail ? -1 : real(file, size); \
  }
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

int rename(const char* from, const char* to) {
  REAL("rename", int(const char*, const char*));
  return meet("rename", to) == action::fail ? -1 : real(from, to);
}

int mkdir(const char* path, mode_t mode) {
  REAL("mkdir", int(const char*, mode_t));
  return meet("mkdir", path) == action::fail ? -1 : real(path, mode);
}

#define ON_PATH(name, kind)                                    \
  int name(const char* path) {                                 \
    REAL(#name, int(const char*));                             \
    return meet(kind, path) == action::fail ? -1 : real(path); \
  }
ON_PATH(unlink, "unlink")
ON_PATH(rmdir, "unlink")
ON_PATH(remove, "unlink")

#define STAT(name, type)                                                \
  int name(const char* path, struct type* found) {                      \
    REAL(#name, int(const char*, struct type*));                        \
    return meet("stat", path) == action::fail ? -1 : real(path, found); \
  }
STAT(stat, stat)
STAT(lstat, stat)
STAT(stat64, stat64)
STAT(lstat64, stat64)

#define FSTAT(name, type)                                               \
  int name(int file, struct type* found) {                              \
    REAL(#name, int(int, struct type*));                                \
    return meet("stat", file) == action::fail ? -1 : real(file, found); \
  }
FSTAT(fstat, stat)
FSTAT(fstat64, stat64)

}  // extern "C"
