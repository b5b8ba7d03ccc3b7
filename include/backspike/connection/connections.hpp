#pragma once
// The list of kinds of connection. A new one is a header of its own and one entry here; kind_base.hpp says what it has
// to tell, docs/adding/connection.md walks through it.

#include <backspike/connection/conv1d.hpp>
#include <backspike/connection/conv2d.hpp>
#include <backspike/connection/conv_transpose2d.hpp>
#include <backspike/connection/dense.hpp>
#include <backspike/connection/one_to_one.hpp>
#include <backspike/connection/pools.hpp>
#include <backspike/connection/sparse.hpp>

#include <cstddef>
#include <tuple>

namespace backspike {

using connection_list = std::tuple<connections::dense, connections::sparse, connections::one_to_one,
                                   connections::conv2d, connections::conv1d, connections::conv_transpose2d,
                                   connections::sum_pool, connections::average_pool, connections::max_pool>;

inline constexpr std::size_t connection_kind_count = std::tuple_size_v<connection_list>;

/// f(kind) of the kind that has this place in the list.
template <std::size_t I = 0, class F>
auto with_connection_kind(std::size_t kind, const F& f) {
  if constexpr (I + 1 < connection_kind_count) {
    if (kind != I) {
      return with_connection_kind<I + 1>(kind, f);
    }
  }
  return f(std::tuple_element_t<I, connection_list>{});
}

}  // namespace backspike
