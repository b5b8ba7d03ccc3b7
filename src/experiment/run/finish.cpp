// Gathers what the report shows of the trained network: confusion, activity, histograms of weights, samples.

#include "experiment/run/finish.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace backspike {
namespace {

constexpr std::size_t histogram_bins = 60;

struct value_range {
  float low = 0, high = 0;
  void include(matrix_view<const float> view) {
    for (std::size_t r = 0; r < view.rows; ++r) {
      const auto [lowest, highest] = std::minmax_element(view.row(r), view.row(r) + view.cols);
      low = std::min(low, *lowest);
      high = std::max(high, *highest);
    }
  }
};

std::vector<std::uint64_t> count_bins(matrix_view<const float> view, double low, double high) {
  std::vector<std::uint64_t> bins(histogram_bins);
  for (std::size_t r = 0; r < view.rows; ++r) {
    for (std::size_t c = 0; c < view.cols; ++c) {
      const auto position = (view(r, c) - low) / (high - low) * histogram_bins;
      ++bins[std::min(static_cast<std::size_t>(position), histogram_bins - 1)];
    }
  }
  return bins;
}

weight_histogram histogram_of(const std::string& name, matrix_view<const float> before,
                              matrix_view<const float> after) {
  value_range range;  // starts at 0: a weight of 0 means no connection, so the axis always shows it
  range.include(before);
  range.include(after);
  const double low = range.low, high = range.high > range.low ? range.high : range.low + 1.0F;
  weight_histogram h{name, {}, count_bins(before, low, high), count_bins(after, low, high)};
  for (std::size_t i = 0; i <= histogram_bins; ++i) {
    h.edges.push_back(low + (high - low) * static_cast<double>(i) / histogram_bins);
  }
  return h;
}

}  // namespace

std::vector<layer_activity> activity_of(const network& net, const evaluation& test) {
  std::vector<layer_activity> layers;
  for (std::size_t p = 0; p < net.populations().size(); ++p) {
    if (!net.populations()[p].cell->spiking || test.steps == 0) {
      continue;
    }
    layer_activity layer{net.populations()[p].spec.name, {}};
    for (const auto count : test.kept.spikes.at(p)) {
      layer.rates.push_back(static_cast<double>(count) / static_cast<double>(test.steps));
    }
    layers.push_back(std::move(layer));
  }
  return layers;
}

std::vector<std::vector<std::uint32_t>> confusion_of(const target_set& of, const output_predictions& kept) {
  std::vector<std::vector<std::uint32_t>> counts(of.classes(), std::vector<std::uint32_t>(of.classes()));
  for (std::size_t k = 0; k < kept.confusion.size(); ++k) {
    counts.at(k / of.classes()).at(k % of.classes()) = static_cast<std::uint32_t>(kept.confusion[k]);
  }
  return counts;
}

std::vector<weight_histogram> histograms_of(const network& net, const arena<float>& before, const arena<float>& after) {
  const auto are_delays = [&](std::size_t parameter) {
    return std::ranges::any_of(net.connections(), [&](const connection& c) { return c.delay_parameter == parameter; });
  };
  std::vector<weight_histogram> histograms;
  for (std::size_t i = 0; i < before.layout().size(); ++i) {
    const auto& info = before.layout()[i];
    if (info.learnable && info.size() > 1 && !are_delays(i)) {
      histograms.push_back(histogram_of(info.name, before.view(i), after.view(i)));
    }
  }
  return histograms;
}

std::vector<raster_grid> grids_of(const network& net) {
  std::vector<raster_grid> grids;
  const auto add = [&](const std::string& name, const grid_shape& shape) {
    if (shape.size() == 3 && shape[1] > 1 && shape[2] > 1) {
      grids.push_back({name, shape[0], shape[1], shape[2]});
    }
  };
  add("input", net.spec().input_shape);
  for (const auto& p : net.populations()) {
    if (p.cell->spiking) {
      add(p.spec.name, p.spec.shape);
    }
  }
  return grids;
}

std::vector<kernel_pictures> first_kernels(const network& net, const arena<float>& parameters) {
  const auto is_convolution = [](const connection& c) {
    const auto& w = c.synapses.patches;
    return c.comes_from_input() && w.channels_out > 0 && !w.pools && w.y.kernel > 1 && w.x.kernel > 1;
  };
  const auto found = std::ranges::find_if(net.connections(), is_convolution);
  if (found == net.connections().end()) {
    return {};
  }
  const auto& w = found->synapses.patches;
  kernel_pictures k{
      parameters.layout()[found->weight].name, w.channels_out, w.channels_in / w.groups, w.y.kernel, w.x.kernel, {}};
  const auto weights = parameters.view(found->weight);  // [kernel y, kernel x, channel in][channel out]
  for (std::size_t out = 0; out < k.outputs; ++out) {
    for (std::size_t in = 0; in < k.inputs; ++in) {
      for (std::size_t place = 0; place < std::size_t{k.height} * k.width; ++place) {
        k.weights.push_back(weights(place * k.inputs + in, out));
      }
    }
  }
  return {k};
}

std::vector<std::uint32_t> samples_to_show(const dataset& data, std::uint32_t count) {
  std::vector<std::uint32_t> samples;
  if (data.labels.empty()) {  // nothing tells samples apart: the first ones
    samples.resize(std::min<std::size_t>(count, data.size()));
    std::iota(samples.begin(), samples.end(), 0U);
    return samples;
  }
  const auto classes = static_cast<std::uint32_t>(data.classes());
  for (std::uint32_t i = 0; i < std::min(count, classes); ++i) {
    const auto wanted = static_cast<std::int32_t>(i * classes / std::min(count, classes));
    const auto found = std::find(data.labels.begin(), data.labels.end(), wanted);
    if (found != data.labels.end()) {
      samples.push_back(static_cast<std::uint32_t>(found - data.labels.begin()));
    }
  }
  return samples;
}

}  // namespace backspike
