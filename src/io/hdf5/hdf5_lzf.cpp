// LZF, which h5py packs with where it is asked to be quick (tonic's cache does): liblzf as a filter of HDF5, to read
// only. A chunk says how many bytes it has; what unpacks to another number is damaged.

#include "io/hdf5/hdf5_file.hpp"

#include <liblzf/lzf.h>

namespace backspike {
namespace {

constexpr std::size_t place_of_bytes = 2;  // among the filter's values: version of the filter, of liblzf, bytes

std::size_t unpack(unsigned flags, std::size_t count, const unsigned* values, std::size_t packed, std::size_t* room,
                   void** buffer) {
  const std::size_t bytes = count > place_of_bytes ? values[place_of_bytes] : 0;
  if ((flags & H5Z_FLAG_REVERSE) == 0 || bytes == 0 || packed > 0xFFFFFFFFU) {
    return 0;
  }
  void* unpacked = H5allocate_memory(bytes, false);
  if (unpacked == nullptr) {
    return 0;
  }
  if (lzf_decompress(*buffer, static_cast<unsigned>(packed), unpacked, static_cast<unsigned>(bytes)) != bytes) {
    H5free_memory(unpacked);
    return 0;
  }
  H5free_memory(*buffer);
  *buffer = unpacked;
  *room = bytes;
  return bytes;
}

}  // namespace

void register_lzf() {
  const H5Z_class2_t filter{H5Z_CLASS_T_VERS, lzf_filter, 0, 1, "lzf", nullptr, nullptr, unpack};
  H5Zregister(&filter);
}

}  // namespace backspike
