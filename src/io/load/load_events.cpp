// Loads folders of recordings of event cameras, which have a class each, and splits them.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/core/text.hpp>
#include <backspike/data/classes.hpp>
#include <backspike/data/split.hpp>
#include <backspike/events/event_augment.hpp>
#include <backspike/events/event_samples.hpp>

#include "data/append.hpp"
#include "data/split_data.hpp"
#include "io/load/sources.hpp"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <utility>

namespace backspike {
namespace {

constexpr double test_share = 0.2;
constexpr std::uint64_t test_seed = 0;  // the test set is the same whatever the experiment's seed
constexpr sensor_size nmnist_sensor{34, 34};
constexpr std::size_t digits = 10;

bool is_nmnist(const data_spec& spec) { return spec.source == data_source::nmnist; }

void require_there(const data_spec& spec) {
  const std::string remedy = is_nmnist(spec)
                                 ? "set data.path to the folder with Train and Test of N-MNIST, or with numbered files "
                                   "and lists train*.txt and test*.txt"
                                 : "set data.path to a folder of recordings";
  if (spec.path.empty()) {
    throw value_error("load", "data.path", "\"\"", "a folder of recordings of event cameras");
  }
  if (!is_there(spec.path)) {
    throw missing_data_error(spec.path, remedy);
  }
}

/// The classes of N-MNIST are the ten digits, whether all are there or not.
void name_digits(event_listing& listing, const std::string& path) {
  const auto names = numbered_classes(digits);
  for (auto& file : listing.files) {
    const auto& name = listing.class_names[static_cast<std::size_t>(file.label)];
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
      throw format_error(
          path, "",
          "has the class " + name + " (accepted for nmnist: 0 to 9; data.source = \"events\" " + "takes any)");
    }
    file.label = static_cast<std::int32_t>(found - names.begin());
  }
  listing.class_names = names;
}

event_sets sets_of(const data_spec& spec) {
  auto sets = list_event_sets(spec.path, spec.events.train_list, spec.events.test_list);
  if (is_nmnist(spec)) {
    name_digits(sets.train, spec.path);
    name_digits(sets.test, spec.path);
  }
  return sets;
}

class recordings_loader {
 public:
  recordings_loader(const data_spec& spec, std::span<const labelled_file> files, const load_progress& progress)
      : spec_(spec), progress_(progress), how_(preparation_of(spec, files, usual_sensor())) {}

  /// With `augmented`, its recordings are kept for the maker.
  dataset read(const event_listing& listing, bool augmented = false) {
    const auto first = static_cast<std::uint32_t>(kept_.size());
    const event_keeper keep = [&](std::span<const camera_event> events) { kept_.emplace_back(events); };
    auto data = read_event_samples(listing, how_, progress_, augmented ? keep : event_keeper{});
    data.maker_numbers.resize(kept_.size() - first);
    std::iota(data.maker_numbers.begin(), data.maker_numbers.end(), first);
    data.name = is_nmnist(spec_) ? "N-MNIST" : to_valid_utf8(std::filesystem::path(spec_.path).filename().string());
    return data;
  }

  /// Makes samples of all recordings that were kept.
  std::shared_ptr<const sample_maker> maker(std::uint64_t seed) {
    return augmenting_maker(std::move(kept_), spec_.augment, how_.steps, seed);
  }

 private:
  sensor_size usual_sensor() const { return is_nmnist(spec_) ? nmnist_sensor : sensor_size{}; }

  const data_spec& spec_;
  const load_progress& progress_;
  event_preparation how_;
  std::vector<packed_recording> kept_;
};

/// A share of the samples where no test set stands apart.
std::vector<bool> samples_for_testing(const dataset& all) {
  std::vector<bool> test(all.size());
  for (const std::uint32_t s : stratified_split(all.labels, test_share, test_seed).taken) {
    test[s] = true;
  }
  return test;
}

/// All recordings at spec.path: a folder, a list of numbers and classes, or a single file, which has no class.
event_listing everything_at(const data_spec& spec) {
  if (!is_folder(spec.path)) {
    return spec.path.ends_with(".txt") ? list_numbered_files(spec.path) : event_listing{{{spec.path, 0}}, {}};
  }
  auto sets = sets_of(spec);
  sets.train.files.insert(sets.train.files.end(), sets.test.files.begin(), sets.test.files.end());
  return std::move(sets.train);
}

}  // namespace

dataset_split load_events(const data_spec& spec, std::uint64_t seed, const load_progress& progress) {
  require_there(spec);
  const auto sets = sets_of(spec);
  const bool augment = spec.augment != event_augment_spec{};
  recordings_loader loader(spec, sets.train.files, progress);
  auto training = loader.read(sets.train, augment);
  dataset test;
  if (!sets.test.files.empty()) {
    test = loader.read(sets.test, augment && spec.folds > 0);  // in other folds its recordings train
  }
  if (augment) {
    training.maker = loader.maker(seed);
    test.maker = test.maker_numbers.empty() ? nullptr : training.maker;
  }
  return sets.test.files.empty() ? split_marked(training, samples_for_testing(training), spec, seed)
                                 : split_apart(training, test, spec, seed);
}

dataset whole_events(const data_spec& spec, const expected_data&, std::uint64_t, const load_progress& progress) {
  require_there(spec);
  const auto listing = everything_at(spec);
  auto data = recordings_loader(spec, listing.files, progress).read(listing);
  if (listing.class_names.empty()) {
    data.labels.clear();
  }
  return data;
}

}  // namespace backspike
