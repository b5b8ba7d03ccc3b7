#pragma once
// Training in memory: what train() does with a network between reading its data and writing its files.

#include <backspike/core/arena.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/experiment/experiment.hpp>
#include <backspike/experiment/runner.hpp>
#include <backspike/network/network.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace backspike {

struct fit_options {
  bool keep_best = true;           // end with the best epoch's parameters, where there are validation samples
  std::uint64_t memory_limit = 0;  // [bytes]; 0: what the machine has
};

struct fit_result {
  std::vector<epoch_record> epochs;  // those that were completed
  std::uint32_t best_epoch = 0;
  std::string rule_in_words;  // rule_text of the learning rule as it ran
  bool finished = true;       // false: the observer stopped it; the parameters are those of the last completed epoch
};

/// Trains `parameters` by the experiment's rule, objective, optimiser, seed, epochs and batch; its data and network are
/// not looked at. From the same initial parameters it ends with the same bits as train(). The observer hears of
/// everything but the start. Throws what train() throws of a network and its numbers; the parameters are then those of
/// the last completed epoch.
fit_result fit(const experiment& e, const dataset& train, const dataset& validation, const network& net,
               arena<float>& parameters, thread_pool& pool, run_observer& observer, const fit_options& options = {});

/// Writes a network as a checkpoint that load_trained(), and so every command, reads. The experiment's network is
/// replaced by this one. `class_names` are those of the outputs, or empty. Throws value_error if their number is
/// another, or if the experiment is one that to_toml refuses.
void save_network(const std::string& path, const experiment& e, const network& net, const arena<float>& parameters,
                  const std::vector<std::string>& class_names = {});

}  // namespace backspike
