// Reads HDF5 part by part; whatever is missing, damaged or of another type becomes a format_error that names the part.

#include <backspike/core/error.hpp>
#include <backspike/core/input_file.hpp>
#include <backspike/core/text.hpp>

#include "io/hdf5/hdf5_file.hpp"
#include "io/hdf5/hdf5_seal.hpp"

#include <algorithm>
#include <exception>
#include <new>

namespace backspike {
namespace {

struct first_words {
  std::string text;
  bool no_memory = false;
};

herr_t keep_first(unsigned, const H5E_error2_t* error, void* data) {
  auto& words = *static_cast<first_words*>(data);
  if (words.text.empty() && error->desc != nullptr) {
    words.text = error->desc;
    words.text.resize(std::min(words.text.size(), words.text.find('\n')));
  }
  const bool allocating = error->min_num == H5E_NOSPACE || error->min_num == H5E_CANTALLOC;
  words.no_memory = words.no_memory || (error->maj_num == H5E_RESOURCE && allocating);
  return 0;
}

/// Files of ours appear whole and are never changed, so that locks, which some file systems lack, are not needed.
hdf5_handle open_file(const std::string& path) {
  H5PLset_loading_state(0);  // a file must not choose code that is run
  register_lzf();
  const hdf5_handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_file_locking(access.id(), false, true);
  check_seal(path);
  hdf5_handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.id()), H5Fclose);
  if (!file.valid()) {
    throw format_error(path, "", "not an HDF5 file, or damaged: " + hdf5_reason());
  }
  return file;
}

std::string without_padding(const char* text, std::size_t length) {
  return std::string(text, std::find(text, text + length, '\0'));
}

herr_t add_link(hid_t, const char* name, const H5L_info_t*, void* data) {
  static_cast<std::vector<std::string>*>(data)->emplace_back(name);
  return 0;
}

herr_t add_attribute(hid_t, const char* name, const H5A_info_t*, void* data) {
  static_cast<std::vector<std::string>*>(data)->emplace_back(name);
  return 0;
}

std::vector<std::string> split_texts(const std::vector<char>& bytes, std::size_t length) {
  std::vector<std::string> texts;
  for (std::size_t at = 0; length > 0 && at + length <= bytes.size(); at += length) {
    texts.push_back(to_valid_utf8(without_padding(bytes.data() + at, length)));
  }
  return texts;
}

}  // namespace

