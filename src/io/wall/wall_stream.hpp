#pragma once
// How a reader behind the wall (wall.hpp) hands over what it has read: plain bytes through a pipe. The side inside may
// write anything, for a damaged file can have overwritten its memory; the side outside believes nothing: every length
// is checked against what may still come before anything is allocated.

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

namespace backspike {

template <class T>
concept wall_number = std::is_arithmetic_v<T>;

/// Inside. Values are written by calling it; `transfer` functions call it for each member of a structure, so that one
/// function serves both directions.
class wall_sink {
 public:
  explicit wall_sink(int descriptor);

  /// What follows is one result.
  void begin_item();
  void finish();
  /// Instead of a result: what went wrong, as the same type of error outside.
  void fail(const std::exception_ptr& error);

  void operator()(const wall_number auto& value) { write(&value, sizeof value); }
  void operator()(const std::string& text);
  template <class T>
  void operator()(const std::vector<T>& list) {
    (*this)(static_cast<std::uint64_t>(list.size()));
    if constexpr (wall_number<T>) {
      write(list.data(), list.size() * sizeof(T));
    } else {
      for (const T& value : list) {
        transfer(*this, value);
      }
    }
  }

 private:
  void write(const void* from, std::size_t count);
  void flush();
  void send(const char* from, std::size_t count);

  int descriptor_;
  std::vector<char> buffer_;
};

/// Outside.
class wall_source {
 public:
  /// Fills all of it or throws.
  using filler = std::function<void(void* to, std::size_t count)>;
  wall_source(std::string path, std::string format, filler fill, std::uint64_t most_bytes);

  /// The file that the next item is of, which errors name.
  void expect(const std::string& path) { path_ = path; }
  const std::string& path() const { return path_; }
  const std::string& format() const { return format_; }
  /// Throws the error that came instead.
  void begin_item();
  /// Nothing follows.
  void finish();
  /// As many bytes as at the beginning may follow: for who takes item by item and keeps none.
  void begin_anew() { left_ = most_; }
  /// Throws format_error: what came cannot be what a reader that is in order sends.
  [[noreturn]] void distrust() const;

  void operator()(wall_number auto& value) { read(&value, sizeof value); }
  void operator()(std::string& text);
  template <class T>
  void operator()(std::vector<T>& list) {
    list.clear();
    list.resize(length(sizeof(T)));
    if constexpr (wall_number<T>) {
      read(list.data(), list.size() * sizeof(T));
    } else {
      for (T& value : list) {
        transfer(*this, value);
      }
    }
  }

 private:
  std::size_t length(std::size_t bytes_each);
  void read(void* to, std::size_t count);
  [[noreturn]] void rethrow();

  [[noreturn]] void refuse_length() const;

  std::string path_, format_;
  filler fill_;
  std::uint64_t most_, left_;  // bytes that may come, and still may
};

inline void transfer(wall_sink& sink, const std::string& text) { sink(text); }
inline void transfer(wall_source& source, std::string& text) { source(text); }

}  // namespace backspike
