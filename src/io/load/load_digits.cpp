// Loads recordings of spoken digits, which an auditory front end makes spikes of.

#include <backspike/data/audio.hpp>

#include "data/split_data.hpp"
#include "io/load/sources.hpp"

namespace backspike {

dataset_split load_digits(const data_spec& spec, std::uint64_t seed, const load_progress& progress) {
  const auto recordings = load_wav_digits(spec, progress);
  const auto& official = recordings.official_test;
  const auto test = spec.held_out_speaker.empty() ? std::vector<bool>(official.begin(), official.end())
                                                  : samples_of(spec.held_out_speaker, recordings.all);
  return split_marked(recordings.all, test, spec, seed);
}

dataset whole_digits(const data_spec& spec, const expected_data&, std::uint64_t, const load_progress& progress) {
  return load_wav_recordings(spec, progress);
}

}  // namespace backspike
