#include "io/wall_transfer.hpp"

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
         d.step_targets.empty() && d.step_weights.empty();
}

/// A map's names and values, in its order.
template <class Value>
struct taken_apart {
  std::vector<std::string> names;
  std::vector<Value> values;

  taken_apart() = default;
  explicit taken_apart(const std::map<std::string, Value>& from) {
    for (const auto& [name, value] : from) {
      names.push_back(name);
      values.push_back(value);
    }
  }

  std::map<std::string, Value> together(const wall_source& source) const {
    if (names.size() != values.size()) {
      source.distrust();
    }
    std::map<std::string, Value> all;
    for (std::size_t k = 0; k < names.size(); ++k) {
      all[names[k]] = values[k];
    }
    return all;
  }
};

/// All members by name; of its maps what they were taken apart into.
template <class Archive, class Checkpoint, class Scalars, class Digests>
void transfer_checkpoint(Archive& a, Checkpoint& c, Scalars& s, Digests& d) {
  auto& [version, experiment, seed, epoch, step, parameters, optimiser, scalars, class_names, data_digests] = c;
  static_cast<void>(scalars), static_cast<void>(data_digests);
  a(version), a(experiment), a(seed), a(epoch), a(step), a(parameters), a(optimiser), a(class_names);
  a(s.names), a(s.values), a(d.names), a(d.values);
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

void transfer(wall_sink& sink, const checkpoint& c) {
  const taken_apart scalars(c.scalars);
  const taken_apart digests(c.data_digests);
  transfer_checkpoint(sink, c, scalars, digests);
}

void transfer(wall_source& source, checkpoint& c) {
  taken_apart<double> scalars;
  taken_apart<std::uint64_t> digests;
  transfer_checkpoint(source, c, scalars, digests);
  c.scalars = scalars.together(source);
  c.data_digests = digests.together(source);
}

}  // namespace backspike
