#include "gradient/panels.hpp"

#include <algorithm>

namespace backspike {

void panels::resize(std::size_t rows, std::size_t columns) {
  depth = rows;
  width = padded(columns);
  if (data.size() < depth * width) {
    data.resize(depth * width);
  }
}

void pack_panel(panels& out, std::size_t j, const matrix_view<const float>& m) {
  float* to = out.panel(j);
  for (std::size_t r = 0; r < m.rows; ++r, to += lanes) {
    std::copy_n(m.row(r) + j * lanes, lanes, to);
  }
}

void pack_transposed_panel(panels& out, std::size_t j, const matrix_view<const float>& m) {
  float* to = out.panel(j);
  const std::size_t rows = std::min(lanes, m.rows - j * lanes);
  for (std::size_t c = 0; c < m.cols; c += lanes) {  // a tile of both stays in the first cache
    const std::size_t end = std::min(c + lanes, m.cols);
    for (std::size_t r = 0; r < rows; ++r) {
      const float* from = m.row(j * lanes + r);
      for (std::size_t k = c; k < end; ++k) {
        to[k * lanes + r] = from[k];
      }
    }
    for (std::size_t r = rows; r < lanes; ++r) {
      for (std::size_t k = c; k < end; ++k) {
        to[k * lanes + r] = 0.0f;
      }
    }
  }
}

void product_rows::clear() {
  out.clear();
  factors.clear();
}

void product_rows::add(float* to, const float* from) {
  out.push_back(to);
  factors.push_back(from);
}

void product_rows::multiply(const kernels::table& kernels, const panels& matrix) {
  constexpr std::size_t piece = 256, many = 112;  // of the depth, 32 KiB two panels; rows, 8 blocks of 14
  for (std::size_t row = 0; row < out.size(); row += many) {
    const std::size_t rows = std::min(many, out.size() - row);
    for (std::size_t d = 0; d < matrix.depth; d += piece) {
      const std::size_t depth = std::min(piece, matrix.depth - d);
      kernels.product({out.data() + row, factors.data() + row, rows, matrix.data.data() + d * lanes, matrix.depth,
                       depth, matrix.width});
      for (std::size_t r = 0; r < rows; ++r) {
        factors[row + r] += depth;
      }
    }
  }
  clear();
}

}  // namespace backspike
