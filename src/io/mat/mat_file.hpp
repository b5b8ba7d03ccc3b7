#pragma once
// MATLAB files through matio, behind the wall (wall.hpp). It neither notices a truncated nor a damaged compressed array
// (1.5.23), where the missing part is whatever was in memory, and it makes room for whatever a header claims. So every
// element is walked first: inflated to its checksum, and its header compared with the bytes that are there.

#include "io/wall/read_limits.hpp"

#include <matio.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace backspike {

struct mat_array {
  std::vector<std::size_t> extents;
  std::vector<double> values;  // the first index is the fastest

  double at(std::size_t i, std::size_t j, std::size_t k) const { return values[i + extents[0] * (j + extents[1] * k)]; }
};

/// Throws file_error (not there, no permission, not a regular file), format_error (not version 5, truncated, damaged)
/// naming the byte of the element.
void check_mat_elements(const std::string& path);

class mat_file {
 public:
  /// Throws what check_mat_elements throws.
  mat_file(const std::string& path, const read_limits& limits);

  bool has(const std::string& name) const;
  /// Throws format_error: no such variable, not real numbers, another rank, more elements than the file could hold;
  /// resource_error: more than the limits allow.
  mat_array array(const std::string& name, std::size_t rank) const;
  [[noreturn]] void fail(const std::string& variable, const std::string& message) const;

 private:
  struct closer {
    void operator()(mat_t* file) const { Mat_Close(file); }
  };
  std::string path_;
  read_limits limits_;
  std::unique_ptr<mat_t, closer> file_;
};

}  // namespace backspike
