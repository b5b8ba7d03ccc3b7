#pragma once
// A network read back from a checkpoint, ready to be evaluated.

#include <backspike/core/arena.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/data/load.hpp>
#include <backspike/experiment/experiment.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/network/network.hpp>
#include <backspike/report/report.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace backspike {

struct trained_network {
  experiment settings;  // the experiment that trained it
  std::string version;  // of the program that wrote it
  std::uint64_t epoch = 0, step = 0;
  std::size_t classes = 0;               // values of the first output
  std::vector<std::string> class_names;  // of the outputs; empty in a regression, and in files of older versions
  std::unique_ptr<network> net;          // on the heap: the arena points into it
  std::unique_ptr<arena<float>> parameters;
};

/// `path` is a checkpoint, or a run directory, which stands for its checkpoint_best.h5. Throws file_error,
/// format_error, checkpoint_error (parameters that do not fit the network of the checkpoint's own experiment) and
/// numeric_error (a parameter that is not finite).
trained_network load_trained(const std::string& path);

struct evaluation {
  std::size_t samples = 0;
  double loss = 0;                      // mean over the samples
  double accuracy = 0;                  // share of the samples, or of the labelled steps; NaN in a regression
  double spikes_per_sample = 0;         // of all hidden layers together
  std::uint64_t steps = 0;              // over all samples
  std::vector<output_measure> outputs;  // of each, where there are several
  predictions kept;                     // over all samples, in the order of the data set
};

/// Runs the whole data set through the network, `batch` samples at a time. `progress` gets the samples done and may
/// throw to end it.
evaluation evaluate_all(engine& e, const arena<float>& parameters, const dataset& data, std::size_t batch,
                        const std::function<void(std::size_t done, std::size_t total)>& progress = {});

/// Of each output, from sums over so many samples; empty where the network has one.
std::vector<output_measure> measures_of(const network& net, const batch_result& sums, std::size_t samples);

/// What data for this network have to fit. Files of older versions name no classes: these are then "0", "1", ....
expected_data expected_by(const trained_network& trained);

/// Gives the data the network's classes (data/classes.hpp) and the targets of its outputs. Throws value_error naming a
/// label that the network does not know, and checkpoint_error with both numbers unless the network takes these channels
/// and steps and tells this many values; `path` is the checkpoint.
void make_compatible(const std::string& path, const trained_network& trained, dataset& data);

}  // namespace backspike
