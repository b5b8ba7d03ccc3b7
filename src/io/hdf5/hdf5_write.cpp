// Builds HDF5 files in memory, and hands the bytes to core/file.hpp, which writes them whole or not at all.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>

#include "io/hdf5/hdf5_file.hpp"
#include "io/hdf5/hdf5_seal.hpp"
#include "io/wall/wall.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace backspike {
namespace {

// A file that HDF5 writes itself and cannot finish (disk full) stays open inside the library, which then reads freed
// memory when the process ends (1.10.8). So HDF5 builds the file in memory, and we write the bytes.
//
// H5Fget_file_image returns a superblock whose checksum is wrong (1.10.8), hence the buffer is taken when the file is
// closed, through the callbacks that HDF5 has for that.
struct file_image {
  char* buffer = nullptr;
  std::size_t capacity = 0;

  file_image() = default;
  file_image(const file_image&) = delete;
  file_image& operator=(const file_image&) = delete;
  ~file_image() { std::free(buffer); }
};

void* image_malloc(std::size_t size, H5FD_file_image_op_t, void*) { return std::calloc(1, size); }

void* image_memcpy(void* to, const void* from, std::size_t size, H5FD_file_image_op_t, void*) {
  return std::memcpy(to, from, size);
}

/// New bytes are zero: HDF5 leaves gaps between its blocks, and these are part of the file.
void* image_realloc(void* old, std::size_t size, H5FD_file_image_op_t, void* data) {
  auto& image = *static_cast<file_image*>(data);
  char* grown = static_cast<char*>(std::realloc(old, size));
  if (grown != nullptr && size > image.capacity) {
    std::memset(grown + image.capacity, 0, size - image.capacity);
  }
  if (grown != nullptr) {
    image.capacity = size;
  }
  return grown;
}

herr_t image_free(void* buffer, H5FD_file_image_op_t operation, void* data) {
  if (operation == H5FD_FILE_IMAGE_OP_FILE_CLOSE) {
    static_cast<file_image*>(data)->buffer = static_cast<char*>(buffer);
  } else {
    std::free(buffer);
  }
  return 0;
}

void* share_data(void* data) { return data; }
herr_t keep_data(void*) { return 0; }

/// The version of the format is fixed, so that a newer HDF5 writes the same bytes. Version 1.8 has checksums over all
/// metadata, and every HDF5 of the last fifteen years reads it.
hdf5_handle in_memory(file_image& image) {
  constexpr std::size_t growth = std::size_t{1} << 20;  // [bytes]
  auto access = hdf5_built(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  hdf5_built(H5Pset_fapl_core(access.id(), growth, false));
  hdf5_built(H5Pset_libver_bounds(access.id(), H5F_LIBVER_V18, H5F_LIBVER_V18));
  H5FD_file_image_callbacks_t callbacks{image_malloc, image_memcpy, image_realloc, image_free,
                                        share_data,   keep_data,    &image};
  hdf5_built(H5Pset_file_image_callbacks(access.id(), &callbacks));
  return access;
}

hdf5_handle without_times(hid_t property_class) {
  auto properties = hdf5_built(H5Pcreate(property_class), H5Pclose);
  hdf5_built(H5Pset_obj_track_times(properties.id(), false));
  return properties;
}

hdf5_handle text_type(std::size_t length) {
  auto type = hdf5_built(H5Tcopy(H5T_C_S1), H5Tclose);
  hdf5_built(H5Tset_size(type.id(), std::max<std::size_t>(length, 1)));
  hdf5_built(H5Tset_strpad(type.id(), H5T_STR_NULLPAD));
  hdf5_built(H5Tset_cset(type.id(), H5T_CSET_UTF8));
  return type;
}

}  // namespace

hdf5_handle hdf5_built(hid_t id, hdf5_handle::closer close) {
  if (id < 0) {
    throw internal_error("HDF5: " + hdf5_reason());
  }
  return {id, close};
}

void hdf5_built(herr_t status) {
  if (status < 0) {
    throw internal_error("HDF5: " + hdf5_reason());
  }
}

void write_hdf5_file(const std::string& path, hdf5_seal kind, const std::function<void(hid_t)>& fill) {
  file_image image;
  std::size_t size = 0;
  {
    const library_lock alone;
    const hdf5_quiet quiet;
    const auto access = in_memory(image);
    const auto creation = without_times(H5P_FILE_CREATE);
    const std::size_t user_block = kind == hdf5_seal::none ? 0 : seal_bytes;
    hdf5_built(H5Pset_userblock(creation.id(), user_block));
    const auto file = hdf5_built(H5Fcreate("image", H5F_ACC_TRUNC, creation.id(), access.id()), H5Fclose);
    fill(file.id());
    hdf5_built(H5Fflush(file.id(), H5F_SCOPE_GLOBAL));
    const auto bytes = H5Fget_file_image(file.id(), nullptr, 0);
    hdf5_built(bytes < 0 ? -1 : 0);
    size = static_cast<std::size_t>(bytes) + user_block;  // which HDF5 does not count
  }
  if (image.buffer == nullptr || size > image.capacity) {
    throw internal_error("HDF5 kept the image of " + path);
  }
  std::string content(image.buffer, size);
  if (kind == hdf5_seal::whole_file) {
    seal(content);
  }
  write_text_file(path, content);
}

hdf5_handle make_group(hid_t place, const char* name) {
  const auto properties = without_times(H5P_GROUP_CREATE);
  hdf5_built(H5Pset_link_creation_order(properties.id(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED));
  // Everything stays in the group's header. A checksum meets damage there; damage in the heaps and trees that HDF5
  // makes for more than 8 links or attributes crashes it (1.10.8).
  constexpr unsigned any_number = 65535;
  hdf5_built(H5Pset_link_phase_change(properties.id(), any_number, 0));
  hdf5_built(H5Pset_attr_phase_change(properties.id(), any_number, 0));
  return hdf5_built(H5Gcreate2(place, name, H5P_DEFAULT, properties.id(), H5P_DEFAULT), H5Gclose);
}

hdf5_handle make_space(const std::vector<std::size_t>& extents) {
  if (extents.empty()) {
    return hdf5_built(H5Screate(H5S_SCALAR), H5Sclose);
  }
  const std::vector<hsize_t> dimensions(extents.begin(), extents.end());
  return hdf5_built(H5Screate_simple(static_cast<int>(extents.size()), dimensions.data(), nullptr), H5Sclose);
}

hdf5_handle make_dataset(hid_t place, const std::string& name, const std::vector<std::size_t>& extents, hid_t file_type,
                         hid_t memory_type, const void* values) {
  const auto space = make_space(extents);
  const auto properties = without_times(H5P_DATASET_CREATE);
  auto data = hdf5_built(
      H5Dcreate2(place, name.c_str(), file_type, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT), H5Dclose);
  hdf5_built(H5Dwrite(data.id(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
  return data;
}

void put_attribute(hid_t object, const std::string& name, hid_t file_type, hid_t memory_type, const void* value) {
  const auto space = make_space({});
  const auto attribute =
      hdf5_built(H5Acreate2(object, name.c_str(), file_type, space.id(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  hdf5_built(H5Awrite(attribute.id(), memory_type, value));
}

void put_text(hid_t object, const std::string& name, const std::string& text) {
  const auto type = text_type(text.size());
  put_attribute(object, name, type.id(), type.id(), text.c_str());
}

hdf5_text_table::hdf5_text_table(const std::vector<std::string>& texts) {
  std::size_t length = 1;
  for (const auto& text : texts) {
    length = std::max(length, text.size());
  }
  for (const auto& text : texts) {
    bytes += text + std::string(length - text.size(), '\0');
  }
  type = text_type(length);
}

}  // namespace backspike
