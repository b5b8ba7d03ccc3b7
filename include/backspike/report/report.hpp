#pragma once
// The report of a run: one self-contained HTML file that opens offline. This is what it shows; the trainer fills it.

#include <backspike/gradient/health.hpp>
#include <backspike/gradient/recording.hpp>
#include <backspike/report/graph_picture.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace backspike {

/// How far a spike is spread around its delay.
struct delay_width {
  std::string parameter;
  double width = 0.0;  // [steps] standard deviation of the kernel
};

/// Something that is wrong with a run, said once; <backspike/report/health_monitor.hpp> finds them.
struct health_warning {
  std::uint32_t epoch = 0;  // after which it was seen
  std::string kind;         // one of health_kinds
  std::string subject;      // layer, parameter or classes; "loss", "gradient"
  std::string text;         // what was seen, and what to try
  bool operator==(const health_warning&) const = default;
};

/// How one of several outputs does, over some samples.
struct output_measure {
  std::string name;
  double loss = 0;      // its part of the loss, mean over the samples
  double accuracy = 0;  // NaN in a regression
};

struct epoch_record {
  std::uint32_t epoch = 0;  // from 1
  double train_loss = 0, train_accuracy = 0;
  double validation_loss = 0, validation_accuracy = 0;
  double spikes_per_sample = 0;  // of all hidden layers together
  double learning_rate = 0, gradient_norm = 0;
  double seconds = 0;                 // of training in this epoch
  std::vector<layer_health> layers;   // after the epoch, on a few training samples
  std::vector<update_ratio> updates;  // of the epoch's last step
  // Effective synaptic operations of a validation sample; NaN without a validation set. See experiment/complexity.hpp.
  double synaptic_operations = std::numeric_limits<double>::quiet_NaN();
  std::vector<delay_width> delay_widths;                         // during the epoch; learned ones: the mean after it
  double start_loss = std::numeric_limits<double>::quiet_NaN();  // of the epoch's first batch, before its step
  double parameter_norm = std::numeric_limits<double>::quiet_NaN();  // Euclidean, of what is learned, after the epoch
  std::vector<std::uint32_t> unpredicted;  // classes with samples, none of which was taken for one during the epoch
  std::vector<health_warning> warnings;    // what there was to say for the first time
  /// Of each output, where there are several; train_accuracy and validation_accuracy are those of the first.
  std::vector<output_measure> train_outputs, validation_outputs;
};

/// Firing over the test set.
struct layer_activity {
  std::string name;
  std::vector<double> rates;  // [neurons] spikes per neuron and step
};

struct weight_histogram {
  std::string name;                          // of the parameter
  std::vector<double> edges;                 // [bins + 1]
  std::vector<std::uint64_t> before, after;  // [bins]
};

/// What training did to the delays of a connection.
struct delay_change {
  weight_histogram delays;                             // [steps]
  std::vector<double> moved_edges;                     // [bins + 1] after - before [steps]
  std::vector<std::uint64_t> moved;                    // [bins]
  double mean_distance = 0.0, largest_distance = 0.0;  // |after - before| [steps]
  double share_moved = 0.0;                            // of the delays, by more than half a step
};

/// The spikes of the last layer at a moment of training.
struct raster_frame {
  std::string when;
  raster spikes;
  double matched = 0.0, extra = 0.0;  // as shares of the target spikes
  double jitter = 0.0;                // [ms]
};

/// How the last layer came to write its target: one sample in the course of training.
struct raster_history {
  std::uint32_t steps = 0;
  double dt = 1.0;  // [ms]
  raster target;
  std::vector<raster_frame> frames;  // as time went on; none: the targets are no spikes
};

/// What running the network costs: a quantity, its value, and how it was counted.
struct energy_row {
  std::string name, value, meaning;
};

/// What one of several outputs took its classes for.
struct output_confusion {
  std::string name;
  std::vector<std::string> class_names;
  std::vector<std::vector<std::uint32_t>> confusion;  // [true class][predicted class]
};

/// Neurons of a raster that stand in a grid: the page draws where in it the spikes are.
struct raster_grid {
  std::string name;  // of the raster
  std::uint32_t channels = 0, height = 0, width = 0;
};

/// Kernels of a convolution, which the page draws as pictures.
struct kernel_pictures {
  std::string name;  // of the parameter
  std::uint32_t outputs = 0, inputs = 0, height = 0, width = 0;
  std::vector<float> weights;  // [outputs][inputs][height][width]
};

struct report_data {
  std::string title;
  std::vector<std::pair<std::string, std::string>> facts;  // the run's table: name, value as text
  std::string experiment;                                  // resolved TOML
  std::vector<std::string> class_names;
  std::vector<epoch_record> epochs;
  std::vector<std::vector<std::uint32_t>> confusion;  // [true class][predicted class]
  std::vector<layer_activity> activity;
  std::vector<weight_histogram> weights;
  std::vector<sample_recording> samples;
  std::vector<energy_row> energy;
  std::vector<delay_change> delays;
  raster_history history;
  graph_picture graph;
  std::vector<output_confusion> further;   // of outputs beside the first that tell classes
  std::vector<raster_grid> grids{};        // of the rasters that have one
  std::vector<kernel_pictures> kernels{};  // of the first convolution
};

/// The page of a comparison of gradients: its table as text, and the same as JSON (ASCII) for the charts.
std::string render_comparison(const std::string& title, const std::string& table, const std::string& json);

/// The same of how well a gradient predicts.
std::string render_mismatch(const std::string& title, const std::string& table, const std::string& json);

/// The same of a network on many devices, and of what their mismatch is predicted to cost.
std::string render_deployment(const std::string& title, const std::string& table, const std::string& json);
std::string render_sensitivity(const std::string& title, const std::string& table, const std::string& json);

/// The page of a sweep: rows of its table, the headings first, of which the first `axes` cells are settings.
struct sweep_page {
  std::string title;
  std::size_t axes = 0, seeds = 0, members = 0, finished = 0;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> failures;  // a member and what it said
  std::string reading;                // what stands out, in a sentence; may be empty
  std::string json;                   // the sweep as JSON (ASCII) for the charts
};
std::string render_sweep(const sweep_page& page);

/// The whole page. Its charts come from the embedded chart library; nothing is fetched.
std::string render_report(const report_data& data);

}  // namespace backspike
