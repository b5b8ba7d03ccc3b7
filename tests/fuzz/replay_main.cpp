// Every target over its seeds, over inputs that once were findings, and over a fixed list of damages to the seeds:
// replay [CORPUS [TARGET]], where CORPUS has a folder for each target.

#include "target.hpp"

#include <backspike/core/random.hpp>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace {

using namespace backspike;
using fuzz::target;

constexpr std::uint32_t damages = 60;  // of each seed

/// The seed with a few bytes changed, cut or doubled; the same for the same number.
std::string damaged(std::string bytes, std::uint64_t number) {
  random_stream random(number, random_purpose::test);
  const auto at = [&] { return random.below(static_cast<std::uint32_t>(bytes.size())); };
  for (std::uint32_t k = random.below(4) + 1; k > 0 && !bytes.empty(); --k) {
    switch (random.below(4)) {
      case 0:
        bytes[at()] = static_cast<char>(random.below(256));
        break;
      case 1:
        bytes[at()] ^= static_cast<char>(1U << random.below(8));
        break;
      case 2:
        bytes.resize(at());
        break;
      default:
        const auto begin = at();
        bytes.insert(at(), bytes.substr(begin, random.below(64)));
        break;
    }
  }
  return bytes;
}

bool survives(const target& t, const std::string& what, const std::string& input) {
  try {
    fuzz::feed(t, input);
    return true;
  } catch (const std::exception& e) {
    std::printf("%s: %s: %s\n", t.name.c_str(), what.c_str(), e.what());
    return false;
  }
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool replay(const target& t, const std::filesystem::path& findings) {
  bool well = true;
  std::size_t inputs = 0;
  const auto try_one = [&](const std::string& what, const std::string& input) {
    ++inputs;
    well = survives(t, what, input) && well;
  };
  std::uint64_t number = 0;
  for (const auto& seed : t.seeds()) {
    try_one("seed", seed);
    for (std::uint32_t k = 0; k < damages; ++k, ++number) {
      try_one("damage " + std::to_string(number), damaged(seed, number));
    }
  }
  if (std::filesystem::is_directory(findings)) {
    for (const auto& entry : std::filesystem::directory_iterator(findings)) {
      try_one(entry.path().filename().string(), content_of(entry.path()));
    }
  }
  std::printf("%s: %zu inputs\n", t.name.c_str(), inputs);
  std::fflush(stdout);
  return well && inputs > 0;
}

}  // namespace

int main(int count, char** values) {
  const std::filesystem::path corpus = count > 1 ? values[1] : "";
  bool well = true;
  for (const target& t : fuzz::targets()) {
    if (count < 3 || t.name == values[2]) {
      well = replay(t, corpus / t.name) && well;
    }
  }
  return well ? 0 : 1;
}
