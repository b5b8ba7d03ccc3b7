#pragma once
// The list of encoders of observations. A new one is a header of its own, one entry here and its code with its name in
// observation_encoder.hpp; files, Python and the tests read the list.

#include "environment/encoders/delta.hpp"
#include "environment/encoders/direct.hpp"
#include "environment/encoders/population.hpp"

#include <cstddef>
#include <tuple>

namespace backspike::observations {

/// In the order of observation_code.
using encoder_list = std::tuple<population, population_rate, delta, direct>;

static_assert(std::tuple_size_v<encoder_list> == enum_names<observation_code>.size(), "an encoder without an entry");

/// f(encoder) of the code.
template <std::size_t I = 0, class F>
auto with_encoder(observation_code code, const F& f) {
  using encoder = std::tuple_element_t<I, encoder_list>;
  static_assert(encoder::code == static_cast<observation_code>(I), "entries are in the order of observation_code");
  if constexpr (I + 1 < std::tuple_size_v<encoder_list>) {
    if (code != encoder::code) {
      return with_encoder<I + 1>(code, f);
    }
  }
  return f(encoder{});
}

}  // namespace backspike::observations
