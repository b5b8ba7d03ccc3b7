#pragma once
// Events from the numbers of NumPy's arrays, for single arrays and archives.

#include "events/decoder.hpp"
#include "events/formats/columns.hpp"
#include "events/numpy/npy_header.hpp"

#include <array>
#include <string>

namespace backspike {

struct npy_column {
  npy_type type;
  std::size_t offset = 0;
};
using npy_columns = std::array<npy_column, 4>;  // t, x, y, p

/// Where they stand in an item of the array. Throws format_error, and value_error for a table whose columns nobody
/// named.
npy_columns columns_in(const std::string& path, const std::string& part, const npy_array& array,
                       const std::string& names);

class npy_event_maker {
 public:
  explicit npy_event_maker(const decoder_setup& s);

  /// Writes the event whose parts stand at `at`. Throws format_error naming the event.
  void make(const std::string& path, std::uint64_t index, const npy_columns& columns,
            const std::array<const std::uint8_t*, 4>& at, camera_event* out) const;
  void make(const std::string& path, std::uint64_t index, const npy_columns& c, const std::uint8_t* item,
            camera_event* out) const {
    make(path, index, c, {item + c[0].offset, item + c[1].offset, item + c[2].offset, item + c[3].offset}, out);
  }

 private:
  bool number(const npy_type& type, const std::uint8_t* at, std::size_t column, std::int64_t& value) const;

  double scale_;
};

}  // namespace backspike
