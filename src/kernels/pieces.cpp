// Sums long arrays in pieces of fixed bounds: the same bits at any number of threads.

#include "kernels/pieces.hpp"

#include "kernels/kernel_table.hpp"

#include <numeric>
#include <vector>

namespace backspike::kernels {

double sum_of_squares(std::span<const float> values, thread_pool& pool) {
  const table& kernels = active_table();
  std::vector<double> sums((values.size() + piece_floats - 1) / piece_floats);
  for_each_piece(values.size(), pool, [&](std::size_t piece, std::size_t first, std::size_t count) {
    sums[piece] = kernels.squares(values.data() + first, count);
  });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

}  // namespace backspike::kernels
