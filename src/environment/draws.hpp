#pragma once
// What random numbers are drawn for in a loop of agent and environment. An episode and an action each have a stream of
// their own, named by what they are, so that neither threads nor a resumed run change a draw.

#include <backspike/core/random.hpp>

namespace backspike {

inline constexpr auto episode_draws = static_cast<random_purpose>(13);
inline constexpr auto action_draws = static_cast<random_purpose>(14);

}  // namespace backspike
