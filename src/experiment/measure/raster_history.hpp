#pragma once
// What the last layer did in the course of training, where its targets are spikes: kept in the run's directory, so that
// a resumed run has it too, and drawn in the report.

#include <backspike/report/report.hpp>

#include "experiment/measure/spike_figures.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace backspike {

/// Spikes of the last layer for the first training sample.
struct raster_snapshot {
  std::uint32_t epoch = 0;  // 0: before training
  raster spikes;
};

/// Epochs that are kept: 0 and the powers of 2, when most changes are seen in few pictures.
constexpr bool is_kept(std::uint32_t epoch) { return (epoch & (epoch - 1)) == 0 || epoch == 0; }

raster_snapshot take_snapshot(engine& e, const arena<float>& parameters, const dataset& train, std::uint32_t epoch);

/// One JSON line for each.
void write_snapshots(const std::string& path, const std::vector<raster_snapshot>& snapshots);

/// Those up to an epoch. Throws format_error (a line that is no snapshot of such a layer) and file_error.
std::vector<raster_snapshot> read_snapshots(const std::string& path, std::uint64_t last_epoch, std::size_t neurons,
                                            std::size_t steps);

/// For the report; the last snapshot is that of the best epoch.
raster_history history_of(const std::vector<raster_snapshot>& snapshots, const dataset& train,
                          const raster_metrics_spec& spec);

}  // namespace backspike
