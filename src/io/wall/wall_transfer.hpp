#pragma once
// What comes through the wall: each structure's members in one function for both directions, and what the side outside
// checks before it trusts them.

#include <backspike/data/checkpoint.hpp>
#include <backspike/data/dataset.hpp>

#include "io/wall/wall_stream.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace backspike {

/// All members by name, so that one that is added later does not compile until it is sent, too.
template <class Archive, class Targets>
void transfer_targets(Archive& a, Targets& t) {
  auto& [labels, class_names, step_labels, step_targets, target_width] = t;
  a(labels), a(class_names), a(step_labels), a(step_targets), a(target_width);
}

/// The same members in the same order, for the size.
struct dataset_members {
  target_set own;
  std::string name;
  std::uint32_t channels;
  double dt;
  ragged_events inputs;
  std::vector<std::int32_t> speakers;
  std::vector<std::string> speaker_names;
  std::vector<named_targets> further;
  std::vector<float> step_weights, sample_weights;
  std::vector<planted_values> planted;
  std::vector<series_continuation> continuations;
  std::uint64_t merged_events;
  grid_shape shape;
  std::shared_ptr<const sample_maker> maker;
  std::vector<std::uint32_t> maker_numbers;
  std::vector<std::string> notes;
};

/// Data sets as readers make them: what only generated tasks, arrays and recordings of event cameras have (planted
/// values, series, further targets, makers, notes) stays behind.
template <class Archive, class Dataset>
void transfer_members(Archive& a, Dataset& d) {
  static_assert(sizeof(dataset) == sizeof(dataset_members), "a member of data sets that is not sent");
  a(d.name), a(d.channels), a(d.dt);
  a(d.inputs.sample_rows), a(d.inputs.spikes.row_offsets), a(d.inputs.spikes.channels), a(d.inputs.spikes.values);
  using targets = std::conditional_t<std::is_const_v<Dataset>, const target_set, target_set>;
  transfer_targets(a, static_cast<targets&>(d));
  a(d.speakers), a(d.speaker_names), a(d.step_weights), a(d.sample_weights), a(d.merged_events);
  a(d.shape);
}

inline void transfer(wall_sink& sink, const dataset& d) { transfer_members(sink, d); }
/// Refuses what no reader makes: rows and channels that lead out of their lists, labels and speakers without a name.
void transfer(wall_source& source, dataset& d);

template <class Archive, class Tensor>
void transfer_tensor(Archive& a, Tensor& t) {
  auto& [name, extents, values] = t;
  a(name), a(extents), a(values);
}

inline void transfer(wall_sink& sink, const named_tensor& t) { transfer_tensor(sink, t); }
void transfer(wall_source& source, named_tensor& t);
void transfer(wall_sink& sink, const checkpoint& c);
void transfer(wall_source& source, checkpoint& c);

}  // namespace backspike
