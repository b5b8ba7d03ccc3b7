#pragma once
// Long arrays go to the workers in pieces whose bounds do not depend on how many workers there are.

#include <backspike/core/thread_pool.hpp>

#include <algorithm>
#include <cstddef>
#include <span>

namespace backspike::kernels {

inline constexpr std::size_t piece_floats = 8192;  // a multiple of the lanes

/// Calls body(piece, first, count) for each piece of `floats` numbers.
template <class Body>
void for_each_piece(std::size_t floats, thread_pool& pool, const Body& body) {
  pool.for_each((floats + piece_floats - 1) / piece_floats, [&](std::size_t piece, std::size_t) {
    const std::size_t first = piece * piece_floats;
    body(piece, first, std::min(piece_floats, floats - first));
  });
}

/// In double precision; whole lanes. The pieces' sums are added in their order: same bits at any thread count. Finite
/// exactly if every number is.
double sum_of_squares(std::span<const float> values, thread_pool& pool);

}  // namespace backspike::kernels
