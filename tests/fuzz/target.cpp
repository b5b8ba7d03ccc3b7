// The list of fuzz targets, and the folder of files that they read.

#include "target.hpp"

#include "temporary_folder.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/text.hpp>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace backspike::fuzz {
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
  static const std::filesystem::path memory = "/dev/shm";
  static const temporary_folder folder(::access(memory.c_str(), W_OK) == 0 ? memory
                                                                           : std::filesystem::temp_directory_path());
  return folder.path().string();
}

std::string file_with(std::string_view bytes, const std::string& name) {
  const auto path = folder_of_files() + "/" + name;
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return path;
}

}  // namespace backspike::fuzz
