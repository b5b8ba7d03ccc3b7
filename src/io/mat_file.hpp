#pragma once
// MATLAB files through matio, which neither notices a truncated nor a damaged compressed array (1.5.23): the missing
// part is whatever was in memory. Every element is therefore walked and inflated to its checksum first.

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

/// Throws file_error (not there, no permission, a folder), format_error (not version 5, truncated, damaged) naming the
/// byte of the element.
void check_mat_elements(const std::string& path);

class mat_file {
 public:
  /// Throws what check_mat_elements throws.
  explicit mat_file(const std::string& path);

  /// Throws format_error: no such variable, not real numbers, another rank, more elements than the file could hold.
  mat_array array(const std::string& name, std::size_t rank) const;
  [[noreturn]] void fail(const std::string& variable, const std::string& message) const;

 private:
  struct closer {
    void operator()(mat_t* file) const { Mat_Close(file); }
  };
  std::string path_;
  std::unique_ptr<mat_t, closer> file_;
};

}  // namespace backspike
