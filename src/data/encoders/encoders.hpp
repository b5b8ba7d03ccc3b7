#pragma once
// The list of encoders. A new one is a header of its own and one entry here, its kind with its name in data_spec.hpp,
// and a key for each setting that no other has; tests, files and Python read the list. docs/adding/encoder.md walks
// through it.

#include "data/encoders/current.hpp"
#include "data/encoders/delta.hpp"
#include "data/encoders/latency.hpp"
#include "data/encoders/poisson.hpp"
#include "data/encoders/population.hpp"

#include <cstddef>
#include <tuple>

namespace backspike::encoders {

/// In the order of encoder_kind.
using encoder_list = std::tuple<latency, poisson, current, delta, population>;

static_assert(std::tuple_size_v<encoder_list> == enum_names<encoder_kind>.size(), "an encoder without an entry");

/// f(encoder) of the kind.
template <std::size_t I = 0, class F>
auto with_encoder(encoder_kind kind, const F& f) {
  using encoder = std::tuple_element_t<I, encoder_list>;
  static_assert(encoder::kind == static_cast<encoder_kind>(I), "entries are in the order of encoder_kind");
  if constexpr (I + 1 < std::tuple_size_v<encoder_list>) {
    if (kind != encoder::kind) {
      return with_encoder<I + 1>(kind, f);
    }
  }
  return f(encoder{});
}

}  // namespace backspike::encoders
