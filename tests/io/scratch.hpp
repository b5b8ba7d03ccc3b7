#pragma once
// A folder for each test, files as bytes, and a disk that is full.

#include "core/system/sanitizers.hpp"
#include "temporary_folder.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>

#if defined(BACKSPIKE_ADDRESS_SANITIZER)
#include <sanitizer/lsan_interface.h>
#endif

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace backspike {

class scratch : public testing::Test {
 protected:
  std::string at(const std::string& name) const { return own_.at(name); }

  std::set<std::string> names() const {
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      found.insert(entry.path().filename().string());
    }
    return found;
  }

  static std::string bytes_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

  static void put(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

  temporary_folder own_;
  const std::filesystem::path folder_ = own_.path();
};

/// No file may grow beyond this while it lives: writing fails as it does on a full disk.
class full_disk {
 public:
  explicit full_disk(rlim_t bytes) {
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
  }
  ~full_disk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  full_disk(const full_disk&) = delete;
  full_disk& operator=(const full_disk&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

/// HDF5 (1.10.8) itself loses memory where it meets a damaged header. While one lives, that is not counted as a leak.
#if defined(BACKSPIKE_ADDRESS_SANITIZER)
using leaks_of_hdf5 = __lsan::ScopedDisabler;
#else
struct leaks_of_hdf5 {
  leaks_of_hdf5() {}  // written out, so that a variable of this type counts as used
};
#endif

/// The error that the call throws, or a failed test.
template <class Error, class Call>
std::string message_of(const Call& call) {
  try {
    call();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    return error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another error: " << error.what();
  }
  return "";
}

}  // namespace backspike
