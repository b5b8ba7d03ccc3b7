// From data.source to the loader of that source. Start here to see where data come from.

#include <backspike/core/error.hpp>
#include <backspike/data/audio.hpp>
#include <backspike/data/load.hpp>
#include <backspike/data/split.hpp>

#include "io/load/load_parts.hpp"

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

dataset_split load_data(const data_spec& spec, std::uint64_t seed, const load_progress& progress) {
  switch (spec.source) {
    case data_source::fashion_mnist:
    case data_source::idx:
      return load_images(spec, seed, progress);
    case data_source::wav_digits:
      return load_digits(spec, seed, progress);
    case data_source::spike_hdf5:
      return load_spikes(spec, seed, progress);
    case data_source::ecg_qtdb:
      return load_ecg(spec, seed, progress);
    case data_source::pattern_generation:
      return load_pattern(spec, seed, progress);
    case data_source::spike_pattern:
      return load_spike_pattern(spec, seed, progress);
    case data_source::evidence_accumulation:
      return load_evidence(spec, seed, progress);
    case data_source::delay_recovery:
      return load_delay_recovery(spec, seed, progress);
    case data_source::coincidence:
      return load_coincidence(spec, seed, progress);
    case data_source::regression_waveforms:
      return load_waveforms(spec, seed, progress);
    case data_source::psp_readout:
      return load_psp(spec, seed, progress);
    case data_source::spike_timing:
      return load_timing(spec, seed, progress);
    case data_source::mackey_glass:
      return load_mackey_glass(spec, seed, progress);
    case data_source::none:
      throw missing_data_error("data.source = \"none\"",
                               "the network learned from arrays; give --data FILE, or set data.source and its keys");
  }
  throw internal_error("load: a data source without a reader");
}

}  // namespace backspike
