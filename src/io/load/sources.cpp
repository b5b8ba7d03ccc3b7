// The list of data sources. A new one is a header of its own and one entry here, its name and its settings in
// data_spec.hpp, and its keys; training, evaluation, files and Python read the list. docs/adding/source.md walks
// through it.

#include "io/load/sources.hpp"

#include <backspike/core/enum_names.hpp>

#include "data/tasks/delayed_match.hpp"
#include "data/tasks/random_manifolds.hpp"

#include <array>
#include <cstddef>

namespace backspike {
namespace {

constexpr std::array<std::string_view, 1> images{"data.encoder"}, recordings{"data.audio"};
constexpr std::array<std::string_view, 4> spikes{"data.bin_ms", "data.duration_ms", "data.time_unit",
                                                 "data.duplicates"};
constexpr std::array<std::string_view, 4> camera{"data.events", "data.bin_ms", "data.duration_ms", "data.duplicates"};
constexpr std::array<std::string_view, 5> simulated{"data.event_camera", "data.events", "data.bin_ms",
                                                    "data.duration_ms", "data.duplicates"};
constexpr std::string_view fashion_mnist_folder = "/usr/share/datasets/fashion-mnist";
constexpr auto spikes_of_a_network = std::span(spikes).subspan(1);  // its steps are as wide as the network's

/// In the order of data_source.
constexpr std::array source_list{
    source_entry{data_source::fashion_mnist, load_images, whole_images, images, fashion_mnist_folder},
    source_entry{data_source::idx, load_images, whole_images, images},
    source_entry{data_source::wav_digits, load_digits, whole_digits, recordings},
    source_entry{data_source::spike_hdf5, load_spikes, whole_spikes, spikes},
    source_entry{data_source::ecg_qtdb, load_ecg, whole_ecg},
    source_entry{data_source::pattern_generation, load_pattern},
    source_entry{data_source::spike_pattern, load_spike_pattern},
    source_entry{data_source::evidence_accumulation, load_evidence},
    source_entry{data_source::delay_recovery, load_delay_recovery},
    source_entry{data_source::coincidence, load_coincidence},
    source_entry{data_source::regression_waveforms, load_waveforms},
    source_entry{data_source::psp_readout, load_psp},
    source_entry{data_source::spike_timing, load_timing},
    source_entry{data_source::mackey_glass, load_mackey_glass},
    source_entry{data_source::random_manifolds, load_random_manifolds},
    source_entry{data_source::delayed_match, load_delayed_match},
    source_entry{data_source::events, load_events, whole_events, camera},
    source_entry{data_source::nmnist, load_events, whole_events, camera},
    source_entry{data_source::event_camera, load_images, whole_images, simulated, fashion_mnist_folder},
    source_entry{data_source::saccade_direction, load_saccade_direction},
    source_entry{data_source::none, load_none, whole_none, spikes_of_a_network},
};

consteval bool is_in_order() {
  for (std::size_t k = 0; k < source_list.size(); ++k) {
    if (source_list[k].source != static_cast<data_source>(k)) {
      return false;
    }
  }
  return true;
}

static_assert(source_list.size() == enum_names<data_source>.size(), "a source without an entry");
static_assert(is_in_order(), "entries are in the order of data_source");

}  // namespace

const source_entry& entry_of(data_source source) { return source_list.at(static_cast<std::size_t>(source)); }

}  // namespace backspike
