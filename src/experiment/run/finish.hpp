#pragma once
// What follows training: the test set, summary.json and report.html.

#include <backspike/experiment/runner.hpp>
#include <backspike/experiment/trained.hpp>

#include "experiment/folder/directory.hpp"

#include <string>
#include <vector>

namespace backspike {

/// All that summary and report are made of.
struct run_facts {
  const experiment& settings;
  const run_start& start;
  const run_result& result;
  const std::vector<epoch_record>& epochs;
};

void write_summary(const std::string& path, const run_facts& facts);

/// The table of the report; `activity` gives the counts of dead and saturated neurons.
std::vector<std::pair<std::string, std::string>> table_of(const run_facts& facts,
                                                          const std::vector<layer_activity>& activity);

/// Firing rates of every spiking layer.
std::vector<layer_activity> activity_of(const network& net, const evaluation& test);

/// Rows: true class; columns: predicted class.
std::vector<std::vector<std::uint32_t>> confusion_of(const target_set& of, const output_predictions& kept);

/// One histogram for each learnable parameter of more than one number, with the same bins before and after; delays have
/// their own, see experiment/delay_changes.hpp.
std::vector<weight_histogram> histograms_of(const network& net, const arena<float>& before, const arena<float>& after);

/// The input and the spiking layers whose shape is [channels, height, width].
std::vector<raster_grid> grids_of(const network& net);

/// Those of the first two-dimensional convolution that sees the input, if there is one.
std::vector<kernel_pictures> first_kernels(const network& net, const arena<float>& parameters);

/// The first sample of each of `count` classes, spread evenly over all of them.
std::vector<std::uint32_t> samples_to_show(const dataset& data, std::uint32_t count);

}  // namespace backspike
