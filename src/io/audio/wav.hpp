#pragma once
// Recordings as floats, read with libsndfile.

#include <string>
#include <vector>

namespace backspike {

struct wav_recording {
  std::vector<float> samples;  // full scale is [-1, 1]
  double rate = 0.0;           // [Hz]
};

/// A mono recording, read behind the wall (wall.hpp). Throws file_error (cannot be opened), format_error (not a sound
/// file, truncated, without samples, several channels, a sample that is not a number, a sample rate outside 1 kHz to
/// 1 MHz). A header whose sizes are what programs put there that write to a pipe is believed to mean "to the end".
wav_recording read_wav(const std::string& path);

/// The same for many, at the price of one child process.
std::vector<wav_recording> read_wavs(const std::vector<std::string>& paths);

}  // namespace backspike
