#pragma once
// The state of an agent's run, and one round of it.

#include <backspike/data/checkpoint.hpp>
#include <backspike/experiment/agent_run.hpp>
#include <backspike/online/agent_loop.hpp>

#include "experiment/agent/agent_files.hpp"
#include "experiment/folder/directory.hpp"

#include <chrono>
#include <deque>
#include <vector>

namespace backspike {

/// What a run knows beside its agent and its worlds; a checkpoint has all of it.
struct agent_tally {
  std::uint64_t episodes = 0, records = 0;
  std::deque<double> returns, lengths;                      // of the last 100 episodes
  double rounds = 0, td_error = 0, entropy = 0, value = 0;  // sums since the last record
  std::vector<double> rates;                                // the same, [populations]
  double cosine = 0.0, compared = 0.0;                      // the same, and of how many rounds
  double best = 0.0;                                        // mean return at checkpoint_best.h5
  std::uint64_t best_at = 0, solved_at = 0;                 // [decisions]; 0: not yet

  std::vector<double> numbers() const;
  /// Throws checkpoint_error for a list of another length.
  void restore(const std::string& path, std::span<const double> numbers);
};

class agent_trainer {
 public:
  agent_trainer(const experiment& e, const network& net, const arena<float>& initial, std::size_t threads,
                const run_directory& directory);

  /// A new run: its files, and a checkpoint of the parameters as they start.
  void begin();
  /// As it was at checkpoint_last.h5.
  void resume();

  /// Every environment makes some decisions, and the parameters move; then what has to be written.
  void round(agent_observer& observer);
  /// checkpoint_last.h5, wherever the run is.
  void save();

  bool done() const { return agent_.decisions() >= settings_.agent.steps; }
  agent_progress progress() const;
  const agent_tally& tally() const { return tally_; }
  std::size_t threads() { return agent_.pool().threads(); }

 private:
  void count(std::span<const episode_result> episodes);
  void add_round();
  bool is_solved() const;
  bool is_better() const;
  void keep_best();
  void record(agent_observer& observer);
  checkpoint plain_checkpoint() const;
  double seconds() const;

  const experiment& settings_;
  const network& net_;
  const run_directory& directory_;
  actor_critic agent_;
  agent_loop loop_;
  agent_tally tally_;
  line_file metrics_, monitor_;
  std::string episodes_to_write_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), last_record_ = start_;
  double seconds_before_ = 0.0;  // of a run that was resumed
};

}  // namespace backspike
