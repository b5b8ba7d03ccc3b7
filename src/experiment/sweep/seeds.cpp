// The seeds of a sweep of agents, one by one: what a mean hides is what counts here.

#include "experiment/sweep/quantities.hpp"

#include <fmt/format.h>

#include <cmath>

namespace backspike {
namespace {

std::string solved_text(double solved_at) { return std::isnan(solved_at) ? "-" : fmt::format("{:.0f}", solved_at); }

std::string seed_line(const sweep_member& member, const sweep_outcome& outcome) {
  if (outcome.ended != sweep_outcome::state::finished) {
    return fmt::format("{:>8}  {}\n", member.seed,
                       outcome.ended == sweep_outcome::state::failed ? "failed" : "unfinished");
  }
  return fmt::format("{:>8}  {:>10}  {:>10.1f}  {:>10.1f}\n", member.seed,
                     solved_text(outcome.figures[solved_at_quantity]), outcome.figures[last_quantity],
                     outcome.figures[greedy_quantity]);
}

}  // namespace

std::string seeds_text(const sweep_table& t) {
  std::string text;
  for (std::size_t p = 0; p < t.plan.points.size() && is_of_agents(t.plan); ++p) {
    std::string lines;
    std::size_t solved = 0;
    for (std::size_t m = 0; m < t.outcomes.size(); ++m) {
      if (t.plan.members[m].point == p) {
        lines += seed_line(t.plan.members[m], t.outcomes[m]);
        solved += t.outcomes[m].ended == sweep_outcome::state::finished &&
                          !std::isnan(t.outcomes[m].figures[solved_at_quantity])
                      ? 1
                      : 0;
      }
    }
    text += fmt::format("\n{}: solved on {} of {} seeds\n{:>8}  {:>10}  {:>10}  {:>10}\n", point_text(t.plan, p),
                        solved, t.plan.seeds.size(), "seed", "solved at", "last 100", "greedy") +
            lines;
  }
  return text;
}

}  // namespace backspike
