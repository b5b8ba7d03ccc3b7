#pragma once
// A folder of its own for one test. Tests of one program run side by side, and so do two checkouts on one machine: a
// name that two of them could choose would be removed by one while the other works in it.

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace backspike {

/// Empty at first; removed, with all that is in it, by the process that made it.
class temporary_folder {
 public:
  explicit temporary_folder(const std::filesystem::path& parent = std::filesystem::temp_directory_path()) {
    std::string name = (parent / "backspike_test_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw std::runtime_error("no temporary folder in " + parent.string());
    }
    path_ = name;
  }
  ~temporary_folder() {
    if (::getpid() == owner_) {  // not a child that the test, or a reader in it, started
      std::error_code ignored;
      std::filesystem::remove_all(path_, ignored);
    }
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string at(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
  pid_t owner_ = ::getpid();
};

}  // namespace backspike
