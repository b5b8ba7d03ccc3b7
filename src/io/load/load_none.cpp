// The source of a network that learned from arrays: it names no data, and reads a file that says what it is.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/core/input_file.hpp>

#include "io/load/sources.hpp"

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

}  // namespace

dataset_split load_none(const data_spec&, std::uint64_t, const load_progress&) {
  throw missing_data_error("data.source = \"none\"",
                           "the network learned from arrays; give --data FILE, or set data.source and its keys");
}

dataset whole_none(const data_spec& spec, const expected_data& network, std::uint64_t seed,
                   const load_progress& progress) {
  require_known_kind(spec);
  auto read_as = spec;
  read_as.bin_ms = network.dt;
  return whole_spikes(read_as, network, seed, progress);
}

}  // namespace backspike
