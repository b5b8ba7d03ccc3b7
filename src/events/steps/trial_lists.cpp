// Reads lists of recordings, and for each of them its table of labels.

#include "events/steps/trial_lists.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/data/classes.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>
#include <tuple>
#include <vector>

namespace backspike {
namespace {

/// A line of a table of labels.
struct trial {
  std::int64_t label = 0, begin = 0, end = 0;
  bool operator==(const trial&) const = default;
};

/// Parts of a text between separators, without blanks around them.
std::vector<std::string> parts_of(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (bool more = true; more;) {
    const auto end = text.find(separator);
    more = end != std::string_view::npos;
    const auto part = text.substr(0, end);
    const auto first = part.find_first_not_of(" \t\r"), last = part.find_last_not_of(" \t\r");
    parts.emplace_back(first == std::string_view::npos ? std::string_view() : part.substr(first, last - first + 1));
    text.remove_prefix(more ? end + 1 : text.size());
  }
  return parts;
}

bool parse_number(const std::string& text, std::int64_t& value) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

std::vector<trial> read_labels(const std::string& path) {
  std::vector<trial> trials;
  const auto lines = parts_of(read_text_file(path), '\n');
  for (std::size_t k = 1; k < lines.size(); ++k) {  // behind the names of the columns
    if (lines[k].empty()) {
      continue;
    }
    const auto words = parts_of(lines[k], ',');
    trial t;
    if (words.size() != 3 || !parse_number(words[0], t.label) || !parse_number(words[1], t.begin) ||
        !parse_number(words[2], t.end) || t.label < 0 || t.end <= t.begin) {
      throw format_error(
          path, "line " + std::to_string(k + 1),
          "\"" + lines[k].substr(0, 60) + "\" (accepted: class,begin,end with times in us, begin < end)");
    }
    trials.push_back(t);
  }
  if (trials.empty()) {
    throw format_error(path, "", "has no trials (accepted: a line with names, then class,begin,end on each line)");
  }
  return trials;
}

/// In the order of time, each once, none into the next. Says what was changed.
void put_in_order(std::vector<trial>& trials, const std::string& path, std::vector<std::string>& notes) {
  std::stable_sort(trials.begin(), trials.end(), [](const trial& a, const trial& b) {
    return std::tie(a.begin, a.label, a.end) < std::tie(b.begin, b.label, b.end);
  });
  const auto repeated = std::unique(trials.begin(), trials.end());
  if (repeated != trials.end()) {
    notes.push_back(path + ": " + std::to_string(trials.end() - repeated) + " lines repeat another and are left out");
    trials.erase(repeated, trials.end());
  }
  for (std::size_t k = 0; k + 1 < trials.size(); ++k) {
    if (trials[k].end > trials[k + 1].begin && trials[k].begin < trials[k + 1].begin) {
      notes.push_back(path + ": class " + std::to_string(trials[k].label) + " ends at " +
                      std::to_string(trials[k].end) + " us, after class " + std::to_string(trials[k + 1].label) +
                      " begins; cut there");
      trials[k].end = trials[k + 1].begin;
    }
  }
}

/// Names of classes by their numbers, from a table "name,number"; empty if it is not there.
std::map<std::int64_t, std::string> read_names(const std::string& path) {
  std::map<std::int64_t, std::string> names;
  if (is_there(path)) {
    for (const auto& line : parts_of(read_text_file(path), '\n')) {
      const auto words = parts_of(line, ',');
      std::int64_t number = 0;
      if (words.size() == 2 && parse_number(words[1], number)) {
        names[number] = words[0];
      }
    }
  }
  return names;
}

struct labelled_part {
  std::string path;
  trial what;
};

std::vector<labelled_part> parts_in(const std::string& folder, const std::string& list,
                                    std::vector<std::string>& notes) {
  constexpr std::string_view ending = ".aedat";
  std::vector<labelled_part> parts;
  for (const auto& name : parts_of(read_text_file(folder + "/" + list), '\n')) {
    if (name.empty()) {
      continue;
    }
    if (!name.ends_with(ending)) {
      throw format_error(folder + "/" + list, "", "\"" + name + "\" (accepted: a name that ends with .aedat)");
    }
    const auto table = folder + "/" + name.substr(0, name.size() - ending.size()) + "_labels.csv";
    auto trials = read_labels(table);
    put_in_order(trials, table, notes);
    for (const auto& t : trials) {
      parts.push_back({folder + "/" + name, t});
    }
  }
  return parts;
}

}  // namespace

event_sets list_trials(const std::string& folder) {
  event_sets sets;
  const auto train = parts_in(folder, train_trials, sets.train.notes);
  const auto test = parts_in(folder, test_trials, sets.test.notes);
  std::map<std::int64_t, std::int32_t> number;  // of each class
  for (const auto* half : {&train, &test}) {
    for (const auto& part : *half) {
      number[part.what.label] = 0;
    }
  }
  const auto names = read_names(folder + "/gesture_mapping.csv");
  std::vector<std::string> class_names;
  for (auto& [label, place] : number) {
    place = static_cast<std::int32_t>(class_names.size());
    const auto found = names.find(label);
    class_names.push_back(found == names.end() ? std::to_string(label) : found->second);
  }
  const auto fill = [&](const std::vector<labelled_part>& parts, event_listing& to) {
    for (const auto& part : parts) {
      to.files.push_back({part.path, number.at(part.what.label), {part.what.begin, part.what.end}});
    }
    to.class_names = class_names;
  };
  fill(train, sets.train);
  fill(test, sets.test);
  return sets;
}

}  // namespace backspike
