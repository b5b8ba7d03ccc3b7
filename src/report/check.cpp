// Checks that the lists of a report fit each other, so that its page never fails in the browser.

#include "report/check.hpp"

#include <backspike/core/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace backspike::report {
namespace {

void require_size(const std::string& argument, std::size_t actual, std::size_t expected) {
  if (actual != expected) {
    throw shape_error("render_report", argument, fmt::format("[{}]", actual), fmt::format("[{}]", expected));
  }
}

void require_below(const std::string& argument, const std::vector<std::uint32_t>& values, std::uint32_t limit) {
  const auto largest = std::max_element(values.begin(), values.end());
  if (largest != values.end() && *largest >= limit) {
    throw value_error("render_report", argument, std::to_string(*largest), fmt::format("below {}", limit));
  }
}

void check_raster(const std::string& place, const raster& r, std::uint32_t steps, std::uint32_t neurons) {
  require_size(place + ".channels", r.channels.size(), r.steps.size());
  require_below(place + ".steps", r.steps, steps);
  require_below(place + ".channels", r.channels, neurons);
}

void check_sample(const sample_recording& sample, const std::string& name) {
  for (const auto& raster : sample.rasters) {
    check_raster(fmt::format("{}.rasters ({})", name, raster.name), raster, sample.steps, raster.neurons);
  }
  for (const auto& trace : sample.readout) {
    require_size(name + ".readout", trace.size(), sample.steps);
  }
}

std::size_t bins_of(const std::vector<double>& edges) { return edges.empty() ? 0 : edges.size() - 1; }

void check_histogram(const char* list, const weight_histogram& h) {
  require_size(fmt::format("{} ({}).before", list, h.name), h.before.size(), bins_of(h.edges));
  require_size(fmt::format("{} ({}).after", list, h.name), h.after.size(), bins_of(h.edges));
}

/// Every raster of that name has the neurons of the grid.
void check_grid(const raster_grid& grid, const std::vector<sample_recording>& samples) {
  for (const auto& sample : samples) {
    for (const auto& raster : sample.rasters) {
      if (raster.name == grid.name) {
        require_size(fmt::format("grids ({})", grid.name), std::size_t{grid.channels} * grid.height * grid.width,
                     raster.neurons);
      }
    }
  }
}

}  // namespace

void check(const report_data& data) {
  for (const auto& row : data.confusion) {
    require_size("confusion", row.size(), data.confusion.size());
  }
  for (const output_confusion& o : data.further) {
    for (const auto& row : o.confusion) {
      require_size(fmt::format("confusion of {}", o.name), row.size(), o.confusion.size());
    }
  }
  for (const auto& weights : data.weights) {
    check_histogram("weights", weights);
  }
  for (const auto& change : data.delays) {
    check_histogram("delays", change.delays);
    require_size(fmt::format("delays ({}).moved", change.delays.name), change.moved.size(),
                 bins_of(change.moved_edges));
  }
  const auto& [steps, dt, target, frames] = data.history;
  check_raster("history.target", target, steps, target.neurons);
  for (const auto& frame : frames) {
    check_raster(fmt::format("history ({})", frame.when), frame.spikes, steps, target.neurons);
  }
  for (const auto& grid : data.grids) {
    check_grid(grid, data.samples);
  }
  for (const auto& k : data.kernels) {
    require_size(fmt::format("kernels ({}).weights", k.name), k.weights.size(),
                 std::size_t{k.outputs} * k.inputs * k.height * k.width);
  }
  for (std::size_t i = 0; i < data.samples.size(); ++i) {
    check_sample(data.samples[i], fmt::format("samples[{}]", i));
  }
}

}  // namespace backspike::report
