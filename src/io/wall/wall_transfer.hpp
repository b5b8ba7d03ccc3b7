#pragma once
// What comes through the wall: each structure's members in one function for both directions, and what the side outside
// checks before it trusts them.

#include <backspike/data/checkpoint.hpp>
#include <backspike/data/dataset.hpp>

#include "io/wall/wall_stream.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace backspike {

/// All members by name, so that one that is added later does not compile until it is sent, too. Data sets as readers
/// make them: what only generated tasks have (planted values, series) stays behind.
template <class Archive, class Dataset>
void transfer_members(Archive& a, Dataset& d) {
  auto& [name, channels, dt, inputs, labels, speakers, class_names, speaker_names, step_labels, step_targets,
         target_width, step_weights, sample_weights, planted, continuations, merged_events] = d;
  static_cast<void>(planted), static_cast<void>(continuations);
  a(name), a(channels), a(dt);
  a(inputs.sample_rows), a(inputs.spikes.row_offsets), a(inputs.spikes.channels), a(inputs.spikes.values);
  a(labels), a(speakers), a(class_names), a(speaker_names);
  a(step_labels), a(step_targets), a(target_width), a(step_weights), a(sample_weights), a(merged_events);
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
