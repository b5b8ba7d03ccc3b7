// Parses TOML, after a look for what the parser cannot take: text that is not UTF-8 and brackets that nest too deep.

#include "experiment/config/toml.hpp"

#include <backspike/core/error.hpp>

#include <algorithm>

namespace backspike::config {
namespace {

/// Follows brackets and dots through a text, past strings and comments. A malformed text may lead it astray; the parser
/// stops at that same place.
class depth_scan {
 public:
  explicit depth_scan(std::string_view text) : text_(text) {}

  std::optional<toml_problem> run() {
    while (at_ < text_.size()) {
      if (is_foreign(text_[at_])) {  // toml++ takes some of them for spaces
        return toml_problem{line_, "a letter that is not ASCII stands outside of quotes; accepted: \"...\" around it"};
      }
      step(text_[at_]);
      if (std::max(depth_, dots_) > deepest_toml) {
        return toml_problem{
            line_, "more than " + std::to_string(deepest_toml) +
                       (depth_ > deepest_toml ? " lists or tables within each other" : " parts in one dotted key")};
      }
      if (keys_ > most_toml_keys) {
        return toml_problem{line_, "more than " + std::to_string(most_toml_keys) + " keys, parts of keys and lists"};
      }
    }
    return std::nullopt;
  }

 private:
  /// Outside of strings and comments, but for the mark of UTF-8 at the start.
  bool is_foreign(char c) const {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    return static_cast<unsigned char>(c) >= 0x80 && !(at_ < mark.size() && text_.starts_with(mark));
  }

  void step(char c) {
    switch (c) {
      case '"':
      case '\'':
        skip_string(c);
        return;
      case '#':
        at_ = std::min(text_.find('\n', at_), text_.size());
        return;
      case '[':
      case '{':
        ++depth_;
        dots_ = 0;
        break;
      case ']':  // of a list, or of the name of a table
        keys_ += dots_ + 1;
        [[fallthrough]];
      case '}':
        depth_ -= depth_ > 0 ? 1 : 0;
        dots_ = 0;
        break;
      case '\n':
        ++line_;
        dots_ = 0;
        break;
      case '=':
        keys_ += dots_ + 1;
        [[fallthrough]];
      case ',':
        dots_ = 0;
        break;
      case '.':
        ++dots_;
        break;
      default:
        break;
    }
    ++at_;
  }

  /// A string of one line ends there at the latest, one in three quotes at three quotes or more.
  void skip_string(char quote) {
    const std::string three(3, quote);
    const bool long_one = text_.substr(at_).starts_with(three);
    at_ += long_one ? 3 : 1;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\\' && quote == '"' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n') {
        ++at_;
      } else if (c == '\n' && !long_one) {
        return;
      } else if (c == '\n') {
        ++line_;
      } else if (long_one ? text_.substr(at_).starts_with(three) : c == quote) {
        at_ = long_one ? std::min(text_.find_first_not_of(quote, at_), text_.size()) : at_ + 1;
        return;
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0, line_ = 1, depth_ = 0, dots_ = 0, keys_ = 0;
};

}  // namespace

std::optional<toml_problem> find_toml_problem(std::string_view text) {
  if (text.size() > longest_toml) {
    return toml_problem{
        0, "a text of " + std::to_string(text.size()) + " bytes; accepted: at most " + std::to_string(longest_toml)};
  }
  return depth_scan(text).run();
}

toml::table parse_toml(const std::string& text, const std::string& origin) {
  if (const auto problem = find_toml_problem(text)) {
    throw config_error(origin, problem->line, "", problem->message);
  }
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& e) {
    throw config_error(origin, e.source().begin.line, "", std::string(e.description()));
  }
}

}  // namespace backspike::config
