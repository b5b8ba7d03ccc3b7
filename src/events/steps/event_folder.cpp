// Lists recordings with their classes.

#include <backspike/events/event_folder.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>
#include <string_view>

namespace backspike {
namespace {

bool parse_number(std::string_view text, std::int64_t& value) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

/// As numbers, where every name is one.
void sort_names(std::vector<std::string>& names) {
  std::int64_t a = 0, b = 0;
  const bool numbers = std::all_of(names.begin(), names.end(), [&](const auto& n) { return parse_number(n, a); });
  std::sort(names.begin(), names.end(), [&](const std::string& one, const std::string& other) {
    return numbers && parse_number(one, a) && parse_number(other, b) && a != b ? a < b : one < other;
  });
}

bool is_hidden(const std::string& name) { return name.starts_with("."); }

/// The words of a line.
std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  constexpr std::string_view spaces = " \t\r";
  for (auto at = line.find_first_not_of(spaces); at != std::string_view::npos;
       at = line.find_first_not_of(spaces, at)) {
    const auto end = std::min(line.find_first_of(spaces, at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

class numbered_list {
 public:
  numbered_list(const std::string& path, const std::string& ending)
      : path_(path), folder_(std::filesystem::path(path).parent_path().string()), ending_(ending) {}

  event_listing read() {
    const auto text = read_text_file(path_);
    std::int64_t largest = -1;
    std::size_t number = 1;
    for (std::string_view rest = text; !rest.empty(); ++number) {
      const auto line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      if (!line.starts_with("#") && !words_of(line).empty()) {
        largest = std::max(largest, take(line, number));
      }
    }
    for (std::int64_t c = 0; c <= largest; ++c) {
      listing_.class_names.push_back(std::to_string(c));
    }
    return std::move(listing_);
  }

 private:
  std::int64_t take(std::string_view line, std::size_t number) {
    const auto words = words_of(line);
    constexpr std::int64_t most_classes = 100000;
    std::int64_t sample = 0, label = 0;
    if (words.size() != 2 || !parse_number(words[0], sample) || !parse_number(words[1], label) || sample < 0 ||
        label < 0 || label >= most_classes) {
      throw format_error(path_, "line " + std::to_string(number),
                         "\"" + std::string(line.substr(0, 60)) + "\" (accepted: the number of a file and its class)");
    }
    if (!seen_.insert(sample).second) {
      throw format_error(path_, "line " + std::to_string(number), "file " + std::to_string(sample) + " a second time");
    }
    listing_.files.push_back(
        {folder_ + (folder_.empty() ? "" : "/") + std::to_string(sample) + ending_, static_cast<std::int32_t>(label)});
    return label;
  }

  std::string path_, folder_, ending_;
  event_listing listing_;
  std::set<std::int64_t> seen_;
};

}  // namespace

event_listing list_class_folders(const std::string& folder) {
  event_listing listing;
  auto names = names_in(folder);
  std::erase_if(names, is_hidden);
  sort_names(names);
  for (const auto& name : names) {
    const auto path = folder + "/" + name;
    if (!is_folder(path)) {
      throw format_error(folder, name, "not a folder of a class (accepted: sub-folders with recordings only)");
    }
    for (const auto& file : names_in(path)) {
      if (!is_hidden(file)) {
        listing.files.push_back({path + "/" + file, static_cast<std::int32_t>(listing.class_names.size())});
      }
    }
    listing.class_names.push_back(name);
  }
  if (listing.files.empty()) {
    throw format_error(folder, "", "no recordings in sub-folders that are named after their classes");
  }
  return listing;
}

event_listing list_numbered_files(const std::string& text_path, const std::string& ending) {
  return numbered_list(text_path, ending).read();
}

}  // namespace backspike
