// HDF5 files of spikes: ours with the seal taken off, and a stranger's, in the old format, which has no checksums.

#include <backspike/data/spike_hdf5.hpp>

#include "io/hdf5/hdf5_file.hpp"
#include "io/hdf5/hdf5_seal.hpp"
#include "target.hpp"

#include <array>
#include <fstream>
#include <iterator>

namespace backspike::fuzz {
namespace {

void read(std::string_view input) {
  const auto data = read_spike_hdf5(file_with(input, "input.h5"), {10.0, 0.0, 0});
  data.validate();
  require(data.labels.size() == data.size(), "a label for each sample");
}

std::string taken(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string ours() {
  dataset data;
  data.channels = 3;
  data.dt = 10.0;
  data.class_names = {"a", "b"};
  data.speaker_names = {"ann", "bob"};
  for (const std::int32_t label : {0, 1}) {
    data.inputs.spikes.channels.push_back(1);
    data.inputs.spikes.end_row();
    data.inputs.spikes.end_row();
    data.inputs.end_sample();
    data.labels.push_back(label);
    data.speakers.push_back(label);
  }
  const auto path = folder_of_files() + "/seed.h5";
  write_spike_hdf5(path, data);
  return taken(path).replace(0, seal_bytes, seal_bytes, '\0');
}

template <class Value>
void put_lists(hid_t group, const char* name, hid_t element, std::array<std::vector<Value>, 2>& lists) {
  const hdf5_handle type(H5Tvlen_create(element), H5Tclose);
  const std::array<hvl_t, 2> values{{{lists[0].size(), lists[0].data()}, {lists[1].size(), lists[1].data()}}};
  make_dataset(group, name, {2}, type.id(), type.id(), values.data());
}

std::string strangers() {
  const auto path = folder_of_files() + "/seed.h5";
  {
    const hdf5_handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
    const hdf5_handle spikes(H5Gcreate2(file.id(), "spikes", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
    std::array<std::vector<float>, 2> times{{{0.01F, 0.02F}, {0.03F}}};
    std::array<std::vector<std::int16_t>, 2> units{{{0, 2}, {1}}};
    put_lists(spikes.id(), "times", H5T_NATIVE_FLOAT, times);
    put_lists(spikes.id(), "units", H5T_NATIVE_INT16, units);
    const std::array<std::uint16_t, 2> labels{0, 1};
    make_dataset(file.id(), "labels", {2}, H5T_STD_U16LE, H5T_NATIVE_UINT16, labels.data());
    const hdf5_handle extra(H5Gcreate2(file.id(), "extra", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
    const hdf5_text_table keys({"zero", "one"});
    make_dataset(extra.id(), "keys", {2}, keys.type.id(), keys.type.id(), keys.bytes.data());
    make_dataset(extra.id(), "speaker", {2}, H5T_STD_U16LE, H5T_NATIVE_UINT16, labels.data());
  }
  return taken(path);
}

const registration registered({"spikes", read, [] { return std::vector<std::string>{ours(), strangers()}; }});

}  // namespace
}  // namespace backspike::fuzz
