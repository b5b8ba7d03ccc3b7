// Finds out how a folder of recordings is laid out: which files train, which test, and what their classes are.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/events/event_folder.hpp>

#include "events/steps/cached_set.hpp"
#include "events/steps/trial_lists.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string_view>

namespace backspike {
namespace {

constexpr auto accepted =
    "accepted: class folders with recordings, two folders of these called train and test, or lists train*.txt and "
    "test*.txt with the number of a file and its class on each line";

std::string in_small_letters(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// "Train", "training", "n-cars_train" for "train".
bool is_half(const std::string& name, const std::string& half) {
  const auto small = in_small_letters(name);
  const auto word = small.substr(small.find_last_of("_- ") + 1);
  return word == half || word == half + "ing";
}

/// The first few names, for messages.
std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 4;
  std::string text;
  for (std::size_t k = 0; k < std::min(names.size(), shown); ++k) {
    text += (k > 0 ? ", " : "") + names[k];
  }
  return names.empty()          ? "nothing"
         : names.size() > shown ? text + ", ... (" + std::to_string(names.size()) + ")"
                                : text;
}

class layout_finder {
 public:
  explicit layout_finder(const std::string& folder) : folder_(folder), names_(names_in(folder)) {
    std::erase_if(names_, [](const std::string& name) { return name.starts_with("."); });
  }

  event_sets lists(const std::string& train_list, const std::string& test_list) const {
    const auto train = train_list.empty() ? only_list("train") : train_list;
    const auto test = test_list.empty() ? only_list("test") : test_list;
    if (train.empty()) {
      refuse("a list of the test set, " + test + ", and none of the training set");
    }
    event_sets sets;
    sets.train = list_numbered_files(folder_ + "/" + train, ending());
    if (!test.empty()) {
      sets.test = list_numbered_files(folder_ + "/" + test, ending());
    }
    auto& longer = sets.test.class_names.size() > sets.train.class_names.size() ? sets.test : sets.train;
    sets.train.class_names = sets.test.class_names = std::vector<std::string>(longer.class_names);
    return sets;
  }

  bool has_lists() const { return !only_list("train").empty() && !only_list("test").empty(); }

  bool has_halves() const { return !half("train").empty() || !half("test").empty(); }

  event_sets halves() const {
    const auto train = half("train"), test = half("test");
    if (train.empty() || test.empty()) {
      refuse("a folder " + (train.empty() ? test : train) + " without its counterpart, beside " + some_of(names_));
    }
    event_sets sets{list_half(folder_ + "/" + train), list_half(folder_ + "/" + test)};
    adopt(sets.test, sets.train, folder_ + "/" + test);
    return sets;
  }

  bool has_cache() const { return has_cached_samples(names_); }

  event_sets cache() const { return {list_cached_samples(folder_, names_), {}}; }

  event_sets classes() const {
    if (std::none_of(names_.begin(), names_.end(), [&](const auto& n) { return is_folder(folder_ + "/" + n); })) {
      refuse(some_of(names_));
    }
    return {list_class_folders(folder_), {}};
  }

 private:
  /// Class folders, or samples of a cache.
  static event_listing list_half(const std::string& path) {
    const auto names = names_in(path);
    return has_cached_samples(names) ? list_cached_samples(path, names) : list_class_folders(path);
  }

  [[noreturn]] void refuse(const std::string& found) const {
    throw format_error(folder_, "", "holds " + found + " (" + accepted + ")");
  }

  std::string half(const std::string& kind) const {
    for (const auto& name : names_) {
      if (is_half(name, kind) && is_folder(folder_ + "/" + name)) {
        return name;
      }
    }
    return "";
  }

  /// The one text that begins with `kind`; "" where there is none, or more than one.
  std::string only_list(const std::string& kind) const {
    const auto fits = [&](const std::string& name) {
      const auto small = in_small_letters(name);
      return small.starts_with(kind) && small.ends_with(".txt");
    };
    const auto found = std::find_if(names_.begin(), names_.end(), fits);
    return std::count_if(names_.begin(), names_.end(), fits) == 1 ? *found : "";
  }

  /// Of the files that are called by numbers.
  std::string ending() const {
    for (const auto& name : names_) {
      const std::filesystem::path path(name);
      const auto stem = path.stem().string();
      if (path.has_extension() &&
          std::all_of(stem.begin(), stem.end(), [](unsigned char c) { return std::isdigit(c); })) {
        return path.extension().string();
      }
    }
    refuse("no recording that is called by its number, as lists want it, but " + some_of(names_));
  }

  /// Gives `test` the classes of `train`, by their names.
  static void adopt(event_listing& test, const event_listing& train, const std::string& where) {
    std::vector<std::int32_t> number;
    for (const auto& name : test.class_names) {
      const auto found = std::find(train.class_names.begin(), train.class_names.end(), name);
      if (found == train.class_names.end()) {
        throw format_error(where, name, "no class of the training set, which has " + some_of(train.class_names));
      }
      number.push_back(static_cast<std::int32_t>(found - train.class_names.begin()));
    }
    for (auto& file : test.files) {
      file.label = number[static_cast<std::size_t>(file.label)];
    }
    test.class_names = train.class_names;
  }

  std::string folder_;
  std::vector<std::string> names_;
};

}  // namespace

event_sets list_event_sets(const std::string& folder, const std::string& train_list, const std::string& test_list) {
  const layout_finder find(folder);
  if (!train_list.empty() || !test_list.empty() || find.has_lists()) {
    return find.lists(train_list, test_list);
  }
  if (is_there(folder + "/" + train_trials)) {
    return list_trials(folder);
  }
  if (find.has_cache()) {
    return find.cache();
  }
  return find.has_halves() ? find.halves() : find.classes();
}

}  // namespace backspike
