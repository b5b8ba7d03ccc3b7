// Keeps the spikes of the last layer after some epochs in rasters.jsonl, and prepares them for the report.

#include "experiment/measure/raster_history.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>

#include "experiment/folder/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace backspike {
namespace {

raster target_raster(const dataset& train) {
  raster target{"target", train.target_width, {}, {}};
  const auto values = train.target(0).values;
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (values[k] > 0.0F) {
      target.steps.push_back(static_cast<std::uint32_t>(k / train.target_width));
      target.channels.push_back(static_cast<std::uint32_t>(k % train.target_width));
    }
  }
  return target;
}

raster_snapshot snapshot_of(const std::string& line, std::size_t neurons, std::size_t steps) {
  const auto entry = parse_json(line);
  raster_snapshot s;
  s.epoch = number_in<std::uint32_t>(entry.at("epoch"));
  entry.at("layer").get_to(s.spikes.name);
  s.spikes.steps = numbers_in<std::uint32_t>(entry.at("steps"));
  s.spikes.channels = numbers_in<std::uint32_t>(entry.at("neurons"));
  s.spikes.neurons = static_cast<std::uint32_t>(neurons);
  if (s.spikes.steps.size() != s.spikes.channels.size() ||
      std::ranges::any_of(s.spikes.steps, [&](std::uint32_t t) { return t >= steps; }) ||
      std::ranges::any_of(s.spikes.channels, [&](std::uint32_t n) { return n >= neurons; })) {
    throw std::out_of_range(fmt::format("spikes outside {} neurons and {} steps", neurons, steps));
  }
  return s;
}

std::string name_of_epoch(std::uint32_t epoch, bool best) {
  if (best) {
    return fmt::format("best, epoch {}", epoch);
  }
  return epoch == 0 ? "before training" : fmt::format("epoch {}", epoch);
}

}  // namespace

raster_snapshot take_snapshot(engine& e, const arena<float>& parameters, const dataset& train, std::uint32_t epoch) {
  return {epoch, raster_of_output(e.record(parameters, train, 0), e.simulated())};
}

void write_snapshots(const std::string& path, const std::vector<raster_snapshot>& snapshots) {
  std::string text;
  for (const auto& s : snapshots) {
    const nlohmann::ordered_json line{
        {"epoch", s.epoch}, {"layer", s.spikes.name}, {"steps", s.spikes.steps}, {"neurons", s.spikes.channels}};
    text += json_text(line) + "\n";
  }
  write_text_file(path, text);
}

std::vector<raster_snapshot> read_snapshots(const std::string& path, std::uint64_t last_epoch, std::size_t neurons,
                                            std::size_t steps) {
  std::vector<raster_snapshot> all;
  std::istringstream text(read_text_file(path));
  std::size_t number = 0;
  for (std::string line; std::getline(text, line);) {
    ++number;
    try {
      all.push_back(snapshot_of(line, neurons, steps));
    } catch (const std::exception& e) {
      throw format_error(path, fmt::format("line {}", number), std::string("not a raster of this run: ") + e.what());
    }
    if (all.back().epoch > last_epoch) {
      all.pop_back();
    }
  }
  return all;
}

raster_history history_of(const std::vector<raster_snapshot>& snapshots, const dataset& train,
                          const raster_metrics_spec& spec) {
  raster_history history;
  history.steps = static_cast<std::uint32_t>(train.inputs.length(0));
  history.dt = train.dt;
  history.target = target_raster(train);
  for (const auto& s : snapshots) {
    const auto sums = compare_with_target(s.spikes, train.target(0), train.dt, spec).matching;
    history.frames.push_back({name_of_epoch(s.epoch, &s == &snapshots.back()), s.spikes, sums.matched_share(),
                              sums.extra_share(), sums.jitter()});
  }
  return history;
}

}  // namespace backspike
