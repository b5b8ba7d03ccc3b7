#pragma once
// A corridor with a junction at its end (Bakker 2002, "Reinforcement learning with long short-term memory"): a cue is
// seen at the start only, and tells where to turn at the junction. Without memory half of the turns are wrong.
//
// Seen: cue for left, cue for right, corridor, junction. Actions: on, left, right; those that lead into a wall cost
// 0.1.

#include "environment/kinds/kind_base.hpp"

namespace backspike::environments {

struct t_maze : kind_base {
  static constexpr std::string_view name = "TMaze-v0";
  static constexpr std::string_view meaning = "a cue at the start tells where to turn at the end of a corridor";
  static constexpr auto fields = std::to_array<field>({
      {"length", whole, 5.0, 1.0, 1000.0, "steps from the cue to the junction"},
  });

  static environment_plan plan(settings set) {
    const auto limit = static_cast<std::uint32_t>(4.0 * set[length] + 20.0);
    return {std::string(name), box({0.0, 0.0, 0.0, 0.0}, {1.0, 1.0, 1.0, 1.0}), choices_of(3), 2, limit};
  }

  static void start(settings, random_stream& draws, std::span<double> s) {
    s[at] = 0.0;
    s[cue] = 1.0 + draws.below(2);  // the action that it asks for
  }

  static transition step(settings set, std::span<double> s, std::span<const double> action) {
    const bool at_junction = s[at] == set[length];
    if (at_junction && action[0] != on) {
      return {action[0] == s[cue] ? 4.0 : -0.1, true};
    }
    if (at_junction || action[0] != on) {
      return {-0.1, false};
    }
    s[at] += 1.0;
    return {0.0, false};
  }

  static void observe(settings set, std::span<const double> s, std::span<float> y) {
    const bool shown = s[at] == 0.0, at_junction = s[at] == set[length];
    y[0] = shown && s[cue] == 1.0 ? 1.0F : 0.0F;
    y[1] = shown && s[cue] == 2.0 ? 1.0F : 0.0F;
    y[2] = at_junction ? 0.0F : 1.0F;
    y[3] = at_junction ? 1.0F : 0.0F;
  }

 private:
  enum setting : std::size_t { length };
  enum number : std::size_t { at, cue };
  static constexpr double on = 0.0;
};

}  // namespace backspike::environments
