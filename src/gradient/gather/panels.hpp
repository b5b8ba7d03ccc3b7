#pragma once
// Matrices packed into panels of 16 columns for kernels::product: [columns / 16][depth][16]. Rounded ones hold bfloat16
// pairs, [columns / 16][depth][16] of which the first half of each panel counts.

#include <backspike/core/memory_plan.hpp>
#include "kernels/kernel_table.hpp"

#include <backspike/core/aligned.hpp>
#include <backspike/core/arena.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace backspike {

struct panels {
  aligned_vector<float> data;
  std::size_t depth = 0, width = 0;  // rows; columns padded to whole panels
  bool rounded = false;

  void plan(memory_plan& m, std::size_t rows, std::size_t columns, bool round);
  std::size_t count() const { return width / lanes; }
  float* panel(std::size_t j) { return data.data() + j * depth * lanes; }
};

/// Panel j of a matrix as it is.
void pack_panel(panels& out, std::size_t j, const matrix_view<const float>& m);
/// Panel j of its transpose: columns are the rows of m.
void pack_transposed_panel(panels& out, std::size_t j, const matrix_view<const float>& m);
/// After its columns are there: rounds panel j if it is to be.
void finish_panel(const kernels::table& kernels, panels& out, std::size_t j);

/// Rows that wait for one product, so that every weight fetched serves all of them.
struct product_rows {
  std::vector<float*> out;
  std::vector<const float*> factors;
  aligned_vector<float> pairs;  // of some rows at a time, where the matrix is rounded

  /// For so many rows at a time; matrices are `rounded`.
  void plan(memory_plan& m, std::size_t rows, bool rounded);
  bool empty() const { return out.empty(); }
  void clear();
  void add(float* to, const float* from);
  /// out += factors * matrix for all of them, in pieces that fit the second-level cache; then there are none.
  void multiply(const kernels::table& kernels, const panels& matrix);

 private:
  void multiply_rounded(const kernels::table& kernels, const panels& matrix, std::size_t row, std::size_t rows);
};

/// From this share of non-zero factors on the product of all of them is cheaper than one row after the other. Measured
/// with weights in the second-level cache: 2.6 cycles for 16 floats of a row against 1.05 to 1.3. Both give the same
/// bits, so that the figure may be any.
inline constexpr double dense_share = 0.4;

/// The same question for the transposed product, whose two forms differ in their bits: the answer must depend on this
/// row alone. A dot product takes about 3 cycles for 16 targets and 8 to sum up, the product 1.25 for 16 sources.
constexpr bool product_is_cheaper(std::size_t asked_for, std::size_t source_width, std::size_t targets) {
  return asked_for * (3 * padded(targets) / lanes + 8) * 4 > source_width / lanes * targets * 5;
}

}  // namespace backspike
