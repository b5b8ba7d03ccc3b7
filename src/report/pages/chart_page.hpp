#pragma once
// The frame of pages of charts that are drawn from JSON, with the same figures as a table.

#include <string>
#include <string_view>

namespace backspike::report {

/// What makes a page one of its kind: how it is called, its sections in HTML, and the script that draws its charts.
struct chart_kind {
  std::string_view name, sections, script;
};

/// `json` is ASCII.
std::string chart_page(const chart_kind& kind, const std::string& title, const std::string& table,
                       const std::string& json);

}  // namespace backspike::report
