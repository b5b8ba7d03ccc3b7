// Makes classes of the labels in files, and brings the classes of two data sets, or of data and a network, together by
// name.

#include <backspike/data/classes.hpp>

#include <backspike/core/error.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

namespace backspike {
namespace {

constexpr std::int32_t unknown = -2;  // beside -1, which a step has that is not labelled
constexpr std::size_t most_listed = 12;

std::optional<std::int64_t> number_of(const std::string& name) {
  std::int64_t value = 0;
  const auto* end = name.data() + name.size();
  const auto read = std::from_chars(name.data(), end, value);
  return read.ec == std::errc() && read.ptr == end && name == std::to_string(value) ? std::optional(value)
                                                                                    : std::nullopt;
}

labelled_classes map_values(std::span<const std::int64_t> values, bool none_is_minus_one) {
  std::vector<std::int64_t> known(values.begin(), values.end());
  if (none_is_minus_one) {
    std::erase(known, -1);
  }
  std::ranges::sort(known);
  known.erase(std::unique(known.begin(), known.end()), known.end());
  labelled_classes result;
  for (const std::int64_t value : known) {
    result.names.push_back(std::to_string(value));
  }
  result.labels.reserve(values.size());
  for (const std::int64_t value : values) {
    const auto at = std::ranges::lower_bound(known, value) - known.begin();
    result.labels.push_back(none_is_minus_one && value == -1 ? -1 : static_cast<std::int32_t>(at));
  }
  return result;
}

/// For each class of the data its place among `names`, or `unknown`.
std::vector<std::int32_t> places_among(std::span<const std::string> own, std::span<const std::string> names) {
  std::map<std::string, std::int32_t> known;
  const bool numbers = are_numbers(names), by_number = are_numbers(own) != numbers;
  for (std::size_t k = 0; k < names.size(); ++k) {
    known.emplace(by_number ? std::to_string(k) : names[k], static_cast<std::int32_t>(k));
  }
  // Numbers stand for the places of names; names, for the places of numbers that are nothing but places.
  const bool places_only = by_number && numbers && std::ranges::equal(names, numbered_classes(names.size()));
  std::vector<std::int32_t> places;
  for (std::size_t k = 0; k < own.size(); ++k) {
    const auto found = known.find(places_only ? std::to_string(k) : own[k]);
    places.push_back(found == known.end() ? unknown : found->second);
  }
  return places;
}

void relabel(std::vector<std::int32_t>& labels, const std::vector<std::int32_t>& places) {
  for (std::int32_t& label : labels) {
    label = label < 0 ? label : places[static_cast<std::size_t>(label)];
  }
}

/// The first label without a place, as an error.
void require_known(const dataset& data, const target_set& of, const std::vector<std::int32_t>& places,
                   std::span<const std::string> names, const std::string& where) {
  const auto lost = [&](std::int32_t label) {
    return label >= 0 && places[static_cast<std::size_t>(label)] == unknown;
  };
  const auto refuse = [&](const std::string& what, std::int32_t label) {
    throw value_error(where, what, of.class_names[static_cast<std::size_t>(label)], listed_classes(names));
  };
  for (std::size_t s = 0; s < data.size(); ++s) {
    if (!of.labels.empty() && lost(of.labels[s])) {
      refuse("label of sample " + std::to_string(s), of.labels[s]);
    }
    const auto steps = data.target(static_cast<std::uint32_t>(s), of).step_labels;
    for (std::size_t t = 0; t < steps.size(); ++t) {
      if (lost(steps[t])) {
        refuse("label of step " + std::to_string(t) + " of sample " + std::to_string(s), steps[t]);
      }
    }
  }
}

std::vector<std::string> merged_numbers(std::span<const std::string> a, std::span<const std::string> b) {
  std::map<std::int64_t, std::string> all;
  for (const auto* names : {&a, &b}) {
    for (const std::string& name : *names) {
      all.emplace(*number_of(name), name);
    }
  }
  std::vector<std::string> merged;
  merged.reserve(all.size());
  for (const auto& [value, name] : all) {
    merged.push_back(name);
  }
  return merged;
}

}  // namespace

labelled_classes classes_of(std::span<const std::int64_t> values) { return map_values(values, false); }

labelled_classes step_classes_of(std::span<const std::int64_t> values) { return map_values(values, true); }

std::vector<std::string> numbered_classes(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t k = 0; k < count; ++k) {
    names.push_back(std::to_string(k));
  }
  return names;
}

