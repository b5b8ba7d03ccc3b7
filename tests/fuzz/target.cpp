#include "target.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/text.hpp>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace backspike::fuzz {
namespace {

/// Removed when the program ends. A child that a reader started must leave it to its parent.
class scratch_folder {
 public:
  scratch_folder() {
    const std::string memory = "/dev/shm";
    const auto parent = ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path().string();
    path_ = parent + "/backspike_fuzz_XXXXXX";
    require(::mkdtemp(path_.data()) != nullptr, "a temporary folder");
  }
  ~scratch_folder() {
    if (::getpid() == owner_) {
      std::error_code ignored;
      std::filesystem::remove_all(path_, ignored);
    }
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  pid_t owner_ = ::getpid();
};

}  // namespace

std::vector<target>& targets() {
  static std::vector<target> all;
  return all;
}

const target& find_target(const std::string& name) {
  std::string names;
  for (const target& t : targets()) {
    if (t.name == name) {
      return t;
    }
    names += " " + t.name;
  }
  throw std::invalid_argument("no target '" + name + "'; there are:" + names);
}

void require(bool holds, const std::string& what) {
  if (!holds) {
    throw std::logic_error("does not hold: " + what);
  }
}

void feed(const target& t, std::string_view input) {
  try {
    t.run(input);
  } catch (const user_error& e) {
    require(!has_control_characters(e.what()), "an error's text is printable");
  }
}

void write_seeds(const target& t, const std::string& folder) {
  std::filesystem::create_directories(folder);
  std::size_t number = 0;
  for (const auto& seed : t.seeds()) {
    std::ofstream(folder + "/seed" + std::to_string(number++), std::ios::binary) << seed;
  }
}

std::string folder_of_files() {
  static const scratch_folder folder;
  return folder.path();
}

std::string file_with(std::string_view bytes, const std::string& name) {
  const auto path = folder_of_files() + "/" + name;
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return path;
}

}  // namespace backspike::fuzz
