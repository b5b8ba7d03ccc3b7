#pragma once
// Arms that pay 1 with probabilities of their own, evenly from `worst` to `best` (Sutton & Barto, chapter 2). There is
// nothing to see, and an episode is some pulls.

#include "environment/kinds/kind_base.hpp"

#include <backspike/core/random.hpp>

namespace backspike::environments {

struct bandit : kind_base {
  static constexpr std::string_view name = "Bandit-v0";
  static constexpr std::string_view meaning = "arms that pay 1 with probabilities of their own";
  static constexpr auto fields = std::to_array<field>({
      {"arms", whole, 3.0, 2.0, 1000.0, "how many there are; the last one is the best"},
      {"pulls", whole, 10.0, 1.0, 1e6, "of an episode"},
      {"worst", "", 0.1, 0.0, 1.0, "probability that the first arm pays"},
      {"best", "", 0.9, 0.0, 1.0, "probability that the last arm pays"},
  });

  static environment_plan plan(settings set) {
    return {std::string(name), box({1.0}, {1.0}), choices_of(static_cast<std::size_t>(set[arms])), 2, 0};
  }

  static void start(settings, random_stream& draws, std::span<double> s) {
    s[pulled] = 0.0;
    s[seed] = draws.bits();
  }

  static transition step(settings set, std::span<double> s, std::span<const double> action) {
    random_stream draws(static_cast<std::uint64_t>(s[seed]), random_purpose::episode,
                        static_cast<std::uint64_t>(s[pulled]) + 1);
    const double chance = set[worst] + (set[best] - set[worst]) * action[0] / (set[arms] - 1.0);
    s[pulled] += 1.0;
    return {draws.uniform() < chance ? 1.0 : 0.0, s[pulled] == set[pulls]};
  }

  static void observe(settings, std::span<const double>, std::span<float> y) { y[0] = 1.0F; }

 private:
  enum setting : std::size_t { arms, pulls, worst, best };
  enum number : std::size_t { pulled, seed };
};

}  // namespace backspike::environments
