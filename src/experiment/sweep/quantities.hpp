#pragma once
// What the tables of a sweep compare: one list for runs with data, one for those of agents.

#include <backspike/experiment/sweep.hpp>

#include <array>

namespace backspike {

struct sweep_quantity_info {
  const char *name, *heading;
  const char* in_summary;  // where summary.json has it
  double scale;            // of what is shown
  int decimals;
};

using sweep_quantity_list = std::array<sweep_quantity_info, sweep_quantities>;

inline constexpr sweep_quantity_list data_quantities{{
    {"accuracy", "accuracy [%]", "/test/accuracy", 100, 2},
    {"loss", "loss", "/test/loss", 1, 4},
    {"spikes_per_sample", "spikes/sample", "/spikes_per_sample", 1, 1},
    {"synaptic_operations", "synaptic operations", "/energy/synaptic_operations", 1, 0},
    {"activation_sparsity", "activation sparsity", "/energy/activation_sparsity", 1, 4},
    {"train_seconds", "seconds", "/train/seconds", 1, 1},
}};

inline constexpr sweep_quantity_list agent_quantities{{
    {"greedy_100", "greedy return", "/return/greedy_100", 1, 1},
    {"mean_100", "last 100 in training", "/return/mean_100", 1, 1},
    {"best_100", "best 100 in training", "/return/best_100", 1, 1},
    {"solved_at", "solved at [decisions]", "/return/solved_at", 1, 0},
    {"decisions_per_second", "decisions/s", "/train/decisions_per_second", 1, 0},
    {"train_seconds", "seconds", "/train/seconds", 1, 1},
}};
inline constexpr std::size_t solved_at_quantity = 3, greedy_quantity = 0, last_quantity = 1;  // of an agent

inline bool is_of_agents(const sweep_plan& plan) { return plan.members.front().settings.acts(); }

inline const sweep_quantity_list& quantities_of(const sweep_plan& plan) {
  return is_of_agents(plan) ? agent_quantities : data_quantities;
}

/// Agents: a line for each seed of each point, and how many were solved; empty for runs with data.
std::string seeds_text(const sweep_table& t);

}  // namespace backspike
