// Which members of data sets and checkpoints go through the wall, and what is checked when they arrive.

#include "io/wall/wall_transfer.hpp"

#include <backspike/core/error.hpp>

#include <span>

namespace backspike {
namespace {

bool all_below(std::span<const std::int32_t> numbers, std::int64_t least, std::size_t end) {
  return std::ranges::all_of(
      numbers, [&](std::int32_t n) { return n >= least && (n < 0 || static_cast<std::size_t>(n) < end); });
}

bool none_or(std::size_t actual, std::size_t expected) { return actual == 0 || actual == expected; }

/// dataset::validate is stricter: it refuses what is whole and useless, such as a class without samples.
bool is_whole(const dataset& d) {
  const auto& rows = d.inputs.sample_rows;
  const auto& offsets = d.inputs.spikes.row_offsets;
  if (rows.empty() || rows.front() != 0 || !std::ranges::is_sorted(rows) || offsets.empty() ||
      rows.back() != offsets.size() - 1) {
    return false;
  }
  try {
    d.inputs.spikes.validate(d.channels);
  } catch (const value_error&) {
    return false;
  }
  return none_or(d.labels.size(), d.size()) && none_or(d.speakers.size(), d.size()) &&
         all_below(d.labels, 0, d.classes()) && all_below(d.speakers, 0, d.speaker_names.size()) &&
         none_or(d.step_labels.size(), offsets.size() - 1) && all_below(d.step_labels, -1, d.classes()) &&
         d.step_targets.empty() && d.step_weights.empty() && d.sample_weights.empty();
}

template <class Value>
struct map_entry {
  std::string name;
  Value value{};
};

template <class Value>
void transfer(wall_source& source, map_entry<Value>& e) {
  source(e.name), source(e.value);
}

/// As a list of entries, straight out of the map: inside the wall nothing may be allocated once an item has begun, for
/// an error could then no longer take its place.
template <class Value>
void transfer_map(wall_sink& sink, const std::map<std::string, Value>& map) {
  sink(static_cast<std::uint64_t>(map.size()));
  for (const auto& [name, value] : map) {
    sink(name), sink(value);
  }
}

template <class Value>
void transfer_map(wall_source& source, std::map<std::string, Value>& map) {
  std::vector<map_entry<Value>> entries;
  source(entries);
  map.clear();
  for (auto& e : entries) {
    map[std::move(e.name)] = e.value;
  }
}

/// All members by name.
template <class Archive, class Checkpoint>
void transfer_checkpoint(Archive& a, Checkpoint& c) {
  auto& [version, experiment, seed, epoch, step, parameters, optimiser, scalars, class_names, data_digests] = c;
  a(version), a(experiment), a(seed), a(epoch), a(step), a(parameters), a(optimiser), a(class_names);
  transfer_map(a, scalars), transfer_map(a, data_digests);
}

}  // namespace

void transfer(wall_source& source, dataset& d) {
  transfer_members(source, d);
  if (!is_whole(d)) {
    source.distrust();
  }
}

void transfer(wall_source& source, named_tensor& t) {
  transfer_tensor(source, t);
  std::size_t product = 1;
  bool too_many = false;
  for (const std::size_t extent : t.extents) {
    too_many = __builtin_mul_overflow(product, extent, &product) || too_many;
  }
  if (too_many || product != t.values.size()) {
    source.distrust();
  }
}

void transfer(wall_sink& sink, const checkpoint& c) { transfer_checkpoint(sink, c); }
void transfer(wall_source& source, checkpoint& c) { transfer_checkpoint(source, c); }

}  // namespace backspike
