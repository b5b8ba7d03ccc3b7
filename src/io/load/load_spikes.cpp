// Loads one or two HDF5 files of spikes, brings their classes and speakers together, and splits them.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/data/classes.hpp>
#include <backspike/data/spike_hdf5.hpp>
#include <backspike/data/split.hpp>

#include "data/append.hpp"
#include "data/split_data.hpp"
#include "io/load/sources.hpp"

#include <algorithm>
#include <map>

namespace backspike {
namespace {

constexpr double test_share = 0.2;
constexpr std::uint64_t test_seed = 0;  // the test set is the same whatever the experiment's seed

void require_file(const std::string& path, const std::string& option) {
  if (path.empty()) {
    throw value_error("load", option, "\"\"", "an HDF5 file of spikes in the layout of SHD");
  }
  if (!is_there(path)) {
    throw missing_data_error(path, "set " + option + " to an HDF5 file of spikes in the layout of SHD");
  }
}

dataset read_file(const std::string& path, const std::string& option, const data_spec& spec) {
  require_file(path, option);
  return read_spike_hdf5(path, {spec.bin_ms, spec.duration_ms, 0, spec.unit, spec.duplicates});
}

/// A file without extra/keys names its classes after its own labels: a test file may lack some, and a stray label in it
/// is refused rather than taken for a class that the training file lacks.
void unify_classes(dataset& training, dataset& test, const data_spec& spec) {
  const bool named = !are_numbers(training.class_names) && !are_numbers(test.class_names);
  if (named || !spec.held_out_speaker.empty()) {
    const auto both = common_classes(training.class_names, test.class_names, "load " + test.name);
    adopt_classes(training, both, "read " + spec.path);
    adopt_classes(test, both, "read " + spec.test_path);
  } else {
    adopt_classes(test, training.class_names, "read " + spec.test_path);
  }
}

void rename_speakers(dataset& data, const std::map<std::string, std::int32_t>& all) {
  for (std::int32_t& speaker : data.speakers) {
    speaker = all.at(data.speaker_names[static_cast<std::size_t>(speaker)]);
  }
}

/// Channels and speakers of both mean the same afterwards.
void unify(dataset& a, dataset& b) {
  a.channels = b.channels = std::max(a.channels, b.channels);
  std::vector<std::string> names = a.speaker_names;
  std::map<std::string, std::int32_t> numbers;
  for (std::size_t k = 0; k < names.size(); ++k) {
    numbers[names[k]] = static_cast<std::int32_t>(k);
  }
  for (const auto& name : b.speaker_names) {
    if (numbers.emplace(name, static_cast<std::int32_t>(names.size())).second) {
      names.push_back(name);
    }
  }
  rename_speakers(a, numbers);
  rename_speakers(b, numbers);
  a.speaker_names = b.speaker_names = names;
}

/// A share of the samples of a file that stands alone.
std::vector<bool> samples_for_testing(const dataset& all) {
  std::vector<bool> test(all.size());
  for (const std::uint32_t s : stratified_split(all.labels, test_share, test_seed).taken) {
    test[s] = true;
  }
  return test;
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
  const auto& held_out = spec.held_out_speaker;
  if (files == 1) {
    const auto test = held_out.empty() ? samples_for_testing(training) : samples_of(held_out, training);
    return split_marked(training, test, spec, seed);
  }
  auto test = read_file(spec.test_path, "data.test_path", spec);
  report(2, files);
  unify_classes(training, test, spec);
  unify(training, test);
  if (held_out.empty()) {
    return split_apart(training, test, spec, seed);
  }
  if (training.speakers.size() != training.size() || test.speakers.size() != test.size()) {
    throw value_error("load " + training.name, "data.held_out_speaker", held_out,
                      "an empty name: not both files have extra/speaker");
  }
  append_samples(training, test);
  return split_marked(training, samples_of(held_out, training), spec, seed);
}

dataset whole_spikes(const data_spec& spec, const expected_data& network, std::uint64_t, const load_progress&) {
  require_file(spec.path, "data.path");
  return read_spike_hdf5(spec.path,
                         {spec.bin_ms, spec.duration_ms, network.channels, spec.unit, spec.duplicates, true});
}

}  // namespace backspike
