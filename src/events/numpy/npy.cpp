// Arrays of NumPy: structured ones with fields t, x, y and p (tonic), and tables of four columns.

#include <backspike/core/error.hpp>

#include "events/formats.hpp"
#include "events/numpy/npy_events.hpp"

#include <algorithm>
#include <string>

namespace backspike {
namespace {

class npy_decoder final : public event_decoder {
 public:
  npy_decoder(const decoder_setup& s, const npy_columns& columns, std::size_t item_bytes, std::uint64_t items)
      : report_(s.report), maker_(s), columns_(columns), item_bytes_(item_bytes), left_(items) {}

  bool decode(byte_source& from, event_buffer& to, std::size_t most) override {
    const auto bytes = from.ready(item_bytes_);
    constexpr std::size_t piece = 4096;
    const auto items =
        static_cast<std::size_t>(std::min<std::uint64_t>({left_, bytes.size() / item_bytes_, most, piece}));
    if (items == 0) {
      return finish(from);
    }
    camera_event* const first = to.room(items);
    for (std::size_t k = 0; k < items; ++k) {
      maker_.make(from.path(), index_ + k, columns_, bytes.data() + k * item_bytes_, first + k);
    }
    to.added(items);
    from.skip(items * item_bytes_);
    left_ -= items;
    index_ += items;
    return true;
  }

 private:
  bool finish(byte_source& from) {
    if (left_ > 0) {
      report_.truncated_bytes += from.left();
      report_.invalid_of("events that the header announces and the file lacks") += left_;
    } else if (from.left() > 0) {
      report_.invalid_of("bytes behind the array") += from.left();
    }
    left_ = 0;
    from.skip_far(from.left());
    return false;
  }

  event_report& report_;
  npy_event_maker maker_;
  npy_columns columns_;
  std::size_t item_bytes_;
  std::uint64_t left_, index_ = 0;
};

}  // namespace

npy_columns columns_in(const std::string& path, const std::string& part, const npy_array& array,
                       const std::string& names) {
  npy_columns columns;
  std::array<int, 4> seen{};
  for (const auto& field : array.fields) {
    if (const auto column = column_of(field.name); column && field.type.kind != 'V') {
      columns[*column] = {field.type, field.offset};
      ++seen[*column];
    }
  }
  if (std::all_of(seen.begin(), seen.end(), [](int n) { return n == 1; }) && array.shape.size() == 1) {
    return columns;
  }
  const bool table = array.fields.size() == 1 && array.fields[0].name.empty() && array.shape.size() == 2;
  if (!table || array.fortran_order) {
    throw format_error(path, part.empty() ? "header" : part,
                       "neither a list of structures with the fields t, x, y and p nor a table in C order");
  }
  const auto named = columns_from(names);
  if (!named || named->count != array.shape[1]) {
    throw value_error("read " + path, "columns", names.empty() ? "none" : names,
                      "the names of the array's " + std::to_string(array.shape[1]) +
                          " columns in order, with each of t, x, y and p once: \"t,x,y,p\"");
  }
  for (std::size_t k = 0; k < 4; ++k) {
    columns[k] = {array.fields[0].type, named->at[k] * array.fields[0].type.size};
  }
  return columns;
}

npy_event_maker::npy_event_maker(const decoder_setup& s) : scale_(s.options.time_scale) {}

void npy_event_maker::make(const std::string& path, std::uint64_t index, const npy_columns& columns,
                           const std::array<const std::uint8_t*, 4>& at, camera_event* out) const {
  std::array<std::int64_t, 4> values{};
  for (std::size_t k = 0; k < 4; ++k) {
    if (!number(columns[k].type, at[k], k, values[k])) {
      throw format_error(path, "event " + std::to_string(index),
                         std::string(column_names[k]) + " is no whole number" +
                             (k == 0 ? " of microseconds (for another unit, say which: time_unit)" : ""));
    }
  }
  if (const auto fault = make_event(values[0], values[1], values[2], values[3], *out); !fault.empty()) {
    throw format_error(path, "event " + std::to_string(index), fault);
  }
}

bool npy_event_maker::number(const npy_type& type, const std::uint8_t* at, std::size_t column,
                             std::int64_t& value) const {
  if (column > 0 || scale_ == 0.0) {
    return whole_number(at, type, value);
  }
  const auto scaled = scaled_time(real_number(at, type), scale_);
  value = scaled.value_or(0);
  return scaled.has_value();
}

std::unique_ptr<event_decoder> open_npy(const decoder_setup& setup) {
  const auto array = read_npy_header(setup.from.path(), "", setup.from.look(npy_longest_header));
  const auto columns = columns_in(setup.from.path(), "", array, setup.options.columns);
  setup.from.skip(array.header_bytes);
  const std::size_t item = array.shape.size() == 2 ? array.item_bytes * array.shape[1] : array.item_bytes;
  setup.file.details = array.shape.size() == 2 ? "a table" : "structures";
  return std::make_unique<npy_decoder>(setup, columns, item, array.shape[0]);
}

}  // namespace backspike
