// The file of a checkpoint: its parts in HDF5, with a checksum for each tensor.

#include <backspike/core/error.hpp>
#include <backspike/core/input_file.hpp>
#include <backspike/data/checkpoint.hpp>

#include "io/hdf5/hdf5_file.hpp"
#include "io/wall/inner_readers.hpp"
#include "io/wall/wall.hpp"
#include "io/wall/wall_transfer.hpp"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

namespace backspike {
namespace {

// HDF5 guards its own structures with checksums, but not the values of a dataset: these get the attribute `crc32`.
std::uint32_t checksum(const void* bytes, std::size_t size) {
  return static_cast<std::uint32_t>(crc32_z(0, static_cast<const Bytef*>(bytes), size));
}

std::uint32_t checksum(const std::vector<float>& values) {
  return checksum(values.data(), values.size() * sizeof(float));
}

void put_checksum(const hdf5_handle& data, std::uint32_t sum) {
  put_attribute(data.id(), "crc32", H5T_STD_U32LE, H5T_NATIVE_UINT32, &sum);
}

/// Who changes values with a tool of their own removes the attribute; damage cannot, it is inside HDF5's checksums.
void require_checksum(const hdf5_input& in, const hdf5_array& array, std::uint32_t sum) {
  if (in.has_attribute(array.data.id(), array.part, "crc32")) {
    std::uint32_t expected = 0;
    in.number(array.data.id(), array.part, "crc32", H5T_INTEGER, H5T_NATIVE_UINT32, &expected);
    if (expected != sum) {
      in.fail(array.part, "its values do not match their checksum: damaged");
    }
  }
}

std::size_t elements(const std::vector<std::size_t>& extents) {
  return std::accumulate(extents.begin(), extents.end(), std::size_t{1}, std::multiplies<>());
}

void put_tensors(hid_t file, const char* group, const std::vector<named_tensor>& tensors) {
  const auto place = make_group(file, group);
  for (const auto& t : tensors) {
    if (t.name.empty() || t.name == "." || t.name.find('/') != std::string::npos) {
      throw internal_error("checkpoint: tensor name = '" + t.name + "'; accepted: a text without '/'");
    }
    if (elements(t.extents) != t.values.size()) {
      throw internal_error("checkpoint: tensor " + t.name + " has " + std::to_string(t.values.size()) +
                           " values, its shape " + std::to_string(elements(t.extents)));
    }
    const auto data = make_dataset(place.id(), t.name, t.extents, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, t.values.data());
    put_checksum(data, checksum(t.values));
  }
}

void put_number(hid_t file, const char* name, const std::uint64_t& value) {
  put_attribute(file, name, H5T_STD_U64LE, H5T_NATIVE_UINT64, &value);
}

constexpr const char* names_part = "/class_names";

std::uint32_t checksum(const std::vector<std::string>& names) {
  const hdf5_text_table table(names);
  return checksum(table.bytes.data(), table.bytes.size());
}

void put_names(hid_t file, const std::vector<std::string>& names) {
  if (names.empty()) {
    return;
  }
  const hdf5_text_table table(names);
  const auto data =
      make_dataset(file, names_part + 1, {names.size()}, table.type.id(), table.type.id(), table.bytes.data());
  put_checksum(data, checksum(names));
}

std::vector<std::string> get_names(const hdf5_input& in) {
  if (!in.contains(names_part)) {
    return {};
  }
  const auto array = in.array(names_part);
  auto names = in.texts(array);
  require_checksum(in, array, checksum(names));
  return names;
}

void put_digests(hid_t file, const std::map<std::string, std::uint64_t>& digests) {
  if (digests.empty()) {
    return;
  }
  const auto data = make_group(file, "data");
  for (const auto& [part, digest] : digests) {
    put_attribute(data.id(), part, H5T_STD_U64LE, H5T_NATIVE_UINT64, &digest);
  }
}

std::map<std::string, std::uint64_t> get_digests(const hdf5_input& in) {
  std::map<std::string, std::uint64_t> digests;
  if (in.contains("/data")) {
    const auto data = in.group("/data");
    for (const auto& part : in.attributes("/data")) {
      in.number(data.id(), "/data", part, H5T_INTEGER, H5T_NATIVE_UINT64, &digests[part]);
    }
  }
  return digests;
}

void fill(hid_t file, const checkpoint& c) {
  put_text(file, "version", c.version);
  put_number(file, "seed", c.seed);
  put_number(file, "epoch", c.epoch);
  put_number(file, "step", c.step);
  put_text(file, "experiment", c.experiment);
  put_tensors(file, "parameters", c.parameters);
  put_tensors(file, "optimiser", c.optimiser);
  const auto state = make_group(file, "state");
  for (const auto& [name, value] : c.scalars) {
    put_attribute(state.id(), name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
  }
  put_names(file, c.class_names);
  put_digests(file, c.data_digests);
}

named_tensor get_tensor(const hdf5_input& in, const std::string& part, const std::string& name) {
  const auto array = in.array(part);
  if (array.kind != H5T_FLOAT) {
    in.fail(part, "not floating-point numbers");
  }
  named_tensor t{name, array.extents, std::vector<float>(array.size())};
  in.read(array, H5T_NATIVE_FLOAT, t.values.data());
  // Values that are not finite are left to the caller, who refuses them and can say which layer and step they are of.
  if (std::all_of(t.values.begin(), t.values.end(), [](float x) { return std::isfinite(x); })) {
    require_checksum(in, array, checksum(t.values));
  }
  return t;
}

std::vector<named_tensor> get_tensors(const hdf5_input& in, const std::string& group) {
  std::vector<named_tensor> tensors;
  for (const auto& name : in.links(group)) {
    tensors.push_back(get_tensor(in, group + "/" + name, name));
  }
  return tensors;
}

/// HDF5 makes 0 of a negative number and the largest number of one beyond the range: no training comes that far.
std::uint64_t get_number(const hdf5_input& in, const char* name, std::uint64_t most) {
  std::uint64_t value = 0;
  in.number(in.file(), "/", name, H5T_INTEGER, H5T_NATIVE_UINT64, &value);
  if (value > most) {
    in.fail(std::string("/ attribute ") + name,
            "is " + std::to_string(value) + "; accepted: at most " + std::to_string(most));
  }
  return value;
}

}  // namespace

void write_checkpoint(const std::string& path, const checkpoint& c) {
  write_hdf5_file(path, hdf5_seal::none, [&](hid_t file) { fill(file, c); });
}

checkpoint read_checkpoint_here(const std::string& path, const read_limits& limits) {
  const hdf5_input in(path, limits);
  checkpoint c;
  c.version = in.text(in.file(), "/", "version");
  c.seed = get_number(in, "seed", std::numeric_limits<std::uint64_t>::max());
  c.epoch = get_number(in, "epoch", std::numeric_limits<std::uint32_t>::max());
  c.step = get_number(in, "step", std::uint64_t{1} << 53U);  // epochs times batches, with room
  c.experiment = in.text(in.file(), "/", "experiment");
  c.parameters = get_tensors(in, "/parameters");
  c.optimiser = get_tensors(in, "/optimiser");
  const auto state = in.group("/state");
  for (const auto& name : in.attributes("/state")) {
    in.number(state.id(), "/state", name, H5T_FLOAT, H5T_NATIVE_DOUBLE, &c.scalars[name]);
  }
  c.class_names = get_names(in);
  c.data_digests = get_digests(in);
  return c;
}

checkpoint read_checkpoint(const std::string& path) {
  const auto limits = limits_for(regular_file_size(path));
  return read_behind_wall<checkpoint>(path, "HDF5", limits, [&] { return read_checkpoint_here(path, limits); });
}

}  // namespace backspike
