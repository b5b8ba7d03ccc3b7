#include "io/wav.hpp"

#include <backspike/core/error.hpp>

#include <sndfile.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

namespace backspike {
namespace {

constexpr int lowest_rate = 1000, highest_rate = 1000000;    // [Hz] beyond these the header is damaged
constexpr std::uint64_t unknown_size = 0xFFFFFFFF;           // what programs that write to a pipe put in the header
constexpr std::size_t block_frames = std::size_t{1} << 16U;  // a header's count of frames is never trusted for memory

struct sound_closer {
  void operator()(SNDFILE* file) const { sf_close(file); }
};
using sound_file = std::unique_ptr<SNDFILE, sound_closer>;

// libsndfile takes what is left of a truncated WAV for the whole, so the RIFF header's size is compared first.
void require_whole_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in || !std::filesystem::is_regular_file(path)) {
    throw file_error("open", path, in ? "not a file" : std::strerror(errno));
  }
  std::array<unsigned char, 8> head{};
  if (!in.read(reinterpret_cast<char*>(head.data()), head.size())) {
    throw format_error(path, "header", "the file is empty or ends within its header");
  }
  if (std::memcmp(head.data(), "RIFF", 4) != 0) {
    return;
  }
  const std::uint64_t declared = head[4] | head[5] << 8U | head[6] << 16U | std::uint64_t{head[7]} << 24U;
  const std::uint64_t present = std::filesystem::file_size(path) - head.size();
  if (declared != unknown_size && present < declared) {
    throw format_error(path, "header",
                       "truncated: " + std::to_string(declared) + " bytes should follow the header, " +
                           std::to_string(present) + " do");
  }
}

sound_file open_sound(const std::string& path, SF_INFO& info) {
  sound_file file(sf_open(path.c_str(), SFM_READ, &info));
  if (!file) {
    throw format_error(path, "", std::string("not a sound file that can be read: ") + sf_strerror(nullptr));
  }
  if (info.channels != 1) {
    throw format_error(path, "header", std::to_string(info.channels) + " channels; accepted: 1 (mono)");
  }
  if (info.samplerate < lowest_rate || info.samplerate > highest_rate) {
    throw format_error(path, "header",
                       "a sample rate of " + std::to_string(info.samplerate) +
                           " Hz; accepted: " + std::to_string(lowest_rate) + " to " + std::to_string(highest_rate));
  }
  return file;
}

void read_samples(SNDFILE* file, std::vector<float>& samples) {
  std::size_t got = block_frames;
  while (got == block_frames) {
    const std::size_t before = samples.size();
    samples.resize(before + block_frames);
    got = static_cast<std::size_t>(std::max<sf_count_t>(0, sf_readf_float(file, &samples[before], block_frames)));
    samples.resize(before + got);
  }
}

}  // namespace

wav_recording read_wav(const std::string& path) {
  require_whole_file(path);
  SF_INFO info{};
  const sound_file file = open_sound(path, info);
  wav_recording recording;
  recording.rate = info.samplerate;
  read_samples(file.get(), recording.samples);
  const std::vector<float>& samples = recording.samples;
  if (samples.size() < static_cast<std::uint64_t>(std::max<sf_count_t>(0, info.frames))) {
    throw format_error(path, "sample " + std::to_string(samples.size()),
                       "truncated: the header promises " + std::to_string(info.frames) + " samples");
  }
  if (samples.empty()) {
    throw format_error(path, "", "a recording without samples");
  }
  const auto bad = std::find_if(samples.begin(), samples.end(), [](float x) { return !std::isfinite(x); });
  if (bad != samples.end()) {
    throw format_error(path, "sample " + std::to_string(bad - samples.begin()), "not a finite number");
  }
  return recording;
}

}  // namespace backspike
