// Escapes text for HTML and scripts, and fills the places of a page. Names in a report come from strangers.

#include "report/text.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/text.hpp>

namespace backspike::report {
namespace {

constexpr std::string_view open_mark = "{{", close_mark = "}}";

std::string_view entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : printable_lines(to_valid_utf8(text))) {
    if (const auto replacement = entity(c); !replacement.empty()) {
      escaped += replacement;
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string escape_script(std::string json) {
  constexpr std::string_view escape = "\\u003c";  // "<" occurs in JSON within strings only
  for (auto at = json.find('<'); at != std::string::npos; at = json.find('<', at + escape.size())) {
    json.replace(at, 1, escape);
  }
  return json;
}

std::string fill(std::string_view page, const std::map<std::string, std::string_view, std::less<>>& values) {
  std::string filled;
  for (auto open = page.find(open_mark); open != std::string_view::npos; open = page.find(open_mark)) {
    const auto close = page.find(close_mark, open);
    const auto name = page.substr(open + open_mark.size(), close - open - open_mark.size());
    const auto value = values.find(name);
    if (close == std::string_view::npos || value == values.end()) {
      throw internal_error("report: the page has a place without a value: " + std::string(name.substr(0, 40)));
    }
    filled += page.substr(0, open);
    filled += value->second;
    page.remove_prefix(close + close_mark.size());
  }
  return filled += page;
}

}  // namespace backspike::report
