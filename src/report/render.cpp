// Fills the page of a report, or of a comparison of gradients, with its texts, its data and the chart library.
// sweep.cpp has the page of sweeps.

#include <backspike/report/report.hpp>

#include <fmt/format.h>

#include "report/assets.hpp"
#include "report/chart_data.hpp"
#include "report/check.hpp"
#include "report/summary.hpp"
#include "report/text.hpp"

namespace backspike {

namespace {

/// A page of charts drawn from JSON, with the same figures as a table: what makes it one of its kind.
struct chart_kind {
  std::string_view name, sections, script;
};

std::string chart_page(const chart_kind& kind, const std::string& title, const std::string& table,
                       const std::string& json) {
  const auto shown = report::escape_html(title), figures = report::escape_html(table);
  const auto charts = report::escape_script(json);
  const auto js = std::string(report::common_js) + "\n" + std::string(kind.script);
  return report::fill(report::frame_html, {{"css", report::page_css},
                                           {"js", js},
                                           {"library", report::chart_library},
                                           {"data", charts},
                                           {"kind", kind.name},
                                           {"sections", kind.sections},
                                           {"title", shown},
                                           {"table", figures}});
}

}  // namespace

std::string render_comparison(const std::string& title, const std::string& table, const std::string& json) {
  return chart_page({"comparison of gradients", report::compare_html, report::compare_js}, title, table, json);
}

std::string render_mismatch(const std::string& title, const std::string& table, const std::string& json) {
  return chart_page({"mismatch of the gradient", report::mismatch_html, report::mismatch_js}, title, table, json);
}

std::string render_deployment(const std::string& title, const std::string& table, const std::string& json) {
  return chart_page({"a network on many devices", report::deployment_html, report::deployment_js}, title, table, json);
}

std::string render_sensitivity(const std::string& title, const std::string& table, const std::string& json) {
  return chart_page({"what mismatch costs", report::sensitivity_html, report::sensitivity_js}, title, table, json);
}

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
