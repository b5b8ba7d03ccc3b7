#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/data/spike_hdf5.hpp>
#include <backspike/data/split.hpp>

#include "data/append.hpp"
#include "io/load_parts.hpp"

#include <algorithm>
#include <map>

namespace backspike {
namespace {

constexpr double test_share = 0.2;
constexpr std::uint64_t test_seed = 0;  // the test set is the same whatever the experiment's seed

dataset read_file(const std::string& path, const std::string& option, const data_spec& spec) {
  if (path.empty()) {
    throw value_error("load", option, "\"\"", "an HDF5 file of spikes in the layout of SHD");
  }
  if (!is_there(path)) {
    throw missing_data_error(path, "set " + option + " to an HDF5 file of spikes in the layout of SHD");
  }
  return read_spike_hdf5(path, {spec.bin_ms, spec.duration_ms, 0});
}

/// A file names the classes that it knows of: one list must begin with the other.
std::vector<std::string> common_classes(const dataset& a, const dataset& b) {
  const auto& longer = a.classes() >= b.classes() ? a.class_names : b.class_names;
  const auto& shorter = a.classes() >= b.classes() ? b.class_names : a.class_names;
  const auto differ = std::mismatch(shorter.begin(), shorter.end(), longer.begin());
  if (differ.first != shorter.end()) {
    throw value_error("load " + b.name, "name of class " + std::to_string(differ.first - shorter.begin()),
                      *differ.first, *differ.second + ", as in the other file");
  }
  return longer;
}

/// A file without extra/keys names its classes after its own labels, so that a stray label in the test file would look
/// like classes that the training file lacks.
void require_labels_of(const dataset& training, const dataset& test, const data_spec& spec) {
  for (std::size_t s = 0; s < test.labels.size(); ++s) {
    if (static_cast<std::size_t>(test.labels[s]) >= training.classes()) {
      throw value_error("read " + spec.test_path, "label of sample " + std::to_string(s),
                        std::to_string(test.labels[s]),
                        "0 to " + std::to_string(training.classes()) + " exclusive, the classes of " + spec.path);
    }
  }
}

void rename_speakers(dataset& data, const std::map<std::string, std::int32_t>& all) {
  for (std::int32_t& speaker : data.speakers) {
    speaker = all.at(data.speaker_names[static_cast<std::size_t>(speaker)]);
  }
}

/// Channels, classes and speakers of both mean the same afterwards.
void unify(dataset& a, dataset& b) {
  a.channels = b.channels = std::max(a.channels, b.channels);
  a.class_names = b.class_names = common_classes(a, b);
  std::vector<std::string> names = a.speaker_names;
  for (const auto& name : b.speaker_names) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
  }
  std::map<std::string, std::int32_t> numbers;
  for (std::size_t k = 0; k < names.size(); ++k) {
    numbers[names[k]] = static_cast<std::int32_t>(k);
  }
  rename_speakers(a, numbers);
  rename_speakers(b, numbers);
  a.speaker_names = b.speaker_names = names;
}

void append(dataset& all, const dataset& more) {
  append_samples(all.inputs, more.inputs);
  all.labels.insert(all.labels.end(), more.labels.begin(), more.labels.end());
  all.speakers.insert(all.speakers.end(), more.speakers.begin(), more.speakers.end());
}

dataset_split hold_out(const dataset& all, const data_spec& spec, std::uint64_t seed) {
  if (!spec.held_out_speaker.empty()) {
    return hold_out_speaker(all, spec, seed);
  }
  const auto parts = stratified_split(all.labels, test_share, test_seed);
  return split_from(subset(all, parts.kept), subset(all, parts.taken), spec, seed);
}

}  // namespace

dataset_split load_spikes(const data_spec& spec, std::uint64_t seed, const load_progress& progress) {
  const auto report = [&](std::size_t done, std::size_t total) {
    if (progress) {
      progress("reading spikes", done, total);
    }
  };
  const std::size_t files = spec.test_path.empty() ? 1 : 2;
  report(0, files);
  auto training = read_file(spec.path, "data.path", spec);
  report(1, files);
  if (files == 1) {
    return hold_out(training, spec, seed);
  }
  auto test = read_file(spec.test_path, "data.test_path", spec);
  report(2, files);
  if (spec.held_out_speaker.empty()) {
    require_labels_of(training, test, spec);
  }
  unify(training, test);
  if (spec.held_out_speaker.empty()) {
    return split_from(training, test, spec, seed);
  }
  if (training.speakers.size() != training.size() || test.speakers.size() != test.size()) {
    throw value_error("load " + training.name, "data.held_out_speaker", spec.held_out_speaker,
                      "an empty name: not both files have extra/speaker");
  }
  append(training, test);
  return hold_out_speaker(training, spec, seed);
}

}  // namespace backspike
