// Compares the delays before and after training, for the report and `backspike inspect`.

#include <backspike/experiment/delay_changes.hpp>

#include <backspike/core/file.hpp>
#include <backspike/data/checkpoint.hpp>

#include "experiment/folder/checkpoint.hpp"
#include "experiment/folder/directory.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace backspike {
namespace {

constexpr std::size_t most_bins = 64;

/// A parameter's numbers, one after another.
std::vector<double> numbers_of(matrix_view<const float> view) {
  std::vector<double> all;
  for (std::size_t r = 0; r < view.rows; ++r) {
    all.insert(all.end(), view.row(r), view.row(r) + view.cols);
  }
  return all;
}

struct bins {
  double first, width;  // [steps] lower edge of the first one
  std::size_t count;
};

std::vector<double> edges_of(const bins& b) {
  std::vector<double> edges(b.count + 1);
  for (std::size_t k = 0; k < edges.size(); ++k) {
    edges[k] = b.first + b.width * static_cast<double>(k);
  }
  return edges;
}

std::vector<std::uint64_t> counts_of(const std::vector<double>& values, const bins& b) {
  std::vector<std::uint64_t> counts(b.count);
  for (const double x : values) {
    const auto place = static_cast<std::size_t>(std::max(0.0, std::floor((x - b.first) / b.width)));
    ++counts[std::min(place, b.count - 1)];
  }
  return counts;
}

/// From half a bin below the lowest to half a bin above the highest, whole bins on both sides of 0.
bins around_zero(const std::vector<double>& distances, double width) {
  const auto [low, high] = std::ranges::minmax(distances);
  const double below = std::ceil(std::max(0.0, -low / width - 0.5)),
               above = std::ceil(std::max(0.0, high / width - 0.5));
  return {-(below + 0.5) * width, width, static_cast<std::size_t>(below + above) + 1};
}

delay_change change_of(const std::string& name, std::size_t max, const std::vector<double>& before,
                       const std::vector<double>& after) {
  const double width = std::ceil(static_cast<double>(max + 1) / most_bins);
  const bins delays{-0.5, width, static_cast<std::size_t>(std::ceil(static_cast<double>(max + 1) / width))};
  std::vector<double> distances(after.size());
  std::ranges::transform(after, before, distances.begin(), std::minus<>());
  delay_change c;
  c.delays = {name, edges_of(delays), counts_of(before, delays), counts_of(after, delays)};
  const bins moved = around_zero(distances, width);
  c.moved_edges = edges_of(moved);
  c.moved = counts_of(distances, moved);
  for (const double d : distances) {
    c.mean_distance += std::fabs(d) / static_cast<double>(distances.size());
    c.largest_distance = std::max(c.largest_distance, std::fabs(d));
    c.share_moved += (std::fabs(d) > 0.5 ? 1.0 : 0.0) / static_cast<double>(distances.size());
  }
  return c;
}

}  // namespace

std::vector<delay_change> delay_changes(const network& net, const arena<float>& before, const arena<float>& after) {
  std::vector<delay_change> all;
  for (const connection& c : net.connections()) {
    if (c.has_delays()) {
      all.push_back(change_of(net.parameters()[c.delay_parameter].name, c.late.max,
                              numbers_of(before.view(c.delay_parameter)), numbers_of(after.view(c.delay_parameter))));
    }
  }
  return all;
}

std::vector<delay_width> delay_widths(const network& net, const arena<float>& parameters) {
  std::vector<delay_width> all;
  for (const connection& c : net.connections()) {
    if (c.kernel_width_parameter != no_parameter) {
      const auto widths = numbers_of(parameters.view(c.kernel_width_parameter));
      double sum = 0.0;
      for (const double w : widths) {
        sum += w;
      }
      all.push_back({net.parameters()[c.kernel_width_parameter].name, sum / static_cast<double>(widths.size())});
    }
  }
  return all;
}

std::unique_ptr<arena<float>> initial_parameters(const std::string& path, const network& net) {
  const std::filesystem::path given(path);
  const auto file = (is_folder(path) ? given : given.parent_path()) / initial_checkpoint_file;
  if (!is_there(file.string())) {
    return nullptr;
  }
  const auto c = read_checkpoint(file.string());
  auto values = std::make_unique<arena<float>>(net.parameters());
  restore_parameters(file.string(), c, *values);
  return values;
}

}  // namespace backspike
