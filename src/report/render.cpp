// Fills the page of a report with its texts, its data and the chart library. The folder pages has those of other
// things.

#include <backspike/report/report.hpp>

#include <fmt/format.h>

#include "report/assets.hpp"
#include "report/chart_data.hpp"
#include "report/check.hpp"
#include "report/summary.hpp"
#include "report/text.hpp"

namespace backspike {

std::string render_report(const report_data& data) {
  report::check(data);
  const auto js =
      std::string(report::common_js) + "\n" + std::string(report::maps_js) + "\n" + std::string(report::page_js);
  const auto title = report::escape_html(data.title.empty() ? "Untitled run" : data.title);
  const auto experiment = report::escape_html(data.experiment);
  const auto charts = report::escape_script(report::chart_data(data));
  const auto cards = report::cards(data), facts = report::facts_table(data), firing = report::firing_table(data),
             confusions = report::confusions_table(data), warnings = report::warning_list(data),
             energy = report::energy_rows(data), delays = report::delay_rows(data), graph = svg_of(data.graph);
  const auto dead = fmt::format("{}", dead_rate), saturated = fmt::format("{}", saturated_rate);
  return report::fill(report::page_html, {{"css", report::page_css},
                                          {"js", js},
                                          {"library", report::chart_library},
                                          {"data", charts},
                                          {"title", title},
                                          {"cards", cards},
                                          {"facts", facts},
                                          {"firing", firing},
                                          {"warnings", warnings},
                                          {"energy", energy},
                                          {"delays", delays},
                                          {"graph", graph},
                                          {"dead_rate", dead},
                                          {"saturated_rate", saturated},
                                          {"confusions", confusions},
                                          {"experiment", experiment}});
}

}  // namespace backspike
