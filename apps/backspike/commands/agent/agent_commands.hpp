#pragma once
// What commands do with an experiment or a checkpoint of an agent.

#include <backspike/experiment/agent_run.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace backspike::app {

/// `backspike train`: returns the exit code.
int train_agent_once(const experiment& e, const run_options& options, bool quiet);

/// Of `backspike evaluate`; absent where the user did not say.
struct play_options {
  std::optional<std::uint64_t> episodes, seed;
  bool sampled = false;
  bool given() const { return episodes || seed || sampled; }
};

/// `backspike evaluate`: episodes by the best actions, or by drawn ones.
int play_agent(const std::string& path, const play_options& o, bool json);

/// Throws value_error, naming the command, for an experiment whose agent has no data to run it on.
void refuse_agent(const std::string& command, const experiment& e, const std::string& instead);

}  // namespace backspike::app
