#pragma once
// What every HDF5 file of ours shares: handles that close themselves, files built in memory and written by us, and
// reading that turns whatever a damaged file holds into a format_error. Errors of HDF5 are never printed.

#include "io/wall/read_limits.hpp"

#include <hdf5.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace backspike {

class hdf5_handle {
 public:
  using closer = herr_t (*)(hid_t);

  hdf5_handle() = default;
  hdf5_handle(hid_t id, closer close) : id_(id), close_(close) {}
  hdf5_handle(hdf5_handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  hdf5_handle& operator=(hdf5_handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~hdf5_handle() {
    if (id_ >= 0) {
      close_(id_);
    }
  }

  hid_t id() const { return id_; }
  bool valid() const { return id_ >= 0; }

 private:
  hid_t id_ = -1;
  closer close_ = nullptr;
};

/// While one lives, HDF5 does not print its errors from this thread. The caller's setting comes back afterwards, unless
/// it ends by an exception: HDF5 (1.10.8) loses memory where it meets damage, and prints a complaint of its own about
/// that when the process ends, except where its errors are not printed.
class hdf5_quiet {
 public:
  hdf5_quiet();
  ~hdf5_quiet();
  hdf5_quiet(const hdf5_quiet&) = delete;
  hdf5_quiet& operator=(const hdf5_quiet&) = delete;

 private:
  H5E_auto2_t function_ = nullptr;
  void* data_ = nullptr;
  int exceptions_;
};

/// Lets HDF5 read what h5py packs with LZF, its quick filter, which HDF5 does not have. For all files from then on.
void register_lzf();
constexpr int lzf_filter = 32000;

/// The cause of the last failed call in HDF5's words. Throws bad_alloc where that is a lack of memory.
std::string hdf5_reason();

// ---- writing ----

/// The handle, or internal_error: in memory only a mistake of ours can make a call fail.
hdf5_handle hdf5_built(hid_t id, hdf5_handle::closer close);
void hdf5_built(herr_t status);

/// A seal is a checksum of the whole file in its user block, which is checked before HDF5 reads the file: HDF5 has
/// checksums for its structures, but none for lists of variable length, where damage makes it overrun its buffers.
enum class hdf5_seal { none, whole_file };

/// Writes the HDF5 file that `fill` builds, atomically; the same calls give the same bytes. Throws file_error.
void write_hdf5_file(const std::string& path, hdf5_seal seal, const std::function<void(hid_t file)>& fill);

hdf5_handle make_group(hid_t place, const char* name);
hdf5_handle make_space(const std::vector<std::size_t>& extents);  // no extents: one number
/// A dataset of these values; returned open, so that attributes can be put on it.
hdf5_handle make_dataset(hid_t place, const std::string& name, const std::vector<std::size_t>& extents, hid_t file_type,
                         hid_t memory_type, const void* values);
void put_attribute(hid_t object, const std::string& name, hid_t file_type, hid_t memory_type, const void* value);
void put_text(hid_t object, const std::string& name, const std::string& text);

/// Texts of one length in bytes, the longest one's, filled up with zeros.
struct hdf5_text_table {
  explicit hdf5_text_table(const std::vector<std::string>& texts);
  hdf5_handle type;
  std::string bytes;
};

// ---- reading ----

struct hdf5_array {
  hdf5_handle data;
  std::string part;
  H5T_class_t kind = H5T_NO_CLASS;
  std::vector<std::size_t> extents;

  std::size_t size() const;
};

/// An HDF5 file that is read, behind the wall (wall.hpp). Every member throws format_error that names file and part,
/// and resource_error where a part would need more memory than the limits give. What stands in the file itself is read,
/// and nothing else: links other than hard ones, external storage, virtual datasets and filters from plugins are
/// refused.
class hdf5_input {
 public:
  /// Throws file_error (not there, no permission, not a regular file), format_error (not HDF5, truncated).
  hdf5_input(const std::string& path, const read_limits& limits);

  const std::string& path() const { return path_; }
  const read_limits& limits() const { return limits_; }
  hid_t file() const { return file_.id(); }
  [[noreturn]] void fail(const std::string& part, const std::string& message) const;

  bool contains(const std::string& part) const;
  /// Refuses a dataset that claims more elements than the file's size could hold or than fit in memory.
  hdf5_array array(const std::string& part) const;
  /// The same for one that is read piece by piece: the whole need not fit.
  hdf5_array long_array(const std::string& part) const;
  /// Rows that are stored together, those of a chunk; 1 where none are.
  std::size_t rows_together(const hdf5_array& a) const;
  void read_rows(const hdf5_array& from, std::size_t first, std::size_t count, hid_t memory_type, void* to) const;
  hdf5_handle group(const std::string& part) const;
  void read(const hdf5_array& from, hid_t memory_type, void* to) const;
  std::vector<std::int64_t> integers(const hdf5_array& from) const;
  /// Refuses lists of variable length that together claim more than the file holds or than fits in memory, where an
  /// element takes so many bytes. HDF5 makes room for what a list claims before it looks for it.
  void require_lists(const hdf5_array& from, std::size_t bytes_each) const;
  std::vector<std::string> texts(const hdf5_array& from) const;  // of fixed or variable length

  bool has_attribute(hid_t object, const std::string& part, const std::string& name) const;
  std::string text(hid_t object, const std::string& part, const std::string& name) const;
  std::string any_text(hid_t object, const std::string& part,
                       const std::string& name) const;  // also of variable length
  std::vector<std::string> text_list(hid_t object, const std::string& part, const std::string& name) const;
  /// One number of this class (integer or float), converted to the memory type.
  void number(hid_t object, const std::string& part, const std::string& name, H5T_class_t kind, hid_t memory_type,
              void* to) const;
  std::vector<std::string> links(const std::string& part) const;       // in the order in which they were made
  std::vector<std::string> names(const std::string& part) const;       // of links, in the order of the alphabet
  std::vector<std::string> attributes(const std::string& part) const;  // by name

 private:
  void require_own_storage(const hdf5_array& a) const;
  hdf5_array opened(const std::string& part) const;
  void require_filters(const hdf5_array& a, hid_t how) const;
  void require_stored(const hdf5_array& a) const;
  void require_room(const hdf5_array& a) const;
  void require_hard_link(const std::string& part) const;
  hdf5_handle attribute(hid_t object, const std::string& part, const std::string& name, H5T_class_t kind) const;

  hdf5_quiet quiet_;
  std::string path_;
  read_limits limits_;
  double bytes_ = 0;  // size of the file
  hdf5_handle file_;
};

}  // namespace backspike
