// Archives of NumPy: arrays t, x, y and p (SpikingJelly), or one list of structures (tonic); and the size of the
// sensor, if there is an array of that name, as in files of ours.

#include <backspike/core/error.hpp>
#include <backspike/core/resources.hpp>

#include "events/formats.hpp"
#include "events/numpy/npy_events.hpp"
#include "events/numpy/zip.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace backspike {
namespace {

/// An array that was taken out of the archive.
struct npz_array {
  std::string name;
  std::vector<std::uint8_t> unpacked;  // where it was compressed
  std::span<const std::uint8_t> items;
  npy_array header;

  std::uint64_t count() const { return header.shape.empty() ? 1 : header.shape[0]; }
};

class npz_decoder final : public event_decoder {
 public:
  npz_decoder(const decoder_setup& s, std::vector<npz_array> arrays, const npy_columns& columns)
      : maker_(s), arrays_(std::move(arrays)), columns_(columns), count_(arrays_[0].count()) {
    for (std::size_t k = 0; k < 4; ++k) {
      const auto& a = arrays_.size() == 4 ? arrays_[k] : arrays_[0];
      first_[k] = a.items.data() + columns_[k].offset;
      stride_[k] = a.header.item_bytes * (a.header.shape.size() == 2 ? a.header.shape[1] : 1);
    }
  }

  bool decode(byte_source& from, event_buffer& to, std::size_t most) override {
    constexpr std::size_t piece = 4096;
    const auto items = static_cast<std::size_t>(std::min<std::uint64_t>({count_ - index_, most, piece}));
    camera_event* const first = to.room(items);
    for (std::size_t i = 0; i < items; ++i, ++index_) {
      std::array<const std::uint8_t*, 4> at{};
      for (std::size_t k = 0; k < 4; ++k) {
        at[k] = first_[k] + index_ * stride_[k];
      }
      maker_.make(from.path(), index_, columns_, at, first + i);
    }
    to.added(items);
    return items > 0;
  }

 private:
  npy_event_maker maker_;
  std::vector<npz_array> arrays_;
  npy_columns columns_;
  std::uint64_t count_, index_ = 0;
  std::array<const std::uint8_t*, 4> first_{};
  std::array<std::size_t, 4> stride_{};
};

class npz_opener {
 public:
  explicit npz_opener(const decoder_setup& setup) : setup_(setup), path_(setup.from.path()), archive_(whole()) {
    for (auto& entry : zip_entries(path_, archive_)) {
      if (entry.name.ends_with(".npy")) {
        entries_.push_back(std::move(entry));
      }
    }
  }

  std::unique_ptr<event_decoder> open() {
    take_sensor();
    std::vector<npz_array> arrays;
    for (const auto name : column_names) {
      if (auto a = array_of([&](const std::string& n) { return column_of(n) == column_of(name); })) {
        arrays.push_back(std::move(*a));
      }
    }
    return arrays.size() == 4 ? open_columns(std::move(arrays)) : open_structures();
  }

 private:
  std::span<const std::uint8_t> whole() const {
    if (setup_.from.is_live()) {
      throw value_error("read " + path_, "format", "npz", "a format whose events can be read before its end has come");
    }
    const auto there = available_memory(), held = resident_memory(), free = there > held ? there - held : 0;
    if (setup_.from.size() > free / 2) {
      throw resource_error("read " + path_, setup_.from.size(), free / 2, "an archive is read whole; .npy is not");
    }
    return setup_.from.ready(static_cast<std::size_t>(setup_.from.size()));
  }

  npz_array take(const zip_entry& entry) const {
    npz_array a;
    a.name = entry.name.substr(0, entry.name.size() - 4);
    const auto content = zip_content(path_, archive_, entry, a.unpacked);
    a.header = read_npy_header(path_, a.name, content);
    a.items = content.subspan(a.header.header_bytes);
    std::uint64_t items = 1;
    for (const auto extent : a.header.shape) {
      const auto most = a.items.size() / a.header.item_bytes;
      items = extent != 0 && items > most / extent ? most + 1 : items * extent;
    }
    if (items > a.items.size() / a.header.item_bytes) {
      throw format_error(
          path_, a.name,
          "its header announces more than the " + std::to_string(a.items.size()) + " bytes that are there");
    }
    return a;
  }

  template <class Fits>
  std::optional<npz_array> array_of(Fits fits) const {
    std::optional<npz_array> found;
    for (const auto& entry : entries_) {
      if (fits(entry.name.substr(0, entry.name.size() - 4))) {
        if (found) {
          throw format_error(path_, entry.name, "two arrays of the same meaning");
        }
        found = take(entry);
      }
    }
    return found;
  }

  void take_sensor() {
    const auto a = array_of([](const std::string& n) { return n == "sensor_size"; });
    std::int64_t width = 0, height = 0;
    if (!a) {
      return;
    }
    const auto& type = a->header.fields[0].type;
    const bool two = a->header.fields.size() == 1 && a->header.shape.size() == 1 && a->header.shape[0] >= 2;
    if (!two || !whole_number(a->items.data(), type, width) ||
        !whole_number(a->items.data() + type.size, type, height) || width < 1 || width > 65535 || height < 1 ||
        height > 65535) {
      throw format_error(path_, "sensor_size", "not a width and a height of 1 to 65535");
    }
    set_sensor(setup_, {static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height)});
  }

  std::unique_ptr<event_decoder> open_columns(std::vector<npz_array> arrays) {
    npy_columns columns;
    for (std::size_t k = 0; k < 4; ++k) {
      const auto& h = arrays[k].header;
      if (h.shape.size() != 1 || h.fields.size() != 1 || !h.fields[0].name.empty()) {
        throw format_error(path_, arrays[k].name, "not a plain list of numbers");
      }
      if (h.shape[0] != arrays[0].header.shape[0]) {
        throw format_error(path_, arrays[k].name,
                           std::to_string(h.shape[0]) + " numbers, " + arrays[0].name + " has " +
                               std::to_string(arrays[0].header.shape[0]));
      }
      columns[k].type = h.fields[0].type;
    }
    setup_.file.details = "arrays t, x, y, p";
    count_others(4);
    return std::make_unique<npz_decoder>(setup_, std::move(arrays), columns);
  }

  std::unique_ptr<event_decoder> open_structures() {
    auto a = array_of([](const std::string& n) { return n != "sensor_size" && !column_of(n); });
    if (!a) {
      throw format_error(path_, "list of arrays", "neither arrays t, x, y and p nor one list of structures");
    }
    const auto columns = columns_in(path_, a->name, a->header, setup_.options.columns);
    setup_.file.details = "structures in " + a->name;
    count_others(1);
    std::vector<npz_array> arrays;
    arrays.push_back(std::move(*a));
    return std::make_unique<npz_decoder>(setup_, std::move(arrays), columns);
  }

  void count_others(std::size_t used) {
    for (const auto& entry : entries_) {
      used += entry.name == "sensor_size.npy" ? 1 : 0;
    }
    if (entries_.size() > used) {
      setup_.report.ignored_of("arrays of other names") = entries_.size() - used;
    }
  }

  const decoder_setup& setup_;
  const std::string& path_;
  std::span<const std::uint8_t> archive_;
  std::vector<zip_entry> entries_;
};

}  // namespace

std::unique_ptr<event_decoder> open_npz(const decoder_setup& setup) { return npz_opener(setup).open(); }

}  // namespace backspike
