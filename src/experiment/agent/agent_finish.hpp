#pragma once
// What follows an agent's training: the test by its best actions, summary.json and report.html.

#include "experiment/agent/agent_trainer.hpp"

#include <string>

namespace backspike {

/// Plays the test with checkpoint_best.h5 and writes what the run came to; the summary last: where it is, the run is
/// complete.
agent_result finish_agent_run(const experiment& e, const network& net, const agent_start& start, agent_trainer& t,
                              const run_directory& directory, agent_observer& observer);

/// "actor_critic, gamma 0.98, lambda 0.9, symmetric feedback, readout only".
std::string rule_in_words(const experiment& e);

}  // namespace backspike
