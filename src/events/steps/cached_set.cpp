// Lists the samples of a cache on disk, and asks each for its class.

#include "events/steps/cached_set.hpp"

#include <backspike/core/error.hpp>
#include <backspike/data/classes.hpp>

#include "events/steps/cached_targets.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace backspike {
namespace {

struct cached_name {
  std::uint64_t number = 0, copy = 0;
};

/// "12_0.hdf5".
std::optional<cached_name> parse(std::string_view name) {
  constexpr std::string_view ending = ".hdf5";
  cached_name parsed;
  if (!name.ends_with(ending)) {
    return std::nullopt;
  }
  name.remove_suffix(ending.size());
  const char* const end = name.data() + name.size();
  const auto number = std::from_chars(name.data(), end, parsed.number);
  if (number.ec != std::errc() || number.ptr == end || *number.ptr != '_') {
    return std::nullopt;
  }
  const auto copy = std::from_chars(number.ptr + 1, end, parsed.copy);
  return copy.ec == std::errc() && copy.ptr == end ? std::optional(parsed) : std::nullopt;
}

struct cached_sample {
  std::uint64_t number = 0;
  std::string path;
};

}  // namespace

bool has_cached_samples(const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(), [](const std::string& name) { return parse(name).has_value(); });
}

event_listing list_cached_samples(const std::string& folder, const std::vector<std::string>& names) {
  std::vector<cached_sample> samples;
  std::size_t copies = 0;
  for (const auto& name : names) {
    if (const auto parsed = parse(name)) {
      if (parsed->copy == 0) {
        samples.push_back({parsed->number, folder + "/" + name});
      } else {
        ++copies;
      }
    }
  }
  if (samples.empty()) {
    throw format_error(folder, "", "has copies of cached samples, and none with the number 0 (NUMBER_0.hdf5)");
  }
  std::sort(samples.begin(), samples.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
  std::vector<std::string> paths;
  paths.reserve(samples.size());
  for (auto& sample : samples) {
    paths.push_back(std::move(sample.path));
  }
  auto classes = classes_of(cached_targets(paths));
  event_listing listing;
  for (std::size_t k = 0; k < paths.size(); ++k) {
    listing.files.push_back({std::move(paths[k]), classes.labels[k]});
  }
  listing.class_names = std::move(classes.names);
  if (copies > 0) {
    listing.notes.push_back(std::to_string(copies) + " further copies of samples in " + folder + " are left out");
  }
  return listing;
}

}  // namespace backspike
