// Loads recordings of spoken digits, which an auditory front end makes spikes of.

#include <backspike/data/audio.hpp>
#include <backspike/data/split.hpp>

#include "io/load/load_parts.hpp"
#include "io/load/sources.hpp"

namespace backspike {

dataset_split load_digits(const data_spec& spec, std::uint64_t seed, const load_progress& progress) {
  const auto recordings = load_wav_digits(spec, progress);
  if (!spec.held_out_speaker.empty()) {
    return hold_out_speaker(recordings.all, spec, seed);
  }
  const auto& test = recordings.official_test;
  const auto parts = split_where(recordings.all.size(), [&](std::size_t s) { return test[s] != 0; });
  return split_from(subset(recordings.all, parts.kept), subset(recordings.all, parts.taken), spec, seed);
}

dataset whole_digits(const data_spec& spec, const expected_data&, std::uint64_t, const load_progress& progress) {
  return load_wav_recordings(spec, progress);
}

}  // namespace backspike