hdf5_quiet::hdf5_quiet() : exceptions_(std::uncaught_exceptions()) {
  H5Eget_auto2(H5E_DEFAULT, &function_, &data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

hdf5_quiet::~hdf5_quiet() {
  if (std::uncaught_exceptions() == exceptions_) {
    H5Eset_auto2(H5E_DEFAULT, function_, data_);
  }
}

std::string hdf5_reason() {
  first_words words;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, &words);
  if (words.no_memory) {
    throw std::bad_alloc();
  }
  return words.text.empty() ? "no reason given" : words.text;
}

std::size_t hdf5_array::size() const {
  std::size_t product = 1;
  for (const std::size_t extent : extents) {
    product *= extent;
  }
  return product;
}

hdf5_input::hdf5_input(const std::string& path, const read_limits& limits)
    : path_(path), limits_(limits), bytes_(static_cast<double>(regular_file_size(path))), file_(open_file(path)) {}

void hdf5_input::fail(const std::string& part, const std::string& message) const {
  throw format_error(path_, part, message);
}

bool hdf5_input::contains(const std::string& part) const {
  for (std::size_t end = part.find('/', 1);; end = part.find('/', end + 1)) {
    const htri_t exists = H5Lexists(file_.id(), part.substr(0, end).c_str(), H5P_DEFAULT);
    if (exists < 0) {
      fail(part, "damaged: " + hdf5_reason());
    }
    if (exists == 0) {
      return false;
    }
    require_hard_link(part.substr(0, end));
    if (end == std::string::npos) {
      return true;
    }
  }
}

hdf5_array hdf5_input::array(const std::string& part) const {
  auto a = opened(part);
  require_room(a);
  return a;
}

hdf5_array hdf5_input::long_array(const std::string& part) const { return opened(part); }

hdf5_array hdf5_input::opened(const std::string& part) const {
  if (!contains(part)) {
    fail(part, "missing");
  }
  hdf5_array a{{H5Dopen2(file_.id(), part.c_str(), H5P_DEFAULT), H5Dclose}, part, H5T_NO_CLASS, {}};
  if (!a.data.valid()) {
    fail(part, "not a dataset, or damaged: " + hdf5_reason());
  }
  require_own_storage(a);
  const hdf5_handle type(H5Dget_type(a.data.id()), H5Tclose);
  const hdf5_handle space(H5Dget_space(a.data.id()), H5Sclose);
  const int rank = space.valid() ? H5Sget_simple_extent_ndims(space.id()) : -1;
  if (!type.valid() || rank < 0) {
    fail(part, "damaged: " + hdf5_reason());
  }
  std::vector<hsize_t> dimensions(static_cast<std::size_t>(rank));
  H5Sget_simple_extent_dims(space.id(), dimensions.data(), nullptr);
  a.extents.assign(dimensions.begin(), dimensions.end());
  a.kind = H5Tget_class(type.id());
  require_stored(a);
  return a;
}

hdf5_handle hdf5_input::group(const std::string& part) const {
  if (part != "/" && !contains(part)) {  // the root has no link that leads to it
    fail(part, "missing");
  }
  hdf5_handle g(H5Gopen2(file_.id(), part.c_str(), H5P_DEFAULT), H5Gclose);
  if (!g.valid()) {
    fail(part, "not a group, or damaged: " + hdf5_reason());
  }
  return g;
}

void hdf5_input::read(const hdf5_array& from, hid_t memory_type, void* to) const {
  if (H5Dread(from.data.id(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, to) < 0) {
    fail(from.part, "cannot be read: " + hdf5_reason());
  }
}

std::size_t hdf5_input::rows_together(const hdf5_array& a) const {
  const hdf5_handle how(H5Dget_create_plist(a.data.id()), H5Pclose);
  hsize_t rows = 1;
  if (a.extents.size() == 1 && how.valid() && H5Pget_layout(how.id()) == H5D_CHUNKED) {
    H5Pget_chunk(how.id(), 1, &rows);
  }
  return std::max<std::size_t>(static_cast<std::size_t>(rows), 1);
}

void hdf5_input::read_rows(const hdf5_array& from, std::size_t first, std::size_t count, hid_t memory_type,
                           void* to) const {
  const hsize_t start = first, length = count;
  const hdf5_handle there(H5Dget_space(from.data.id()), H5Sclose),
      here(H5Screate_simple(1, &length, nullptr), H5Sclose);
  H5Sselect_hyperslab(there.id(), H5S_SELECT_SET, &start, nullptr, &length, nullptr);
  if (H5Dread(from.data.id(), memory_type, here.id(), there.id(), H5P_DEFAULT, to) < 0) {
    fail(from.part, "rows " + std::to_string(first) + " to " + std::to_string(first + count - 1) +
                        " cannot be read: " + hdf5_reason());
  }
}

std::vector<std::int64_t> hdf5_input::integers(const hdf5_array& from) const {
  if (from.kind != H5T_INTEGER || from.extents.size() != 1) {
    fail(from.part, "not a list of integers");
  }
  std::vector<std::int64_t> values(from.size());
  read(from, H5T_NATIVE_INT64, values.data());
  return values;
}

std::vector<std::string> hdf5_input::texts(const hdf5_array& from) const {
  if (from.kind != H5T_STRING || from.extents.size() != 1) {
    fail(from.part, "not a list of texts");
  }
  const hdf5_handle type(H5Dget_type(from.data.id()), H5Tclose);
  if (H5Tis_variable_str(type.id()) <= 0) {
    std::vector<char> bytes(from.size() * H5Tget_size(type.id()));
    read(from, type.id(), bytes.data());
    return split_texts(bytes, H5Tget_size(type.id()));
  }
  require_lists(from, 1);
  std::vector<char*> pointers(from.size(), nullptr);
  const hdf5_handle space(H5Dget_space(from.data.id()), H5Sclose);
  std::vector<std::string> texts;
  const bool done = H5Dread(from.data.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()) >= 0;
  const std::string reason = done ? "" : hdf5_reason();
  texts.reserve(pointers.size());
  for (const char* text : pointers) {
    texts.push_back(text == nullptr ? "" : to_valid_utf8(text));
  }
  H5Dvlen_reclaim(type.id(), space.id(), H5P_DEFAULT, pointers.data());
  if (!done) {
    fail(from.part, "cannot be read: " + reason);
  }
  return texts;
}

bool hdf5_input::has_attribute(hid_t object, const std::string& part, const std::string& name) const {
  const htri_t exists = H5Aexists(object, name.c_str());
  if (exists < 0) {
    fail(part + " attribute " + name, "damaged: " + hdf5_reason());
  }
  return exists > 0;
}

hdf5_handle hdf5_input::attribute(hid_t object, const std::string& part, const std::string& name,
                                  H5T_class_t kind) const {
  const std::string place = part + " attribute " + name;
  if (!has_attribute(object, part, name)) {
    fail(place, "missing");
  }
  hdf5_handle a(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose);
  if (!a.valid()) {
    fail(place, "damaged: " + hdf5_reason());
  }
  const hdf5_handle type(H5Aget_type(a.id()), H5Tclose);
  if (H5Tget_class(type.id()) != kind || H5Tis_variable_str(type.id()) > 0) {
    fail(place, "not of the right type");
  }
  return a;
}

std::string hdf5_input::text(hid_t object, const std::string& part, const std::string& name) const {
  const auto texts = text_list(object, part, name);
  if (texts.size() != 1) {
    fail(part + " attribute " + name, "not one text");
  }
  return texts.front();
}

std::string hdf5_input::any_text(hid_t object, const std::string& part, const std::string& name) const {
  const hdf5_handle a(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose);
  const hdf5_handle type(H5Aget_type(a.id()), H5Tclose), space(H5Aget_space(a.id()), H5Sclose);
  if (H5Tis_variable_str(type.id()) <= 0) {
    return text(object, part, name);
  }
  char* read = nullptr;
  const bool one = H5Sget_simple_extent_npoints(space.id()) == 1;
  if (!one || H5Aread(a.id(), type.id(), &read) < 0 || read == nullptr) {
    fail(part + " attribute " + name, "not one text");
  }
  auto result = to_valid_utf8(read);
  H5free_memory(read);
  return result;
}

std::vector<std::string> hdf5_input::text_list(hid_t object, const std::string& part, const std::string& name) const {
  const auto a = attribute(object, part, name, H5T_STRING);
  const hdf5_handle type(H5Aget_type(a.id()), H5Tclose);
  const hdf5_handle space(H5Aget_space(a.id()), H5Sclose);
  const auto count = H5Sget_simple_extent_npoints(space.id());
  const std::size_t length = H5Tget_size(type.id());
  if (count < 0 || static_cast<double>(count) * static_cast<double>(length) > bytes_) {
    fail(part + " attribute " + name, "claims more text than the file holds");
  }
  std::vector<char> bytes(static_cast<std::size_t>(count) * length);
  if (H5Aread(a.id(), type.id(), bytes.data()) < 0) {
    fail(part + " attribute " + name, "cannot be read: " + hdf5_reason());
  }
  return split_texts(bytes, length);
}

void hdf5_input::number(hid_t object, const std::string& part, const std::string& name, H5T_class_t kind,
                        hid_t memory_type, void* to) const {
  const auto a = attribute(object, part, name, kind);
  const hdf5_handle space(H5Aget_space(a.id()), H5Sclose);
  if (H5Sget_simple_extent_npoints(space.id()) != 1) {
    fail(part + " attribute " + name, "not one number");
  }
  if (H5Aread(a.id(), memory_type, to) < 0) {
    fail(part + " attribute " + name, "cannot be read: " + hdf5_reason());
  }
}

std::vector<std::string> hdf5_input::links(const std::string& part) const {
  const auto g = group(part);
  std::vector<std::string> names;
  if (H5Literate(g.id(), H5_INDEX_CRT_ORDER, H5_ITER_INC, nullptr, add_link, &names) < 0) {
    fail(part, "cannot be listed in the order of creation: " + hdf5_reason());
  }
  return names;
}

std::vector<std::string> hdf5_input::names(const std::string& part) const {
  const auto g = group(part);
  std::vector<std::string> names;
  if (H5Literate(g.id(), H5_INDEX_NAME, H5_ITER_INC, nullptr, add_link, &names) < 0) {
    fail(part, "cannot be listed: " + hdf5_reason());
  }
  return names;
}

std::vector<std::string> hdf5_input::attributes(const std::string& part) const {
  const auto g = group(part);
  std::vector<std::string> names;
  if (H5Aiterate2(g.id(), H5_INDEX_NAME, H5_ITER_INC, nullptr, add_attribute, &names) < 0) {
    fail(part, "cannot be listed: " + hdf5_reason());
  }
  return names;
}

}  // namespace backspike
