// Writes spikes in the layout of SHD, and refuses data for which the layout has no place.

#include <backspike/core/error.hpp>
#include <backspike/data/spike_hdf5.hpp>

#include "io/hdf5/hdf5_file.hpp"

#include <algorithm>

namespace backspike {
namespace {

constexpr double ms_per_second = 1e3;

/// Times and units of all samples one after another; HDF5 gets one pointer and length for each sample.
struct flat_spikes {
  std::vector<double> times;  // [s]
  std::vector<std::uint32_t> units;
  std::vector<std::size_t> offsets{0};  // [samples + 1]
};

flat_spikes flatten(const dataset& data) {
  flat_spikes flat;
  for (std::size_t s = 0; s < data.size(); ++s) {
    const auto first = data.inputs.sample_rows[s];
    for (std::uint64_t r = first; r < data.inputs.sample_rows[s + 1]; ++r) {
      const auto channels = data.inputs.spikes.row(r).channels;
      const double time = (static_cast<double>(r - first) + 0.5) * data.dt / ms_per_second;
      flat.times.insert(flat.times.end(), channels.size(), time);
      flat.units.insert(flat.units.end(), channels.begin(), channels.end());
    }
    flat.offsets.push_back(flat.units.size());
  }
  return flat;
}

template <class T>
hdf5_handle put_lists(hid_t place, const char* name, hid_t file_type, hid_t memory_type, std::vector<T>& values,
                      const std::vector<std::size_t>& offsets) {
  std::vector<hvl_t> lists;
  for (std::size_t s = 0; s + 1 < offsets.size(); ++s) {
    lists.push_back({offsets[s + 1] - offsets[s], values.data() + offsets[s]});
  }
  const auto in_file = hdf5_built(H5Tvlen_create(file_type), H5Tclose);
  const auto in_memory = hdf5_built(H5Tvlen_create(memory_type), H5Tclose);
  return make_dataset(place, name, {lists.size()}, in_file.id(), in_memory.id(), lists.data());
}

void put_spikes(hid_t file, const dataset& data) {
  constexpr std::size_t exact_steps = std::size_t{1} << 20;  // up to here a float tells a step's middle from its ends
  flat_spikes flat = flatten(data);
  const auto spikes = make_group(file, "spikes");
  put_lists(spikes.id(), "times", data.longest() <= exact_steps ? H5T_IEEE_F32LE : H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE,
            flat.times, flat.offsets);
  const auto units = put_lists(spikes.id(), "units", data.channels <= 65536 ? H5T_STD_U16LE : H5T_STD_U32LE,
                               H5T_NATIVE_UINT32, flat.units, flat.offsets);
  put_attribute(units.id(), "channels", H5T_STD_U32LE, H5T_NATIVE_UINT32, &data.channels);
}

void put_names(hid_t object, const std::vector<std::string>& names) {
  const hdf5_text_table table(names);
  const auto space = make_space({names.size()});
  const auto attribute =
      hdf5_built(H5Acreate2(object, "names", table.type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  hdf5_built(H5Awrite(attribute.id(), table.type.id(), table.bytes.data()));
}

bool is_labelled(const dataset& data) { return data.labels.size() == data.size(); }

void put_extra(hid_t file, const dataset& data) {
  const auto extra = make_group(file, "extra");
  if (is_labelled(data)) {
    const hdf5_text_table keys(data.class_names);
    make_dataset(extra.id(), "keys", {data.classes()}, keys.type.id(), keys.type.id(), keys.bytes.data());
  }
  if (!data.speakers.empty()) {
    const auto speaker =
        make_dataset(extra.id(), "speaker", {data.size()}, H5T_STD_I32LE, H5T_NATIVE_INT32, data.speakers.data());
    put_names(speaker.id(), data.speaker_names);
  }
  std::vector<std::uint64_t> steps;
  for (std::size_t s = 0; s < data.size(); ++s) {
    steps.push_back(data.inputs.length(s));
  }
  const auto lengths = make_dataset(extra.id(), "steps", {data.size()}, H5T_STD_U32LE, H5T_NATIVE_UINT64, steps.data());
  put_attribute(lengths.id(), "dt", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &data.dt);
}

/// Refuses what this layout has no place for, rather than lose it.
void require_writable(const std::string& path, const dataset& data) {
  const auto refuse = [&](const char* what, const char* accepted) {
    throw value_error("write " + path, "data set " + data.name, what, accepted);
  };
  if (data.inputs.spikes.graded()) {
    refuse("graded values", "spikes: this layout holds times and units only");
  }
  if ((!is_labelled(data) && !data.labels.empty()) || !data.step_labels.empty() || !data.step_targets.empty() ||
      !data.step_weights.empty()) {
    refuse("targets in time", "one label a sample, which is all that this layout holds");
  }
  if (!data.further.empty()) {
    refuse("targets by name", "one label a sample, which is all that this layout holds");
  }
  if (!data.sample_weights.empty()) {
    refuse("weights of samples", "samples without weights, for which this layout has no place");
  }
}

}  // namespace

void write_spike_hdf5(const std::string& path, const dataset& data) {
  require_writable(path, data);
  write_hdf5_file(path, hdf5_seal::whole_file, [&](hid_t file) {
    put_spikes(file, data);
    if (is_labelled(data)) {
      make_dataset(file, "labels", {data.size()}, H5T_STD_I32LE, H5T_NATIVE_INT32, data.labels.data());
    }
    put_extra(file, data);
  });
}

}  // namespace backspike
