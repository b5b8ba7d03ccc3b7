#pragma once
// A row of float32 that comes in with every step of a stream. The memory of a NumPy array that is one already is read
// where it lies, by a look at the array's own fields: asking it to describe itself takes longer than the step.

#include "binding.hpp"

#include <span>

namespace backspike::python {

/// Valid as long as the argument that it was read from.
class float_row {
 public:
  float_row() = default;
  explicit float_row(std::span<const float> values) : values_(values) {}
  explicit float_row(array_in<float, 1> converted)
      : values_(converted.data(), converted.size()), kept_(std::move(converted)) {}

  std::span<const float> values() const { return values_; }

 private:
  std::span<const float> values_;
  array_in<float, 1> kept_;  // what was made from an argument of another kind
};

/// A row of whatever holds numbers: read in place if it can be, else through the package's one function for arrays,
/// whose refusals come out as they are. The argument must outlive it.
float_row row_of(nb::handle given, const char* what);

/// Imports NumPy, once and before the first row; its type is never let go of, as the interpreter never unloads it.
void find_array_type();

/// Whether it is exactly a NumPy array of one dimension of aligned, contiguous float32 in this machine's order; then
/// `values` is its memory.
bool read_in_place(nb::handle array, std::span<const float>& values) noexcept;

}  // namespace backspike::python
