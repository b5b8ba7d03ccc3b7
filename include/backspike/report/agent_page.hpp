#pragma once
// The report of an agent: learning curves, and an episode as a film of its world beside the spikes of its network.

#include <backspike/gradient/recording.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace backspike {

/// Mean rate of the neurons of a spiking layer.
struct layer_rate_hz {
  std::string layer;
  double rate = 0.0;
};

/// What was measured between two checkpoints; returns and lengths are those of the last 100 episodes, or as many as
/// there are.
struct agent_record {
  std::uint64_t decisions = 0, episodes = 0;  // since the start
  double mean_return = std::numeric_limits<double>::quiet_NaN();
  double mean_length = std::numeric_limits<double>::quiet_NaN();
  double td_error = 0.0;  // mean of the absolute errors
  double entropy = 0.0, value = 0.0;
  double learning_rate = 0.0;
  /// Mean over updates of the cosine between what traces came to and backpropagation; NaN: not compared.
  double gradient_cosine = std::numeric_limits<double>::quiet_NaN();
  std::vector<layer_rate_hz> rates;
  double seconds = 0.0;
};

/// An episode, decision by decision. The last state is the one after the last decision.
struct agent_film {
  std::string environment;
  std::vector<std::pair<std::string, double>> settings;  // of the environment
  std::vector<std::vector<double>> states;               // [decisions + 1][numbers of a state]
  std::vector<std::vector<double>> actions;              // [decisions][numbers of an action]
  std::vector<std::vector<double>> policy;               // [decisions]: probabilities, or means and deviations
  std::vector<double> rewards, values;                   // [decisions]
  std::vector<raster> rasters;                           // steps counted from 0 over all frames
  std::uint32_t frame = 1;                               // [steps] of a decision
  bool discrete = true;
};

struct agent_page {
  std::string title;
  std::vector<std::pair<std::string, std::string>> cards, facts;  // name, value as text
  std::string experiment;                                         // resolved TOML
  std::vector<agent_record> records;
  std::vector<double> test_returns;
  double goal = std::numeric_limits<double>::quiet_NaN();
  double solved_at = std::numeric_limits<double>::quiet_NaN();  // [decisions]
  agent_film film;
  std::string network;  // picture of it, SVG
};

/// The whole page; nothing is fetched.
std::string render_agent(const agent_page& page);

}  // namespace backspike
