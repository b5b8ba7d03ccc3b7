#pragma once
// Recordings of spoken digits, {digit}_{speaker}_{index}.wav in one folder, through an auditory front end:
//
//   E_t(b)  the energy in band b (io/audio/mel_bank.hpp), M(b) its mean over the recording, M the mean of M(b)
//   r(b)   = max(M(b), M / 1e4)^equalisation * M^(1 - equalisation), at least a silence of -90 dB
//   c_t(b) = (E_t(b) / r(b))^compression            loudness: a power law (Stevens 1957)
//   a_t(b) = d a_{t-1}(b) + (1 - d) c_t(b),  d = exp(-step_ms / adaptation_ms)
//   x_t(b) = c_t(b) - adaptation * a_{t-1}(b)       adaptation, as of the auditory nerve: onsets stand out
//
// Channel b * thresholds + k spikes in step t if x_t(b) > lowest_threshold + k * (spacing of the thresholds).
//
// The level of a recording does not matter, and with `equalisation` neither does how its microphone or its speaker
// colours the long-term spectrum: at 0 all bands are divided by the same mean, at 1 each by its own.

#include <backspike/core/thread_pool.hpp>
#include <backspike/data/data_spec.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/data/load.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace backspike {

struct digit_recordings {
  dataset all;                              // in ascending order of file name; speakers in ascending order of name
  std::vector<std::uint8_t> official_test;  // [samples] 1 where the recording's index is 0 to 4
};

/// Reads and encodes every recording of spec.path with spec.audio. Files that do not end in .wav, and hidden ones, are
/// not looked at. Throws missing_data_error (no such folder; no file with such a name in it), format_error (not a mono
/// sound file, truncated, empty), file_error and resource_error (a file that cannot be opened; one that asks for more
/// than it may, docs/border.md), value_error (a .wav file of another name among the digits, a setting out of range, a
/// band above half the sample rate, a class without a recording).
digit_recordings load_wav_digits(const data_spec& spec, const load_progress& progress = {});

/// The same on a given pool. The result has the same bits at any thread count.
digit_recordings load_wav_digits(const data_spec& spec, thread_pool& pool, const load_progress& progress = {});

/// All recordings of the folder spec.path, or that one file, without a split: with labels and speakers if all names say
/// them, without any if none does. Throws what load_wav_digits throws but for classes without a recording; a file of
/// another name is refused only beside some that say a digit (value_error).
dataset load_wav_recordings(const data_spec& spec, const load_progress& progress = {});

/// One mono recording of `rate` [Hz] as spikes: ceil(duration / step_ms) rows, audio_channels(spec) channels. Throws
/// value_error (a setting out of range, a band above half the sample rate, a sample that is not a finite number).
events encode_audio(const audio_spec& spec, std::span<const float> samples, double rate);

/// Input channels of the network: a band has `thresholds` of them, the lowest threshold first, bands from low to high.
std::uint32_t audio_channels(const audio_spec& spec);

}  // namespace backspike
