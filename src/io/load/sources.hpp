#pragma once
// What a data source is; the list of them is in sources.cpp.

#include <backspike/data/load.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace backspike {

/// Training, validation and test set.
using load_function = dataset_split(const data_spec& spec, std::uint64_t seed, const load_progress& progress);

/// All of spec.path for a network: load_whole without its checks.
using whole_function = dataset(const data_spec& spec, const expected_data& network, std::uint64_t seed,
                               const load_progress& progress);

using key_list = std::span<const std::string_view>;

struct source_entry {
  data_source source;
  load_function* load;
  whole_function* whole = nullptr;  // none: its samples are generated from the seed
  key_list file_keys = {};          // beside data.source, by which it understands a file given to a trained network
  std::string_view installed = {};  // where a package puts its files
};

/// The source's entry in the list.
const source_entry& entry_of(data_source source);

load_function load_images, load_digits, load_spikes, load_ecg, load_pattern, load_spike_pattern, load_evidence,
    load_delay_recovery, load_coincidence, load_waveforms, load_psp, load_timing, load_mackey_glass, load_events,
    load_saccade_direction, load_none;
whole_function whole_images, whole_digits, whole_spikes, whole_ecg, whole_events, whole_none;

}  // namespace backspike