bool are_numbers(std::span<const std::string> names) {
  return std::ranges::all_of(names, [](const std::string& name) { return number_of(name).has_value(); });
}

std::string listed_classes(std::span<const std::string> names) {
  std::string text;
  for (std::size_t k = 0; k < std::min(names.size(), most_listed); ++k) {
    text += (k == 0 ? "" : ", ") + names[k];
  }
  return names.size() <= most_listed
             ? text
             : text + ", ... (" + std::to_string(names.size()) + " in all, the last is " + names.back() + ")";
}

std::vector<std::string> common_classes(std::span<const std::string> a, std::span<const std::string> b,
                                        const std::string& where) {
  if (are_numbers(a) && are_numbers(b)) {
    return merged_numbers(a, b);
  }
  const auto longer = a.size() >= b.size() ? a : b, shorter = a.size() >= b.size() ? b : a;
  const auto differ = std::ranges::mismatch(shorter, longer);
  if (differ.in1 != shorter.end()) {
    throw value_error(where, "name of class " + std::to_string(differ.in1 - shorter.begin()), *differ.in1,
                      *differ.in2 + ", as in the other file");
  }
  return {longer.begin(), longer.end()};
}

void adopt_classes(dataset& data, std::span<const std::string> names, const std::string& where) {
  adopt_classes(data, data, names, where);
}

void adopt_classes(const dataset& data, target_set& of, std::span<const std::string> names, const std::string& where) {
  if (of.class_names.empty() || std::ranges::equal(of.class_names, names)) {
    return;
  }
  const auto places = places_among(of.class_names, names);
  require_known(data, of, places, names, where);
  relabel(of.labels, places);
  relabel(of.step_labels, places);
  of.class_names.assign(names.begin(), names.end());
}

named_targets mapped_classes(const target_set& of, std::span<const std::uint32_t> from,
                             std::span<const std::string> names, const std::string& name, const std::string& where) {
  if (from.size() != of.classes()) {
    throw value_error(
        where, "classes_from", std::to_string(from.size()) + " numbers",
        std::to_string(of.classes()) + ", one for each class of the data: " + listed_classes(of.class_names));
  }
  const std::size_t classes = from.empty() ? 0 : *std::ranges::max_element(from) + std::size_t{1};
  for (std::uint32_t k = 0; k < classes; ++k) {
    if (std::ranges::find(from, k) == from.end()) {
      throw value_error(where, "classes_from", "no class of the data becomes " + std::to_string(k),
                        "every number from 0 to the largest, " + std::to_string(classes - 1));
    }
  }
  if (!names.empty() && names.size() != classes) {
    throw value_error(where, "class_names", std::to_string(names.size()) + " names",
                      std::to_string(classes) + ", one for each class that classes_from leads to");
  }
  named_targets mapped;
  mapped.name = name;
  mapped.labels = of.labels;
  mapped.step_labels = of.step_labels;
  mapped.class_names = names.empty() ? numbered_classes(classes) : std::vector(names.begin(), names.end());
  const std::vector<std::int32_t> places(from.begin(), from.end());
  relabel(mapped.labels, places);
  relabel(mapped.step_labels, places);
  return mapped;
}

void spread_classes(dataset& data, std::size_t outputs, const std::string& where) {
  if (data.class_names.empty() || data.classes() == outputs) {
    return;
  }
  const bool numbers = are_numbers(data.class_names);
  const auto beyond = [&](const std::string& name) {
    return *number_of(name) < 0 || *number_of(name) >= static_cast<std::int64_t>(outputs);
  };
  if (data.classes() > outputs || (numbers && std::ranges::any_of(data.class_names, beyond))) {
    throw value_error(where, "classes of the data",
                      std::to_string(data.classes()) + ": " + listed_classes(data.class_names),
                      std::to_string(outputs) + " of them, one for each output" +
                          (data.classes() > outputs ? "" : "; or labels from 0 to " + std::to_string(outputs - 1)));
  }
  if (numbers) {
    adopt_classes(data, numbered_classes(outputs), where);
    return;
  }
  for (std::size_t k = data.classes(); k < outputs; ++k) {  // names for some: the others keep their numbers
    data.class_names.push_back(std::to_string(k));
  }
}

}  // namespace backspike
