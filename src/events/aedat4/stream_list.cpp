// Walks over the tags of the description: node (opens a level), /node (closes it), attr (a key and a text).

#include "events/aedat4/stream_list.hpp"

#include "events/raw_header.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

namespace backspike {
namespace {

/// The value of name="..." in a tag.
std::string_view value_in(std::string_view tag, std::string_view name) {
  const auto mark = std::string(name) + "=\"";
  const auto at = tag.find(mark);
  if (at == std::string_view::npos) {
    return {};
  }
  const auto rest = tag.substr(at + mark.size());
  return rest.substr(0, rest.find('"'));
}

class description_walk {
 public:
  std::map<std::int32_t, aedat4_stream> walk(std::string_view text) {
    for (auto at = text.find('<'); at != std::string_view::npos; at = text.find('<', at)) {
      const auto end = text.find('>', at);
      if (end == std::string_view::npos) {
        break;
      }
      const auto tag = text.substr(at + 1, end - at - 1);
      at = end + 1;
      take(tag, text.substr(at, text.find('<', at) - at));
    }
    return std::move(streams_);
  }

 private:
  void take(std::string_view tag, std::string_view content) {
    constexpr std::size_t deepest = 64;
    if (tag.starts_with("/node")) {
      if (!levels_.empty()) {
        levels_.pop_back();
      }
    } else if (tag.starts_with("node ") && !tag.ends_with("/") && levels_.size() < deepest) {
      levels_.emplace_back(value_in(tag, "name"));
    } else if (tag.starts_with("attr ")) {
      take_attribute(value_in(tag, "key"), content);
    }
  }

  /// outInfo/NUMBER has the stream's type, outInfo/NUMBER/info its sensor.
  void take_attribute(std::string_view key, std::string_view value) {
    const auto root = std::find(levels_.begin(), levels_.end(), "outInfo");
    const auto below = static_cast<std::size_t>(levels_.end() - root);
    std::int32_t number = 0;
    if (below < 2 || below > 3 || !parse(root[1], number)) {
      return;
    }
    auto& stream = streams_[number];
    if (below == 2 && key == "typeIdentifier") {
      stream.type = value;
    } else if (below == 3 && root[2] == "info") {
      if (key == "sizeX") {
        stream.width = extent_from(value).value_or(0);
      } else if (key == "sizeY") {
        stream.height = extent_from(value).value_or(0);
      } else if (key == "source") {
        stream.source = value;
      }
    }
  }

  static bool parse(std::string_view text, std::int32_t& number) {
    const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
    return result.ec == std::errc() && result.ptr == text.data() + text.size();
  }

  std::vector<std::string_view> levels_;
  std::map<std::int32_t, aedat4_stream> streams_;
};

}  // namespace

std::map<std::int32_t, aedat4_stream> aedat4_streams(std::string_view description) {
  return description_walk().walk(description);
}

}  // namespace backspike
