#pragma once
// Where the figures of a measurement go: a table on the terminal, and files of those who ask for them.

#include <backspike/core/file.hpp>

#include "output.hpp"

#include <string>

namespace backspike::app {

/// Of anything that has to_text, to_json and to_html; an empty path: no such file.
template <class Figures>
void show_figures(const Figures& found, const std::string& json, const std::string& report) {
  print("{}", lines{to_text(found)});
  if (!json.empty()) {
    write_text_file(json, to_json(found));
  }
  if (!report.empty()) {
    write_text_file(report, to_html(found));
    print("\nreport: {}\n", report);
  }
}

}  // namespace backspike::app
