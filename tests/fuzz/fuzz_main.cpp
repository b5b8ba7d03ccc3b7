// What libFuzzer calls. `--target=NAME` picks the target; `--list` and `--write-seeds=FOLDER` are for ./dev fuzz.

#include "target.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

namespace {

using backspike::fuzz::target;

const target* chosen = nullptr;

/// What follows `name` in the arguments.
std::optional<std::string> argument(int count, char** values, const std::string& name) {
  for (int i = 1; i < count; ++i) {
    const std::string text = values[i];
    if (text.starts_with(name)) {
      return text.substr(name.size());
    }
  }
  return std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** values) {
  if (argument(*count, *values, "--list")) {
    for (const target& t : backspike::fuzz::targets()) {
      std::printf("%s\n", t.name.c_str());
    }
    std::exit(0);
  }
  chosen = &backspike::fuzz::find_target(argument(*count, *values, "--target=").value_or(""));
  if (const auto folder = argument(*count, *values, "--write-seeds=")) {
    backspike::fuzz::write_seeds(*chosen, *folder);
    std::exit(0);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  backspike::fuzz::feed(*chosen, {reinterpret_cast<const char*>(bytes), size});
  return 0;
}
