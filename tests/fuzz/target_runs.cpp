// The JSON that a program of ours reads back: metrics.jsonl, rasters.jsonl and summary.json of a run. The first byte of
// the input picks which.

#include <backspike/experiment/sweep.hpp>

#include "experiment/folder/directory.hpp"
#include "experiment/measure/raster_history.hpp"
#include "target.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace backspike::fuzz {
namespace {

void read(std::string_view input) {
  if (input.empty()) {
    return;
  }
  const char kind = input.front();
  input.remove_prefix(1);
  if (kind == 'm') {
    const auto path = file_with(input, metrics_file);
    const auto lines = static_cast<std::size_t>(std::count(input.begin(), input.end(), '\n'));
    write_metrics(folder_of_files() + "/again.jsonl", read_metrics(path, lines));
  } else if (kind == 'r') {
    read_snapshots(file_with(input, rasters_file), 5, 4, 10);
  } else {
    file_with(input, summary_file);
    read_outcome(folder_of_files());
  }
}

std::vector<std::string> seeds() {
  epoch_record record;
  record.epoch = 1;
  record.train_loss = record.train_accuracy = 0.5;
  layer_health& layer = record.layers.emplace_back();
  layer.name = "hidden1";
  layer.error = {0.5, 1e-3};
  record.updates = {{"hidden1.weight", 0.25}};
  record.delay_widths = {{"hidden1.delay_width", 1.5}};
  const auto path = folder_of_files() + "/seed.jsonl";
  write_metrics(path, {record});
  std::string metrics;
  {
    std::ifstream in(path);
    metrics.assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return {"m" + metrics,
          R"(r{"epoch": 1, "layer": "hidden1", "steps": [0, 3, 9], "neurons": [1, 3, 0]})"
          "\n",
          R"(s{"name": "a", "test": {"accuracy": 0.5, "loss": null}, "spikes_per_sample": 3, "energy":
             {"synaptic_operations": {"effective_acs": 5, "effective_macs": 2.5}, "activation_sparsity": 0.5},
             "train": {"seconds": 1}, "version": "0.1.0"})"};
}

const registration registered({"runs", read, seeds});

}  // namespace
}  // namespace backspike::fuzz
