#pragma once
// One experiment at every point of a grid of settings, with several seeds at each: what there is to run, and the table
// of what came out. Running is the caller's: each member is a training run in a directory of its own.

#include <backspike/experiment/experiment.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace backspike {

/// A key and the values that it takes, as texts that an override accepts.
struct sweep_axis {
  std::string key;
  std::vector<std::string> values;
};

/// "KEY=ITEM,ITEM,...": an item is a value, or a range LOW:HIGH:linN or LOW:HIGH:logN of N >= 2 numbers, both ends
/// included. Numbers within a logarithmic range are rounded to 4 significant digits, so that tables can be read.
/// Throws value_error: no key, no value, a value twice, a range of equal ends, too few or too many numbers, a
/// logarithmic range through 0.
sweep_axis parse_axis(const std::string& text);

struct sweep_request {
  std::string path;                    // of the experiment
  std::vector<std::string> overrides;  // "dotted.key=value", of every member
  std::vector<sweep_axis> axes;        // none: the experiment as it is, with several seeds
  std::uint64_t seeds = 1;             // at each point: the experiment's seed and those that follow it
};

struct sweep_member {
  std::size_t point = 0;  // of sweep_plan::points
  std::uint64_t seed = 0;
  std::string directory;  // below that of the sweep
  experiment settings;
};

struct sweep_plan {
  std::string name;
  std::vector<sweep_axis> axes;
  std::vector<std::vector<std::string>> points;  // a value for each axis; the last axis changes fastest
  std::vector<std::uint64_t> seeds;
  std::vector<sweep_member> members;  // every point with the first seed, then with the second, ...
};

inline constexpr std::uint64_t most_sweep_members = 10000;

/// Reads and checks the experiment of every member. Throws value_error (nothing to sweep, no seeds, an axis twice or
/// also in the overrides, too many members) and config_error, naming --over where an axis is wrong.
sweep_plan plan_sweep(const sweep_request& request);

/// "key = value, key = value"; "as it is" without axes.
std::string point_text(const sweep_plan& plan, std::size_t point);

/// What the table compares of runs with data.
enum class sweep_quantity {
  accuracy,
  loss,
  spikes_per_sample,
  synaptic_operations,  // effective ACs and MACs together
  activation_sparsity,
  train_seconds
};
inline constexpr std::size_t sweep_quantities = 6;

/// Their names, or those of what is compared of agents.
std::array<const char*, sweep_quantities> sweep_quantity_names(const sweep_plan& plan);

struct sweep_outcome {
  enum class state { unfinished, finished, failed };
  state ended = state::unfinished;
  std::string failure;                                // what a failed member said
  std::array<double, sweep_quantities> figures = {};  // in the order of the names; NaN where a run has none
  std::vector<std::string> warnings{};                // of the health of a finished member
  std::vector<std::array<double, 2>> curve{};         // of an agent: decisions, and the mean return of 100 episodes
};

/// Mean and sample standard deviation over the finished seeds of a point.
struct sweep_figure {
  double mean = 0, deviation = 0;  // NaN: no seed has a figure; fewer than two have one
};

struct sweep_point {
  std::size_t finished = 0, failed = 0, unfinished = 0;
  std::array<sweep_figure, sweep_quantities> figures;
};

struct sweep_table {
  sweep_plan plan;
  std::vector<sweep_outcome> outcomes;  // of plan.members
  std::vector<sweep_point> points;      // of plan.points
};

/// What the summary of a finished run in `directory` says; `unfinished` where there is no summary yet. Throws
/// format_error for a damaged summary.
sweep_outcome read_outcome(const std::string& directory);

sweep_table tabulate(const sweep_plan& plan, const std::vector<sweep_outcome>& outcomes);

/// The sparsest point at most one percentage point of accuracy below the first one, in a sentence; empty without one.
std::string sparsest_text(const sweep_table& t);

/// A table for a terminal; one line a point, one line a member, everything as JSON; a page that opens offline.
std::string to_text(const sweep_table& t);
std::string points_csv(const sweep_table& t);
std::string members_csv(const sweep_table& t);
std::string to_json(const sweep_table& t);
std::string to_html(const sweep_table& t);

class directory_lock;

/// The directory of a sweep, locked, so that two processes never write one sweep.
class sweep_directory {
 public:
  /// Creates the directory and writes its tables. With overwrite, removes the files of the runs that its sweep.json
  /// lists, and nothing else. Throws value_error (it holds a sweep, and neither resume nor overwrite is set; overwrite
  /// would remove what is not the sweep's; a member's directory is a symbolic link), checkpoint_error (resume, and a
  /// member was begun with another experiment or, if finished, by another version) and format_error (a damaged
  /// sweep.json or summary) before anything is written or removed; file_error.
  sweep_directory(std::string path, const sweep_plan& plan, bool resume, bool overwrite);
  ~sweep_directory();
  sweep_directory(const sweep_directory&) = delete;
  sweep_directory& operator=(const sweep_directory&) = delete;

  const std::string& path() const { return path_; }
  std::string member(const sweep_member& m) const { return path_ + "/" + m.directory; }
  /// The member's directory, with its experiment file unless it has one.
  void prepare(const sweep_member& m) const;
  /// What is there of each member.
  std::vector<sweep_outcome> outcomes(const sweep_plan& plan) const;
  /// sweep.csv, members.csv, sweep.json and report.html, each whole or not at all.
  void write(const sweep_table& t) const;

 private:
  std::string path_;
  std::unique_ptr<directory_lock> lock_;
};

}  // namespace backspike
