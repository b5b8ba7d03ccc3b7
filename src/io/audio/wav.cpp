// Reads WAV files with libsndfile behind the wall, after a look at the header, which libsndfile believes too much.

#include "io/audio/wav.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/input_file.hpp>

#include "io/wall/inner_readers.hpp"
#include "io/wall/wall.hpp"

#include <sndfile.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

namespace backspike {
namespace {

constexpr int lowest_rate = 1000, highest_rate = 1000000;  // [Hz] beyond these the header is damaged
// Programs that write to a pipe cannot go back to put the size in: ffmpeg writes 0xFFFFFFFF, sox 0x7FFFF000 and arecord
// 0x7FFFFFFF for the samples, and as much with the rest of the header for the whole.
constexpr std::uint64_t unknown_size = 0x7FFFF000;
constexpr std::size_t block_frames = std::size_t{1} << 16U;  // a header's count of frames is never trusted for memory

struct sound_closer {
  void operator()(SNDFILE* file) const { sf_close(file); }
};
using sound_file = std::unique_ptr<SNDFILE, sound_closer>;

// libsndfile takes what is left of a truncated WAV for the whole, so the RIFF header's size is compared first.
void require_whole_file(input_file& in) {
  std::array<unsigned char, 8> head{};
  if (in.read(head.data(), head.size()) != head.size()) {
    throw format_error(in.path(), "header", "the file is empty or ends within its header");
  }
  if (std::memcmp(head.data(), "RIFF", 4) != 0) {
    return;
  }
  const std::uint64_t declared = head[4] | head[5] << 8U | head[6] << 16U | std::uint64_t{head[7]} << 24U;
  const std::uint64_t present = in.size() - head.size();
  if (declared < unknown_size && present < declared) {
    throw format_error(in.path(), "header",
                       "truncated: " + std::to_string(declared) + " bytes should follow the header, " +
                           std::to_string(present) + " do");
  }
}

sound_file open_sound(input_file& in, SF_INFO& info) {
  const std::string& path = in.path();
  in.seek(0);
  sound_file file(sf_open_fd(in.descriptor(), SFM_READ, &info, SF_FALSE));  // never by name: some kinds have two files
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

void read_samples(SNDFILE* file, const std::string& path, const read_limits& limits, std::vector<float>& samples) {
  std::size_t got = block_frames;
  while (got == block_frames) {
    const std::size_t before = samples.size();
    require_memory(limits, "read " + path, static_cast<double>(before + block_frames) * sizeof(float));
    samples.resize(before + block_frames);
    got = static_cast<std::size_t>(std::max<sf_count_t>(0, sf_readf_float(file, &samples[before], block_frames)));
    samples.resize(before + got);
  }
}

void transfer(wall_sink& sink, const wav_recording& r) { sink(r.samples), sink(r.rate); }
void transfer(wall_source& source, wav_recording& r) {
  source(r.samples), source(r.rate);
  if (r.samples.empty() || !(r.rate >= lowest_rate && r.rate <= highest_rate) ||
      !std::ranges::all_of(r.samples, [](float x) { return std::isfinite(x); })) {
    source.distrust();
  }
}

}  // namespace

wav_recording read_wav_here(const std::string& path, const read_limits& limits) {
  input_file in(path);
  require_whole_file(in);
  SF_INFO info{};
  const sound_file file = open_sound(in, info);
  wav_recording recording;
  recording.rate = info.samplerate;
  read_samples(file.get(), path, limits, recording.samples);
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

std::vector<wav_recording> read_wavs(const std::vector<std::string>& paths) {
  std::vector<wav_recording> all(paths.size());
  if (paths.empty()) {
    return all;
  }
  std::uint64_t largest = 0, bytes = 0;
  for (const auto& path : paths) {
    const auto size = regular_file_size(path);
    largest = std::max(largest, size);
    bytes += size;
  }
  const auto each = limits_for(largest), together = limits_for(bytes, paths.size());
  run_behind_wall({paths.front(), "libsndfile", together,
                   [&](wall_sink& sink) {
                     for (const auto& path : paths) {
                       const auto recording = read_wav_here(path, each);
                       sink.begin_item();
                       transfer(sink, recording);
                     }
                   },
                   [&](wall_source& source) {
                     for (std::size_t k = 0; k < paths.size(); ++k) {
                       source.expect(paths[k]);
                       source.begin_item();
                       transfer(source, all[k]);
                     }
                   }});
  return all;
}

wav_recording read_wav(const std::string& path) { return std::move(read_wavs({path}).front()); }

}  // namespace backspike
