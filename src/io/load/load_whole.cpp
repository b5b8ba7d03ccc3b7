// All of a file or folder for a network that is trained already.

#include <backspike/core/enum_names.hpp>
#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/core/input_file.hpp>
#include <backspike/data/audio.hpp>
#include <backspike/data/classes.hpp>
#include <backspike/data/load.hpp>
#include <backspike/gradient/check_batch.hpp>

#include "io/load/load_parts.hpp"

#include <array>
#include <string_view>

namespace backspike {
namespace {

/// By its first bytes, which may stand behind a block of the writer's own (ours has a seal there).
bool is_hdf5(const std::string& path) {
  constexpr std::string_view signature("\x89HDF\r\n\x1a\n", 8);
  input_file file(path);
  for (std::uint64_t at = 0; at <= 1 << 20 && at < file.size(); at = at == 0 ? 512 : 2 * at) {
    std::array<char, 8> bytes{};
    file.seek(at);
    if (file.read(bytes.data(), bytes.size()) == bytes.size() && std::string_view(bytes.data(), 8) == signature) {
      return true;
    }
  }
  return false;
}

/// Files of spikes say what they are; all others need settings that a network without a source does not have.
void require_known_kind(const data_spec& spec) {
  if (!is_there(spec.path)) {
    throw missing_data_error(spec.path, "give a file of spikes in the layout of SHD (HDF5), which Data.save writes");
  }
  if (is_folder(spec.path) || !is_hdf5(spec.path)) {
    throw value_error(
        "load", "data", spec.path,
        "an HDF5 file of spikes in the layout of SHD, which Data.save writes: the network learned from "
        "arrays and knows no other kind of file; data.source (idx, wav_digits, ...) and its keys tell one");
  }
}

dataset read_whole(const data_spec& spec, const expected_data& network, std::uint64_t seed,
                   const load_progress& progress) {
  switch (spec.source) {
    case data_source::fashion_mnist:
    case data_source::idx:
      return whole_images(spec, seed, progress);
    case data_source::wav_digits:
      return load_wav_recordings(spec, progress);
    case data_source::ecg_qtdb:
      return whole_ecg(spec);
    case data_source::none:
      require_known_kind(spec);
      return whole_spikes(spec, network);
    case data_source::spike_hdf5:
      return whole_spikes(spec, network);
    default:
      throw value_error("load", "data", spec.path,
                        "no file: the samples of " + std::string(name_of(spec.source)) +
                            " are generated from the seed; data.source = \"spike_hdf5\" reads a file of spikes");
  }
}

std::string text_of(double x) {
  auto text = std::to_string(x);
  text.erase(text.find_last_not_of('0') + 1);
  return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
}

}  // namespace

dataset load_whole(const data_spec& spec, const expected_data& network, std::uint64_t seed,
                   const load_progress& progress) {
  if (spec.path.empty() && spec.source != data_source::fashion_mnist) {
    throw value_error("load", "data", "\"\"", "a file or folder");
  }
  const std::string where = "load " + spec.path;
  auto data = read_whole(spec, network, seed, progress);
  if (data.size() == 0) {
    throw value_error("load", "data", spec.path, "a file or folder with samples");
  }
  if (data.channels != network.channels) {
    throw shape_error(where, "a sample", "[steps, " + std::to_string(data.channels) + " channels]",
                      "[steps, " + std::to_string(network.channels) + " channels], the network's inputs");
  }
  if (!is_same_step(data.dt, network.dt)) {
    throw value_error(where, "width of a step", text_of(data.dt) + " ms", text_of(network.dt) + " ms, the network's");
  }
  if (data.labels.empty() && data.step_labels.empty()) {
    data.class_names = network.class_names;
  } else if (!network.class_names.empty()) {
    adopt_classes(data, network.class_names, where);
  }
  return data;
}

}  // namespace backspike
