// What keeps an HDF5 file from reaching beyond itself, and from asking for more than it holds.

#include "io/hdf5/hdf5_file.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>

namespace backspike {
namespace {

constexpr double deflate_limit = 1100;  // no filter of HDF5's own makes data more than about 1032 times smaller
constexpr double largest_number = 8;    // [bytes] in memory, of an element that is smaller in the file
constexpr std::array filters{H5Z_FILTER_DEFLATE, H5Z_FILTER_SHUFFLE, H5Z_FILTER_FLETCHER32, H5Z_FILTER_SZIP,
                             lzf_filter};

/// Filters that people meet and that only a plugin of HDF5 undoes.
struct plugin_filter {
  H5Z_filter_t number;
  std::string_view name;
};
constexpr std::array plugin_filters{
    plugin_filter{32001, "Blosc, as in DSEC"},
    plugin_filter{32004, "LZ4"},
    plugin_filter{32008, "bitshuffle"},
    plugin_filter{32015, "Zstandard"},
    plugin_filter{32026, "Blosc2"},
    plugin_filter{0x8ECF, "ECF, of Prophesee"},
};

std::string filter_text(H5Z_filter_t number) {
  const auto found = std::find_if(plugin_filters.begin(), plugin_filters.end(),
                                  [&](const plugin_filter& f) { return f.number == number; });
  return "its filter has the number " + std::to_string(number) +
         (found == plugin_filters.end() ? "" : " (" + std::string(found->name) + ")");
}

/// Takes the place of a conversion of lists: the references to them stay as they stand in the file.
herr_t keep_bytes(hid_t, hid_t, H5T_cdata_t*, std::size_t, std::size_t, std::size_t, void*, void*, hid_t) { return 0; }

/// While one lives, lists of variable length can be read as opaque values of the same size.
class raw_lists {
 public:
  explicit raw_lists(std::size_t bytes)
      : lists_(H5Tvlen_create(H5T_NATIVE_UCHAR), H5Tclose), opaque_(H5Tcreate(H5T_OPAQUE, bytes), H5Tclose) {
    done_ = H5Tregister(H5T_PERS_SOFT, "raw lists", lists_.id(), opaque_.id(), keep_bytes) >= 0;
  }
  ~raw_lists() { H5Tunregister(H5T_PERS_SOFT, "raw lists", lists_.id(), opaque_.id(), keep_bytes); }
  raw_lists(const raw_lists&) = delete;
  raw_lists& operator=(const raw_lists&) = delete;

  bool valid() const { return done_; }
  hid_t type() const { return opaque_.id(); }

