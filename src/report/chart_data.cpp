// Writes what the charts of a report draw, as JSON: curves, rasters, histograms.

#include "report/chart_data.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace backspike::report {
namespace {

using nlohmann::json;

constexpr int curve_digits = 5, edge_digits = 6, rate_digits = 4, trace_digits = 4;

/// The nearest number of so many significant digits: its shortest text, which the JSON writer finds, is short.
json rounded(double value, int digits) {
  if (!std::isfinite(value)) {
    return nullptr;
  }
  std::array<char, 64> text{};
  const auto written = std::to_chars(text.begin(), text.end(), value, std::chars_format::scientific, digits - 1);
  double result = 0;
  std::from_chars(text.begin(), written.ptr, result);
  return result;
}

template <class Value>
json rounded(const std::vector<Value>& values, int digits) {
  auto list = json::array();
  for (const auto value : values) {
    list.push_back(rounded(static_cast<double>(value), digits));
  }
  return list;
}

json curve(const std::vector<epoch_record>& epochs, double epoch_record::*member) {
  std::vector<double> values;
  values.reserve(epochs.size());
  for (const auto& epoch : epochs) {
    values.push_back(epoch.*member);
  }
  return rounded(values, curve_digits);
}

json curves(const std::vector<epoch_record>& epochs) {
  auto numbers = json::array();
  for (const auto& epoch : epochs) {
    numbers.push_back(epoch.epoch);
  }
  return {{"epoch", numbers},
          {"train_loss", curve(epochs, &epoch_record::train_loss)},
          {"train_accuracy", curve(epochs, &epoch_record::train_accuracy)},
          {"validation_loss", curve(epochs, &epoch_record::validation_loss)},
          {"validation_accuracy", curve(epochs, &epoch_record::validation_accuracy)},
          {"spikes_per_sample", curve(epochs, &epoch_record::spikes_per_sample)},
          {"learning_rate", curve(epochs, &epoch_record::learning_rate)},
          {"gradient_norm", curve(epochs, &epoch_record::gradient_norm)}};
}

/// Loss and accuracy of each of several outputs over epochs.
json output_curves(const std::vector<epoch_record>& epochs) {
  auto list = json::array();
  const auto curve_of = [&](std::vector<output_measure> epoch_record::*part, std::size_t k,
                            double output_measure::*member) {
    std::vector<double> values;
    for (const auto& epoch : epochs) {
      const auto& outputs = epoch.*part;
      values.push_back(k < outputs.size() ? outputs[k].*member : std::nan(""));
    }
    return rounded(values, curve_digits);
  };
  for (std::size_t k = 0; !epochs.empty() && k < epochs.back().train_outputs.size(); ++k) {
    list.push_back(
        {{"name", epochs.back().train_outputs[k].name},
         {"train_loss", curve_of(&epoch_record::train_outputs, k, &output_measure::loss)},
         {"train_accuracy", curve_of(&epoch_record::train_outputs, k, &output_measure::accuracy)},
         {"validation_loss", curve_of(&epoch_record::validation_outputs, k, &output_measure::loss)},
         {"validation_accuracy", curve_of(&epoch_record::validation_outputs, k, &output_measure::accuracy)}});
  }
  return list;
}

json further_confusions(const std::vector<output_confusion>& outputs) {
  auto list = json::array();
  for (const output_confusion& o : outputs) {
    list.push_back({{"name", o.name}, {"classes", o.class_names}, {"confusion", o.confusion}});
  }
  return list;
}

/// One list over epochs for each layer and quantity; a resumed or older run may lack some.
json layer_curves(const std::vector<epoch_record>& epochs) {
  auto list = json::array();
  for (std::size_t k = 0; !epochs.empty() && k < epochs.back().layers.size(); ++k) {
    const auto over_epochs = [&](double layer_health::*member) {
      std::vector<double> values;
      values.reserve(epochs.size());
      for (const auto& epoch : epochs) {
        values.push_back(k < epoch.layers.size() ? epoch.layers[k].*member : std::nan(""));
      }
      return rounded(values, curve_digits);
    };
    const auto& last = epochs.back().layers[k];
    const auto& first = k < epochs.front().layers.size() ? epochs.front().layers[k] : last;
    list.push_back({{"name", last.name},
                    {"spiking", last.spiking},
                    {"dead", over_epochs(&layer_health::dead)},
                    {"saturated", over_epochs(&layer_health::saturated)},
                    {"in_support", over_epochs(&layer_health::in_support)},
                    {"steps_per_bin", last.steps_per_bin},
                    {"error_first", rounded(first.error, curve_digits)},
                    {"error_last", rounded(last.error, curve_digits)}});
  }
  return list;
}

json update_curves(const std::vector<epoch_record>& epochs) {
  auto list = json::array();
  for (std::size_t k = 0; !epochs.empty() && k < epochs.back().updates.size(); ++k) {
    std::vector<double> values;
    values.reserve(epochs.size());
    for (const auto& epoch : epochs) {
      values.push_back(k < epoch.updates.size() ? epoch.updates[k].ratio : std::nan(""));
    }
    list.push_back({{"name", epochs.back().updates[k].parameter}, {"ratio", rounded(values, curve_digits)}});
  }
  return list;
}

json activity_list(const std::vector<layer_activity>& layers) {
  auto list = json::array();
  for (const auto& layer : layers) {
    list.push_back({{"name", layer.name}, {"rates", rounded(layer.rates, rate_digits)}});
  }
  return list;
}

json weight_list(const std::vector<weight_histogram>& histograms) {
  auto list = json::array();
  for (const auto& h : histograms) {
    list.push_back(
        {{"name", h.name}, {"edges", rounded(h.edges, edge_digits)}, {"before", h.before}, {"after", h.after}});
  }
  return list;
}

json width_curves(const std::vector<epoch_record>& epochs) {
  auto list = json::array();
  for (std::size_t k = 0; !epochs.empty() && k < epochs.back().delay_widths.size(); ++k) {
    std::vector<double> values;
    values.reserve(epochs.size());
    for (const auto& epoch : epochs) {
      values.push_back(k < epoch.delay_widths.size() ? epoch.delay_widths[k].width : std::nan(""));
    }
    list.push_back({{"name", epochs.back().delay_widths[k].parameter}, {"width", rounded(values, curve_digits)}});
  }
  return list;
}

json delay_list(const std::vector<delay_change>& changes) {
  auto list = json::array();
  for (const auto& c : changes) {
    list.push_back({{"name", c.delays.name},
                    {"edges", rounded(c.delays.edges, edge_digits)},
                    {"before", c.delays.before},
                    {"after", c.delays.after},
                    {"moved_edges", rounded(c.moved_edges, edge_digits)},
                    {"moved", c.moved}});
  }
  return list;
}

/// The channels that spike in each step: half the size of a list of pairs.
json spike_lists(const raster& r, std::uint32_t steps) {
  std::vector<std::vector<std::uint32_t>> lists(steps);
  for (std::size_t i = 0; i < r.steps.size(); ++i) {
    lists.at(r.steps[i]).push_back(r.channels[i]);
  }
  return lists;
}

json history_entry(const raster_history& history) {
  auto frames = json::array();
  for (const auto& frame : history.frames) {
    frames.push_back({{"when", frame.when},
                      {"spikes", spike_lists(frame.spikes, history.steps)},
                      {"matched", rounded(frame.matched, rate_digits)},
                      {"extra", rounded(frame.extra, rate_digits)},
                      {"jitter", rounded(frame.jitter, rate_digits)}});
  }
  return {{"dt", rounded(history.dt, edge_digits)},
          {"neurons", history.target.neurons},
          {"target", spike_lists(history.target, history.steps)},
          {"frames", std::move(frames)}};
}

json grid_list(const std::vector<raster_grid>& grids) {
  auto list = json::array();
  for (const auto& g : grids) {
    list.push_back({{"name", g.name}, {"channels", g.channels}, {"height", g.height}, {"width", g.width}});
  }
  return list;
}

json kernel_list(const std::vector<kernel_pictures>& kernels) {
  auto list = json::array();
  for (const auto& k : kernels) {
    list.push_back({{"name", k.name},
                    {"outputs", k.outputs},
                    {"inputs", k.inputs},
                    {"height", k.height},
                    {"width", k.width},
                    {"weights", rounded(k.weights, trace_digits)}});
  }
  return list;
}

json sample_entry(const sample_recording& sample) {
  auto rasters = json::array();
  for (const auto& r : sample.rasters) {
    rasters.push_back({{"name", r.name}, {"neurons", r.neurons}, {"spikes", spike_lists(r, sample.steps)}});
  }
  auto readout = json::array();
  for (const auto& trace : sample.readout) {
    readout.push_back(rounded(trace, trace_digits));
  }
  auto target = json::array();
  for (const auto& trace : sample.target) {
    target.push_back(rounded(trace, trace_digits));
  }
  return {{"sample", sample.sample},       {"label", sample.label},
          {"predicted", sample.predicted}, {"dt", rounded(sample.dt, edge_digits)},
          {"rasters", std::move(rasters)}, {"readout", std::move(readout)},
          {"target", std::move(target)}};
}

}  // namespace

std::string chart_data(const report_data& data) {
  auto samples = json::array();
  for (const auto& sample : data.samples) {
    samples.push_back(sample_entry(sample));
  }
  const json charts{{"title", data.title},
                    {"classes", data.class_names},
                    {"epochs", curves(data.epochs)},
                    {"layers", layer_curves(data.epochs)},
                    {"updates", update_curves(data.epochs)},
                    {"confusion", data.confusion},
                    {"outputs", output_curves(data.epochs)},
                    {"further", further_confusions(data.further)},
                    {"activity", activity_list(data.activity)},
                    {"weights", weight_list(data.weights)},
                    {"delays", delay_list(data.delays)},
                    {"delay_widths", width_curves(data.epochs)},
                    {"history", history_entry(data.history)},
                    {"grids", grid_list(data.grids)},
                    {"kernels", kernel_list(data.kernels)},
                    {"samples", std::move(samples)}};
  return charts.dump(-1, ' ', true, json::error_handler_t::replace);
}

}  // namespace backspike::report
