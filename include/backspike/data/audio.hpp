#pragma once
// Recordings of spoken digits, {digit}_{speaker}_{index}.wav in one folder, through an auditory front end.

#include <backspike/data/dataset.hpp>
#include <backspike/data/load.hpp>
#include <backspike/experiment/experiment.hpp>

#include <cstdint>
#include <vector>

namespace backspike {

struct digit_recordings {
  dataset all;                              // in ascending order of file name; speakers in ascending order of name
  std::vector<std::uint8_t> official_test;  // [samples] 1 where the recording's index is 0 to 4
};

/// Reads and encodes every recording of spec.path with spec.audio. Throws missing_data_error (no such folder; no file
/// with such a name in it), format_error (not a sound file, truncated, empty), value_error (a band above half the
/// sample rate, a class without a recording).
digit_recordings load_wav_digits(const data_spec& spec, const load_progress& progress);

}  // namespace backspike
