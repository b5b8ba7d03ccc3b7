#pragma once
// A directory that one process at a time writes.

#include <string>

namespace backspike {

/// A lock on a directory, which is made if it is not there. The kernel takes the lock back however a process ends. What
/// killed writers left half-written in the directory is removed.
class directory_lock {
 public:
  /// `what` names the directory in errors, `busy` says what another process is doing with it. Throws file_error.
  directory_lock(const std::string& path, const std::string& what, const std::string& busy);
  ~directory_lock();
  directory_lock(const directory_lock&) = delete;
  directory_lock& operator=(const directory_lock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace backspike
