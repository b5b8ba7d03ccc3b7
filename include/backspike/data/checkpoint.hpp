#pragma once
// The file of a trained network, or of a training run that can go on.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace backspike {

struct named_tensor {
  std::string name;
  std::vector<std::size_t> extents;
  std::vector<float> values;  // row-major, without padding
};

/// All that training needs to go on as if it had never stopped. Layout of the HDF5 file: attributes `version`, `seed`,
/// `epoch`, `step`, `experiment` (TOML text) on the root; one float32 dataset per tensor under /parameters and
/// /optimiser (a dot in a name is a dot in the link's name); one attribute per entry of `scalars` on /state; the texts
/// /class_names, if there are any; one attribute per entry of `data_digests` on /data, if there are any. Files of
/// versions that knew neither are read, too.
struct checkpoint {
  std::string version, experiment;
  std::uint64_t seed = 0, epoch = 0, step = 0;
  std::vector<named_tensor> parameters, optimiser;
  std::map<std::string, double> scalars;
  std::vector<std::string> class_names;               // of the outputs (data/classes.hpp); empty: none, or not known
  std::map<std::string, std::uint64_t> data_digests;  // of "train", "validation", "test" (data/digest.hpp)
};

/// Atomic; the same content gives the same bytes (no time stamps). Throws file_error.
void write_checkpoint(const std::string& path, const checkpoint& c);

/// Throws file_error (not there), format_error (truncated, not HDF5, a part missing; names the part).
checkpoint read_checkpoint(const std::string& path);

}  // namespace backspike
