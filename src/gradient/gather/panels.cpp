// Packs matrices into panels of 16 columns, and multiplies rows with them in pieces that stay in the cache.

#include "gradient/gather/panels.hpp"

#include <algorithm>

namespace backspike {

void panels::plan(memory_plan& m, std::size_t rows, std::size_t columns, bool round) {
  depth = rows;
  rounded = round;
  width = padded(columns);
  m.grow(data, depth * width);
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

void finish_panel(const kernels::table& kernels, panels& out, std::size_t j) {
  if (out.rounded) {
    kernels.panel_pairs({out.panel(j), out.depth});
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

namespace {

constexpr std::size_t piece = 256, many = 112;      // of the depth, 32 KiB two panels; rows, 8 blocks of 14
constexpr std::size_t pair_stride = piece + lanes;  // spreads over a cache

}  // namespace

void product_rows::plan(memory_plan& m, std::size_t rows, bool rounded) {
  m.list(out, rows);
  m.list(factors, rows);
  m.grow(pairs, rounded ? many * pair_stride : 0);
}

void product_rows::multiply(const kernels::table& kernels, const panels& matrix) {
  for (std::size_t row = 0; row < out.size(); row += many) {
    const std::size_t rows = std::min(many, out.size() - row);
    if (matrix.rounded) {
      multiply_rounded(kernels, matrix, row, rows);
      continue;
    }
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

void product_rows::multiply_rounded(const kernels::table& kernels, const panels& matrix, std::size_t row,
                                    std::size_t rows) {
  const float* here[many];
  for (std::size_t r = 0; r < rows; ++r) {
    here[r] = pairs.data() + r * pair_stride;
  }
  for (std::size_t d = 0; d < matrix.depth; d += 2 * piece) {
    const std::size_t depth = std::min(2 * piece, matrix.depth - d);
    for (std::size_t r = 0; r < rows; ++r) {
      kernels.pairs({factors[row + r] + d, depth, pairs.data() + r * pair_stride});
    }
    kernels.pair_product({out.data() + row, here, rows, matrix.data.data() + d / 2 * lanes, matrix.depth,
                          (depth + 1) / 2, matrix.width});
  }
}

}  // namespace backspike
