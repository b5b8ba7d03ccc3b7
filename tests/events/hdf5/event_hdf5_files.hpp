#pragma once
// HDF5 files of events, as DSEC, Prophesee, tonic and others write them, for tests.

#include <backspike/events/camera_event.hpp>

#include "io/hdf5/hdf5_file.hpp"

#include <liblzf/lzf.h>

#include <cstdint>
#include <string>
#include <vector>

namespace backspike {

/// Packed in chunks of so many rows.
struct chunked {
  hsize_t rows = 0;  // 0: in one piece
  int filter = 0;    // of HDF5, by its number
};

class event_hdf5 {
 public:
  explicit event_hdf5(const std::string& path)
      : file_(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose) {}

  hid_t id() const { return file_.id(); }

  void group(const char* name) const {
    const hdf5_handle g(H5Gcreate2(id(), name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
  }

  template <class T>
  void list(const char* name, hid_t type, const std::vector<T>& values, const chunked& how = {}) const {
    put(name, type, type, values.size(), values.data(), how);
  }

  void number(const char* name, std::int64_t value) const {
    const hdf5_handle space(H5Screate(H5S_SCALAR), H5Sclose);
    const hdf5_handle d(H5Dcreate2(id(), name, H5T_STD_I64LE, space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                        H5Dclose);
    H5Dwrite(d.id(), H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value);
  }

  /// As h5py writes texts: of variable length.
  void text(const char* name, const char* value) const {
    const hdf5_handle space(H5Screate(H5S_SCALAR), H5Sclose), type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type.id(), H5T_VARIABLE);
    const hdf5_handle a(H5Acreate2(id(), name, type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    H5Awrite(a.id(), type.id(), &value);
  }

  /// Structures with the members x, y, t and p; p is a bool of NumPy's, an enumeration.
  void structures(const char* name, const std::vector<camera_event>& events, const chunked& how = {}) const {
    const hdf5_handle flag(H5Tenum_create(H5T_STD_I8LE), H5Tclose), type(H5Tcreate(H5T_COMPOUND, 13), H5Tclose);
    const std::int8_t no = 0, yes = 1;
    H5Tenum_insert(flag.id(), "FALSE", &no);
    H5Tenum_insert(flag.id(), "TRUE", &yes);
    H5Tinsert(type.id(), "x", 0, H5T_STD_I16LE);
    H5Tinsert(type.id(), "y", 2, H5T_STD_I16LE);
    H5Tinsert(type.id(), "t", 4, H5T_STD_I64LE);
    H5Tinsert(type.id(), "p", 12, flag.id());
    std::vector<std::uint8_t> bytes;
    const auto append = [&](std::uint64_t value, unsigned count) {
      for (unsigned k = 0; k < count; ++k) {
        bytes.push_back(static_cast<std::uint8_t>(value >> (8 * k)));
      }
    };
    for (const auto& e : events) {
      append(e.x, 2), append(e.y, 2), append(static_cast<std::uint64_t>(e.t), 8), append(e.on ? 1 : 0, 1);
    }
    if (how.filter == lzf_filter) {
      put_lzf(name, type.id(), bytes, 13, how.rows);
    } else {
      put(name, type.id(), type.id(), events.size(), bytes.data(), how);
    }
  }

 private:
  void put(const char* name, hid_t file_type, hid_t memory_type, std::size_t count, const void* values,
           const chunked& how) const {
    const auto properties = properties_of(how, {});
    const hsize_t extent = count;
    const hdf5_handle space(H5Screate_simple(1, &extent, nullptr), H5Sclose);
    const hdf5_handle d(H5Dcreate2(id(), name, file_type, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT),
                        H5Dclose);
    H5Dwrite(d.id(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
  }

  static hdf5_handle properties_of(const chunked& how, const std::vector<unsigned>& values) {
    hdf5_handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    if (how.rows > 0) {
      H5Pset_chunk(properties.id(), 1, &how.rows);
    }
    if (how.filter == H5Z_FILTER_DEFLATE) {
      H5Pset_deflate(properties.id(), 4);
    } else if (how.filter != 0) {
      H5Pset_filter(properties.id(), how.filter, H5Z_FLAG_OPTIONAL, values.size(), values.data());
    }
    return properties;
  }

  /// Chunks that are packed here, for the filter can only unpack.
  void put_lzf(const char* name, hid_t type, std::vector<std::uint8_t> bytes, std::size_t item, hsize_t rows) const {
    // HDF5 lets nobody name a filter that cannot pack. Who reads registers ours in its place.
    const H5Z_class2_t named{H5Z_CLASS_T_VERS, lzf_filter, 1, 1, "lzf", nullptr, nullptr, unpacked_only};
    H5Zregister(&named);
    const std::size_t chunk = rows * item;
    const hsize_t count = bytes.size() / item;
    bytes.resize((bytes.size() + chunk - 1) / chunk * chunk);
    const auto properties = properties_of({rows, lzf_filter}, {4, 261, static_cast<unsigned>(chunk)});
    const hdf5_handle space(H5Screate_simple(1, &count, nullptr), H5Sclose);
    const hdf5_handle d(H5Dcreate2(id(), name, type, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT), H5Dclose);
    std::vector<std::uint8_t> packed(chunk + 64);
    for (std::size_t at = 0; at < bytes.size(); at += chunk) {
      const auto size =
          lzf_compress(&bytes[at], static_cast<unsigned>(chunk), packed.data(), static_cast<unsigned>(packed.size()));
      const hsize_t place = at / item;
      H5Dwrite_chunk(d.id(), H5P_DEFAULT, 0, &place, size, packed.data());
    }
  }

  static std::size_t unpacked_only(unsigned, std::size_t, const unsigned*, std::size_t, std::size_t*, void**) {
    return 0;
  }

  hdf5_handle file_;
};

}  // namespace backspike