 private:
  hdf5_handle lists_, opaque_;
  bool done_ = false;
};

double product(const std::vector<std::size_t>& extents) {
  double elements = 1;  // not an integer, which a damaged extent would overflow
  for (const std::size_t extent : extents) {
    elements *= static_cast<double>(extent);
  }
  return elements;
}

}  // namespace

void hdf5_input::require_hard_link(const std::string& part) const {
  H5L_info_t link{};
  if (H5Lget_info(file_.id(), part.c_str(), &link, H5P_DEFAULT) < 0) {
    fail(part, "damaged: " + hdf5_reason());
  }
  if (link.type != H5L_TYPE_HARD) {
    const std::string kind = link.type == H5L_TYPE_SOFT       ? "a soft"
                             : link.type == H5L_TYPE_EXTERNAL ? "an external"
                                                              : "a foreign";
    fail(part, kind + " link; accepted: what stands in the file itself, under a hard link");
  }
}

void hdf5_input::require_own_storage(const hdf5_array& a) const {
  const hdf5_handle how(H5Dget_create_plist(a.data.id()), H5Pclose);
  if (!how.valid()) {
    fail(a.part, "damaged: " + hdf5_reason());
  }
  const auto layout = H5Pget_layout(how.id());
  if (layout == H5D_VIRTUAL) {
    fail(a.part, "a virtual dataset; accepted: data that stand in the file itself");
  }
  if (H5Pget_external_count(how.id()) != 0) {
    fail(a.part, "its data are in other files; accepted: data that stand in the file itself");
  }
  require_filters(a, how.id());
  if (layout == H5D_CHUNKED) {
    constexpr int most_dimensions = 32;
    std::array<hsize_t, most_dimensions> chunk{};
    const int rank = H5Pget_chunk(how.id(), most_dimensions, chunk.data());
    const hdf5_handle type(H5Dget_type(a.data.id()), H5Tclose);
    double bytes = static_cast<double>(H5Tget_size(type.id()));
    for (int k = 0; k < rank; ++k) {
      bytes *= static_cast<double>(chunk[static_cast<std::size_t>(k)]);
    }
    require_memory(limits_, "read " + path_ + ": a piece of " + a.part, bytes);
  }
}

void hdf5_input::require_filters(const hdf5_array& a, hid_t how) const {
  const int count = H5Pget_nfilters(how);
  for (int k = 0; k < count; ++k) {
    unsigned flags = 0, config = 0;
    std::size_t values = 0;
    const auto filter = H5Pget_filter2(how, static_cast<unsigned>(k), &flags, &values, nullptr, 0, nullptr, &config);
    if (std::find(filters.begin(), filters.end(), filter) == filters.end()) {
      fail(a.part, filter_text(filter) +
                       "; accepted: deflate, shuffle, fletcher32, szip and lzf (h5repack -f GZIP=1 IN OUT changes that "
                       "where the filter's plugin is installed)");
    }
  }
}

void hdf5_input::require_stored(const hdf5_array& a) const {
  const double elements = product(a.extents);
  const hdf5_handle type(H5Dget_type(a.data.id()), H5Tclose);
  const double stored = static_cast<double>(H5Dget_storage_size(a.data.id()));
  const double size = static_cast<double>(H5Tget_size(type.id()));
  if (stored > bytes_ || elements * size > stored * deflate_limit) {
    fail(a.part, "claims more elements than the file holds");
  }
}

void hdf5_input::require_room(const hdf5_array& a) const {
  const hdf5_handle type(H5Dget_type(a.data.id()), H5Tclose);
  const double each = std::max(static_cast<double>(H5Tget_size(type.id())), largest_number);
  require_memory(limits_, "read " + path_ + ": the array " + a.part, product(a.extents) * each);
}

void hdf5_input::require_lists(const hdf5_array& from, std::size_t bytes_each) const {
  // A list stands in the file as its length (4 bytes), an address, and an index (4 bytes). Lists are not compressed.
  const hdf5_handle type(H5Dget_type(from.data.id()), H5Tclose), base(H5Tget_super(type.id()), H5Tclose);
  const hdf5_handle creation(H5Fget_create_plist(file_.id()), H5Pclose);
  std::size_t address = 0, length = 0;
  H5Pget_sizes(creation.id(), &address, &length);
  const std::size_t reference = 4 + address + 4;
  const raw_lists raw(reference);
  if (!raw.valid()) {
    fail(from.part, "cannot be read: " + hdf5_reason());
  }
  std::vector<unsigned char> references(from.size() * reference);
  read(from, raw.type(), references.data());
  double elements = 0;
  for (std::size_t at = 0; at < references.size(); at += reference) {
    const unsigned char* r = &references[at];
    elements += static_cast<double>(r[0] | r[1] << 8U | r[2] << 16U | std::uint32_t{r[3]} << 24U);
  }
  require_memory(limits_, "read " + path_ + ": the lists of " + from.part, elements * static_cast<double>(bytes_each));
  const double smallest = base.valid() ? static_cast<double>(H5Tget_size(base.id())) : 1.0;
  if (elements * smallest > bytes_) {
    fail(from.part, "claims more elements than the file holds");
  }
}

}  // namespace backspike
