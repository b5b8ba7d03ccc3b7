#pragma once
// HDF5 files in the layout of SHD as nobody should write them: links and storage that lead into other files, lists and
// pieces that claim gigabytes, spikes at huge times. A plan says what is odd about one; all else is in order.

#include <hdf5.h>
#include <zlib.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace backspike {

class hostile_file {
 public:
  explicit hostile_file(const std::string& path) : path_(path) {
    file_ = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    for (const char* name : {"spikes", "extra"}) {
      H5Gclose(H5Gcreate2(file_, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    }
  }
  ~hostile_file() { close(); }
  hostile_file(const hostile_file&) = delete;
  hostile_file& operator=(const hostile_file&) = delete;

  void close() {
    if (file_ >= 0) {
      H5Fclose(file_);
      file_ = -1;
    }
  }

  /// `samples` samples of two spikes each, of channels 0 and 1, at these times [s].
  void put_spikes(std::size_t samples, float first = 0.01f, float second = 0.03f) {
    float times[] = {first, second};
    std::uint16_t units[] = {0, 1};
    put_lists("spikes/times", H5T_NATIVE_FLOAT, std::vector<hvl_t>(samples, {2, times}));
    put_lists("spikes/units", H5T_NATIVE_UINT16, std::vector<hvl_t>(samples, {2, units}));
  }

  void put_lists(const char* name, hid_t element, const std::vector<hvl_t>& lists) {
    const hid_t type = H5Tvlen_create(element);
    put(name, type, type, lists.size(), H5P_DEFAULT, lists.data());
    H5Tclose(type);
  }

  void put_labels(std::size_t samples, hid_t properties = H5P_DEFAULT) {
    std::vector<std::int32_t> labels(samples);
    for (std::size_t s = 0; s < samples; ++s) {
      labels[s] = static_cast<std::int32_t>(s % 2);
    }
    put("labels", H5T_STD_I32LE, H5T_NATIVE_INT32, samples, properties, labels.data());
  }

  /// `values` may be null: nothing is written.
  void put(const char* name, hid_t file_type, hid_t memory_type, hsize_t count, hid_t properties, const void* values) {
    const hid_t space = H5Screate_simple(1, &count, nullptr);
    const hid_t data = H5Dcreate2(file_, name, file_type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    if (values != nullptr) {
      H5Dwrite(data, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    }
    H5Dclose(data);
    H5Sclose(space);
  }

  /// Labels of one byte, all 0, `pieces` compressed pieces of 4 MiB, which take 4 KB each in the file.
  void put_zeros(std::size_t pieces) {
    constexpr hsize_t piece = hsize_t{1} << 22;
    const std::vector<Bytef> zeros(piece, 0);
    std::vector<Bytef> packed(compressBound(piece));
    uLongf length = packed.size();
    compress2(packed.data(), &length, zeros.data(), piece, 9);
    const hsize_t count = piece * pieces;
    const hid_t space = H5Screate_simple(1, &count, nullptr), properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(properties, 1, &piece);
    H5Pset_deflate(properties, 9);
    const hid_t data = H5Dcreate2(file_, "labels", H5T_STD_I8LE, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    for (hsize_t k = 0; k < pieces; ++k) {
      const hsize_t offset = k * piece;
      H5Dwrite_chunk(data, H5P_DEFAULT, 0, &offset, length, packed.data());
    }
    H5Dclose(data);
    H5Pclose(properties);
    H5Sclose(space);
  }

  /// Closes the file and lets the first list of this dataset claim so many elements.
  void claim_length(const char* name, std::uint32_t length) {
    const hid_t data = H5Dopen2(file_, name, H5P_DEFAULT);
    const auto place = static_cast<std::streamoff>(H5Dget_offset(data));
    H5Dclose(data);
    close();
    std::fstream file(path_, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(place);
    for (int shift = 0; shift < 32; shift += 8) {
      file.put(static_cast<char>(length >> shift & 255U));
    }
  }

  hid_t id() const { return file_; }

 private:
  std::string path_;
  hid_t file_ = -1;
};

}  // namespace backspike
