// Recordings.

#include "io/audio/wav.hpp"

#include "target.hpp"

#include <cmath>
#include <cstdint>

namespace backspike::fuzz {
namespace {

void read(std::string_view input) {
  const auto sound = read_wav(file_with(input, "input.wav"));
  require(!sound.samples.empty() && sound.rate >= 1000, "samples and their rate");
  for (const float x : sound.samples) {
    require(std::isfinite(x), "finite samples");
  }
}

std::string little(std::uint32_t value, int bytes) {
  std::string text;
  for (int k = 0; k < bytes; ++k) {
    text += static_cast<char>(value >> (8 * k) & 255U);
  }
  return text;
}

/// format: 1 whole numbers, 3 floats. `size` stands in the header.
std::string wav(std::uint32_t format, std::uint32_t bits, const std::string& samples, std::uint32_t size) {
  const std::string head = "fmt " + little(16, 4) + little(format, 2) + little(1, 2) + little(8000, 4) +
                           little(8000 * bits / 8, 4) + little(bits / 8, 2) + little(bits, 2);
  return "RIFF" + little(size == 0 ? static_cast<std::uint32_t>(4 + head.size() + 8 + samples.size()) : size, 4) +
         "WAVE" + head + "data" + little(size == 0 ? static_cast<std::uint32_t>(samples.size()) : size, 4) + samples;
}

std::vector<std::string> seeds() {
  const std::string samples = "abcdefghijklmnopqrstuvwx";
  return {
      wav(1, 16, samples, 0),          wav(1, 8, samples, 0),           wav(1, 24, samples, 0), wav(3, 32, samples, 0),
      wav(1, 16, samples, 0xFFFFFFFF), wav(1, 16, samples, 0x7FFFF000), wav(6, 8, samples, 0),  wav(7, 8, samples, 0)};
}

const registration registered({"wav", read, seeds});

}  // namespace
}  // namespace backspike::fuzz
