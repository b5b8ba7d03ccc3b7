#pragma once
// A network with its parameters and data, before training or after: what commands look into.

#include <backspike/core/arena.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/experiment/experiment.hpp>
#include <backspike/network/network.hpp>

#include "options.hpp"

#include <memory>
#include <string>

namespace backspike::app {

struct loaded_network {
  experiment settings;
  dataset_split data;
  std::unique_ptr<network> net;
  std::unique_ptr<arena<float>> parameters;
};

/// Of an EXPERIMENT.toml with its initial weights, or of a checkpoint or run directory with its trained ones. Splits of
/// a checkpoint that are not empty have been made to fit it. Throws value_error naming the command for an agent, which
/// learns from what it does itself and has no samples.
loaded_network load_network(const std::string& command, const experiment_options& o, thread_pool& pool,
                            work_display& display);

}  // namespace backspike::app
