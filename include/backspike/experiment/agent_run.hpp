#pragma once
// A run of an agent: it acts, learns, is saved, and plays a test, all in one directory. Nothing is printed here; an
// agent_observer is told what happens.
//
// The directory holds experiment.toml (resolved), metrics.jsonl (a line for each checkpoint), monitor.csv where
// agent.monitor asks for it, checkpoint_initial.h5, checkpoint_last.h5, checkpoint_best.h5 (as it was when it was
// solved; before that, and without a goal: at the checkpoint with the highest mean return), summary.json and
// report.html. Every file appears whole or not at all. A run that is stopped or killed at any moment, in the middle of
// an episode, and resumed ends with the same bytes in its checkpoints as one that was never stopped.

#include <backspike/core/arena.hpp>
#include <backspike/experiment/runner.hpp>
#include <backspike/network/network.hpp>
#include <backspike/report/agent_page.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace backspike {

/// Episodes of which the mean return counts.
inline constexpr std::size_t counted_episodes = 100;

struct agent_start {
  std::string directory, environment;
  std::size_t parameters = 0, learnable = 0;  // numbers, without padding
  std::size_t threads = 1;
  std::uint64_t steps = 0, steps_done = 0;  // done: more than 0 if resumed
  std::string rule_in_words;
};

struct agent_progress {
  std::uint64_t decisions = 0, steps = 0, episodes = 0;
  double mean_return = 0.0;  // of the last 100 episodes, or as many as there are; NaN: none yet
};

/// Told what a run does. Called from the thread that runs it; every member may be left as it is.
class agent_observer {
 public:
  virtual ~agent_observer() = default;
  /// From here on the run has files in its directory, which it leaves in order when it is asked to stop.
  virtual void on_directory(const std::string& path);
  virtual void on_start(const agent_start& start);
  virtual void on_round(const agent_progress& progress);
  /// A checkpoint is on the disk.
  virtual void on_record(const agent_record& record);
  virtual void on_solved(std::uint64_t decisions);
  virtual void on_test(std::uint32_t episodes);
  /// Asked after every round; true saves the run and ends it.
  virtual bool stop_requested();
};

struct agent_result {
  bool finished = false;  // false: stopped by the observer; only directory and decisions are meaningful then
  std::string directory, report_path;
  std::uint64_t decisions = 0, episodes = 0;
  double mean_return = 0.0, best_return = 0.0;  // of 100 episodes: the last ones in training; the highest mean
  std::optional<std::uint64_t> solved_at;       // [decisions]
  double greedy_return = 0.0;                   // of the test, by the checkpoint that was chosen
  std::uint64_t chosen_at = 0;                  // decisions before that checkpoint
  double train_seconds = 0.0;
  std::vector<layer_rate_hz> rates;  // at the last checkpoint
};

/// Throws value_error (an experiment with data; the directory holds a run and neither resume nor overwrite is set),
/// resource_error, checkpoint_error (resume with another experiment), numeric_error, file_error.
agent_result train_agent(const experiment& e, const run_options& options, agent_observer& observer);

/// The network of an agent's experiment: its inputs and the sizes of its outputs follow from what it sees and does.
network_spec network_for_agent(const experiment& e);

/// Read back from a checkpoint.
struct trained_agent {
  experiment settings;
  std::string version;
  std::uint64_t decisions = 0;
  std::unique_ptr<network> net;  // on the heap: the arena points into it
  std::unique_ptr<arena<float>> parameters;
};

/// Whether a checkpoint, or a run directory's checkpoint_best.h5, is that of an agent. Throws what load_agent does.
bool is_agent(const std::string& path);

/// Throws file_error, format_error, checkpoint_error (not an agent's, too) and numeric_error.
trained_agent load_agent(const std::string& path);

/// The sums of rewards of whole episodes, by the best actions or by drawn ones.
std::vector<double> evaluate_agent(const trained_agent& agent, std::size_t episodes, bool sampled, std::uint64_t seed);

/// An episode by the best actions, at most so many decisions of it, for people to look at.
agent_film film_of(const trained_agent& agent, std::uint32_t longest, std::uint64_t seed);

}  // namespace backspike
