// Locks a directory while one process writes to it. A second process is refused, not mixed in.

#include "experiment/folder/directory_lock.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace backspike {
namespace {

/// Some network file systems have no locks, or none on directories: there, going on unlocked beats not running at all.
bool is_without_locks(int error) {
  return error == ENOLCK || error == ENOTSUP || error == ENOSYS || error == EINVAL || error == EBADF;
}

/// 0, or the error. A signal may come in between.
int lock(int descriptor) {
  while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EINTR) {
      return is_without_locks(errno) ? 0 : errno;
    }
  }
  return 0;
}

/// False where the directory was removed, or another put in its place, between opening and locking.
bool is_still_at(const std::string& path, int descriptor) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino;
}

}  // namespace

directory_lock::directory_lock(const std::string& path, const std::string& what, const std::string& busy) {
  for (bool held = false; !held;) {
    make_folders(path);
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor_ < 0) {
      throw file_error("open " + what, path, std::strerror(errno));
    }
    const int error = lock(descriptor_);
    held = error == 0 && is_still_at(path, descriptor_);
    if (!held) {
      ::close(descriptor_);
    }
    if (error != 0) {
      throw file_error("lock " + what, path, error == EWOULDBLOCK ? busy : std::strerror(error));
    }
  }
  try {
    remove_leftovers(path);
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

directory_lock::~directory_lock() { ::close(descriptor_); }

}  // namespace backspike
