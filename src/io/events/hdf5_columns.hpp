#pragma once
// Where in an HDF5 file its events are: four arrays of numbers, or one array of structures, and how numbers become
// events.

#include <backspike/events/camera_event.hpp>
#include <backspike/events/event_reader.hpp>

#include "io/hdf5/hdf5_file.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace backspike {

/// t, x, y and p. Arrays are one (of structures, whose members are named) or four.
struct hdf5_columns {
  std::vector<hdf5_array> arrays;
  std::array<std::string, 4> members;
  std::array<bool, 4> real{};  // floats
  std::string details;         // for people: which layout it is

  std::size_t events() const { return arrays[0].extents[0]; }
};

/// Finds the events in one of these layouts; throws format_error that says what the file has instead.
///
/// DSEC         events/x, y, p, t
/// Prophesee    CD/events, of structures
/// tonic        data/0, of structures (a file of its cache)
/// plain        x, y, p, t, or one array of structures, at the root or in `events`; names as in tables
hdf5_columns find_hdf5_columns(const hdf5_input& in);

/// Rows of the columns as events, part by part.
class hdf5_rows {
 public:
  hdf5_rows(const hdf5_input& in, const hdf5_columns& columns, const event_read_options& options);

  /// So many rows from `first` on, which `event` and `time` count from 0. Times are scaled as the options ask, and
  /// `offset`, the file's t_offset, is added.
  void read(std::size_t first, std::size_t count);
  std::int64_t offset() const { return offset_; }
  /// Of row k of those that were read. Throws format_error naming the event: a number that no event can have.
  camera_event event(std::size_t k) const;
  std::int64_t time(std::size_t k) const;

 private:
  union cell {
    std::int64_t whole;
    double real;
  };
  void read_column(std::size_t column);
  std::int64_t whole_number(std::size_t column, std::size_t k) const;
  [[noreturn]] void refuse(std::size_t k, const std::string& what) const;
  const cell& at(std::size_t column, std::size_t k) const;

  const hdf5_input& in_;
  const hdf5_columns& columns_;
  double scale_;
  std::int64_t offset_ = 0;
  std::size_t first_ = 0, count_ = 0;
  std::vector<cell> cells_;
};

}  // namespace backspike
